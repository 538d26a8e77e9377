"""Print the JSON Schema of `ajantasa-moves/1`."""

import sys

from adapters.providers.moves.schema import text

sys.stdout.write(text())
