"""PROV-JSON as the W3C submission has it: shapes, types, and references that lead somewhere."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from adapters.provenance.prov_json import prov_document
from adapters.provenance.subject import Subject
from sync.model import HeldFact
from sync.provenance.story import Standing
from tests.unit.applying.said import A, B, corrected, said
from tests.unit.applying.test_survivorship import histories
from tests.unit.provenance.telling import NOW, told, whole_past

NAMES = {"type": "string", "pattern": r"^(ajantasa|prov|xsd):[A-Za-z0-9_.-]+$"}
TYPED = {
    "type": "object",
    "properties": {"$": {"type": "string"}, "type": NAMES},
    "required": ["$", "type"],
    "additionalProperties": False,
}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
ENDS = {  # relation: the ends that it must have, those that it may have, and the kinds of record that they name
    "wasGeneratedBy": ({"prov:entity": "entity"}, {"prov:activity": "activity"}),
    "used": ({"prov:activity": "activity"}, {"prov:entity": "entity"}),
    "wasInformedBy": ({"prov:informed": "activity", "prov:informant": "activity"}, {}),
    "wasInvalidatedBy": ({"prov:entity": "entity"}, {"prov:activity": "activity"}),
    "wasDerivedFrom": ({"prov:generatedEntity": "entity", "prov:usedEntity": "entity"}, {}),
    "wasAttributedTo": ({"prov:entity": "entity", "prov:agent": "agent"}, {}),
    "wasAssociatedWith": ({"prov:activity": "activity"}, {"prov:agent": "agent"}),
    "specializationOf": ({"prov:specificEntity": "entity", "prov:generalEntity": "entity"}, {}),
}


def records(key: str, own: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """Describe records of one kind: their own PROV attributes, and any of ours."""
    attributes = {"type": ["string", "number", "boolean"]}
    one = {
        "type": "object",
        "properties": {"prov:type": TYPED, "prov:value": {"type": "string"}, "prov:role": {"type": "string"}, **own},
        "patternProperties": {"^ajantasa:": {"anyOf": [attributes, TYPED]}},
        "required": required,
        "additionalProperties": False,
    }
    return {"type": "object", "patternProperties": {key: one}, "additionalProperties": False}


def schema() -> dict[str, Any]:
    """Describe the part of PROV-JSON that we write, by the W3C submission's own rules for it."""
    timed = {"prov:startTime": MOMENT, "prov:endTime": MOMENT}
    kinds = {
        "entity": records("^ajantasa:", {}, ["prov:type"]),
        "activity": records("^ajantasa:", timed, ["prov:type"]),
        "agent": records("^ajantasa:", {}, ["prov:type"]),
    }
    for name, (must, may) in ENDS.items():
        own = dict.fromkeys(must | may, NAMES) | {"prov:time": MOMENT}
        kinds[name] = records("^_:", own, list(must))
    prefix = {"type": "object", "additionalProperties": {"type": "string"}}
    return {"type": "object", "properties": {"prefix": prefix, **kinds}, "additionalProperties": False}


def document(*, reveal: bool = False) -> dict[str, Any]:
    """Write the whole past, as it is read back from JSON."""
    written = json.dumps(prov_document(whole_past(), Subject("clinic", "42", NOW, reveal, "0.1.0")))
    found: dict[str, Any] = json.loads(written)
    return found


def problems(found: dict[str, Any]) -> list[str]:
    """Return what is wrong: with shapes, with references, with literals of a type."""
    wrong = [error.message for error in jsonschema.Draft202012Validator(schema()).iter_errors(found)]
    for name, (must, may) in ENDS.items():
        for key, one in found.get(name, {}).items():
            ends = (must | may).items()
            wrong += [f"{name} {key} {end}" for end, kind in ends if end in one and one[end] not in found[kind]]
    for kind in found.values():
        for one in kind.values():
            literals = [v for v in one.values() if isinstance(v, dict)] if isinstance(one, dict) else []
            wrong += [f"{v}" for v in literals if not _is_literal(v["type"], v["$"])]
    return wrong


def out_of_order(found: dict[str, Any]) -> list[str]:
    """Return what happens before it can: PROV-CONSTRAINTS' rules about the order of events."""
    made = {one["prov:entity"]: one["prov:time"] for one in found["wasGeneratedBy"].values()}
    ended = found.get("wasInvalidatedBy", {}).items()
    wrong = [key for key, one in ended if _at(one["prov:time"]) < _at(made[one["prov:entity"]])]
    for key, one in (*found["wasGeneratedBy"].items(), *ended):
        activity = found["activity"][one["prov:activity"]]
        first, last = activity.get("prov:startTime", one["prov:time"]), activity["prov:endTime"]
        wrong += [] if _at(first) <= _at(one["prov:time"]) <= _at(last) else [key]
    for key, one in found.get("wasDerivedFrom", {}).items():
        before, after = (_at(made[one[f"prov:{end}Entity"]]) for end in ("used", "generated"))
        wrong += [key] if before > after else []
    return wrong


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _is_literal(type_: str, text: str) -> bool:
    forms = {
        "xsd:date": r"\d{4}-\d\d-\d\d",
        "xsd:gYearMonth": r"\d{4}-\d\d",
        "xsd:gYear": r"\d{4}",
        "xsd:boolean": "true|false",
        "xsd:double": r"-?\d+\.\d+(e[+-]?\d+)?",
        "prov:QUALIFIED_NAME": r"(ajantasa|prov):\w+",
    }
    return re.fullmatch(forms[type_], text) is not None


