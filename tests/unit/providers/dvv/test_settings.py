"""The settings of a feed from the register, and what is refused of them."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from pydantic import ValidationError

from adapters.providers.dvv import DvvProvider, DvvSettings
from sync.errors import ConfigurationInvalid

URL = "https://vtj.example.fi/r1/FI/GOV/0245437-2/VTJmutpa/VTJmutpa/api/v1"


def test_an_address_is_enough() -> None:
    """Everything but the address has a default."""
    settings = DvvSettings(base_url=f"{URL}/")
    assert settings.base_url == URL
    assert (settings.buckets, settings.look_up_size, settings.groups, settings.header) == (
        1,
        100,
        None,
        "Authorization",
    )


def test_every_setting_is_described() -> None:
    """The reference is written from the descriptions."""
    assert all((field.description or "").endswith(".") for field in DvvSettings.model_fields.values())


@pytest.mark.parametrize(
    "given",
    [
        {"base_url": "vtj.example.fi"},
        {"base_url": "ftp://vtj.example.fi"},
        {"base_url": "https://user:secret@vtj.example.fi"},
        {"base_url": f"{URL}?a=1"},
        {"user": "x"},
        {"username": "x"},
        {"password": "x"},
        {"username": "x", "password": "y", "password_file": "z"},
        {"client_key": "key.pem"},
        {"header": "x authorization"},
        {"extra_headers": {"X-API\nKEY": "x"}},
        {"x_road_client": "FI\nGOV"},
        {"buckets": 0},
        {"look_up_size": 1001},
        {"look_up_size": 0},
        {"timeout_seconds": 0},
        {"groups": ["HENKILON_NIMI"]},
        {"groups": []},
        {"groups": ["TURVAKIELTO", "kotikunta"]},
    ],
)
def test_what_is_refused(given: dict[str, Any]) -> None:
    """Unknown, half and impossible settings are refused; groups without TURVAKIELTO would hide who is protected."""
    with pytest.raises(ValidationError):
        DvvSettings.model_validate({"base_url": URL, **given})


def test_secrets_do_not_print() -> None:
    """Neither the password nor a gateway's key shows when the settings are printed."""
    settings = DvvSettings.model_validate(
        {"base_url": URL, "username": "u", "password": "hiljaa", "extra_headers": {"X-API-KEY": "hiljaa"}}
    )
    assert "hiljaa" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_every_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """All files that cannot be read are problems at once, before anything is sent."""
    missing = tmp_path / "no.pem"
    settings = DvvSettings(
        base_url=URL,
        username="u",
        password_file=missing,
        client_certificate=missing,
        client_key=missing,
        ca_bundle=missing,
    )
    with pytest.raises(ConfigurationInvalid) as raised:
        DvvProvider(settings)
    assert [problem.key for problem in raised.value.problems] == [
        "password_file",
        "client_certificate",
        "client_key",
        "ca_bundle",
    ]


def test_a_key_under_a_passphrase_is_named(tmp_path: Path) -> None:
    """A key that would ask for its passphrase is refused at the start, and nobody is asked."""
    key = ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"salainen")))
    with pytest.raises(ConfigurationInvalid) as raised:
        DvvProvider(DvvSettings(base_url=URL, client_certificate=file))
    assert [problem.key for problem in raised.value.problems] == ["client_certificate"]


@pytest.mark.parametrize("key", ["client_certificate", "ca_bundle"])
def test_a_file_that_is_no_certificate_is_named(tmp_path: Path, key: str) -> None:
    """A file that TLS cannot use is a problem of its setting."""
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    with pytest.raises(ConfigurationInvalid) as raised:
        DvvProvider(DvvSettings.model_validate({"base_url": URL, key: wrong}))
    assert [problem.key for problem in raised.value.problems] == [key]
