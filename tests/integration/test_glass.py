"""Break-glass views (trust rule P13): a need, a quarter of an hour, and what is left of it in chain, log, figures and list."""

import json

import pytest
import structlog

from adapters.cli.output import Exit
from sync.errors import NotFound
from sync.glass import Need, break_glass, warn_of_openings
from sync.model import LOCATION_FIELDS, Field
from sync.ports.store import Opening
from sync.recalling import Past, past_of
from sync.retention import forget
from tests.harness import Engine, moved, protected
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import NEW, OLD, pull, watched
from tests.simulation.chain import verify_chain


def smash(engine: Engine, key: str = "42", reader: str = "cli:officer") -> Opening:
    """Break the glass in front of a customer."""
    register = engine.parts.registers["clinic"]
    return break_glass(engine.parts, register, key, Need.VITAL_INTERESTS, by="officer", reader=reader)


def seen(engine: Engine, reader: str = "cli:officer") -> Past:
    """Return what a reader is told."""
    return past_of(engine.parts, engine.parts.registers["clinic"], "42", reader=reader)


def test_for_a_quarter_of_an_hour_one_reader_is_told_what_is_hidden(either: Engine) -> None:
    """Nobody has said whether there is an order, so that places are hidden; the reading ends by itself."""
    either.load()
    pull(either, moved(NEW), feed="posti")
    assert seen(either).hidden == LOCATION_FIELDS
    smash(either)
    past = seen(either)
    assert past.hidden == frozenset()
    assert {one.held.fact.value for one in past.said if one.held.fact.field is Field.ADDRESS} == {OLD, NEW}
    assert seen(either, "cli:another").hidden == LOCATION_FIELDS
    either.clock.move(minutes=14, seconds=59)
    assert seen(either).hidden == frozenset()
    either.clock.move(seconds=1)
    assert seen(either).hidden == LOCATION_FIELDS


def test_behind_the_glass_there_is_no_place_of_a_protected_person(either: Engine) -> None:
    """It was removed, not masked (P3): what is told is when places were spoken of, and by whom."""
    watched(either)
    pull(either, moved(NEW), protected())
    smash(either)
    about = [one.held for one in seen(either).said if one.held.fact.field is Field.ADDRESS]
    assert about
    assert [held.fact.value for held in about if held.fact.value] == []


def test_it_is_audited_and_warned_of(either: Engine) -> None:
    """The daemon's log tells once who and why, and not of whom; the list tells all of it, for as long as readings are kept."""
    either.load()
    opening = smash(either)
    with structlog.testing.capture_logs() as logged:
        warned = warn_of_openings(either.parts, set())
        assert warn_of_openings(either.parts, warned) == {opening.id}
    assert logged == [
        {
            "event": "glass_broken",
            "log_level": "warning",
            "opening": opening.id,
            "register": "clinic",
            "reader": "cli:officer",
            "need": "vital_interests",
        }
    ]
    with either.store.snapshot() as work:
        assert work.openings() == (opening,)
        assert work.counts().openings == 1
        (entry,) = work.audit_entries("glass_broken")
    said = {"register": "clinic", "opening": opening.id, "need": "vital_interests"}
    assert (entry.actor, json.loads(entry.body)) == ("officer", said)
    assert opening.id
    verify_chain(either.store)
    either.clock.move(minutes=15)
    assert warn_of_openings(either.parts, set()) == set()  # it is over
    either.clock.move(days=731)
    forget(either.parts)
    with either.store.snapshot() as work:
        assert work.openings() == ()
    with pytest.raises(NotFound):
        smash(either, "7")


def test_the_commands_open_and_list(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """`customer break-glass` asks for the need; afterwards `customer show` tells all; `status` counts them."""
    engine.load()
    pull(engine, moved(NEW), feed="posti")
    assert ajantasa(engine, "customer", "show", "42") == Exit.OK
    assert "Not told: address" in capsys.readouterr().out
    assert ajantasa(engine, "customer", "break-glass", "42") == Exit.USAGE
    assert ajantasa(engine, "customer", "break-glass", "42", "--need", "vital_interests") == Exit.OK
    assert "Until 11:15" in capsys.readouterr().out
    assert ajantasa(engine, "customer", "show", "42") == Exit.OK
    assert "Not told" not in capsys.readouterr().out
    assert ajantasa(engine, "customer", "openings", "--json") == Exit.OK
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["key"], listed["need"]) == ("42", "vital_interests")
    with engine.store.snapshot() as work:
        assert [opening.id for opening in work.openings()] == [listed["id"]]
    assert ajantasa(engine, "status") == Exit.OK
    assert "1 break-glass views" in capsys.readouterr().out
