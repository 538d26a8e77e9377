"""Brings what people write into a form that can be compared, one file per kind of value.

Every function is pure, never raises on any text, and gives the same again when it is fed its own result.
"""
