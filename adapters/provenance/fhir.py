"""FHIR R4 Provenance resources in a Bundle: what is told maps as docs/provenance.md says."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from adapters.provenance.subject import Subject
from sync.model import FactKind, Field, HeldFact, Source
from sync.model.codec import canonical, value_to_plain
from sync.provenance.story import Carried, Standing, Statement, Story

_SYSTEM = "urn:ajantasa:"
_OPERATIONS = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_ROLES = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_TARGET_PATH = "http://hl7.org/fhir/StructureDefinition/targetPath"
_OPERATION = {
    FactKind.SET: "UPDATE",
    FactKind.CORRECTED: "UPDATE",
    FactKind.ENDED: "COMPLETE",
    FactKind.WITHDRAWN: "NULLIFY",
    FactKind.UNDONE: "NULLIFY",
}
"""HL7 has no operation for a confirmation; it has our own code alone, which the binding allows."""
_PATHS = {
    Field.NATIONAL_ID: "Patient.identifier",
    Field.NAME: "Patient.name",
    Field.BIRTH_DATE: "Patient.birthDate",
    Field.ADDRESS: "Patient.address",
    Field.TEMPORARY_ADDRESS: "Patient.address",
    Field.POSTAL_ADDRESS: "Patient.address",
    Field.CONTACT_ADDRESS: "Patient.address",
    Field.PHONE: "Patient.telecom",
    Field.EMAIL: "Patient.telecom",
    Field.DEATH: "Patient.deceased",
    Field.PROTECTION: "Patient.meta.security",
}

_REMOVES = frozenset({FactKind.WITHDRAWN, FactKind.UNDONE})

Resource = dict[str, Any]


def provenance_bundle(stories: Iterable[Story], subject: Subject) -> Resource:
    """Return a Bundle of type collection: one Provenance for each statement, and one for each field of a delivery."""
    resources = [resource for story in stories for resource in _resources(story, subject)]
    entries = [{"fullUrl": _url(resource["id"]), "resource": resource} for resource in resources]
    bundle: Resource = {"resourceType": "Bundle", "type": "collection", "timestamp": _instant(subject.told_at)}
    return bundle | ({"entry": entries} if entries else {})  # FHIR knows no empty lists


def _resources(story: Story, subject: Subject) -> Iterable[Resource]:
    for one in story.statements:
        corrected = [other.held for other in story.statements if _corrects(one, other)]
        yield _statement(one, corrected, story.field, subject)
        for carried in one.deliveries:
            yield _delivery(carried, story.field, subject, one.held)
    for carried in story.emptied:
        yield _delivery(carried, story.field, subject, None)


def _corrects(one: Statement, other: Statement) -> bool:
    corrects = one.held.fact.kind is FactKind.CORRECTED and other.standing is Standing.RETRACTED
    return corrects and other.by is not None and other.by.id == one.held.id


def _statement(one: Statement, corrected: Iterable[HeldFact], field: Field, subject: Subject) -> Resource:
    held, why = one.held, one.stored.provenance
    fact = held.fact
    own = _coding("fact-kind", fact.kind.value)
    codes = [_hl7(_OPERATIONS, _operation(held)), own] if _operation(held) else [own]
    occurred = fact.valid_until if fact.kind is FactKind.ENDED else fact.valid_from
    value = canonical(value_to_plain(fact.value)) if subject.reveal and fact.value is not None else None
    rules = [f"{_SYSTEM}survivorship:{one.rule.value}"] if one.rule else []
    rules += [f"{_SYSTEM}match:{why.rule.value}"] if why.rule else []
    rules += [f"{_SYSTEM}model:{why.model}"] if why.model and why.model.isascii() and " " not in why.model else []
    return _without_empty(
        {
            "resourceType": "Provenance",
            "id": f"statement-{held.id}",
            "extension": [_extension("standing", one.standing.value), *([_extension("value", value)] if value else [])],
            "target": [_target(field, subject)],
            "occurredDateTime": str(occurred) if occurred else None,
            "recorded": _instant(held.learned_at),
            "policy": rules,
            "reason": [{"text": why.reason}] if why.reason else [],
            "activity": {"coding": codes},
            "agent": _agents(one, subject),
            "entity": _entities(one, corrected),
        }
    )


def _operation(held: HeldFact) -> str:
    return "CREATE" if held.source is Source.REGISTER else _OPERATION.get(held.fact.kind, "")


def _agents(one: Statement, subject: Subject) -> list[Resource]:
    held, why = one.held, one.stored.provenance
    agents = [_agent("author", "Organization", held.source.value, held.origin)]
    if why.rule:
        agents.append(_agent("assembler", "Device", "program", f"ajantasa {subject.version}".strip()))
    if why.decided_by:
        agents.append(_agent("verifier", "Practitioner", "account", why.decided_by))
    return agents


def _entities(one: Statement, corrected: Iterable[HeldFact]) -> list[Resource]:
    held = one.held
    event = _entity("source", f"event:{held.origin}", held.event, one.stored.provenance.position)
    revised = {other.id: "revision" for other in (*corrected, *([one.over] if one.over else []))}
    if one.repeats and one.repeats.id not in revised:
        revised[one.repeats.id] = "removal" if held.fact.kind in _REMOVES else "source"
    return [
        *([event] if held.event and not held.about else []),
        *(_entity(role, "fact", str(id_)) for id_, role in revised.items()),
    ]


def _delivery(one: Carried, field: Field, subject: Subject, held: HeldFact | None) -> Resource:
    what = _entity("source", "fact", str(held.id)) if held else _entity("removal", "field", field.value)
    return _without_empty(
        {
            "resourceType": "Provenance",
            "id": f"delivery-{one.id}-{field.value.replace('_', '-')}",
            "extension": [_extension("delivery-state", one.state.value)],
            "target": [_target(field, subject)],
            "occurredDateTime": _instant(one.acknowledged_at) if one.acknowledged_at else None,
            "recorded": _instant(one.created_at),
            "activity": {
                "coding": [_hl7(_OPERATIONS, "UPDATE" if held else "DELETE"), _coding("activity", "delivery")]
            },
            "agent": [
                _agent("performer", "Device", "program", f"ajantasa {subject.version}".strip()),
                _agent("custodian", "Organization", "register", one.register),
            ],
            "entity": [what],
        }
    )


def _target(field: Field, subject: Subject) -> Resource:
    """Point to the record by the register's own key; we do not know which resource of a FHIR server it is."""
    target: Resource = {"type": "Patient", "identifier": _identifier(f"register:{subject.register}", subject.key)}
    path = _PATHS.get(field)
    return target | ({"extension": [{"url": _TARGET_PATH, "valueString": path}]} if path else {})


def _agent(role: str, kind: str, system: str, name: str) -> Resource:
    who = {"type": kind, "identifier": _identifier(system, name), "display": name}
    return {"type": {"coding": [_hl7(_ROLES, role)]}, "who": who}


def _entity(role: str, system: str, value: str, display: str = "") -> Resource:
    return {"role": role, "what": _without_empty({"identifier": _identifier(system, value), "display": display})}


def _identifier(system: str, value: str) -> Resource:
    return {"system": _SYSTEM + system, "value": value}


def _coding(system: str, code: str) -> Resource:
    return {"system": _SYSTEM + system, "code": code}


def _hl7(system: str, code: str) -> Resource:
    return {"system": system, "code": code}


def _extension(name: str, value: str) -> Resource:
    return {"url": _SYSTEM + name, "valueString": value}


def _instant(moment: datetime) -> str:
    """Print a moment as FHIR wants an instant: to the millisecond, with its offset."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _url(id_: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, _SYSTEM + id_).urn


def _without_empty(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if value not in (None, "", [])}
