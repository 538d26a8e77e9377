"""FHIR R4 Provenance as the standard defines it: elements, cardinalities, formats, codes."""

import json
from collections.abc import Sequence
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from adapters.provenance.fhir import provenance_bundle
from adapters.provenance.subject import Subject
from sync.model import HeldFact
from tests.unit.applying.said import A, B, said, withdrawn
from tests.unit.applying.test_survivorship import histories
from tests.unit.provenance.telling import NOW, told, whole_past

# The regular expressions are those of the FHIR R4 specification for its primitive types.
TEXT = {"type": "string", "pattern": r"^[ \r\n\t\S]+$", "minLength": 1}
URI = {"type": "string", "pattern": r"^\S+$"}
ABSOLUTE = {"type": "string", "pattern": r"^(https?://|urn:)\S+$"}
CODE = {"type": "string", "pattern": r"^[^\s]+(\s[^\s]+)*$"}
ID = {"type": "string", "pattern": r"^[A-Za-z0-9\-\.]{1,64}$"}
_DATE = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1])"
_TIME = r"T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
DATE_TIME = {"type": "string", "pattern": f"^{_DATE}({_TIME})?)?)?$"}
INSTANT = {"type": "string", "pattern": rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}$"}


def element(must: dict[str, Any], may: dict[str, Any] | None = None) -> dict[str, Any]:
    """Describe an element: what it must have, what it may, and nothing else."""
    properties = {**must, **(may or {})}
    return {"type": "object", "properties": properties, "required": list(must), "additionalProperties": False}


def several(one: dict[str, Any]) -> dict[str, Any]:
    """Describe a list; FHIR knows no empty ones."""
    return {"type": "array", "items": one, "minItems": 1}


CODING = element({"system": ABSOLUTE, "code": CODE}, {"display": TEXT, "version": TEXT})
CONCEPT = element({"coding": several(CODING)}, {"text": TEXT})
IDENTIFIER = element({"system": ABSOLUTE, "value": TEXT})
EXTENSION = element({"url": ABSOLUTE, "valueString": TEXT})
REFERENCE = element({"identifier": IDENTIFIER}, {"type": CODE, "display": TEXT, "extension": several(EXTENSION)})
ROLE = {"enum": ["derivation", "revision", "quotation", "source", "removal"]}
PROVENANCE = element(
    {
        "resourceType": {"const": "Provenance"},
        "target": several(REFERENCE),
        "recorded": INSTANT,
        "agent": several(element({"who": REFERENCE}, {"type": CONCEPT, "role": several(CONCEPT)})),
    },
    {
        "id": ID,
        "extension": several(EXTENSION),
        "occurredDateTime": DATE_TIME,
        "policy": several(URI),
        "reason": several(element({"text": {"type": "string"}})),
        "activity": CONCEPT,
        "entity": several(element({"role": ROLE, "what": REFERENCE})),
    },
)
ENTRY = element(
    {
        "fullUrl": {"type": "string", "pattern": r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
        "resource": PROVENANCE,
    }
)
BUNDLE = element(
    {"resourceType": {"const": "Bundle"}, "type": {"const": "collection"}},
    {"timestamp": INSTANT, "entry": several(ENTRY)},
)
KINDS = {"Patient", "Organization", "Device", "Practitioner"}
OPERATIONS = {"CREATE", "UPDATE", "DELETE", "NULLIFY", "COMPLETE"}
PARTICIPANTS = {"author", "assembler", "verifier", "performer", "custodian"}


def bundle(*, reveal: bool = False) -> dict[str, Any]:
    """Write the whole past, as it is read back from JSON."""
    found: dict[str, Any] = json.loads(
        json.dumps(provenance_bundle(whole_past(), Subject("clinic", "42", NOW, reveal, "0.1.0")))
    )
    return found


def problems(found: dict[str, Any]) -> list[str]:
    """Return what is wrong: with shapes, with identity in the bundle, with codes of HL7's own systems."""
    wrong = [error.message for error in jsonschema.Draft202012Validator(BUNDLE).iter_errors(found)]
    entries = found.get("entry", [])
    for name in ("fullUrl", "id"):
        all_ = [entry.get(name) or entry["resource"].get(name) for entry in entries]
        wrong += [f"{name} twice"] if len(set(all_)) < len(all_) else []
    for one in (entry["resource"] for entry in entries):
        codes = [c for agent in one.get("agent", []) for c in agent["type"]["coding"]] + one["activity"]["coding"]
        systems = {"v3-DataOperation": OPERATIONS, "provenance-participant-type": PARTICIPANTS}
        for code in codes:
            allowed = systems.get(code["system"].rpartition("/")[2])
            wrong += [code["code"]] if allowed and code["code"] not in allowed else []
        kinds = [agent["who"]["type"] for agent in one.get("agent", [])] + [t["type"] for t in one["target"]]
        wrong += [kind for kind in kinds if kind not in KINDS]
    return wrong


def resource(found: dict[str, Any], id_: str) -> dict[str, Any]:
    """Find a resource of the bundle."""
    return next(entry["resource"] for entry in found["entry"] if entry["resource"]["id"] == id_)


def test_the_bundle_is_sound() -> None:
    """Each resource has what R4 asks for and nothing that it does not know."""
    found = bundle()
    assert problems(found) == []
    statements = sum(len(story.statements) for story in whole_past())
    deliveries = sum(len(s.deliveries) for story in whole_past() for s in story.statements)
    emptied = sum(len(story.emptied) for story in whole_past())
    assert len(found["entry"]) == statements + deliveries + emptied == 26


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found["entry"][0]["resource"].pop("agent"),
        lambda found: found["entry"][0]["resource"].update({"recorded": "2026-11-21"}),
        lambda found: found["entry"][0]["resource"].update({"entity": []}),
        lambda found: found["entry"][0]["resource"].update({"occurredDateTime": "2026-13"}),
        lambda found: found["entry"][1].update(found["entry"][0]),
        lambda found: found["entry"][0]["resource"]["activity"]["coding"][0].update({"code": "CHANGE"}),
    ],
)
def test_the_check_can_fail(damage: Any) -> None:
    """A bundle that is not R4 is found out."""
    found = bundle()
    damage(found)
    assert problems(found)


