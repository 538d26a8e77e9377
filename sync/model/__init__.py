"""The nouns of the problem, as frozen values. No behaviour beyond reading and printing themselves."""

from sync.model.address import Address, Text
from sync.model.change import BadItem, Change, Identity, Protection
from sync.model.customer import AddressStatus, Customer
from sync.model.dates import PartialDate, Precision
from sync.model.fact import (
    LOCATION_FIELDS,
    ORDERS,
    PROTECTS,
    STANDING_FIELDS,
    Fact,
    FactKind,
    FactValue,
    Field,
    HeldFact,
    hides_of,
)
from sync.model.hold import Hold, HoldKind
from sync.model.match import Candidate, Evidence, Match, MatchRule, NullHypothesis, Verdict
from sync.model.name import PersonName
from sync.model.outcome import Outcome
from sync.model.source import Source

__all__ = [
    "LOCATION_FIELDS",
    "ORDERS",
    "PROTECTS",
    "STANDING_FIELDS",
    "Address",
    "AddressStatus",
    "BadItem",
    "Candidate",
    "Change",
    "Customer",
    "Evidence",
    "Fact",
    "FactKind",
    "FactValue",
    "Field",
    "HeldFact",
    "Hold",
    "HoldKind",
    "Identity",
    "Match",
    "MatchRule",
    "NullHypothesis",
    "Outcome",
    "PartialDate",
    "PersonName",
    "Precision",
    "Protection",
    "Source",
    "Text",
    "Verdict",
    "hides_of",
]
