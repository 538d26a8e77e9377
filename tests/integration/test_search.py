"""In a large register people are looked for in two steps, and it makes no difference to what is decided."""

from collections.abc import Iterator, Sequence

import pytest

from adapters.clock import SystemClock
from adapters.store import Keyring, SqlStore, candidates, open_store
from config.bootstrap import load_model
from sync.matching.decide import decide
from sync.matching.keys import change_keys
from sync.matching.prepared import Prepared, prepare_identity
from sync.model import Verdict
from sync.steps.lone import look_for
from tests.benchmarks.at_scale.population import REGISTER, changes, customers
from tests.harness import KEY, sqlite_url

CUSTOMERS, CHANGES = 600, 300
MODEL = load_model(None)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """Give a register that counts as a large one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "SMALL_REGISTER", 0)
        store = open_store(sqlite_url(tmp_path_factory.mktemp("search")), Keyring(KEY), SystemClock())
        with store.begin() as work:
            work.add_customers(list(customers(CUSTOMERS)))
            work.commit()
        yield store
        store.close()


@pytest.fixture(scope="module")
def asked() -> Sequence[Prepared]:
    """Give people of whom changes tell, a third of them strangers."""
    return [prepare_identity(one.identity) for one in changes(CUSTOMERS, CHANGES)]


def test_the_first_step_changes_no_verdict(store: SqlStore, asked: Sequence[Prepared]) -> None:
    """Everybody is decided about as by all keys, and about the same customer; both steps have somebody to decide."""
    with store.snapshot() as work:
        looked = look_for(work, REGISTER, asked, MODEL)
        thorough = work.candidates(REGISTER, [change_keys(change, wide=False) for change in asked])
    expected = [decide(change, people, MODEL) for change, people in zip(asked, thorough, strict=True)]
    assert [(m.verdict, m.reason, m.best and m.best.customer_id) for m, _ in looked] == [
        (m.verdict, m.reason, m.best and m.best.customer_id) for m in expected
    ]
    assert {match.verdict for match, _ in looked} == set(Verdict)


def test_who_is_sure_is_not_looked_for_again(
    store: SqlStore, asked: Sequence[Prepared], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only people who are not applied by birth date and names are looked for by everything."""
    with store.snapshot() as work:
        times: list[int] = []
        ask = work.candidates

        def counted(register: str, keys: Sequence[set[str]], *, least: int = 1) -> list[list[Prepared]]:
            times.append(len(keys))
            return ask(register, keys, least=least)

        monkeypatch.setattr(work, "candidates", counted)
        matches = [match for match, _ in look_for(work, REGISTER, asked, MODEL)]
    first, second = times
    assert first == len(asked)
    assert second < len(asked) // 2 < sum(match.verdict is Verdict.APPLY for match in matches)
