"""The register's accuracy, counted and told by status and metrics."""

import json

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from adapters.cli.output import Exit
from adapters.metrics import register_metrics
from sync.freshness.census import take_census
from sync.holding import place_hold
from sync.model import Field, HoldKind
from tests.harness import AINO_ID, START, Engine, protected
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import pull, watched


@pytest.fixture
def counted(either: Engine) -> Engine:
    """Give a register with a watched, a restricted, a protected and an unwatched customer, counted."""
    for key, national_id in (("43", None), ("44", AINO_ID), ("45", None)):
        either.add(key, **({"national_id": national_id} if national_id else {}))
    for key in ("43", "45"):
        either.register.put(key, {Field.NATIONAL_ID: None})
    either.load()
    watched(either)
    pull(either, protected(national_id=AINO_ID), feed="posti")
    place_hold(either.parts, either.parts.registers["clinic"], "45", HoldKind.RESTRICTION, by="officer", reason="claim")
    take_census(either.parts, either.parts.registers["clinic"])
    return either


def test_status_tells_the_last_count(counted: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """With its moment, whatever happens afterwards, until it is counted again."""
    counted.clock.move(days=3)  # the feeds have stalled meanwhile
    capsys.readouterr()
    assert ajantasa(counted, "status", "--json") == Exit.OK
    clinic = json.loads(capsys.readouterr().out)["registers"]["clinic"]
    assert clinic["accuracy"] == {
        "fresh": 1,
        "ageing": 0,
        "stale": 0,
        "not_covered": 1,
        "conflict": 0,
        "withheld": 2,
    }
    assert clinic["counted_at"].startswith(START.date().isoformat())
    assert ajantasa(counted, "status", "--census", "--json") == Exit.OK
    now = json.loads(capsys.readouterr().out)["registers"]["clinic"]
    assert (now["accuracy"]["fresh"], now["accuracy"]["not_covered"]) == (0, 2)
    assert ajantasa(counted, "status") == Exit.OK


def test_metrics_tell_the_last_count(counted: Engine) -> None:
    """One figure for each word."""
    registry = CollectorRegistry()
    register_metrics(counted.parts, registry)
    text = generate_latest(registry).decode()
    assert 'ajantasa_addresses{accuracy="fresh",register="clinic"} 1.0' in text
    assert 'ajantasa_addresses{accuracy="withheld",register="clinic"} 2.0' in text
    (at,) = [one for one in text.splitlines() if one.startswith("ajantasa_addresses_counted_timestamp_seconds{")]
    assert float(at.split()[-1]) == START.timestamp()
