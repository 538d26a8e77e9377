"""The clinic's table holds what people typed, and the score knows what is true."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from rapidfuzz import fuzz

from adapters.registers.sql.settings import SqlRegisterSettings
from adapters.sandbox.clinic import ADDRESS_COLUMNS, PATIENTS, Clinic, TypedAddress, sql_register_settings
from adapters.sandbox.moves_lines import lines_of
from adapters.sandbox.person import EventKind
from adapters.sandbox.population import Population
from adapters.sandbox.score import agrees, score
from sync.model import Address, Text

TODAY = date(2026, 11, 21)
END = datetime.combine(TODAY, time(21), UTC)


@pytest.fixture
def clinic(population: Population, tmp_path: Path) -> Iterator[Clinic]:
    """A clinic with two of three people as customers."""
    clinic = Clinic.open(f"sqlite:///{tmp_path}/clinic.db", population)
    yield clinic
    clinic.close()


def _write(clinic: Clinic, customer: int, home: Address) -> None:
    values = dict(zip(ADDRESS_COLUMNS, (home.street_line(), home.postcode, home.post_office.fi), strict=True))
    _update(clinic, customer, **values)


def _update(clinic: Clinic, customer: int, **values: object) -> None:
    with clinic.engine.begin() as connection:
        connection.execute(sa.update(PATIENTS).where(PATIENTS.c.asiakasnumero == customer).values(**values))


def _row(clinic: Clinic, customer: int) -> dict[str, object]:
    return next(row for row in clinic.rows() if row["asiakasnumero"] == customer)


def _moved(clinic: Clinic) -> int:
    """Return a customer who moved once, told both providers, and whose row shows the home before."""
    for customer, number in clinic.truth.people.items():
        events = clinic.population.events_of(number)
        if len(events) == 1 and events[0].kind is EventKind.MOVE and "moves" in events[0].providers:
            old = agrees(clinic.truth.typed[customer], events[0].before)
            if old and events[0].effective <= TODAY and not clinic.population.people[number].update_ban:
                return customer
    raise AssertionError("nobody moved")


def test_two_thirds_are_customers_and_each_is_somebody(clinic: Clinic) -> None:
    """The share holds, no person is two customers, and most households come as a whole."""
    people = clinic.truth.people
    assert len(people) == round(2000 * 2 / 3) == len(clinic.rows())
    assert len(set(people.values())) == len(people)
    customer, number = next(iter(people.items()))
    assert clinic.truth.customers_of(number) == (customer,)


def test_rows_are_typed_with_mistakes_that_can_be_forgiven(clinic: Clinic) -> None:
    """About one in eight addresses is out of date, one id in four is missing, and most of the rest agrees with the truth."""
    rows = clinic.rows()
    total = len(rows)
    assert 0.08 < len(clinic.truth.stale) / total < 0.16
    assert 0.20 < sum(row["hetu"] is None for row in rows) / total < 0.30
    assert 0.10 < sum(row["puhelin"] is None for row in rows) / total < 0.30
    assert any(row["lahiosoite"] and row["lahiosoite"].isupper() for row in rows)
    assert any(re.search(r"[a-zäö]\. \d", row["lahiosoite"] or "") for row in rows)
    assert any("gatan" in (row["lahiosoite"] or "") for row in rows)
    right = exact = 0
    for row in rows:
        person = clinic.population.at(clinic.truth.people[row["asiakasnumero"]], clinic.population.start)
        if row["asiakasnumero"] not in clinic.truth.stale and person.home:
            right += agrees(TypedAddress.of(row), person.home)
            exact += row["lahiosoite"] == person.home.street_line()
            name = f"{row['sukunimi']} {row['etunimet']}".casefold()
            assert fuzz.token_set_ratio(name, f"{person.name.surname} {person.name.given_names}".casefold()) > 50
    assert right > 0.97 * (total - len(clinic.truth.stale))
    assert 0.6 < exact / total < 0.85


def test_the_same_seed_types_the_same_table(population: Population, tmp_path: Path, clinic: Clinic) -> None:
    """Filling another database gives the same rows."""
    other = Clinic.open(f"sqlite:///{tmp_path}/other.db", population)
    assert other.rows() == clinic.rows()
    other.close()


def test_whoever_changes_a_row_its_version_goes_up_by_one(clinic: Clinic) -> None:
    """Staff's edits and a program's writes alike: each update counts once, on that row only; only staff's set the time."""
    customer = min(clinic.truth.people)
    before = _row(clinic, customer)
    for _ in range(2):
        _update(clinic, customer, osoitteen_tila="current")
    after = _row(clinic, customer)
    assert (before["versio"], after["versio"]) == (1, 3)
    assert after["muokattu"] == before["muokattu"]
    assert sum(row["versio"] for row in clinic.rows()) == len(clinic.truth.people) + 2


