"""The model file is read or refused with every reason at once."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import ConfigurationInvalid
from sync.matching.compare.level import MISSING
from sync.matching.compare.person import COMPARISONS, Findings
from sync.matching.model import FREQUENCY, Frequencies, Model, together
from sync.matching.model_file import dump_model, parse_model
from sync.matching.prepared import prepare_customer, prepare_identity
from sync.model import NullHypothesis
from tests.unit.matching.models import any_findings, any_models, tables
from tests.unit.matching.people import MODEL, MODEL_FILE, customer, identity, name

Spoil = Callable[[dict[str, Any]], object]
OTHER, HOUSEHOLD = NullHypothesis.OTHER_PERSON, NullHypothesis.HOUSEHOLD_MEMBER


def spoiled(spoil: Spoil) -> str:
    """Return the shipped model, changed; without its hash, as somebody who means it leaves it."""
    data = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    data.pop("hash", None)
    spoil(data)
    return json.dumps(data)


def problems(text: str) -> list[str]:
    """Return the keys that the model is refused for."""
    with pytest.raises(ConfigurationInvalid) as refused:
        parse_model(text)
    return [problem.key for problem in refused.value.problems]


def only(comparison: str, level: str, *values: str) -> Findings:
    """Return what is found where one comparison alone could be made."""
    one, other = values or ("", "")
    return tuple((level, one, other) if name == comparison else (MISSING, "", "") for name in COMPARISONS)


def test_the_shipped_model_weighs_by_log_of_m_over_u() -> None:
    """Every level of every comparison has its bits against either null hypothesis; missing has none."""
    comparisons = json.loads(MODEL_FILE.read_text(encoding="utf-8"))["comparisons"]
    nothing = MODEL.sums(only("surname", MISSING), plain=True)
    assert nothing == tuple(MODEL.prior_bits.values())
    for comparison, levels in COMPARISONS.items():
        for level in levels:
            shares = comparisons[comparison][level]
            other, household = MODEL.sums(only(comparison, level), plain=True)
            assert other - nothing[0] == pytest.approx(math.log2(shares["m"] / shares["u"]))
            assert household - nothing[1] == pytest.approx(math.log2(shares["m"] / shares["household"]))


def test_what_ships_is_careful() -> None:
    """It acts on odds of a hundred to one at least; an address tells nothing of which member of a household moved."""
    limits = MODEL.thresholds
    assert limits.apply_bits > max(limits.review_bits, 6.6)
    assert limits.false_update_rate <= 1e-4
    addresses = MODEL.comparisons["address"].values()
    assert [shares.household for shares in addresses] == pytest.approx([shares.m for shares in addresses])


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda data: data.pop("version"), "model.version"),
        (lambda data: data.update(version=""), "model.version"),
        (lambda data: data.update(format=1), "model.format"),
        (lambda data: data.update(hash="sha256:0"), "model.hash"),
        (lambda data: data.pop("priors"), "model.priors"),
        (lambda data: data["priors"].update(share=1), "model.priors.share"),
        (lambda data: data["priors"].update(share=True), "model.priors.share"),
        (lambda data: data["priors"].update(customers=0.5), "model.priors.customers"),
        (lambda data: data["priors"].update(household=0), "model.priors.household"),
        (lambda data: data["priors"].update(household=math.inf), "model.priors.household"),
        (lambda data: data["priors"].update(household=10**400), "model.priors.household"),
        (lambda data: data.pop("thresholds"), "model.thresholds"),
        (lambda data: data["thresholds"].update(review_bits=99), "model.thresholds.apply_bits"),
        (lambda data: data["thresholds"].update(false_update_rate=0), "model.thresholds.false_update_rate"),
        (lambda data: data["thresholds"].update(apply_bits="16"), "model.thresholds.apply_bits"),
        (lambda data: data["thresholds"].update(apply_bits=math.nan), "model.thresholds.apply_bits"),
        (lambda data: data["comparisons"].pop("phone"), "model.comparisons"),
        (lambda data: data["comparisons"]["phone"].pop("similar"), "model.comparisons.phone"),
        (lambda data: data["comparisons"]["phone"]["equal"].update(u=0), "model.comparisons.phone.equal"),
        (lambda data: data["comparisons"]["phone"]["equal"].pop("household"), "model.comparisons.phone.equal"),
        (lambda data: data["comparisons"]["phone"]["equal"].update(m=0.7), "model.comparisons.phone"),
        (lambda data: data["comparisons"]["phone"]["equal"].update(household=0.7), "model.comparisons.phone"),
        (lambda data: data.update(nicknames="jukka"), "model.nicknames"),
        (lambda data: data.update(nicknames=[["juhani", "jukka"]]), "model.nicknames"),
        (lambda data: data.update(frequencies={"shoe_size": {}}), "model.frequencies"),
        (lambda data: data.update(frequencies={"surname": {"average": 0.1}}), "model.frequencies.surname"),
        (
            lambda data: data.update(frequencies={"surname": {"average": 0.1, "rare": 0, "shares": {}}}),
            "model.frequencies.surname",
        ),
        (
            lambda data: data.update(frequencies={"surname": {"average": 0.1, "rare": 0.1, "shares": {"a": 2}}}),
            "model.frequencies.surname",
        ),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(spoil: Spoil, key: str) -> None:
    """The place in the file is named."""
    assert set(problems(spoiled(spoil))) == {key}


@pytest.mark.parametrize("text", ["", "[]", "{", "1e999", "null"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    """Without a traceback."""
    assert problems(text) == ["model"]


@pytest.mark.parametrize("share", ["u", "household"])
def test_more_agreement_must_not_weigh_less(share: str) -> None:
    """A model whose levels are out of order against either null hypothesis is refused although its shares sum to 1."""

    def swap(data: dict[str, Any]) -> None:
        levels = data["comparisons"]["given_names"]
        levels["equal"][share], levels["different"][share] = levels["different"][share], levels["equal"][share]

    assert problems(spoiled(swap)) == ["model.comparisons.given_names"]


def test_every_problem_is_named_at_once() -> None:
    """So that the file is mended in one go."""

    def spoil(data: dict[str, Any]) -> None:
        data.update(version=1, thresholds={}, priors=[], frequencies={"email": 1})
        data["comparisons"] |= {"phone": {}, "email": None}

    assert problems(spoiled(spoil)) == [
        *("model.version", "model.priors", "model.thresholds"),
        *("model.comparisons.phone", "model.comparisons.email", "model.frequencies.email"),
    ]


def test_a_model_of_an_older_format_says_what_to_do() -> None:
    """Nothing else about it is worth telling."""
    with pytest.raises(ConfigurationInvalid, match="ajantasa matching train"):
        parse_model(spoiled(lambda data: data.update(format=1, comparisons=[])))


def test_a_file_that_was_altered_is_refused_unless_its_hash_is_taken_out() -> None:
    """A damaged file does not decide about anybody; whoever edits one knows what they do."""
    data = json.loads(dump_model(MODEL))
    assert parse_model(json.dumps(data)) == parse_model(dump_model(MODEL))
    data["thresholds"]["apply_bits"] += 1
    assert problems(json.dumps(data)) == ["model.hash"]
    del data["hash"]
    assert parse_model(json.dumps(data)).thresholds.apply_bits == MODEL.thresholds.apply_bits + 1


@given(any_models)
def test_a_model_comes_back_as_it_was_written(model: Model) -> None:
    """To the last digit, with its tables when the key to them is there, and without them when it is not."""
    text = dump_model(model)
    assert parse_model(text, model.digest) == model
    assert dump_model(parse_model(text, model.digest)) == text
    assert parse_model(text) == replace(
        model, frequencies={}, nicknames=frozenset(), digest=Model.__dataclass_fields__["digest"].default
    )


def test_how_common_the_commoner_of_two_values_is_counts() -> None:
    """In bits against the average; whatever is in no table is as common as rare values are."""
    table = Frequencies({"virtanen": 0.02, "koe": 0.005}, rare=0.00125, average=0.01)
    model = replace(MODEL, frequencies={"surname": table})
    assert model.rarity("surname", "koe", "koe") == pytest.approx(1)
    assert model.rarity("surname", "koe", "virtanen") == model.rarity("surname", "virtanen", "koe") == pytest.approx(-1)
    assert model.rarity("surname", "nobody", "else") == pytest.approx(3)


def test_rarity_says_nothing_of_which_member_of_a_family_is_meant() -> None:
    """It counts against any other person alone, and the evidence shows how much."""
    model = replace(MODEL, frequencies={"surname": Frequencies({}, rare=0.00125, average=0.01)})
    found = only("surname", "equal", "koe", "koe")
    plain, weighed = model.sums(found, plain=True), model.sums(found)
    assert weighed == pytest.approx((plain[0] + 3, plain[1]))
    (shown, *_), (in_household, *_) = model.evidence(found, OTHER), model.evidence(found, HOUSEHOLD)
    assert (shown.rarity, in_household.rarity) == (pytest.approx(3), 0)
    half = only("surname", "one_part", "koe", "koe")
    assert model.sums(half)[0] - model.sums(half, plain=True)[0] == pytest.approx(1.5)


def test_tables_are_looked_up_by_keyed_hash() -> None:
    """A model file lists no names."""
    table = Frequencies({"surname/koe!": 0.02}, rare=0.005, average=0.01)
    model = replace(MODEL, frequencies={"surname": table}, digest=lambda kind, text: f"{kind}/{text}!")
    assert model.rarity("surname", "koe", "koe") == pytest.approx(-1)
    assert model.rarity("surname", "aho", "aho") == pytest.approx(1)


@given(any_models, any_findings)
def test_evidence_adds_up_to_the_weight_against_each_hypothesis(model: Model, found: Findings) -> None:
    """And both together weigh at most a bit less than the lesser."""
    sums = model.sums(found)
    for against, total in zip((OTHER, HOUSEHOLD), sums, strict=True):
        told = model.prior_bits[against] + math.fsum(one.bits for one in model.evidence(found, against))
        assert told == pytest.approx(total)
    assert min(sums) - 1 - 1e-9 <= model.weigh(found) <= min(sums)
    assert model.stronger_null(found) is (OTHER if sums[0] <= sums[1] else HOUSEHOLD)


@given(st.floats(-300, 300), st.floats(-300, 300))
def test_two_hypotheses_together_explain_as_much_as_both(one: float, other: float) -> None:
    """-log2(2**-one + 2**-other), whichever is given first."""
    assert together(one, other) == together(other, one)
    assert together(one, other) == pytest.approx(-math.log2(2.0**-one + 2.0**-other), abs=1e-9)


def test_nobody_is_never_ruled_out() -> None:
    """Not even by a model that met no stranger: without any evidence, a customer of ten is not taken for the one."""
    sure = replace(MODEL, priors=replace(MODEL.priors, customers=10, share=0.9999))
    doubtful = replace(MODEL, priors=replace(MODEL.priors, customers=10, share=0.5))
    assert doubtful.prior_bits[OTHER] == pytest.approx(-math.log2(10))
    assert sure.prior_bits[OTHER] < 3
    assert sure.prior_bits[HOUSEHOLD] - doubtful.prior_bits[HOUSEHOLD] < 6


@given(tables)
def test_every_table_belongs_to_a_comparison(found: dict[str, Frequencies]) -> None:
    """What is looked up can be kept in a file, and nothing else can."""
    known = {table for levels in FREQUENCY.values() for table, _ in levels.values()}
    assert set(found) <= known
    assert all(set(levels) <= set(COMPARISONS[name]) for name, levels in FREQUENCY.items())


@pytest.mark.parametrize(
    ("one", "other", "levels"),
    [
        ("Tuula Koe", "Tuuli Koe", ("equal", "faint")),
        ("Tuula Koe", "Tuulla Koe", ("equal", "similar_high")),
        ("Tuula Koe", "Tuua Koe", ("equal", "similar_high")),
        ("Anna Lehtinen", "Anna Lehtonen", ("faint", "equal")),
        ("Koe Tuula", "Tuuli Koe", ("swapped", "faint")),
        ("Tuula Koe", "Koe Tuuli", ("swapped", "faint")),
    ],
)
def test_two_common_names_are_no_slip_of_each_other(one: str, other: str, levels: tuple[str, str]) -> None:
    """One letter apart, they are two names; a name that hardly anybody bears is a slip of one that many do."""
    shares = {
        "surname": {"lehtinen": 0.01, "lehtonen": 0.005},
        "given_name": {"tuula": 0.02, "tuuli": 0.002, "tuua": 1e-4},
    }
    model = replace(
        MODEL, frequencies={table: Frequencies(known, 1e-5, 1e-3) for table, known in shares.items()}, digest=plain
    )
    found = model.find(prepare_identity(identity(names=(name(one),))), prepare_customer(customer(name=name(other))))
    assert (found[0][0], found[1][0]) == levels


def plain(_table: str, text: str) -> str:
    """Return the value itself."""
    return text
