"""Records that are one row of named columns: which column holds what, and how it is read and printed.

Glossary
    name      our word for what a column holds: `surname`, `temporary_postcode`, `address_status` …
    raw       what the database or the file gave for a column, of whatever type
    cell      the same as a value of ours: text, yes or no, a date, a moment; None when it is empty
    mapping   from names to the register's own columns, as configured
"""

from adapters.registers.flat.cells import Cell, Unprintable, UnreadableCell
from adapters.registers.flat.rows import RowMapping
from adapters.registers.flat.settings import FlatSettings

__all__ = ["Cell", "FlatSettings", "RowMapping", "Unprintable", "UnreadableCell"]
