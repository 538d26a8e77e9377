"""Values as plain JSON data, and back. The one spelling for sealed columns, command output and hashes."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sync.model.address import Address, Text
from sync.model.change import Change, Identity, Protection
from sync.model.customer import AddressStatus
from sync.model.dates import PartialDate
from sync.model.fact import Fact, FactKind, FactValue, Field
from sync.model.match import Candidate, Evidence, NullHypothesis
from sync.model.name import PersonName

Plain = dict[str, Any]
# Made once: several values of every fact are written, and `json.dumps` would make one for each.
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

_ADDRESS_FIELDS = tuple(f.name for f in fields(Address) if f.name not in ("street", "post_office", "country", "lines"))


def canonical(data: Any) -> str:
    """Write JSON with one spelling only: sorted keys, no spaces, UTF-8."""
    return _encode(data)


def storable(text: str) -> bool:
    """Tell whether every database keeps this text as it is: no NUL character, no unpaired surrogate."""
    return text == to_storable(text)


def to_storable(text: str) -> str:
    """Return the text with a replacement mark for every character that not every database keeps."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


def value_to_plain(value: FactValue | None) -> Any:
    """Turn a value into JSON data; parts without a value are left out."""
    if isinstance(value, Address):
        return _address_to_plain(value)
    if isinstance(value, PersonName):
        plain = {"surname": value.surname, "given_names": value.given_names}
        return plain | ({"calling_name": value.calling_name} if value.calling_name else {})
    return str(value) if isinstance(value, PartialDate) else value


def value_from_plain(field: Field, plain: Any) -> FactValue | None:
    """Read a value of that field back.

    Raises:
        ValueError, KeyError, TypeError: not written by `value_to_plain`.
    """
    if plain is None or isinstance(plain, bool):
        return plain
    return _READERS.get(field, str)(plain)


def values_to_plain(values: Mapping[Field, FactValue | None]) -> Plain:
    """Turn several fields into one JSON object."""
    return {field.value: value_to_plain(value) for field, value in values.items()}


def values_from_plain(plain: Plain) -> dict[Field, FactValue | None]:
    """Read several fields back."""
    return {field: value_from_plain(field, value) for name, value in plain.items() for field in (Field(name),)}


def status_to_plain(status: AddressStatus | None) -> list[str | None] | None:
    """Turn an address status into JSON data."""
    if status is None:
        return None
    return [status.state, status.verified_at.isoformat() if status.verified_at else None, status.source]


def status_from_plain(plain: list[str | None] | None) -> AddressStatus | None:
    """Read an address status back."""
    if plain is None:
        return None
    state, verified, source = plain
    return AddressStatus(state or "", datetime.fromisoformat(verified) if verified else None, source)


def fact_to_plain(fact: Fact) -> Plain:
    """Turn a fact into JSON data."""
    plain: Plain = {"field": fact.field.value, "kind": fact.kind.value}
    if fact.value is not None:
        plain["value"] = value_to_plain(fact.value)
    if fact.wrong is not None:
        plain["wrong"] = value_to_plain(fact.wrong)
    if fact.valid_from:
        plain["valid_from"] = str(fact.valid_from)
    if fact.valid_until:
        plain["valid_until"] = str(fact.valid_until)
    return plain


def fact_from_plain(plain: Plain) -> Fact:
    """Read a fact back."""
    field = Field(plain["field"])
    return Fact(
        field=field,
        kind=FactKind(plain["kind"]),
        value=value_from_plain(field, plain.get("value")),
        valid_from=_date(plain.get("valid_from")),
        valid_until=_date(plain.get("valid_until")),
        wrong=value_from_plain(field, plain.get("wrong")),
    )


def evidence_to_plain(evidence: Iterable[Evidence]) -> list[list[Any]]:
    """Turn evidence into JSON data: comparison, level, bits; then rarity and companion, where they say something."""
    return [
        [e.comparison, e.level, e.bits, *([e.rarity, True] if e.companion else [e.rarity] if e.rarity else [])]
        for e in evidence
    ]


def evidence_from_plain(plain: Iterable[list[Any]]) -> tuple[Evidence, ...]:
    """Read evidence back."""
    return tuple(Evidence(*each) for each in plain)


def candidate_to_plain(candidate: Candidate) -> list[Any]:
    """Turn a candidate into JSON data."""
    evidence = evidence_to_plain(candidate.evidence)
    return [candidate.customer_id, candidate.weight, evidence, candidate.against.value, candidate.prior]


def candidate_from_plain(plain: list[Any]) -> Candidate:
    """Read a candidate back; one from before null hypotheses were kept knew only any other person."""
    customer, weight, evidence, *rest = plain
    weighed = evidence_from_plain(evidence)
    if not rest:
        return Candidate(customer, weight, weighed, prior=prior_left(weight, weighed))
    against, prior = rest
    return Candidate(customer, weight, weighed, NullHypothesis(against), prior)


