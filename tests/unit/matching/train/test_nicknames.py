"""Names that one person goes by."""

import pytest

from sync.matching.compare.level import DIFFERENT, NICKNAME
from sync.matching.model import Frequencies, Model
from sync.matching.train.maximise import Group
from sync.matching.train.nicknames import FEWEST, learn, with_nicknames
from tests.unit.matching.people import MODEL

# surname, given names, birth date, address, phone, e-mail, sex
ALL_BUT_THE_NAME = ("equal", DIFFERENT, "equal", "equal", "missing", "missing", "missing")
HARDLY_ANYTHING = ("equal", DIFFERENT, "different", "different", "missing", "missing", "missing")
PAIR, OTHER = ("jukka", "juhani"), ("anna", "liisa")


@pytest.fixture
def model() -> Model:
    """Give a model that knows how common the names are."""
    table = Frequencies({"jukka": 0.01, "juhani": 0.01}, rare=1e-4, average=0.005)
    return Model(
        MODEL.version,
        MODEL.priors,
        MODEL.thresholds,
        MODEL.comparisons,
        frequencies={"given_name": table},
        digest=lambda _, text: text,
    )


def groups(levels: tuple[str, ...], pair: tuple[str, str], count: int) -> list[Group]:
    """Return as many changes with one candidate each."""
    return [Group(((levels, (6.0, 0.0), True, (min(pair), max(pair))),)) for _ in range(count)]


def test_names_that_come_together_often_are_nicknames(model: Model) -> None:
    """Where all the rest says that it is one person, and in enough changes that it tells of no single one."""
    enough = groups(ALL_BUT_THE_NAME, PAIR, 3 * FEWEST) + groups(ALL_BUT_THE_NAME, OTHER, FEWEST - 1)
    assert set(learn(enough, model)) == {("juhani", "jukka")}


def test_names_of_strangers_are_none(model: Model) -> None:
    """Two people who share no more than a surname have two names."""
    assert not learn(groups(HARDLY_ANYTHING, PAIR, 50), model)


def test_names_that_chance_brings_together_are_none(model: Model) -> None:
    """Twins in a land where every second person is called by one of two names."""
    common = Frequencies({"jukka": 0.4, "juhani": 0.4}, rare=1e-4, average=0.3)
    everywhere = Model(
        model.version,
        model.priors,
        model.thresholds,
        model.comparisons,
        frequencies={"given_name": common},
        digest=model.digest,
    )
    assert not learn(groups(ALL_BUT_THE_NAME, PAIR, 50), everywhere)


def test_a_model_that_knows_nicknames_says_so(model: Model) -> None:
    """In the groups that it learns from, and whichever name stands on which side."""
    many = groups(ALL_BUT_THE_NAME, PAIR, 20)
    renamed, knowing = with_nicknames(many, model, learn(many, model))
    assert {group.candidates[0][0][1] for group in renamed} == {NICKNAME}
    assert knowing.nicknames == {"juhani|jukka"}
    assert sum(shares.u for shares in knowing.comparisons["given_names"].values()) == pytest.approx(1, abs=1e-9)
