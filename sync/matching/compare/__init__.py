"""Compares one field of a change with one field of a customer, one file per field.

Each tells an ordered level, from `equal` down to `different`; `missing` where either side has nothing to compare.
"""

from sync.matching.compare.level import Level

__all__ = ["Level"]
