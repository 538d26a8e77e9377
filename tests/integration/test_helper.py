"""A second process decides as the first one would, and whatever happens to it, nobody is left undecided."""

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.clock import SystemClock
from adapters.helper import HelperProcess, Opening
from adapters.providers.memory import MemoryProvider
from adapters.sandbox.clinic import sql_register_settings
from adapters.store import Keyring, SqlStore, open_store
from adapters.store.keyring import create_key_file
from config.bootstrap import assembled, load_model, model_text
from config.settings import Settings
from sync.matching.model import Model
from sync.model import Change, Identity, Match, PersonName
from sync.parts import FeedParts, Parts
from sync.ports.store import UnitOfWork
from sync.steps.lone import decide_lone
from sync.steps.match import OURS, WORTH_SHARING, match
from sync.steps.receive import Received
from tests.benchmarks.at_scale.population import REGISTER, changes, customers
from tests.harness import POSTAL, sqlite_url
from tests.integration.second_process import SOON, there

CUSTOMERS, PAGE = 400, 2 * WORTH_SHARING


@dataclass
class Clinic:
    """A register in a database, a page of changes, and what both processes open."""

    store: SqlStore
    opening: Opening
    page: list[Received]

    def matched(self, helper: HelperProcess | None, page: Sequence[Received] | None = None) -> list[Match]:
        """Match the page in a unit of work, as the daemon does."""
        feed = FeedParts("posti", MemoryProvider(POSTAL), REGISTER)
        parts = Parts(self.store, SystemClock(), load_model(None), {}, {"posti": feed}, "test", helper=helper)
        with self.store.begin() as work:
            return match(parts, feed, work, self.page if page is None else page)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def clinic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clinic]:
    """Give a register with customers, on each database."""
    url = sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    key_file = tmp_path / "ajantasa.key"
    create_key_file(key_file)
    store = open_store(url, Keyring.load(key_file), SystemClock())
    with store.begin() as work:
        work.add_customers(list(customers(CUSTOMERS)))
        work.commit()
    asked = [Change(f"change-{n}", str(n), one.identity) for n, one in enumerate(changes(CUSTOMERS, PAGE))]
    yield Clinic(store, Opening(url, str(key_file), model_text(None)), [Received(one, one.event_id) for one in asked])
    store.close()


@pytest.fixture
def helper(clinic: Clinic) -> Iterator[HelperProcess]:
    """Give a helper that is there, and see that none stays behind."""
    with there(HelperProcess(clinic.opening)) as helper:
        yield helper


def test_both_decide_alike(clinic: Clinic, helper: HelperProcess) -> None:
    """Every verdict, weight and piece of evidence, while the first one holds the right to write."""
    alone = clinic.matched(None)
    assert clinic.matched(helper) == alone == clinic.matched(helper)
    assert len({one.verdict for one in alone}) > 1


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give a list that says how many people this process looked for, each time."""
    counts: list[int] = []

    def look(work: UnitOfWork, register: str, people: Sequence[Identity], model: Model) -> list[Match]:
        counts.append(len(people))
        return decide_lone(work, register, people, model)

    monkeypatch.setattr("sync.steps.match.decide_lone", look)
    return counts


def test_the_helper_decides_about_half(clinic: Clinic, helper: HelperProcess, looked_for: list[int]) -> None:
    """What it answers is what is used: here nobody looks for the other part."""
    assert clinic.matched(helper) == clinic.matched(None)
    assert looked_for == [round(PAGE * OURS), PAGE]


def test_a_small_page_is_not_shared(clinic: Clinic) -> None:
    """And no process is started for it."""
    idle = HelperProcess(clinic.opening)
    assert len(clinic.matched(idle, clinic.page[: WORTH_SHARING - 1])) == WORTH_SHARING - 1
    assert idle.pid is None
    idle.close()


def test_nobody_waits_for_a_helper_that_is_not_there_yet(clinic: Clinic, looked_for: list[int]) -> None:
    """The first large page starts it, and is decided without it."""
    late = HelperProcess(clinic.opening)
    assert clinic.matched(late) == clinic.matched(None)
    assert looked_for == [PAGE, PAGE]
    assert late.ready(SOON)
    late.close()


def test_a_killed_helper_is_done_without(clinic: Clinic, helper: HelperProcess) -> None:
    """Its half is decided here, that page and every later one; the log says so once."""
    assert helper.ask(REGISTER, [clinic.page[0].change.identity])
    os.kill(helper.pid or 0, signal.SIGKILL)
    with capture_logs() as logs:
        assert clinic.matched(helper) == clinic.matched(None) == clinic.matched(helper)
    assert [(line["event"], line["process"]) for line in logs] == [("process_lost", "helper")]


def test_a_helper_that_cannot_open_the_store_is_done_without(clinic: Clinic, tmp_path: Path) -> None:
    """Another key, for one, opens nothing: neither half is lost."""
    create_key_file(tmp_path / "other.key")
    stranger = HelperProcess(Opening(clinic.opening.url, str(tmp_path / "other.key"), clinic.opening.model))
    assert not stranger.ready(SOON)
    assert clinic.matched(stranger) == clinic.matched(None)
    stranger.close()


def test_a_late_answer_is_not_taken_for_another(clinic: Clinic, helper: HelperProcess) -> None:
    """A page that failed here leaves its answer behind; the next page gets its own."""
    people = [received.change.identity for received in clinic.page]
    assert helper.ask(REGISTER, people[:3])
    assert helper.ask(REGISTER, people[3:5])
    answer = helper.answer()
    assert answer
    assert list(answer) == clinic.matched(None, clinic.page[3:5])


def test_half_a_character_is_decided_about_here(clinic: Clinic, helper: HelperProcess) -> None:
    """No message can hold it, and it is nobody's reason to lose a page."""
    odd = replace(clinic.page[-1].change, identity=Identity(names=(PersonName("Virta\ud800", "Anna"),)))
    page = [*clinic.page[:-1], replace(clinic.page[-1], change=odd)]
    assert clinic.matched(helper, page) == clinic.matched(None, page)


def test_a_helper_ends_when_nobody_is_left_to_ask(clinic: Clinic) -> None:
    """Signals to the whole group leave it alone: a line that breaks is what ends it."""
    orphan = HelperProcess(clinic.opening)
    assert orphan.ready(SOON)
    assert orphan.pid
    for told in (signal.SIGINT, signal.SIGTERM):
        os.kill(orphan.pid, told)
    assert orphan.ask(REGISTER, [clinic.page[0].change.identity])
    assert orphan.answer()
    orphan.close()
    with pytest.raises(ProcessLookupError):
        os.kill(orphan.pid, 0)


@pytest.mark.parametrize("processes", [1, 2])
def test_the_setting_says_whether_there_is_one(tmp_path: Path, processes: int) -> None:
    """One process is enough unless somebody says otherwise."""
    key_file = tmp_path / "ajantasa.key"
    create_key_file(key_file)
    settings = Settings.model_validate(
        {
            "key_file": key_file,
            "store": {"url": sqlite_url(tmp_path)},
            "matching": {"processes": processes},
            "registers": {"clinic": {"sql": sql_register_settings(sqlite_url(tmp_path))}},
        }
    )
    with assembled(settings) as parts:
        assert (parts.helper is not None) is (processes == 2)
