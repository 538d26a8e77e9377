"""W3C PROV-JSON (Member Submission of 24 April 2013): what is told maps as docs/provenance.md says."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from adapters.provenance.subject import Subject
from sync.model import FactKind, HeldFact, PartialDate, Precision
from sync.model.codec import canonical, value_to_plain
from sync.ports.store import DeliveryState
from sync.provenance.story import Carried, Standing, Statement, Story

NAMESPACE = "urn:ajantasa:"
_XSD_OF = {Precision.DAY: "xsd:date", Precision.MONTH: "xsd:gYearMonth", Precision.YEAR: "xsd:gYear"}

_PAST = frozenset({Standing.HELD, Standing.OUTRANKED, Standing.RETRACTED, Standing.UNDONE})

Records = dict[str, dict[str, dict[str, Any]]]


def prov_document(stories: Iterable[Story], subject: Subject) -> dict[str, Any]:
    """Return one PROV-JSON document about all of these fields."""
    made = _Document(subject)
    for story in stories:
        made.add(story)
    return {"prefix": {"ajantasa": NAMESPACE, "xsd": "http://www.w3.org/2001/XMLSchema#"}, **made.records}


class _Document:
    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.records: Records = {}
        self._put(
            "agent",
            "ajantasa:program",
            {"prov:type": _name("prov:SoftwareAgent"), "ajantasa:version": subject.version},
        )

    def add(self, story: Story) -> None:
        """Add a field: an entity for it, one for each value that it had, and what brought, used or ended them."""
        general = f"ajantasa:field-{story.field.value}"
        record = {"ajantasa:register": self._subject.register, "ajantasa:record": self._subject.key}
        self._put("entity", general, {"prov:type": _name("ajantasa:Field"), **record})
        values = {one.held.id for one in story.statements if _is_value(one)}
        for one in story.statements:
            self._statement(one, general, values, story)
        for carried in story.emptied:
            self._delivery(carried, general, f"emptied-{story.field.value}")

    def _statement(self, one: Statement, general: str, values: set[int], story: Story) -> None:
        held = one.held
        activity = self._saying(one)
        if _is_value(one):
            self._value(one, general, activity, story)
            if one.over and one.over.id in values:
                self._revised(held, one.over, one.rule.value if one.rule else "")
            if one.by and one.standing is Standing.RETRACTED and one.by.fact.kind is FactKind.CORRECTED:
                self._revised(one.by, held, "corrected")
        elif one.repeats and one.repeats.id in values:
            used = {"prov:activity": activity, "prov:entity": _value_id(one.repeats), "prov:time": _at(held.learned_at)}
            self._relate("used", f"{held.id}", used | {"prov:role": held.fact.kind.value})
        elif one.repeats and held.about:
            informed = {"prov:informed": activity, "prov:informant": _saying_id(one.repeats)}
            self._relate("wasInformedBy", f"{held.id}", informed)
        if one.by and _is_value(one) and one.standing in _PAST:
            # What came too late was history from its own arrival on: nothing ends before it begins.
            ended_by = one.by if one.by.learned_at >= held.learned_at else held
            self._invalidated(held, _saying_id(ended_by), ended_by.learned_at, one.standing)
        elif held.cancelled and _is_value(one):
            self._cancelled(one)
        for carried in one.deliveries:
            self._delivery(carried, _value_id(held), f"{held.id}")

    def _value(self, one: Statement, general: str, activity: str, story: Story) -> None:
        held, fact, id_ = one.held, one.held.fact, _value_id(one.held)
        told = {
            "prov:type": _name("ajantasa:Value"),
            "ajantasa:field": story.field.value,
            "ajantasa:standing": one.standing.value,
            "ajantasa:validFrom": _date(fact.valid_from),
            "ajantasa:validUntil": _date(fact.valid_until),
            "ajantasa:heldFrom": _date(PartialDate.of(one.first) if one.first else None),
            "ajantasa:heldUntil": _date(PartialDate.of(one.last) if one.last else None),
            "ajantasa:rule": one.rule.value if one.rule else None,
            "ajantasa:valueKept": _boolean(value=not held.purged),
            "prov:value": canonical(value_to_plain(fact.value)) if self._subject.reveal and not held.purged else None,
        }
        self._put("entity", id_, told)
        self._relate("specializationOf", id_, {"prov:specificEntity": id_, "prov:generalEntity": general})
        generated = {"prov:entity": id_, "prov:activity": activity, "prov:time": _at(held.learned_at)}
        self._relate("wasGeneratedBy", f"{held.id}", generated)
        self._relate("wasAttributedTo", f"{held.id}", {"prov:entity": id_, "prov:agent": self._speaker(held)})

    def _saying(self, one: Statement) -> str:
        """Add the activity by which a statement was made, written down and learned."""
        held, why = one.held, one.stored.provenance
        id_ = _saying_id(held)
        told = {
            "prov:type": _name("ajantasa:Statement"),
            "prov:startTime": _at(min(held.recorded_at, held.learned_at)),
            "prov:endTime": _at(held.learned_at),
            "ajantasa:kind": held.fact.kind.value,
            "ajantasa:event": (not held.about and held.event) or None,
            "ajantasa:position": why.position or None,
            "ajantasa:matchedBy": why.rule.value if why.rule else None,
            "ajantasa:matchWeight": _double(why.weight) if why.weight is not None else None,
            "ajantasa:matchModel": why.model or None,
            "ajantasa:reason": why.reason or None,
        }
        self._put("activity", id_, told)
        associated = {"prov:activity": id_, "prov:agent": self._speaker(held), "prov:role": "speaker"}
        self._relate("wasAssociatedWith", f"{held.id}-speaker", associated)
        if why.rule and not why.decided_by:
            matcher = {"prov:activity": id_, "prov:agent": "ajantasa:program", "prov:role": "matcher"}
            self._relate("wasAssociatedWith", f"{held.id}-matcher", matcher)
        if why.decided_by:
            agent = f"ajantasa:person-{_local(why.decided_by)}"
            self._put("agent", agent, {"prov:type": _name("prov:Person"), "ajantasa:account": why.decided_by})
            decided = {"prov:activity": id_, "prov:agent": agent, "prov:role": "decider"}
            self._relate("wasAssociatedWith", f"{held.id}-decider", decided)
        return id_

    def _speaker(self, held: HeldFact) -> str:
        agent = f"ajantasa:{held.source.value}-{_local(held.origin)}"
        told = {"ajantasa:source": held.source.value, "ajantasa:name": held.origin}
        self._put("agent", agent, {"prov:type": _name("prov:Organization"), **told})
        return agent

    def _revised(self, new: HeldFact, old: HeldFact, rule: str) -> None:
        if old.learned_at > new.learned_at:
            return  # nothing is derived from what was not there yet
        revision = {"prov:type": _name("prov:Revision"), "ajantasa:rule": rule}
        ends = {"prov:generatedEntity": _value_id(new), "prov:usedEntity": _value_id(old)}
        self._relate("wasDerivedFrom", f"{new.id}-{old.id}", ends | revision)

    def _invalidated(self, held: HeldFact, activity: str, at: datetime, standing: Standing) -> None:
        ended = {"prov:entity": _value_id(held), "prov:activity": activity, "prov:time": _at(at)}
        self._relate("wasInvalidatedBy", f"{held.id}", ended | {"ajantasa:standing": standing.value})

    def _cancelled(self, one: Statement) -> None:
        """Add the activity by which a whole notice was taken back; when we learned of it is all that we know."""
        held = one.held
        at = max(held.cancelled_at or held.learned_at, held.learned_at)
        id_ = f"ajantasa:cancellation-{held.id}"
        self._put("activity", id_, {"prov:type": _name("ajantasa:Cancellation"), "prov:endTime": _at(at)})
        agent = {"prov:activity": id_, "prov:agent": self._speaker(held), "prov:role": "speaker"}
        self._relate("wasAssociatedWith", f"{held.id}-cancelled", agent)
        self._invalidated(held, id_, at, one.standing)

    def _delivery(self, one: Carried, used: str, what: str) -> None:
        id_, agent = f"ajantasa:delivery-{one.id}", f"ajantasa:register-{_local(one.register)}"
        told = {
            "prov:type": _name("ajantasa:Delivery"),
            "prov:startTime": _at(one.created_at),
            "prov:endTime": _at(one.acknowledged_at) if one.acknowledged_at else None,
            "ajantasa:state": one.state.value,
            "ajantasa:acknowledged": _boolean(value=one.state is DeliveryState.ACKNOWLEDGED),
            "ajantasa:reason": one.reason or None,
        }
        self._put("activity", id_, told)
        self._put("agent", agent, {"prov:type": _name("prov:Organization"), "ajantasa:name": one.register})
        role = "emptied" if what.startswith("emptied") else "delivered"
        self._relate("used", f"{one.id}-{what}", {"prov:activity": id_, "prov:entity": used, "prov:role": role})
        told_to = {"prov:activity": id_, "prov:agent": agent, "prov:role": "recipient"}
        self._relate("wasAssociatedWith", f"{one.id}-recipient", told_to)

    def _put(self, kind: str, id_: str, attributes: dict[str, Any]) -> None:
        told = {name: value for name, value in attributes.items() if value is not None and value != ""}
        self.records.setdefault(kind, {}).setdefault(id_, {}).update(told)

    def _relate(self, kind: str, key: str, attributes: dict[str, Any]) -> None:
        self._put(kind, f"_:{kind}-{key.removeprefix('ajantasa:')}", attributes)


def _is_value(one: Statement) -> bool:
    """Tell whether a value of its own came with it; that no order was found, when nobody ever spoke of one, is one too."""
    brings = one.held.fact.kind in (FactKind.SET, FactKind.CORRECTED)
    return brings or one.standing is Standing.HOLDS or bool(one.deliveries)


def _value_id(held: HeldFact) -> str:
    return f"ajantasa:value-{held.id}"


def _saying_id(held: HeldFact) -> str:
    return f"ajantasa:statement-{held.id}"


def _local(name: str) -> str:
    """Spell a name so that it may be the local part of a qualified name."""
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in name)


def _name(qualified: str) -> dict[str, str]:
    return {"$": qualified, "type": "prov:QUALIFIED_NAME"}


def _at(moment: datetime) -> str:
    return moment.isoformat()


def _double(number: float) -> dict[str, str]:
    return {"$": repr(float(number)), "type": "xsd:double"}


def _boolean(*, value: bool) -> dict[str, str]:
    return {"$": "true" if value else "false", "type": "xsd:boolean"}


def _date(day: PartialDate | None) -> dict[str, str] | None:
    return {"$": str(day), "type": _XSD_OF[day.precision]} if day else None