def prior_left(weight: float, evidence: Iterable[Evidence]) -> float:
    """Return the prior of a weight that was kept without it: then it was the weight less its evidence."""
    return weight - sum(one.bits for one in evidence)


def change_to_plain(change: Change) -> Plain:
    """Turn a change into JSON data, the protection first."""
    plain: Plain = {"event_id": change.event_id, "position": change.position}
    if change.protection:
        order = change.protection
        plain["protection"] = {"active": order.active, "code": order.code, "until": _text(order.until)}
        plain["protection"] |= {"only": sorted(order.only)} if order.only else {}
    plain["identity"] = _identity_to_plain(change.identity)
    plain["facts"] = [fact_to_plain(fact) for fact in change.facts]
    plain |= {
        "effective": _text(change.effective),
        "recorded_at": change.recorded_at.isoformat() if change.recorded_at else None,
        "notice_id": change.notice_id,
        "cancels": change.cancels,
        "complete": change.complete,
        "joint_notice": change.joint_notice,
    }
    return {key: value for key, value in plain.items() if value is not None and value != ""}


def change_from_plain(plain: Plain) -> Change:
    """Read a change back."""
    recorded = plain.get("recorded_at")
    return Change(
        event_id=plain["event_id"],
        position=plain["position"],
        identity=identity_from_plain(plain["identity"]),
        facts=tuple(fact_from_plain(fact) for fact in plain["facts"]),
        protection=_protection(plain["protection"]) if "protection" in plain else None,
        effective=_date(plain.get("effective")),
        recorded_at=datetime.fromisoformat(recorded) if recorded else None,
        notice_id=plain.get("notice_id"),
        cancels=plain.get("cancels"),
        complete=plain["complete"],
        joint_notice=plain.get("joint_notice"),
    )


def _protection(plain: Plain) -> Protection:
    only = frozenset(Field(name) for name in plain.get("only", ()))
    return Protection(plain["active"], plain["code"], _date(plain["until"]), only)


def identity_from_plain(plain: Plain) -> Identity:
    """Read an identity back."""
    return Identity(
        national_id=plain.get("national_id"),
        former_ids=tuple(plain.get("former_ids", ())),
        names=tuple(PersonName(n["surname"], n["given_names"], n.get("calling_name")) for n in plain.get("names", ())),
        birth_date=_date(plain.get("birth_date")),
        addresses=tuple(_address_from_plain(address) for address in plain.get("addresses", ())),
        phone=plain.get("phone"),
        email=plain.get("email"),
    )


def _identity_to_plain(identity: Identity) -> Plain:
    plain = {
        "national_id": identity.national_id,
        "former_ids": list(identity.former_ids),
        "names": [value_to_plain(name) for name in identity.names],
        "birth_date": _text(identity.birth_date),
        "addresses": [value_to_plain(address) for address in identity.addresses],
        "phone": identity.phone,
        "email": identity.email,
    }
    return {key: value for key, value in plain.items() if value}


def _address_to_plain(address: Address) -> Plain:
    plain: Plain = {name: value for name in _ADDRESS_FIELDS if (value := getattr(address, name)) is not None}
    plain["country"] = address.country
    for name, text in (("street", address.street), ("post_office", address.post_office)):
        if text:
            plain[name] = {lang: form for lang, form in (("fi", text.fi), ("sv", text.sv)) if form}
    if address.lines:
        plain["lines"] = list(address.lines)
    return plain


def _address_from_plain(plain: Plain) -> Address:
    street, office = plain.get("street"), plain.get("post_office")
    return Address(
        **{name: plain[name] for name in _ADDRESS_FIELDS if name in plain},
        country=plain["country"],
        street=Text(street.get("fi"), street.get("sv")) if street else None,
        post_office=Text(office.get("fi"), office.get("sv")) if office else None,
        lines=tuple(plain.get("lines", ())),
    )


@lru_cache(maxsize=4_096)
def _date(text: str | None) -> PartialDate | None:
    return PartialDate.parse(text) if text else None


def _text(day: PartialDate | None) -> str | None:
    return str(day) if day else None


def _name_from_plain(plain: Plain) -> PersonName:
    return PersonName(plain["surname"], plain["given_names"], plain.get("calling_name"))


_READERS: dict[Field, Callable[[Any], FactValue | None]] = {
    Field.ADDRESS: _address_from_plain,
    Field.TEMPORARY_ADDRESS: _address_from_plain,
    Field.POSTAL_ADDRESS: _address_from_plain,
    Field.CONTACT_ADDRESS: _address_from_plain,
    Field.NAME: _name_from_plain,
    Field.BIRTH_DATE: _date,
    Field.DEATH: _date,
}
"""How the values of a field are read; those of all others are text."""