def test_staff_edit_what_customers_tell(clinic: Clinic) -> None:
    """Edits show in version and time; a new address is the true one of that day, and never a protected person's."""
    edits = clinic.staff_edits(200, END)
    rows = {row["asiakasnumero"]: row for row in clinic.rows()}
    assert len(edits) == 200
    assert {edit.columns for edit in edits} == {ADDRESS_COLUMNS, ("puhelin",)}
    for edit in edits:
        row = rows[edit.customer]
        assert row["versio"] == 2
        assert row["muokattu"].replace(tzinfo=UTC) == END
        person = clinic.population.at(clinic.truth.people[edit.customer], TODAY)
        if edit.columns == ADDRESS_COLUMNS:
            assert not person.protected
            assert clinic.truth.typed[edit.customer] == TypedAddress.of(row)
    assert not score(clinic, at=END, on=TODAY).wrong


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_about_a_third_of_the_notices_are_about_strangers(seed: int, tmp_path: Path) -> None:
    """Whoever is no customer moves too, and the postal operator tells of them like of anybody."""
    population = Population.grow(people=3000, days=60, seed=seed, today=TODAY)
    clinic = Clinic.open(f"sqlite:///{tmp_path}/clinic.db", population)
    customers = set(clinic.truth.people.values())
    lines = lines_of(population)
    strangers = [line for line in lines if not customers & set(line.people)]
    assert 0.2 < len(strangers) / len(lines) < 0.45
    clinic.close()


def test_postgresql_holds_the_same_table(population: Population, clinic: Clinic, postgres_url: str) -> None:
    """Rows, versions that count up, and staff's edits are the same in PostgreSQL."""
    other = Clinic.open(postgres_url, population)
    try:
        assert [TypedAddress.of(row) for row in other.rows()] == [TypedAddress.of(row) for row in clinic.rows()]
        assert other.truth == clinic.truth
        edits = other.staff_edits(20, END)
        rows = other.rows()
        assert edits == clinic.staff_edits(20, END)
        assert {row["asiakasnumero"] for row in rows if row["versio"] == 2} == {edit.customer for edit in edits}
        assert max(row["muokattu"] for row in rows) == END
        again = Clinic.open(postgres_url, population)
        assert all(row["versio"] == 1 for row in again.rows())
        again.close()
    finally:
        other.close()


def test_the_settings_are_those_of_the_sql_register() -> None:
    """The sql register takes the mapping as it is."""
    settings = SqlRegisterSettings.model_validate(sql_register_settings("sqlite:///clinic.db"))
    assert set(settings.columns.values()) | {"asiakasnumero", "muokattu", "versio"} == set(PATIENTS.columns.keys())


def test_the_clinic_can_be_opened_again_over_an_old_one(population: Population, clinic: Clinic) -> None:
    """Opening makes the table anew."""
    _update(clinic, min(clinic.truth.people), sukunimi="Muuttunut")
    again = Clinic.open(clinic.engine.url.render_as_string(hide_password=False), population)
    assert "Muuttunut" not in [row["sukunimi"] for row in again.rows()]
    again.close()


@pytest.mark.parametrize(
    "statement", ["UPDATE potilas SET hetu = '131052-308T'", "ALTER TABLE potilas ADD lisatieto TEXT"]
)
def test_a_table_that_may_be_about_real_people_is_not_replaced(
    population: Population, clinic: Clinic, statement: str
) -> None:
    """An id outside the made-up range, or a column of somebody else's, and the table stays as it is."""
    with clinic.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(ValueError, match="real people"):
        Clinic.open(clinic.engine.url.render_as_string(hide_password=False), population)
    assert len(clinic.rows()) == len(clinic.truth.people)


def test_an_unknown_database_or_share_is_refused(population: Population) -> None:
    """A share above one is no share."""
    with pytest.raises(ValueError, match="share between 0 and 1"):
        Clinic.open("sqlite://", population, share=1.5)


# -- score -------------------------------------------------------------------------------------------------------------


