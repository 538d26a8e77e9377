"""Change-of-address notices in the open format `ajantasa-moves/1`, over HTTP or as files in a folder.

The format is published as a JSON Schema: `python -m adapters.providers.moves.schema` prints it.
"""

from adapters.providers.moves.in_folder import MovesInFolder
from adapters.providers.moves.over_http import MovesOverHttp
from adapters.providers.moves.settings import MovesSettings
from adapters.providers.reading import Reading, read_here
from sync.ports.clock import Clock
from sync.ports.provider import Provider

__all__ = ["MovesInFolder", "MovesOverHttp", "MovesSettings", "open_moves"]


def open_moves(settings: MovesSettings, *, clock: Clock, reading: Reading = read_here) -> Provider:
    """Return the provider that these settings describe; nothing is connected yet.

    Raises:
        ConfigurationInvalid: the bundle of certificate authorities cannot be read.
    """
    if settings.folder is not None:
        return MovesInFolder(settings, clock=clock)
    return MovesOverHttp(settings, clock=clock, reading=reading)
