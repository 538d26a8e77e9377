"""What is too much to be true, and what is not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.applying.guard import GuardKind, Limits, ends, identity_changes, may_change_identity
from sync.applying.same import same_value
from sync.matching.normalise.ids import sex_of
from sync.model import Change, Fact, FactKind, FactValue, Field, HeldFact, Identity, PartialDate, PersonName
from tests.unit.applying.said import FOUND, NOON, A, B, ended, said, withdrawn

TODAY = (NOON + timedelta(days=14)).date()
MAIJA, VIRTANEN = PersonName("Meikäläinen", "Maija"), PersonName("Virtanen", "Maija")
BORN, OTHER_DAY = PartialDate(1952, 10, 13), PartialDate(1953, 11, 14)
OWN_ID, MALE_ID, OTHER_DAY_ID = "131052-902Y", "131052-901X", "141153-902B"


def about(field: Field, value: FactValue, source: object = FOUND, hours: float = 0) -> HeldFact:
    """Say what holds of a field, since an unknown day."""
    return said(value, field=field, source=source, hours=hours)  # type: ignore[arg-type]  # a source


REGISTER = [about(Field.NAME, MAIJA), about(Field.BIRTH_DATE, BORN), about(Field.NATIONAL_ID, OWN_ID)]


def changes(*fresh: tuple[Field, FactValue], held: list[HeldFact] = REGISTER) -> set[str]:
    """Return which parts of who somebody is would change."""
    told = [said(value, "2026-11-01", field=field, hours=5) for field, value in fresh]
    return set(identity_changes(held, told, TODAY, same_value))


@pytest.mark.parametrize(
    ("fresh", "expected"),
    [
        ([(Field.NAME, VIRTANEN)], {"family_name"}),
        ([(Field.NAME, PersonName("MEIKÄLÄINEN", "Marja"))], set()),
        ([(Field.BIRTH_DATE, OTHER_DAY)], {"birth_date"}),
        ([(Field.BIRTH_DATE, PartialDate(1952, 10))], set()),
        ([(Field.NAME, VIRTANEN), (Field.BIRTH_DATE, OTHER_DAY)], {"family_name", "birth_date"}),
        ([(Field.NATIONAL_ID, MALE_ID)], {"sex"}),
        ([(Field.NAME, VIRTANEN), (Field.NATIONAL_ID, MALE_ID)], {"family_name", "sex"}),
    ],
)
def test_two_of_three_make_somebody_else(fresh: list[tuple[Field, FactValue]], expected: set[str]) -> None:
    """A surname, a birth date, a sex told by a national id: what is spelled otherwise or less precisely is the same."""
    assert changes(*fresh) == expected


def test_a_new_id_may_bring_a_new_birth_date() -> None:
    """That is one change, not two, however many facts tell it; what was never known cannot change."""
    new_id = next(
        f"141153-90{n}{c}" for n in (2, 4, 6) for c in "ABCDEFHJKLMNPRSTUVWXY0123456789" if sex_of(f"141153-90{n}{c}")
    )
    assert sex_of(new_id) == sex_of(OWN_ID) == "female"
    assert changes((Field.NATIONAL_ID, new_id), (Field.BIRTH_DATE, OTHER_DAY)) == {"birth_date"}
    assert changes((Field.NAME, VIRTANEN), (Field.BIRTH_DATE, OTHER_DAY), held=[]) == set()


def test_what_is_older_than_what_holds_changes_nobody() -> None:
    """A maiden name that comes late is history."""
    now = [said(MAIJA, "2020-01-01", field=Field.NAME), said(BORN, field=Field.BIRTH_DATE)]
    late = [said(VIRTANEN, "1990-01-01", field=Field.NAME, hours=5), said(OTHER_DAY, field=Field.BIRTH_DATE, hours=5)]
    assert identity_changes(now, late, TODAY, same_value) == {"birth_date"}


def test_most_changes_cannot_change_who_somebody_is() -> None:
    """They are not planned for twice."""

    def may(*fresh: tuple[Field, FactValue], kind: FactKind = FactKind.SET) -> bool:
        facts = tuple(Fact(field, kind, value) for field, value in fresh)
        return may_change_identity(Change("e", "p", Identity(), facts), REGISTER)

    assert not may((Field.ADDRESS, A))
    assert not may((Field.NAME, VIRTANEN))
    assert not may((Field.NAME, PersonName("MEIKÄLÄINEN", "Maija")), (Field.BIRTH_DATE, OTHER_DAY))
    assert may((Field.NAME, VIRTANEN), (Field.BIRTH_DATE, OTHER_DAY))
    assert may((Field.NATIONAL_ID, MALE_ID))
    assert not may((Field.NATIONAL_ID, OWN_ID), (Field.NAME, VIRTANEN))
    assert not may((Field.NAME, VIRTANEN), (Field.BIRTH_DATE, OTHER_DAY), kind=FactKind.CONFIRMED)


# --- ends ---------------------------------------------------------------------------------------------------------------


def counted(before: list[HeldFact], *fresh: HeldFact, asked: bool = False) -> dict[GuardKind, int]:
    """Count what a page says of one customer."""
    return ends({1: tuple(before)}, {1: (*before, *fresh)}, "vtj", TODAY, same_value, asked=asked)


HOME = said(A, "2020-01-01")
DIED = said(PartialDate(2026, 11, 2), field=Field.DEATH, hours=5)


def test_whoever_loses_the_address_or_dies_is_counted() -> None:
    """On the day on which it is said, also if it is still to come; not who moves, nor who died before."""
    assert counted([HOME], ended(A, "2026-11-02", hours=5)) == {GuardKind.ENDED_ADDRESSES: 1}
    assert counted([HOME], withdrawn(A, hours=5)) == {GuardKind.ENDED_ADDRESSES: 1}
    assert counted([HOME], ended(A, "2026-11-02", hours=5), said(B, "2026-11-03", hours=5)) == {}
    assert counted([HOME], ended(A, "2026-12-02", hours=5)) == {GuardKind.ENDED_ADDRESSES: 1}
    assert counted([HOME], ended(A, "2026-12-02", hours=5), said(B, "2026-12-03", hours=5)) == {}
    assert counted([HOME], ended(A, "2120-12-31", hours=5)) == {}
    assert counted([said(A, "2026-12-02")], withdrawn(A, hours=5)) == {GuardKind.ENDED_ADDRESSES: 1}
    assert counted([HOME], DIED) == {GuardKind.DEATHS: 1}
    assert counted([HOME, DIED], said(PartialDate(2026, 11, 3), field=Field.DEATH, hours=6)) == {}
    assert counted([HOME], said(B, "2026-11-03", hours=5)) == {}


def test_a_notice_that_is_taken_back_may_end_an_address() -> None:
    """If there was none before."""
    kept = replace(said(A, "2026-11-01"), id=1, notice="n")
    gone = {1: (replace(kept, cancelled=True),)}
    assert ends({1: (kept,)}, gone, "vtj", TODAY, same_value, asked=False) == {GuardKind.ENDED_ADDRESSES: 1}


def test_the_first_word_about_somebody_is_no_burst() -> None:
    """An old register has many dead people, and a base load says so once; a second one is counted."""
    assert counted([said(A, source=FOUND)], DIED, asked=True) == {}
    assert counted([said(A, source=FOUND)], DIED) == {GuardKind.DEATHS: 1}
    assert counted([HOME], DIED, asked=True) == {GuardKind.DEATHS: 1}


# --- limits -------------------------------------------------------------------------------------------------------------


@given(st.sampled_from(GuardKind), st.integers(0, 10**6), st.integers(0, 10**4))
def test_a_limit_grows_with_the_register_and_never_falls_below_its_floor(
    kind: GuardKind, customers: int, record: int
) -> None:
    """Small registers do not trip on three."""
    limits = Limits()
    most = limits.most(kind, customers, record)
    assert most >= limits.least(kind) >= 5
    assert limits.most(kind, customers + 1000, record) >= most
    assert limits.most(kind, customers, record + 1) >= most


def test_limits_in_figures() -> None:
    """The floor, one in a hundred, five times the record."""
    limits = Limits()
    assert limits.most(GuardKind.DEATHS, 300, 0) == 25
    assert limits.most(GuardKind.DEATHS, 100_000, 0) == 1_000
    assert limits.most(GuardKind.DEATHS, 100_000, 300) == 1_500
    assert limits.most(GuardKind.IDENTITY_CHANGES, 100_000, 0) == 100
    assert limits.most(GuardKind.EMPTIED, 1_000, 0) == 500