def test_a_statement_says_who_when_and_by_what() -> None:
    """Target by the register's own key, effective date to its precision, decider, event, and what it corrected."""
    found = resource(bundle(), "statement-4")
    (target,) = found["target"]
    assert target["identifier"] == {"system": "urn:ajantasa:register:clinic", "value": "42"}
    assert target["extension"][0]["valueString"] == "Patient.address"
    assert (found["occurredDateTime"], found["recorded"]) == ("2020-02", "2026-11-01T15:00:00.000Z")
    assert found["policy"] == [
        "urn:ajantasa:survivorship:newer_date",
        "urn:ajantasa:match:reviewer",
        "urn:ajantasa:model:m1",
    ]
    who = {agent["type"]["coding"][0]["code"]: agent["who"]["display"] for agent in found["agent"]}
    assert who == {"author": "vtj", "assembler": "ajantasa 0.1.0", "verifier": "liisa äö"}
    what = [(one["role"], one["what"]["identifier"]["value"]) for one in found["entity"]]
    assert what == [("source", "cc" * 32), ("revision", "2"), ("revision", "1")]


def test_a_withdrawal_nullifies() -> None:
    """And names what it removes."""
    found = provenance_bundle([told(said(A, "2020-01-01"), withdrawn(A, hours=1))], Subject("clinic", "42", NOW))
    gone = resource(found, "statement-2")
    assert gone["activity"]["coding"][0]["code"] == "NULLIFY"
    assert [(e["role"], e["what"]["identifier"]["value"]) for e in gone["entity"]] == [("removal", "1")]


def test_a_delivery_says_whether_it_was_acknowledged() -> None:
    """When the register answered is when it occurred; what has no answer has not."""
    found = bundle()
    done, waiting = resource(found, "delivery-101-address"), resource(found, "delivery-100-address")
    assert done["occurredDateTime"] == "2026-11-03T13:00:00.000Z"
    assert done["entity"] == [{"role": "source", "what": {"identifier": {"system": "urn:ajantasa:fact", "value": "4"}}}]
    assert "occurredDateTime" not in waiting
    assert resource(found, "delivery-101-phone")["activity"]["coding"][0]["code"] == "DELETE"


def test_values_are_left_out_unless_revealed() -> None:
    """Then they are in an extension of ours."""
    assert "Cecilianpolku" not in json.dumps(bundle(), ensure_ascii=False)
    revealed = bundle(reveal=True)
    assert problems(revealed) == []
    assert "Cecilianpolku" in resource(revealed, "statement-4")["extension"][1]["valueString"]


@given(histories())
@settings(max_examples=100, derandomize=True, deadline=None)
def test_whatever_was_said_is_told_soundly(facts: Sequence[HeldFact]) -> None:
    """Late, repeated, corrected, withdrawn."""
    assert problems(json.loads(json.dumps(provenance_bundle([told(*facts)], Subject("clinic", "42", NOW))))) == []


def test_nothing_said_is_an_empty_bundle() -> None:
    """Without an entry, for FHIR knows no empty lists."""
    found = provenance_bundle([], Subject("clinic", "42", NOW))
    assert "entry" not in found
    assert problems(found) == []
    assert problems(provenance_bundle([told(said(B))], Subject("clinic", "42", NOW))) == []
