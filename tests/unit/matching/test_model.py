"""The model file is read or refused with every reason at once."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from sync.errors import ConfigurationInvalid
from sync.matching.model import COMPARISONS, Model
from tests.unit.matching.people import MODEL, MODEL_FILE

Spoil = Callable[[dict[str, Any]], object]


def spoiled(spoil: Spoil) -> str:
    """Return the shipped model, changed."""
    data = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    spoil(data)
    return json.dumps(data)


def problems(text: str) -> list[str]:
    """Return the keys that the model is refused for."""
    with pytest.raises(ConfigurationInvalid) as refused:
        Model.parse(text)
    return [problem.key for problem in refused.value.problems]


def test_the_shipped_model_weighs_by_log_of_m_over_u() -> None:
    """Every level of every comparison has its bits; missing has none."""
    data = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    for comparison, levels in COMPARISONS.items():
        for level in levels:
            share = data["comparisons"][comparison][level]
            assert MODEL.evidence[comparison][level].bits == pytest.approx(math.log2(share["m"] / share["u"]))
        assert MODEL.evidence[comparison]["missing"].bits == 0
    assert (MODEL.version, MODEL.apply_bits) == (data["version"], data["thresholds"]["apply_bits"])


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda data: data.pop("version"), "model.version"),
        (lambda data: data.update(prior=1), "model.prior"),
        (lambda data: data.update(prior=True), "model.prior"),
        (lambda data: data.pop("thresholds"), "model.thresholds.apply_bits"),
        (lambda data: data["thresholds"].update(review_bits=99), "model.thresholds.apply_bits"),
        (lambda data: data["thresholds"].update(margin_bits=-1), "model.thresholds.margin_bits"),
        (lambda data: data["comparisons"].pop("phone"), "model.comparisons"),
        (lambda data: data["comparisons"]["phone"].pop("similar"), "model.comparisons.phone"),
        (lambda data: data["comparisons"]["phone"]["equal"].update(u=0), "model.comparisons.phone.equal"),
        (lambda data: data["comparisons"]["phone"]["equal"].update(m=0.7), "model.comparisons.phone"),
        (
            lambda data: data["comparisons"]["phone"].update(similar={"m": 0.02, "u": 0.0000001}),
            "model.comparisons.phone",
        ),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(spoil: Spoil, key: str) -> None:
    """The place in the file is named."""
    assert key in problems(spoiled(spoil))


@pytest.mark.parametrize("text", ["", "[]", "{", "1e999"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    """Without a traceback."""
    assert problems(text) == ["model"]


def test_more_agreement_must_not_weigh_less() -> None:
    """A model whose levels are out of order is refused although its shares sum to 1."""

    def swap(data: dict[str, Any]) -> None:
        levels = data["comparisons"]["surname"]
        levels["equal"], levels["similar"] = levels["similar"], levels["equal"]

    assert problems(spoiled(swap)) == ["model.comparisons.surname"]


def test_every_problem_is_named_at_once() -> None:
    """So that the file is mended in one go."""
    assert problems("{}") == [
        *("model.version", "model.prior"),
        *(f"model.thresholds.{name}" for name in ("apply_bits", "review_bits", "margin_bits")),
        "model.comparisons",
    ]
