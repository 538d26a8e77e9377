"""Our matching model as a Splink 5 model, and the other way round."""

from sync.matching.splink.columns import splink_row
from sync.matching.splink.export import to_splink
from sync.matching.splink.foreign import SplinkModel
from sync.matching.splink.ours import LEFT_OUT
from sync.matching.splink.read import parse_splink
from sync.matching.splink.take import Taken, from_splink

__all__ = ["LEFT_OUT", "SplinkModel", "Taken", "from_splink", "parse_splink", "splink_row", "to_splink"]
