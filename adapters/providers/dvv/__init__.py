"""The Finnish population register's change API (DVV muutosrajapinta, "VTJmutpa")."""

from adapters.providers.dvv.provider import DvvProvider
from adapters.providers.dvv.settings import DvvSettings

__all__ = ["DvvProvider", "DvvSettings"]
