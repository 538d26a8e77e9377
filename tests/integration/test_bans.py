"""Bans on marketing and on handing data on: kept as facts, delivered where mapped, never acted on otherwise."""

from typing import Any

import pytest

from sync.model import Change, Fact, FactKind, Field
from tests.harness import START, Engine, moved
from tests.integration.whole_way import NEW, pull, state, watched

BANS = [Field.MARKETING_BAN, Field.DISCLOSURE_BAN]


def banned(name: Field, *, kind: FactKind = FactKind.SET, value: bool | None = True, **more: Any) -> Change:
    """Build the change that brings a ban, or its end."""
    return moved(None, facts=(Fact(name, kind, value),), event=more.pop("event", "ban"), **more)


@pytest.mark.parametrize("name", BANS)
def test_a_ban_is_kept_and_delivered(either: Engine, name: Field) -> None:
    """The register's column says so."""
    watched(either)
    pull(either, banned(name))
    assert [held.fact.value for held in either.facts() if held.fact.field is name] == [True]
    assert either.held()[name] is True


@pytest.mark.parametrize("name", BANS)
def test_a_ban_changes_nothing_else(either: Engine, name: Field) -> None:
    """The data is kept as well as before: a move is applied, and the desk says what it would have said."""
    watched(either)
    before = state(either)
    pull(either, banned(name))
    assert state(either) is before
    pull(either, moved(NEW))
    assert either.held()[Field.ADDRESS] == NEW


@pytest.mark.parametrize("ending", [{"kind": FactKind.ENDED}, {"kind": FactKind.WITHDRAWN}, {"value": False}])
@pytest.mark.parametrize("name", BANS)
def test_its_end_creates_no_consent(engine: Engine, name: Field, ending: dict[str, Any]) -> None:
    """That a provider no longer says so is no permission: the register's column stays as it is."""
    watched(engine)
    pull(engine, banned(name))
    pull(engine, banned(name, event="end", recorded=START, **ending))
    assert engine.held()[name] is True


@pytest.mark.parametrize("name", BANS)
def test_what_the_person_tells_the_organisation_stands(engine: Engine, name: Field) -> None:
    """Staff note a permission after the ban: it is not overwritten, until a newer ban comes."""
    watched(engine)
    pull(engine, banned(name))
    engine.clock.move(hours=1)
    engine.register.put("42", {name: False})
    engine.load()
    pull(engine, moved(NEW))
    assert engine.held()[name] is False
    engine.clock.move(hours=1)
    pull(engine, banned(name, event="again", recorded=engine.clock.now()))
    assert engine.held()[name] is True


@pytest.mark.parametrize("name", BANS)
def test_nothing_is_written_without_a_ban(engine: Engine, name: Field) -> None:
    """Neither that there is none, nor what a provider says of there being none."""
    watched(engine)
    pull(engine, banned(name, value=False))
    assert name not in engine.held()
