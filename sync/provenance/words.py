"""What a language has sentences for. Each language is a file beside this one. What stands in braces is filled in."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.model import FactKind, Field, MatchRule, Source
from sync.ports.store import DeliveryState
from sync.provenance.story import Standing, WinningRule


@dataclass(frozen=True, slots=True)
class Words:
    """One language.

    Attributes:
        fields: every field, capitalised.
        sources: every kind of speaker.
        kinds: what was said, by whom (`who`); `when` brings its own leading space.
        found: what stood in the register when it was first read.
        holding: `when`, by which of the dates are known: both, from, until, none.
        written: when it was written down and learned.
        learned: the same, where both are one moment.
        event: which event of which feed it came in.
        matched: by what the change was taken to be about this customer.
        weighed: what the match weighed, by which model.
        decided: who decided.
        reason: why a person undid it.
        standings: what became of it; `days` brings its own leading space.
        order: what was said of an order or a ban, by whom; whether it is in force is a value, and not told.
        order_stands: that decides; `days` brings its own leading space.
        order_past: that does not.
        agrees: what outranks it says the same.
        days: on which days, by which are known, like `holding`.
        rules: by what it won, or was outranked.
        late: it came after what replaced it.
        repeats: it says a value again.
        value: the value itself.
        deliveries: what became of a delivery that carried it.
        emptied: the same, of one that emptied the field.
        undelivered: none carried it.
        hidden: nothing is told of a field.
        somebody: who said something that nobody is named for.
        truth: no, and yes.
    """

    fields: Mapping[Field, str]
    sources: Mapping[Source, str]
    kinds: Mapping[FactKind, str]
    found: str
    holding: tuple[str, str, str, str]
    written: str
    learned: str
    event: str
    matched: Mapping[MatchRule, str]
    weighed: str
    decided: str
    reason: str
    standings: Mapping[Standing, str]
    order: str
    order_stands: str
    order_past: str
    agrees: str
    days: tuple[str, str, str, str]
    rules: Mapping[WinningRule, str]
    late: str
    repeats: str
    value: str
    deliveries: Mapping[DeliveryState, str]
    emptied: Mapping[DeliveryState, str]
    undelivered: str
    hidden: str
    somebody: str
    truth: tuple[str, str]
