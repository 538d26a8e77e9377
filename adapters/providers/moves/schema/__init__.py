"""The published JSON Schema of one line, made from the models."""

import json
from pathlib import Path

from adapters.providers.moves.wire import FORMAT, LINE

PUBLISHED = Path(__file__).with_name("moves-1.schema.json")


def text() -> str:
    """Return the schema as it is published."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:ajantasa:moves:1",
        "title": f"One line of {FORMAT}",
        **LINE.json_schema(by_alias=True, mode="validation"),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
