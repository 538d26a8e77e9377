"""Why a change is taken to be about somebody, as operators see it, from the matcher through the store to the screen."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from adapters.cli import app
from adapters.cli.output import Exit
from adapters.cli.program import Program
from sync.matching.explain import steps
from sync.model import Candidate, Evidence, Field, Identity, MatchRule, NullHypothesis, PartialDate, PersonName
from sync.parts import Parts
from sync.ports.store import Provenance, Review, StoredFact
from sync.reviewing import decide_review
from tests.harness import START, Engine, moved, protected
from tests.integration.whole_way import NEW, OLD, mirror, posti, pull, watched

EVIDENCE = (
    Evidence("surname", "equal", 11.2, 2.5),
    Evidence("given_names", "different", -6.5),
    Evidence("address", "equal", 6.0, 3.25),
)
BEST = (-2.0, EVIDENCE, NullHypothesis.HOUSEHOLD_MEMBER, -12.0)
OTHER = (-14.8, (Evidence("surname", "different", -4.5),), NullHypothesis.OTHER_PERSON, -10.3)


class Running(Program):
    """The program with an engine's parts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, config: Path) -> AbstractContextManager[Parts]:
        return self._open()

    @contextmanager
    def _open(self) -> Iterator[Parts]:
        yield self._engine.parts


def ajantasa(engine: Engine, *arguments: str) -> int:
    """Give a command; returns the exit status."""
    return app.run(app.build(Running(engine), "0"), arguments)


@pytest.fixture
def review(engine: Engine) -> int:
    """Give a review whose candidates differ in everything that can be kept of a candidate."""
    engine.add("43")
    engine.load()
    with engine.store.begin() as work:
        customers = work.by_keys("clinic", ["42", "43"])
        best, other = Candidate(customers["42"].id, *BEST), Candidate(customers["43"].id, *OTHER)
        until = START.replace(year=2027)
        work.add_reviews([Review("posti", "e", "p", "given_name_differs", moved(NEW), best, other, START, until)])
        work.commit()
    with engine.store.snapshot() as work:
        return work.reviews()[0].id


