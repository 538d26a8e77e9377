"""The Finnish postal operator's lists of streets (BAF) and postcodes (PCF), as files."""

from adapters.posti.lists import BadLine, ReadList, read_list

__all__ = ["BadLine", "ReadList", "read_list"]
