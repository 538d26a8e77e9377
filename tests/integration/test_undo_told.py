"""What is told of an undoing, how long it is kept, and what the audit chain binds of it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from adapters.cli.output import Exit
from sync.model import Field, PartialDate
from sync.retention import forget_previous_values
from sync.reviewing import decide_review
from sync.undoing import undo, update_target
from tests.harness import Engine, moved
from tests.integration.test_explaining import ajantasa
from tests.integration.test_joint_moves import LIISA, OLLI, PHONE, add, bring, line
from tests.integration.undoing import event_of, take_back, take_back_undo, waiting
from tests.integration.whole_way import NEW, OLD, mirror, pull, watched


def test_the_past_is_told_as_it_was_known(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """As known before the undoing the new address held; afterwards the old one; and the story tells both."""
    watched(engine)
    pull(engine, moved(NEW, event="e1"))
    then = engine.clock.now().isoformat()[:16]
    engine.clock.move(hours=2)
    take_back(engine, "e1")

    def shown(*options: str) -> Any:
        capsys.readouterr()
        assert ajantasa(engine, "customer", "show", "42", "--json", *options) == Exit.OK
        return json.loads(capsys.readouterr().out)["values"]["address"]["printed"]

    assert "Vanhakuja" in shown()
    assert "Rantatie" in shown("--known-at", then + "+00:00")
    capsys.readouterr()
    assert ajantasa(engine, "customer", "provenance", "42", "--field", "address") == Exit.OK
    told = capsys.readouterr().out
    assert "It does not count: it was undone on 21 Nov 2026" in told
    assert "Decided by: liisa. Reason: wrong person." in told


def test_the_commands_tell_before_they_do(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run changes nothing and holds no value; a reason is needed; the list tells who and why."""
    watched(engine)
    pull(engine, moved(NEW, event="e1"))
    event = event_of(engine, "e1")[:12]
    facts = len(engine.facts())
    capsys.readouterr()
    assert ajantasa(engine, "undo", "update", "42", event, "--dry-run") == Exit.OK
    told = capsys.readouterr().out
    assert "Address: goes back to what DVV (population register) said from 1 May 2001" in told
    assert "Rantatie" not in told
    assert "Vanhakuja" not in told
    assert len(engine.facts()) == facts
    assert ajantasa(engine, "undo", "update", "42", event) == Exit.USAGE
    assert ajantasa(engine, "undo", "update", "42", "ffff", "--dry-run") == Exit.NOT_FOUND
    capsys.readouterr()
    assert ajantasa(engine, "undo", "update", "42", event, "--reason", "typo", "--by", "liisa", "--json") == Exit.OK
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (done["facts"] > 0, done["fields"]["address"], done["done"]) == (True, {"back": 1}, True)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    assert ajantasa(engine, "undo", "list", "--json") == Exit.OK
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (row["kind"], row["by"], row["reason"], row["done"]) == ("update", "liisa", "typo", True)
    assert ajantasa(engine, "undo", "undo", str(row["id"]), "--reason", "was right") == Exit.OK
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    assert ajantasa(engine, "undo", "list") == Exit.OK


