"""Settings that cannot work are refused, each by its name."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.registers.flat import FlatSettings, RowMapping
from adapters.registers.sql import SqlRegister, SqlRegisterSettings
from sync.errors import ConfigurationInvalid
from sync.model import Field
from tests.contract.test_sql_register import FixedClock

SQL = {"url": "sqlite:///asiakkaat.db", "table": "asiakas", "key": "id", "columns": {"phone": "puhelin"}}


def problems(**settings: object) -> str:
    """Return what is said about these settings."""
    with pytest.raises(ValidationError) as caught:
        SqlRegisterSettings(**SQL | settings)
    return str(caught.value)


def test_every_wrong_name_is_told() -> None:
    """Each name that cannot be mapped is named, with the one that was probably meant."""
    text = problems(columns={"streeet": "katu", "surnam": "nimi", "phone": "puhelin"})
    assert "columns.streeet" in text
    assert "did you mean `street`" in text
    assert "columns.surnam" in text


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"full_name": "nimi", "surname": "sukunimi"}, "columns.surname: is a part of columns.full_name"),
        ({"postal_street_line": "a", "postal_number": "b"}, "columns.postal_number: is a part of"),
        ({"post_line": "a", "postcode": "b"}, "columns.postcode: is a part of columns.post_line"),
        ({"number": "numero"}, "columns.number: needs columns.street"),
        ({"calling_name": "kutsumanimi"}, "columns.calling_name: needs columns.surname"),
        ({"phone": "puhelin", "email": "puhelin"}, "columns.email: is the same column as columns.phone"),
        ({"address_status": "tila"}, "map one of the customer's fields"),
        ({"phone": ""}, "columns.phone"),
        ({"phone": "id"}, "columns.phone: is the same column as key"),
    ],
)
def test_mappings_that_cannot_work(columns: dict[str, str], told: str) -> None:
    """Whole and part, a part without its whole, one column under two names: each is named."""
    assert told in problems(columns=columns)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": None}, "give either url or url_file"),
        ({"url_file": "/run/secrets/url"}, "give either url or url_file"),
        ({"url": "asiakkaat"}, "url: is no SQLAlchemy URL"),
        ({"time_zone": "Helsinki"}, "time_zone"),
        ({"chunk_size": 0}, "chunk_size"),
        ({"read_only": ["email"]}, "read_only: email is not mapped"),
        ({"read_only": ["streeet"]}, "read_only"),
        ({"colums": {}}, "colums"),
        ({"language": "en"}, "language"),
    ],
)
def test_other_settings_that_cannot_work(settings: dict[str, object], told: str) -> None:
    """Each setting that is wrong is named."""
    assert told in problems(**settings)


def test_problems_do_not_show_the_url() -> None:
    """A URL holds a password, and is shown neither when it is wrong nor when it is right."""
    assert "salainen" not in problems(url="salainen//x", chunk_size=0)
    assert "salainen" not in repr(SqlRegisterSettings(**SQL | {"url": "postgresql+psycopg://a:salainen@b/c"}))


def test_the_schema_is_called_so_in_the_configuration() -> None:
    """The setting is `schema`, as people know it."""
    assert SqlRegisterSettings(**SQL, schema="potilas").table_schema == "potilas"


def test_every_setting_says_what_it_is() -> None:
    """Every setting has a description."""
    assert not [name for name, field in SqlRegisterSettings.model_fields.items() if not field.description]


def test_ids_and_birth_dates_are_never_writable() -> None:
    """What identifies a person is read-only without being told, and more can be made so."""
    names = ("national_id", "birth_date", "phone", "email")
    rows = RowMapping(FlatSettings(columns={name: name for name in names}, read_only=["email"]))
    assert rows.writable == {Field.PHONE}


def test_the_url_may_stand_in_a_file(tmp_path: Path) -> None:
    """A file holds the URL; one that is missing is a problem of the configuration."""
    file = tmp_path / "url"
    file.write_text("sqlite:///asiakkaat.db\n", encoding="utf-8")
    settings = SqlRegisterSettings(**SQL | {"url": None, "url_file": file})
    assert settings.address().get_secret_value() == "sqlite:///asiakkaat.db"
    file.unlink()
    with pytest.raises(ConfigurationInvalid) as caught:
        SqlRegister(settings, clock=FixedClock())
    assert caught.value.problems[0].key == "url_file"


@pytest.mark.parametrize("url", ["oracle+oracledb://a:salainen@b/c", "nosuch://a:salainen@b/c"])
def test_a_missing_driver_is_a_problem_of_the_configuration(url: str) -> None:
    """A database whose driver is not installed is named as such, without the URL."""
    with pytest.raises(ConfigurationInvalid) as caught:
        SqlRegister(SqlRegisterSettings(**SQL | {"url": url}), clock=FixedClock())
    assert "driver" in str(caught.value)
    assert "salainen" not in str(caught.value)
