"""Our model goes to Splink and comes back, and weighs the same on the way; what a foreign model says is taken or refused."""

import json
import math
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import ConfigurationInvalid
from sync.matching.compare.person import COMPARISONS, compare
from sync.matching.model import Model, Shares
from sync.matching.model_file import dump_model, parse_model
from sync.matching.prepared import Prepared, prepare_customer, prepare_identity
from sync.matching.splink import LEFT_OUT, from_splink, parse_splink, splink_row, to_splink
from sync.matching.splink.evaluate import Row
from sync.matching.splink.ours import SAID
from tests.unit.matching.models import any_models
from tests.unit.matching.pairs import people
from tests.unit.matching.people import MODEL, any_identities, customer, identity

ONES, OTHERS = people(60, seed=24)
PAIRS = [*zip(ONES, OTHERS, strict=True), *product(ONES[:20], OTHERS[:20])]
NEVER_FOUND = {"nickname", "of_household"}


def counted(person: Prepared, model: Model) -> Row:
    """Return a row that says of each counted value how common the model takes it to be."""
    row = splink_row(person)
    shares = {
        f"tf_{table}_counted": known.shares.get(str(row[f"{table}_counted"]), known.rare)
        for table, known in model.frequencies.items()
        if f"{table}_counted" in row
    }
    return {**row, **shares}


def comparison(*levels: tuple[str, float | None, float | None], name: str = "email") -> dict[str, Any]:
    """Return a comparison by its conditions, m and u."""
    said = [
        {"sql_condition": sql, "is_null_level": True}
        if sql.endswith("NULL")
        else {"sql_condition": sql, "m_probability": m, "u_probability": u}
        for sql, m, u in levels
    ]
    return {"output_column_name": name, "comparison_levels": said}


NO_EMAIL = ('"email_l" IS NULL OR "email_r" IS NULL', None, None)
SAME_EMAIL = ('"email_l" = "email_r"', 0.75, 0.00001)


# --- from ours to Splink's --------------------------------------------------------------------------------------------


def test_levels_are_said_as_they_are_decided() -> None:
    """For every pair the first condition that holds is the level that our comparison finds, and every level occurs."""
    exported = parse_splink(to_splink(MODEL))
    seen = set()
    for one, other in PAIRS:
        found = {evidence.comparison: evidence for evidence in exported.evidence(splink_row(one), splink_row(other))}
        for name, (level, _, _) in zip(COMPARISONS, compare(one, other), strict=True):
            if name not in LEFT_OUT:
                assert found[name].level.removesuffix(" (swapped)") == level, name
                seen.add((name, level))
    said = {(name, saying.level) for name, levels in SAID.items() for saying in levels}
    assert said == seen | {(name, "missing") for name in SAID}
    assert set(COMPARISONS) == {*SAID, *LEFT_OUT}


@given(any_identities, any_identities)
def test_levels_are_said_whatever_the_people_are_called(one: Any, other: Any) -> None:
    """Names of any letters, dates of any precision: by letters, as most backends count, conditions say the same."""
    exported = parse_splink(to_splink(MODEL) | {"sql_dialect": "spark"})
    ones, others = (prepare_identity(replace(each, names=each.names[:1], addresses=())) for each in (one, other))
    assert exported.weigh(splink_row(ones), splink_row(others)) == pytest.approx(
        MODEL.sums(compare(ones, others))[0], abs=1e-9
    )


@given(any_models, st.lists(st.sampled_from(PAIRS), min_size=1, max_size=5))
def test_any_model_weighs_the_same(model: Model, pairs: list[tuple[Prepared, Prepared]]) -> None:
    """Given equal shares of common values, Splink's formula gives our weight against any other person."""
    tables = {
        name: replace(table, rare=min([table.rare, *table.shares.values()]))  # what is rare is rarer than what is not
        for name, table in model.frequencies.items()
    }
    model = replace(model, frequencies=tables)
    exported = parse_splink(json.loads(json.dumps(to_splink(model))))
    for one, other in pairs:
        ours = model.sums(compare(one, other))[0]
        assert exported.weigh(counted(one, model), counted(other, model)) == pytest.approx(ours, abs=1e-9)


def test_a_row_has_what_the_conditions_ask_for_and_no_more() -> None:
    """No national id, no address: nothing that is not compared."""
    row = splink_row(prepare_customer(customer(phone="040 1234567", email="anna@example.org")))
    asked = parse_splink(to_splink(MODEL)).columns
    assert asked == {column for column in row if not column.endswith("_counted")}
    assert not [value for value in row.values() if value and ("rantatie" in value or "00100" in value)]
    nobody = splink_row(prepare_identity(identity(names=(), birth_date=None)))
    assert nobody.keys() == row.keys()
    assert set(nobody.values()) == {None}