def test_a_review_is_shown_with_its_evidence(engine: Engine, review: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Bars, words and numbers for both candidates, why it was not decided, and why not the runner-up."""
    assert ajantasa(engine, "review", "show", str(review), "--language", "fi") == Exit.OK
    shown = capsys.readouterr().out
    for said in (
        "Etunimi on eri: kyseessä voi olla toinen perheenjäsen.",
        "Verrattu saman talouden toiseen jäseneen:",
        "Sukunimi sama (harvinainen sukunimi)",
        "█",
        "▒",
        "+11,2",
        "\u22126,5",
        "Mallin mukaan noin joka 5. tällainen ehdokas on oikea.",
        "Sukunimi: ensimmäisellä sama, toisella eri: 15,7 bittiä ensimmäisen hyväksi",
        "päivitys ≥ ",
    ):
        assert said in shown


def test_whoever_reads_a_review_is_noted_with_both_customers(engine: Engine, review: int) -> None:
    """It shows the values of each."""
    assert ajantasa(engine, "review", "show", str(review)) == Exit.OK
    with engine.store.snapshot() as work:
        rows = work._db.exec_driver_sql("SELECT customer_id, revealed FROM reading").all()  # type: ignore[attr-defined]
    assert {(id_, bool(revealed)) for id_, revealed in rows} == {(mirror(engine, key).id, True) for key in ("42", "43")}


def test_a_review_is_explained_to_programs(engine: Engine, review: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything that was stored comes out again."""
    assert ajantasa(engine, "review", "show", str(review), "--json") == Exit.OK
    shown = json.loads(capsys.readouterr().out)
    best = shown["candidate"]
    assert (best["weight"], best["against"], best["prior"]) == (-2.0, "household_member", -12.0)
    assert [(e["comparison"], e["level"], e["bits"], e["rarity"]) for e in best["evidence"]] == [
        (e.comparison, e.level, e.bits, e.rarity) for e in EVIDENCE
    ]
    assert best["both"] == pytest.approx(-0.7)
    assert shown["runner_up"]["against"] == "other_person"
    assert shown["why_not_runner_up"][0].startswith("Surname: equal for the first, different for the second: 15.7")
    assert shown["reason_words"] == "The given name differs: it may be another member of the family."
    assert shown["thresholds"] == {
        "apply": engine.parts.model.thresholds.apply_bits,
        "review": engine.parts.model.thresholds.review_bits,
    }


def test_a_review_becomes_a_picture(
    engine: Engine, review: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With both candidates and the thresholds; where it cannot be written, that is said."""
    file = tmp_path / "why.svg"
    assert ajantasa(engine, "review", "show", str(review), "--svg", str(file), "--language", "sv") == Exit.OK
    drawn = file.read_text("utf-8")
    assert ET.fromstring(drawn).attrib["role"] == "img"
    assert "Näst bästa" in drawn
    assert drawn.count('class="limit"') == 6
    capsys.readouterr()
    assert ajantasa(engine, "review", "show", str(review), "--svg", str(tmp_path)) == Exit.FAILED
    assert "cannot be written" in capsys.readouterr().err


def test_of_a_protected_person_no_place_is_explained(
    engine: Engine, review: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """P7: not even that few live where they lived, on no way of showing it."""
    watched(engine)
    pull(engine, protected())
    file = tmp_path / "why.svg"
    for arguments in (["--svg", str(file)], ["--json"]):
        assert ajantasa(engine, "review", "show", str(review), *arguments) == Exit.OK
    shown = capsys.readouterr().out + file.read_text("utf-8")
    assert "a rare surname" in shown
    assert "Former address" not in shown
    assert "few live there" not in shown
    assert "Not itemised" in shown


def test_what_was_decided_by_itself_is_explained(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """The evidence of an automatic decision is kept with the value, and shown with the customer."""
    identity = Identity(
        names=(PersonName("Meikäläinen", "Maija"),), birth_date=PartialDate(1952, 10, 13), addresses=(OLD,)
    )
    watched(engine)
    pull(engine, posti(NEW, identity=identity), feed="posti")
    with engine.store.snapshot() as work:
        (stored,) = [s for s in work.stored_facts(mirror(engine).id) if s.provenance.rule is MatchRule.WEIGHT]
    assert stored.weighed is not None
    assert steps(stored.weighed)[-1].bits == stored.weighed.weight > engine.parts.model.thresholds.apply_bits
    assert ajantasa(engine, "customer", "show", "42", "--language", "sv") == Exit.OK
    shown = capsys.readouterr().out
    assert "Why posti's change" in shown
    assert "Födelsedatum samma" in shown
    assert ajantasa(engine, "customer", "show", "42", "--json") == Exit.OK
    history = json.loads(capsys.readouterr().out)["history"]
    explained = [fact["explanation"] for fact in history if fact["explanation"]]
    assert [each["weight"] for each in explained] == [pytest.approx(stored.weighed.weight, abs=0.001)]


def test_what_a_person_decided_keeps_what_they_saw(
    engine: Engine, review: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The evidence goes whole from the review to the value, and the view names who decided."""
    _assume_clear(engine)
    decide_review(engine.parts, review, same=True, by="liisa", reason="called")
    with engine.store.snapshot() as work:
        (stored,) = [s for s in work.stored_facts(mirror(engine).id) if s.provenance.rule is MatchRule.REVIEWER]
    assert stored.weighed == Candidate(stored.customer_id, *BEST)
    assert ajantasa(engine, "customer", "show", "42") == Exit.OK
    assert "was matched, decided by liisa:" in capsys.readouterr().out


def _assume_clear(engine: Engine) -> None:
    """Decide that nobody is protected of whom no source has said so: of others no location is told (P2)."""
    clinic = engine.parts.registers["clinic"]
    clear = replace(clinic, policy=replace(clinic.policy, assume_clear=True))
    engine.parts = replace(engine.parts, registers={"clinic": clear})


def test_the_history_of_a_protected_person_explains_no_place(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """P7, for what was matched while there was no order yet."""
    watched(engine)
    id_ = mirror(engine).id
    with engine.store.begin() as work:
        held = next(s.held for s in work.stored_facts(id_) if s.held.fact.field is Field.NAME)
        why = Provenance("p", MatchRule.WEIGHT, *BEST[:2], "m", "", *BEST[2:])
        work.add_facts([StoredFact(id_, replace(held, event="e9", id=0), why)])
        work.audit("test", "said", START, {})
        work.commit()
    assert ajantasa(engine, "customer", "show", "42") == Exit.OK
    assert "Former address" in capsys.readouterr().out
    pull(engine, protected())
    for arguments in ([], ["--json"]):
        assert ajantasa(engine, "customer", "show", "42", *arguments) == Exit.OK
        shown: Any = capsys.readouterr().out
        assert "a rare surname" in shown
        assert "Former address" not in shown
