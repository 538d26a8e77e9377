"""A register in an SQL database: one table or view, of which only SELECT and UPDATE of mapped columns are asked."""

from adapters.registers.sql.register import SqlRegister
from adapters.registers.sql.settings import SqlRegisterSettings

__all__ = ["SqlRegister", "SqlRegisterSettings"]
