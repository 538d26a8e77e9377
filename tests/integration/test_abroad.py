"""Somebody who has moved abroad: no feed tells where they move to next."""

from pathlib import Path

from adapters.sandbox.clinic import sql_register_settings
from adapters.store.keyring import create_key_file
from config.bootstrap import assembled
from config.settings import Settings
from sync.freshness.accuracy import Accuracy
from sync.freshness.census import census
from sync.freshness.status import State
from sync.model import Address, Field
from tests.harness import Engine, moved, protected, sqlite_url
from tests.integration.whole_way import NEW, pull, state, watched

STOCKHOLM = Address(lines=("Storgatan 1", "111 22 STOCKHOLM"), country="SE")


def test_whoever_lives_abroad_is_not_covered(engine: Engine) -> None:
    """Although the feed that told of it is alive; the count and the register's own column say the same."""
    watched(engine)
    pull(engine, moved(STOCKHOLM))
    assert engine.held()[Field.ADDRESS] == STOCKHOLM
    assert state(engine) is State.NOT_COVERED
    status = engine.register.read("42").status  # type: ignore[union-attr]  # the record is there
    assert status
    assert status.state == "not_covered"
    counted = census(engine.parts, engine.parts.registers["clinic"])
    assert counted.accuracy == {Accuracy.NOT_COVERED: 1}


def test_whoever_comes_home_is_covered_again(engine: Engine) -> None:
    """From the day of the move on; before it the desk is told that it comes."""
    watched(engine)
    pull(engine, moved(STOCKHOLM), moved(NEW, on="2026-11-25", event="back"))
    assert state(engine) is State.COMING
    engine.clock.move(days=4)
    engine.follow()
    engine.deliver()
    assert state(engine) is State.CHANGED


def test_an_order_stands_above_it(engine: Engine) -> None:
    """A protected person abroad is a protected person."""
    watched(engine)
    pull(engine, moved(STOCKHOLM), protected())
    assert state(engine) is State.CONTACT_ONLY


def test_which_country_is_home_is_read_from_the_configuration(tmp_path: Path) -> None:
    """It is the one of addresses that name none."""
    key_file = tmp_path / "ajantasa.key"
    create_key_file(key_file)
    sql = sql_register_settings(sqlite_url(tmp_path)) | {"default_country": "SE"}
    store = {"url": sqlite_url(tmp_path)}
    settings = Settings.model_validate({"key_file": key_file, "store": store, "registers": {"clinic": {"sql": sql}}})
    with assembled(settings) as parts:
        assert parts.registers["clinic"].policy.country == "SE"