def test_the_document_is_sound() -> None:
    """Each record has its shape, each end of a relation is there, each literal is of its type."""
    found = document()
    assert problems(found) == []
    assert set(found) == {"prefix", "entity", "activity", "agent", *ENDS}
    assert out_of_order(found) == []


@given(histories())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_whatever_was_said_is_told_soundly_and_in_order(facts: Sequence[HeldFact]) -> None:
    """Late, repeated, corrected, withdrawn: nothing refers to nothing, and nothing ends before it begins."""
    found = json.loads(json.dumps(prov_document([told(*facts)], Subject("clinic", "42", NOW))))
    assert problems(found) == []
    assert out_of_order({"wasGeneratedBy": {}, **found}) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found["agent"].clear(),
        lambda found: found["activity"].popitem(),
        lambda found: next(iter(found["wasGeneratedBy"].values())).pop("prov:entity"),
        lambda found: next(iter(found["activity"].values())).update({"prov:endTime": "yesterday"}),
        lambda found: found["entity"]["ajantasa:value-2"]["ajantasa:validFrom"].update({"type": "xsd:date"}),
        lambda found: found.update({"entities": {}}),
    ],
)
def test_the_check_can_fail(damage: Any) -> None:
    """A document that lacks what is referred to, or is out of shape, is found out."""
    found = document()
    damage(found)
    assert problems(found)


def test_a_value_has_its_origin() -> None:
    """Which statement made it, whose it is, and who decided; dates keep their precision."""
    found = document()
    value = found["entity"]["ajantasa:value-4"]
    assert value["ajantasa:validFrom"] == {"$": "2020-02", "type": "xsd:gYearMonth"}
    assert value["ajantasa:standing"] == "holds"
    made = found["wasGeneratedBy"]["_:wasGeneratedBy-4"]
    assert made["prov:activity"] == "ajantasa:statement-4"
    assert datetime.fromisoformat(made["prov:time"]).tzinfo is not None
    assert found["wasAttributedTo"]["_:wasAttributedTo-4"]["prov:agent"] == "ajantasa:population_register-vtj"
    statement = found["activity"]["ajantasa:statement-4"]
    assert (statement["ajantasa:matchModel"], statement["ajantasa:event"]) == ("m1", "cc" * 32)
    decider = found["wasAssociatedWith"]["_:wasAssociatedWith-4-decider"]["prov:agent"]
    assert found["agent"][decider]["ajantasa:account"] == "liisa äö"


def test_what_was_taken_back_was_invalidated() -> None:
    """By the statement that corrected it, from which the right one is derived; by a cancellation, when we learned it."""
    found = document()
    assert found["wasInvalidatedBy"]["_:wasInvalidatedBy-2"]["prov:activity"] == "ajantasa:statement-4"
    assert found["wasDerivedFrom"]["_:wasDerivedFrom-4-2"]["ajantasa:rule"] == "corrected"
    cancelled = found["wasInvalidatedBy"]["_:wasInvalidatedBy-3"]
    assert (cancelled["prov:activity"], cancelled["prov:time"][:10]) == ("ajantasa:cancellation-3", "2026-11-02")
    still = {one["prov:entity"] for one in found["wasInvalidatedBy"].values()}
    holding = {
        f"ajantasa:value-{s.held.id}" for t in whole_past() for s in t.statements if s.standing is Standing.HOLDS
    }
    assert not still & holding


def test_a_delivery_used_what_it_carried() -> None:
    """With whether it was acknowledged, and when."""
    found = document()
    delivery = found["activity"]["ajantasa:delivery-101"]
    assert delivery["ajantasa:acknowledged"] == {"$": "true", "type": "xsd:boolean"}
    assert delivery["prov:endTime"] == "2026-11-03T13:00:00+00:00"
    assert "prov:endTime" not in found["activity"]["ajantasa:delivery-100"]
    used = {(one["prov:entity"], one["prov:role"]) for one in found["used"].values() if "101" in one["prov:activity"]}
    assert used == {("ajantasa:value-4", "delivered"), ("ajantasa:field-phone", "emptied")}


def test_values_are_left_out_unless_revealed() -> None:
    """And what is no longer kept is said to be so."""
    assert "Cecilianpolku" not in json.dumps(document(), ensure_ascii=False)
    revealed = document(reveal=True)
    assert problems(revealed) == []
    assert json.loads(revealed["entity"]["ajantasa:value-4"]["prov:value"])["street"] == {"fi": "Cecilianpolku"}
    assert revealed["entity"]["ajantasa:value-7"]["ajantasa:valueKept"]["$"] == "false"
    assert "prov:value" not in revealed["entity"]["ajantasa:value-7"]


def test_a_coming_value_does_not_end_the_present_one_yet() -> None:
    """Not before its day."""
    story = told(said(A, "2020-01-01"), said(B, "2027-01-01"), corrected(A, B, "2030-01-01", source=said(A).source))
    found = prov_document([story], Subject("clinic", "42", NOW))
    assert problems(json.loads(json.dumps(found))) == []
    story = told(said(A, "2020-01-01"), said(B, "2027-01-01"))
    assert "wasInvalidatedBy" not in prov_document([story], Subject("clinic", "42", NOW))