def test_a_run_and_a_decision_are_undone_by_command(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """With the plan told customer by customer first."""
    review = waiting(engine)
    decide_review(engine.parts, review, same=True, by="liisa", reason="")
    engine.deliver()
    assert ajantasa(engine, "undo", "decision", str(review), "--reason", "namesake") == Exit.OK
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    engine.clock.move(hours=1)
    pull(engine, moved(NEW, event="e1"))
    capsys.readouterr()
    days = ("--since", "2026-11-21", "--until", "2026-11-21")
    assert ajantasa(engine, "undo", "run", "vtj", *days, "--dry-run", "--json") == Exit.OK
    plan, summary = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert plan["key"] == "42"
    assert summary["dry_run"] is True
    assert ajantasa(engine, "undo", "run", "vtj", *days, "--reason", "broken page") == Exit.OK
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    assert ajantasa(engine, "undo", "run", "nobody", *days, "--dry-run") == Exit.NOT_FOUND
    assert ajantasa(engine, "undo", "run", "vtj", "--since", "soon", "--until", "now", "--dry-run") == Exit.USAGE


def test_a_match_through_somebody_who_moved_along_is_told(engine: Engine) -> None:
    """What one showed supported the other: whoever undoes one is told to look at the other."""
    add(engine, "1", "Olli", PartialDate(1980, 1, 2), phone=PHONE)
    add(engine, "2", "Liisa", PartialDate(1982, 3, 4))
    engine.load()
    bring(engine, line(OLLI, LIISA))
    with engine.store.snapshot() as work:
        stored = work.stored_facts(mirror(engine, "2").id)
    event = next(one.held.event for one in stored if one.held.origin == "posti")
    target = update_target(engine.parts, engine.parts.registers["clinic"], "2", event[:12])
    assert undo(engine.parts, target, by="liisa", reason="namesake").conflicts["companion"] == 1
    engine.deliver()
    assert engine.held("2")[Field.ADDRESS] == OLD
    assert engine.held("1")[Field.ADDRESS] != OLD


def test_the_chain_binds_a_mark(either: Engine) -> None:
    """Which fact it names, by whom and why: whoever alters one of them is seen."""
    watched(either)
    pull(either, moved(NEW, event="e1"))
    take_back(either, "e1")
    with either.store.snapshot() as work:
        assert work.compare_facts(lambda *_: None).altered_count == 0
    for column, value in (("about", 1), ("undo", 1), ("decided_by", "'x'")):
        with either.store.begin() as work:
            db: Any = work._db  # type: ignore[attr-defined]  # below the port on purpose
            db.exec_driver_sql(f"UPDATE fact SET {column} = {value} WHERE about IS NOT NULL AND field = 'address'")
            assert work.compare_facts(lambda *_: None).altered_count == 1


def test_an_undoing_is_erased_with_the_person(either: Engine) -> None:
    """Marks are facts; of the undoing stays who did one and when, without reason or customer."""
    watched(either)
    pull(either, moved(NEW, event="e1"))
    report = take_back(either, "e1")
    customer = mirror(either)
    with either.store.begin() as work:
        work.erase(customer.id)
        work.audit("test", "erased", either.clock.now(), {})
        work.commit()
    with either.store.snapshot() as work:
        (left,) = work.undos()
        assert (left.id, left.by, left.reason, left.target) == (report.undo, "liisa", "", {"register": "clinic"})
        assert work.marks_of(report.undo, 0, 10) == {}


def test_what_is_no_longer_kept_does_not_come_back(engine: Engine) -> None:
    """Retention took the value that held before: the register's address goes, and the plan says why."""
    watched(engine)
    pull(engine, moved(NEW, event="e1"))
    engine.clock.move(days=900)
    forget_previous_values(engine.parts, engine.clock.now().replace(year=2028))
    report = take_back(engine, "e1")
    assert report.conflicts == {"not_kept": 1}
    assert Field.ADDRESS not in engine.held()


def test_retention_empties_what_was_undone_and_keeps_the_mark(either: Engine) -> None:
    """Two years later nobody can bring the value back; that it was undone, and why, is still told."""
    watched(either)
    pull(either, moved(NEW, event="e1"))
    report = take_back(either, "e1")
    either.clock.move(days=800)
    forget_previous_values(either.parts, either.clock.now() - timedelta(days=730))
    assert NEW not in {f.fact.value for f in either.facts()}
    take_back_undo(either, report.undo)
    assert either.held()[Field.ADDRESS] == OLD
    with either.store.snapshot() as work:
        told = [one.provenance.reason for one in work.stored_facts(mirror(either).id) if one.held.about]
    assert "wrong person" in told
