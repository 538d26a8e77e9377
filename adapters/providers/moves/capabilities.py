"""What a postal operator's notices can say."""

from datetime import timedelta

from adapters.providers.moves.settings import MovesSettings
from sync.model import Field, Source
from sync.ports.provider import Capabilities

# Notices are made at counters and on paper too, and some reach the feed days after they were registered.
REORDER_WINDOW = timedelta(days=7)


def capabilities_of(settings: MovesSettings) -> Capabilities:
    """Return the capabilities of a `moves` feed."""
    return Capabilities(
        source=Source.POSTAL_OPERATOR,
        covers=frozenset({Field.ADDRESS, Field.TEMPORARY_ADDRESS, Field.PHONE, Field.EMAIL}),
        clear_by_contract=settings.clear_by_contract,
        reorder_window=REORDER_WINDOW,
    )
