"""What held on a day and what was known at a moment, asked for on the command line, over a real store."""

import json
from typing import Any

import pytest

from adapters.cli.output import Exit
from sync.retention import forget_previous_values
from tests.harness import Engine, protected
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import NEW, cancellation, posti, pull, watched


def asked(engine: Engine, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """Ask for the customer as JSON."""
    capsys.readouterr()
    assert ajantasa(engine, "customer", "show", "42", "--json", *options) == Exit.OK
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def street(shown: dict[str, Any]) -> str | None:
    """Return the street of the address that held."""
    found = shown["values"].get("address")
    return found["value"]["street"]["fi"] if found else None


@pytest.fixture
def mover(engine: Engine) -> Engine:
    """Give a customer who moved on 1 November, which we learned on the 23rd."""
    watched(engine)
    engine.clock.move(days=2)
    pull(engine, posti(NEW, on="2026-11-01", recorded=engine.clock.now(), notice_id="n1"), feed="posti")
    return engine


def test_a_day_and_a_moment_are_asked_for_apart_and_together(mover: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """The four questions have four answers of their own; a moment of knowing alone means its own day."""
    assert street(asked(mover, capsys)) == "Rantatie"
    assert street(asked(mover, capsys, "--as-of", "2026-10-31")) == "Vanhakuja"
    assert street(asked(mover, capsys, "--known-at", "2026-11-22")) == "Vanhakuja"
    assert street(asked(mover, capsys, "--as-of", "2026-11-10", "--known-at", "2026-11-23T12:00")) == "Rantatie"
    assert street(asked(mover, capsys, "--as-of", "2026-11-10", "--known-at", "2026-11-23T10:59")) == "Vanhakuja"
    nothing = asked(mover, capsys, "--as-of", "2026-11-10", "--known-at", "2026-11-20")
    assert (nothing["values"], nothing["history"], nothing["known_at"][:10]) == ({}, [], "2026-11-20")


@pytest.mark.parametrize("moment", ["9999-12-31", "9999-12-31T23:59+00:00"])
def test_a_moment_beyond_the_last_day_is_refused(mover: Engine, moment: str) -> None:
    """In plain words, not by a trace of the program."""
    assert ajantasa(mover, "customer", "show", "42", "--known-at", moment) == Exit.USAGE


def test_what_is_known_now_of_today_is_what_holds(mover: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for in words, it is the same as not asked for."""
    plain = asked(mover, capsys)
    spelled = asked(mover, capsys, "--as-of", "2026-11-23", "--known-at", "2026-11-23T11:00")
    assert spelled["values"] == plain["values"]
    assert spelled["history"] == plain["history"]
    assert plain["desk"]
    assert not spelled["desk"]  # it answers for the moment of asking, and of no other


def test_a_notice_was_standing_until_it_was_taken_back(mover: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """The store keeps when we learned of the cancellation."""
    mover.clock.move(days=1)
    pull(mover, cancellation("n1"), feed="posti")
    assert street(asked(mover, capsys)) == "Vanhakuja"
    before = asked(mover, capsys, "--known-at", "2026-11-23")
    assert street(before) == "Rantatie"
    assert not [fact for fact in before["history"] if fact["cancelled"]]


def test_what_retention_took_is_said_to_be_forgotten(mover: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """In JSON and on the screen; what is left of it is its row."""
    mover.clock.move(days=800)
    forget_previous_values(mover.parts, mover.clock.now().replace(year=2027))
    shown = asked(mover, capsys, "--as-of", "2020-01-01")
    assert (street(shown), shown["forgotten"]) == (None, ["address"])
    assert [fact["purged"] for fact in shown["history"] if fact["field"] == "address"] == [True, True, False]
    assert ajantasa(mover, "customer", "show", "42", "--as-of", "2020-01-01") == Exit.OK
    assert "(no longer kept)" in capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--as-of", "2026-11-10"], ["--known-at", "2026-11-23"]])
def test_no_place_of_a_protected_person_is_told_of_any_past(
    mover: Engine, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    """P7: not even that there was one, as of a day before the order, as known before it."""
    mover.clock.move(days=1)
    pull(mover, protected(recorded=mover.clock.now()))
    shown = asked(mover, capsys, *options)
    assert shown["hidden"] == ["address", "postal_address", "temporary_address"]
    assert not {fact["field"] for fact in shown["history"]} & set(shown["hidden"])
    assert not (set(shown["values"]) | set(shown["forgotten"])) & set(shown["hidden"])


def test_of_somebody_who_may_be_protected_no_place_is_told(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """P2: nobody has said that there is no order."""
    assert asked(engine, capsys)["hidden"]
    assert "address" not in asked(engine, capsys, "--as-of", "2020-01-01")["values"]


def test_the_reading_of_a_past_is_noted(mover: Engine) -> None:
    """Like any other."""
    before = readings(mover)
    assert ajantasa(mover, "customer", "show", "42", "--as-of", "2020-01-01") == Exit.OK
    assert readings(mover) == before + 1


def readings(engine: Engine) -> int:
    """Count the rows of the reading trail, by taking them away and back."""
    with engine.store.begin() as work:
        return work.forget_before("readings", engine.clock.now().replace(year=2100))


def test_what_another_machine_learned_ahead_of_our_clock_is_known(
    mover: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unless it is asked what was known at a moment, what is there is told."""
    mover.clock.move(seconds=-5)
    assert street(asked(mover, capsys)) == "Rantatie"
    assert street(asked(mover, capsys, "--known-at", "2026-11-23T10:59:56")) == "Vanhakuja"


def test_a_moment_that_is_none_is_refused(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """With what it should look like."""
    assert ajantasa(engine, "customer", "show", "42", "--known-at", "yesterday") == Exit.USAGE
    assert "YYYY-MM-DD" in capsys.readouterr().err
    assert ajantasa(engine, "customer", "show", "nobody", "--known-at", "2026-11-22") == Exit.NOT_FOUND