def test_households_are_said_to_be_left_behind() -> None:
    """Whoever reads the JSON is told that Splink weighs against one null hypothesis only."""
    told = [one["comparison_description"] for one in to_splink(MODEL)["comparisons"]]
    assert all("household" in text for text in told)


# --- from Splink's to ours --------------------------------------------------------------------------------------------


@given(any_models)
def test_what_was_exported_comes_back(model: Model) -> None:
    """Over the model itself nothing changes; over one that knows otherwise, everything that Splink holds is as it was."""
    settings = json.loads(json.dumps(to_splink(model)))
    taken = from_splink(settings, model, model.version)
    assert taken.model == model
    assert taken.left == LEFT_OUT
    again = from_splink(settings, unlearned(model), model.version).model
    assert again.comparisons == model.comparisons
    if model.priors.share <= 0.98:  # beyond, a model reckons with more strangers than it found
        assert again.priors.share == pytest.approx(model.priors.share, rel=1e-9)


def unlearned(model: Model) -> Model:
    """Return the model with m and u of everything that Splink holds forgotten."""
    comparisons = {}
    for name, levels in model.comparisons.items():
        said = [level for level in levels if name in SAID and level not in NEVER_FOUND]
        m, u = (math.fsum(getattr(levels[level], share) for level in said) / max(len(said), 1) for share in ("m", "u"))
        flat = {level: Shares(m, u, levels[level].household) for level in said}
        comparisons[name] = {level: flat.get(level, shares) for level, shares in levels.items()}
    priors = replace(model.priors, share=0.5)
    return replace(model, version="unlearned", comparisons=comparisons, priors=priors)


@given(st.data())
def test_whatever_splink_learned_a_model_comes_of_it(data: st.DataObject) -> None:
    """Levels never met, of no weight, or out of order: what comes of it is a model that the daemon takes."""
    settings = to_splink(MODEL)
    learned = st.none() | st.floats(0, 1) | st.floats(0, 1e-6)
    for said in settings["comparisons"]:
        for level in said["comparison_levels"]:
            if not level.get("is_null_level"):
                level["m_probability"], level["u_probability"] = data.draw(learned), data.draw(learned)
    model = from_splink(settings, MODEL, "learned").model
    assert parse_model(dump_model(model)).comparisons == model.comparisons
    assert model.comparisons["address"] == MODEL.comparisons["address"]


def test_a_coarser_comparison_is_shared_out() -> None:
    """Of a foreign model that knows equal and different, different is parted as it was."""
    shares = (Shares(0.8, 1e-5, 1e-3), Shares(0.1, 9e-5, 0.009), Shares(0.05, 0.0099, 0.09), Shares(0.05, 0.99, 0.9))
    email = dict(zip(COMPARISONS["email"], shares, strict=True))
    start = replace(MODEL, comparisons={**MODEL.comparisons, "email": email})
    settings = {"comparisons": [comparison(NO_EMAIL, SAME_EMAIL, ("ELSE", 0.25, 0.99999))]}
    taken = from_splink(settings, start, "foreign")
    after = taken.model.comparisons["email"]
    assert (after["equal"].m, after["equal"].u) == (0.75, 0.00001)
    for share in ("m", "u"):
        parts = [getattr(after[level], share) / getattr(email[level], share) for level in COMPARISONS["email"][1:]]
        assert parts == pytest.approx([parts[0]] * len(parts))
    assert [after[level].household for level in email] == [before.household for before in email.values()]
    assert taken.levels == {"email": ("equal", "different")}
    assert taken.left.keys() == COMPARISONS.keys() - {"email"}
    assert taken.model.version == "foreign"


def test_a_foreign_model_is_taken_as_far_as_it_means_the_same() -> None:
    """Everything else is told with its reason, the place of an unknown condition included."""
    settings = {
        "comparisons": [
            comparison(("first_name_l = first_name_r", 0.9, 0.01), ("ELSE", 0.1, 0.99), name="first_name"),
            comparison(NO_EMAIL, SAME_EMAIL, ("ELSE", 0.25, 0.99999)),
            comparison(("soundex(a_l) = soundex(a_r)", 0.9, 0.01), ("ELSE", 0.1, 0.99), name="sound"),
            comparison(NO_EMAIL, SAME_EMAIL, ("ELSE", 0.5, 0.5), name="again"),
        ]
    }
    taken = from_splink(settings, MODEL, "foreign")
    assert [*taken.levels] == ["email"]
    assert taken.model.comparisons["email"]["equal"].m == 0.75
    assert "not those of a comparison of ours" in taken.left["first_name"]
    assert "not those of a comparison of ours" in taken.left["again"]
    assert "comparisons[2].comparison_levels[0].sql_condition, character 1: one of the functions" in taken.left["sound"]