def test_an_untouched_table_is_stale_where_moves_were_told(clinic: Clinic) -> None:
    """Nothing is updated and nothing wrong; those who moved are stale, and the protected still stand there."""
    found = score(clinic, at=END, on=TODAY)
    assert found.updated == found.wrong == found.outdated == found.vanished == ()
    assert _moved(clinic) in found.stale
    assert found.excused
    assert found.protected
    assert sum(count for name, count in found.counts().items() if name != "protected") == len(clinic.truth.people)


def test_a_right_update_counts_and_ends_the_staleness(clinic: Clinic) -> None:
    """Writing the new home moves a customer from stale to updated."""
    customer = _moved(clinic)
    _write(clinic, customer, clinic.population.at(clinic.truth.people[customer], TODAY).home)
    found = score(clinic, at=END, on=TODAY)
    assert found.updated == (customer,)
    assert customer not in found.stale


def test_somebody_elses_address_is_wrong_and_an_old_one_is_outdated(clinic: Clinic) -> None:
    """A stranger's home is the error that must not happen; one's own former home is another kind, and may have its reason."""
    customer = _moved(clinic)
    number = clinic.truth.people[customer]
    stranger = next(p for p in clinic.population.people if p.household != clinic.population.people[number].household)
    _write(clinic, customer, stranger.home)
    assert score(clinic, at=END, on=TODAY).wrong == (customer,)
    former, typed = clinic.population.people[number].home, clinic.truth.typed[customer]
    clinic.truth.typed[customer] = replace(typed, postcode="")
    _write(clinic, customer, former)
    found = score(clinic, at=END, on=TODAY)
    assert (found.wrong, found.outdated) == ((), (customer,))
    assert customer in score(clinic, at=END, on=TODAY, in_review=[customer]).excused


def test_what_was_not_told_yet_is_not_demanded(clinic: Clinic) -> None:
    """Before anything was recorded, or with no provider read, nobody is stale; a review excuses."""
    start = datetime.combine(clinic.population.start, time(), UTC)
    assert not score(clinic, at=start, on=clinic.population.start).stale
    assert not score(clinic, at=END, on=TODAY, providers=()).stale
    customer = _moved(clinic)
    assert customer in score(clinic, at=END, on=TODAY, in_review=[customer]).excused


def test_a_washed_register_must_know_of_moves_before_the_story(clinic: Clinic) -> None:
    """With base data read, customers with an id who never told of a move count as stale too."""
    plain, washed = (set(score(clinic, at=END, on=TODAY, washed=flag).stale) for flag in (False, True))
    assert plain < washed
    assert len(washed - plain) > 0.5 * len(clinic.truth.stale)


def test_a_protected_persons_address_is_found_until_it_is_gone(clinic: Clinic) -> None:
    """Emptying the columns ends it."""
    shown = score(clinic, at=END, on=TODAY).protected
    for customer in shown:
        _update(clinic, customer, **dict.fromkeys(ADDRESS_COLUMNS))
    assert score(clinic, at=END, on=TODAY).protected == ()


def test_a_lost_row_is_noticed(clinic: Clinic) -> None:
    """A customer whose row is gone has vanished."""
    customer = min(clinic.truth.people)
    with clinic.engine.begin() as connection:
        connection.execute(sa.delete(PATIENTS).where(PATIENTS.c.asiakasnumero == customer))
    assert score(clinic, at=END + timedelta(days=1), on=TODAY).vanished == (customer,)


@pytest.mark.parametrize(
    ("line", "postcode", "same"),
    [
        ("Koivukatu 5 A 3", "00100", True),
        ("Koivuk. 5 A 3", "00100", True),
        ("BJÖRKGATAN 5 A3", "00100", True),
        ("Koviukatu 5 3", "00101", True),
        ("Koivukatu 5", None, True),
        ("Koivukatu 5 A 4", "00100", False),
        ("Koivukatu 6 A 3", "00100", False),
        ("Mäntykatu 5 A 3", "00100", False),
        ("Koivukatu 5 A 3", "33200", False),
        ("", "00100", False),
    ],
)
def test_mistakes_are_forgiven_and_differences_are_not(line: str, postcode: str | None, same: bool) -> None:
    """An abbreviation, another language or a missing part is the same home; another number, flat or street is not."""
    home = Address(Text("Koivukatu", "Björkgatan"), "5", "A", "3", postcode="00100", post_office=Text("HELSINKI"))
    assert agrees(TypedAddress(line, postcode, "Helsinki"), home) == same
