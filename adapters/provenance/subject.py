"""Whom a story is about, and how much of it is told, for every format."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """The customer.

    Attributes:
        register: name of the register.
        key: the register's own key of the record.
        told_at: the moment of telling, UTC.
        reveal: tell values too.
        version: of the program.
    """

    register: str
    key: str
    told_at: datetime
    reveal: bool = False
    version: str = ""