@pytest.mark.parametrize(
    "levels",
    [
        (SAME_EMAIL, ("ELSE", 0.2, 0.999)),  # a missing e-mail counts as different
        (("email_l IS NULL AND email_r IS NULL", None, None), SAME_EMAIL, ("ELSE", 0.2, 0.999)),
        (NO_EMAIL, ("mailbox_l = mailbox_r", 0.8, 0.001), ("ELSE", 0.2, 0.999)),
        (NO_EMAIL, SAME_EMAIL, ("levenshtein(email_l, email_r) <= 1", 0.1, 0.001), ("ELSE", 0.1, 0.998)),
    ],
)
def test_what_means_something_else_is_refused(levels: tuple[tuple[str, float | None, float | None], ...]) -> None:
    """A file of which nothing can be taken over is no import, and it is said why."""
    with pytest.raises(ConfigurationInvalid) as refused:
        from_splink({"comparisons": [comparison(*levels)]}, MODEL, "foreign")
    assert [problem.key for problem in refused.value.problems] == ["splink.comparisons", "splink.email"]


def test_a_prior_beyond_all_changes_is_left_out() -> None:
    """Splink's chance times our customers would be more than one match a change: the start model's share stays."""
    settings = {
        "probability_two_random_records_match": 0.2,
        "comparisons": [comparison(NO_EMAIL, SAME_EMAIL, ("ELSE", 0.25, 0.99999))],
    }
    taken = from_splink(settings, MODEL, "foreign")
    assert taken.model.priors == MODEL.priors
    assert "more than there are changes" in taken.left["probability_two_random_records_match"]


GOOD = comparison(NO_EMAIL, SAME_EMAIL, ("ELSE", 0.25, 0.99999))


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        ([], ["splink"]),
        ({}, ["splink.comparisons"]),
        (
            {"comparisons": [], "probability_two_random_records_match": 1},
            ["splink.probability_two_random_records_match", "splink.comparisons"],
        ),
        ({"comparisons": [{}]}, ["splink.comparisons[0]"]),
        ({"comparisons": [{"comparison_levels": [1]}]}, ["splink.comparisons[0]"]),
        ({"comparisons": [GOOD, comparison(SAME_EMAIL)]}, ["splink.comparisons[1].comparison_levels"] * 2),
        ({"comparisons": [comparison(("ELSE", 0.5, 0.5), SAME_EMAIL)]}, ["splink.comparisons[0].comparison_levels"]),
        (
            {"comparisons": [comparison(("soundex(a_l) = 'x'", 0.5, "x"), ("a = b", 0.5, 0.5), ("ELSE", -1, 0.5))]},  # type: ignore[arg-type]  # wrong on purpose
            [
                "splink.comparisons[0].comparison_levels[0].u_probability",
                "splink.comparisons[0].comparison_levels[2].m_probability",
                "splink.comparisons[0].comparison_levels[0].sql_condition, character 1",
                "splink.comparisons[0].comparison_levels[1].sql_condition, character 1",
            ],
        ),
    ],
)
def test_what_is_no_splink_model_is_refused(settings: Any, keys: list[str]) -> None:
    """Every problem at once, each with its place in the file."""
    with pytest.raises(ConfigurationInvalid) as refused:
        parse_splink(settings)
    assert [problem.key for problem in refused.value.problems][-len(keys) :] == keys


def test_rarity_needs_something_to_be_measured_by() -> None:
    """As in Splink, a column that is counted asks for a level of plain equality, or for none of the kind."""
    said = comparison(NO_EMAIL, ("levenshtein(email_l, email_r) <= 1", 0.5, 0.01), ("ELSE", 0.5, 0.99))
    said["comparison_levels"][1]["tf_adjustment_column"] = "email"
    with pytest.raises(ConfigurationInvalid, match="tf_adjustment_column"):
        parse_splink({"comparisons": [said]})
    said["comparison_levels"][1]["disable_tf_exact_match_detection"] = True
    row = {"email": "anna@example.org", "tf_email": 0.02}
    model = parse_splink({"probability_two_random_records_match": 0.5, "comparisons": [said]})
    assert model.weigh(row, row) == pytest.approx(math.log2(0.5 / 0.02))
