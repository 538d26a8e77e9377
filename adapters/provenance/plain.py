"""The story as plain data, with its sentences."""

from typing import Any

from sync.matching.explain import candidate_as_data
from sync.model import HeldFact
from sync.model.codec import value_to_plain
from sync.provenance.sentences import Teller, tell_statement, tell_story
from sync.provenance.story import Carried, Statement, Story


def story_as_data(story: Story, teller: Teller) -> dict[str, Any]:
    """Return one field's story; values only where the teller reveals them."""
    return {
        "field": story.field.value,
        "statements": [_statement(one, teller) for one in story.statements],
        "emptied": [_delivery(one) for one in story.emptied],
        "sentences": [list(told) for told in tell_story(story, teller)],
    }


def _statement(one: Statement, teller: Teller) -> dict[str, Any]:
    held, why = one.held, one.stored.provenance
    weighed = teller.weighed.get(held.id)
    value = {"value": value_to_plain(held.fact.value), "wrong": value_to_plain(held.fact.wrong)}
    return {
        "id": held.id,
        "kind": held.fact.kind.value,
        **(value if teller.reveal else {}),
        "from": str(held.fact.valid_from) if held.fact.valid_from else None,
        "from_precision": held.fact.valid_from.precision.value if held.fact.valid_from else None,
        "until": str(held.fact.valid_until) if held.fact.valid_until else None,
        "source": held.source.value,
        "origin": held.origin,
        "event": held.event or None,
        "position": why.position or None,
        "recorded_at": held.recorded_at.isoformat(),
        "learned_at": held.learned_at.isoformat(),
        "matched_by": why.rule.value if why.rule else None,
        "match": candidate_as_data(weighed, teller.language) if weighed else None,
        "model": why.model or None,
        "decided_by": why.decided_by or None,
        "standing": one.standing.value,
        "held_from": one.first.isoformat() if one.first else None,
        "held_until": one.last.isoformat() if one.last else None,
        "rule": one.rule.value if one.rule else None,
        "over": _id(one.over),
        "by": _id(one.by),
        "repeats": _id(one.repeats),
        "late": one.late,
        "cancelled_at": held.cancelled_at.isoformat() if held.cancelled_at else None,
        "deliveries": [_delivery(carried) for carried in one.deliveries],
        "sentences": list(tell_statement(one, teller)),
    }


def _id(held: HeldFact | None) -> int | None:
    return held.id if held else None


def _delivery(one: Carried) -> dict[str, Any]:
    return {
        "id": one.id,
        "register": one.register,
        "state": one.state.value,
        "made_at": one.created_at.isoformat(),
        "acknowledged_at": one.acknowledged_at.isoformat() if one.acknowledged_at else None,
        "reason": one.reason or None,
    }
