"""Labelled data in CSV files: a register, changes, and which change is about which record."""

from adapters.labelled.mapping import Columns, Map, read_changes_map, read_map
from adapters.labelled.measure import Files, Measured, Watching, measure
from adapters.labelled.people import People
from adapters.labelled.truth import read_truth

__all__ = [
    "Columns",
    "Files",
    "Map",
    "Measured",
    "People",
    "Watching",
    "measure",
    "read_changes_map",
    "read_map",
    "read_truth",
]
