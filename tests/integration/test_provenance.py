"""Where a value comes from, asked for on the command line, from the change on the wire to the delivery acknowledged."""

import json
from typing import Any

import pytest

from adapters.cli.output import Exit
from sync.retention import forget_previous_values
from tests.harness import Engine, protected
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import NEW, cancellation, posti, pull, watched
from tests.unit.provenance import test_fhir, test_prov_json

FORMATS = [[], ["--json"], ["--format", "prov"], ["--format", "fhir"]]


@pytest.fixture
def mover(engine: Engine) -> Engine:
    """Give a customer whose move came by post and was delivered."""
    watched(engine)
    pull(engine, posti(NEW, notice_id="n1", on="2026-11-02"), feed="posti")
    return engine


def asked(engine: Engine, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """Ask for the customer's provenance."""
    capsys.readouterr()
    assert ajantasa(engine, "customer", "provenance", "42", *options) == Exit.OK
    return capsys.readouterr().out


def as_data(engine: Engine, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """Ask for it as JSON."""
    found: dict[str, Any] = json.loads(asked(engine, capsys, "--json", *options))
    return found


def addresses(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what was said of the address."""
    (story,) = [one for one in found["fields"] if one["field"] == "address"]
    said: list[dict[str, Any]] = story["statements"]
    return said


def test_the_whole_story_of_a_field_is_one_call(mover: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """What, from when, learned when, from whom, why this customer, by which rule, delivered and acknowledged."""
    found = as_data(mover, capsys, "--field", "address")
    assert [one["field"] for one in found["fields"]] == ["address"]
    own, base, notice = addresses(found)
    assert (own["standing"], base["standing"], notice["standing"]) == ("held", "held", "holds")
    assert (notice["origin"], notice["from"], notice["rule"], notice["over"]) == (
        "posti",
        "2026-11-02",
        "newer_date",
        base["id"],
    )
    assert notice["matched_by"] == "weight"
    assert notice["match"]["weight"] > 0
    assert notice["model"] == mover.parts.model.version
    (delivery,) = notice["deliveries"]
    assert (delivery["register"], delivery["state"]) == ("clinic", "acknowledged")
    assert delivery["acknowledged_at"]
    assert "Delivered to Klinikka" in " ".join(notice["sentences"])


def test_a_value_is_told_only_when_it_is_asked_for(mover: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """In every form; the story stays the same."""
    for options in FORMATS:
        for language in ("fi", "sv", "en"):
            assert "Rantatie" not in asked(mover, capsys, *options, "--language", language)
        assert "Rantatie" in asked(mover, capsys, *options, "--reveal")


def test_it_is_told_in_three_languages(mover: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """Headings and sentences."""
    assert "Osoite\n" in asked(mover, capsys, "--language", "fi")
    assert "Den gäller från och med 2.11.2026." in asked(mover, capsys, "--language", "sv")
    assert "It holds from 2 Nov 2026 on." in asked(mover, capsys)


def test_both_standards_are_met(mover: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """Over a real store, with what a person took back and what waits."""
    pull(mover, cancellation(), feed="posti")
    prov = json.loads(asked(mover, capsys, "--format", "prov"))
    assert test_prov_json.problems(prov) == []
    assert any("cancellation" in id_ for id_ in prov["activity"])
    fhir = json.loads(asked(mover, capsys, "--format", "fhir"))
    assert test_fhir.problems(fhir) == []
    assert len(fhir["entry"]) > 5


def test_what_is_not_acknowledged_is_told_so(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """It is on its way."""
    watched(engine)
    engine.postal.log.append(posti(NEW))
    engine.follow("posti")
    (delivery,) = addresses(as_data(engine, capsys))[-1]["deliveries"]
    assert (delivery["state"], delivery["acknowledged_at"]) == ("pending", None)


def test_the_story_outlives_the_value(mover: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """Retention takes the value; who said it and when it came stay."""
    mover.clock.move(days=900)
    forget_previous_values(mover.parts, mover.clock.now().replace(year=2028))
    own, base, notice = addresses(as_data(mover, capsys, "--reveal"))
    assert (own["standing"], base["standing"], notice["standing"]) == ("forgotten", "forgotten", "holds")
    assert (base["value"], base["origin"]) == (None, "vtj")
    assert "The value itself is no longer kept." in base["sentences"]


@pytest.mark.parametrize("options", FORMATS)
def test_of_a_protected_person_no_place_has_a_story(
    mover: Engine, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    """P7: not what was said, not when, not that it was delivered or emptied; asked for by name, that nothing is told."""
    pull(mover, protected())
    told = asked(mover, capsys, "--reveal", *options)
    for trace in ("Rantatie", "Vanhakuja", "Former address", '"address"', "Patient.address", "field-address"):
        assert trace not in told.replace('"hidden": ["address"', "")
    if not options:
        assert "Address: Nothing is told of it." in asked(mover, capsys, "--field", "address")


def test_the_reading_is_noted_with_whether_values_were_shown(mover: Engine) -> None:
    """Who read, and what kind of reading it was."""
    assert ajantasa(mover, "customer", "provenance", "42") == Exit.OK
    assert ajantasa(mover, "customer", "provenance", "42", "--reveal") == Exit.OK
    with mover.store.snapshot() as work:
        rows = work._db.exec_driver_sql("SELECT revealed FROM reading ORDER BY id DESC LIMIT 2").all()  # type: ignore[attr-defined]
    assert [bool(row.revealed) for row in rows] == [True, False]
    assert ajantasa(mover, "customer", "provenance", "nobody") == Exit.NOT_FOUND
    assert ajantasa(mover, "customer", "provenance", "42", "--field", "shoe_size") == Exit.USAGE
