"""The population register's adapter keeps the provider's contract, over real HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapters.providers.dvv import DvvProvider, DvvSettings
from sync.ports.provider import Provider
from tests.contract.provider_kit import PEOPLE, Fault, Person, ProviderKit, Rig, event_ids, follow, people_of
from tests.integration.dvv_server import Answer, DvvServer, running

FAULTS = {
    Fault.UNAVAILABLE: Answer(503),
    Fault.REFUSED: Answer(403),
    Fault.MALFORMED: Answer(body=b'{"muutokset": [{"henkilotunnus": "131052-90'),
}


def groups_of(about: Person, attribute: str | None) -> list[dict[str, Any]]:
    """Write what the register tells of a person; it knows no phone numbers."""
    day = {"arvo": "2026-04-01", "tarkkuus": "PAIVA"}
    said = {} if attribute is None else {"muutosattribuutti": attribute}
    contents: list[dict[str, Any]] = [
        {"tietoryhma": "HENKILON_NIMI", "etunimi": about.given_names, "sukunimi": about.surname, "alkupv": day},
        {"tietoryhma": "SYNTYMAPAIVA", "syntymapv": {"arvo": about.birth_date, "tarkkuus": "PAIVA"}},
        {
            "tietoryhma": "VAKINAINEN_KOTIMAINEN_OSOITE",
            "katunimi": {"fi": about.street},
            "katunumero": "1",
            "alkupv": day,
        },
        {"tietoryhma": "SAHKOPOSTIOSOITE", "sahkopostiosoite": about.email, "alkupv": day},
        {"tietoryhma": about.surname, "kuntakoodi": about.street},
    ]
    return [{**content, **said} for content in contents]


class DvvRig(Rig):
    """A register that speaks HTTP."""

    def __init__(self, server: DvvServer, buckets: int = 1) -> None:
        self.server = server
        self.buckets = buckets

    def connect(self) -> Provider:
        settings = DvvSettings(base_url=self.server.base_url, buckets=self.buckets)
        return DvvProvider(settings, retry_wait=timedelta(0))

    def publish(self, *people: Person) -> None:
        for about in people:
            self._write(about, groups_of(about, "LISATTY"))

    def publish_bad(self, about: Person) -> None:
        groups = groups_of(about, "LISATTY")
        groups[0]["alkupv"] = {"arvo": about.street, "tarkkuus": about.surname}
        self._write(about, groups)

    @contextmanager
    def broken(self, fault: Fault) -> Iterator[None]:
        self.server.answers, self.server.stuck = [FAULTS[fault]], True
        yield
        self.server.answers, self.server.stuck = [], False

    def know(self, *people: Person) -> None:
        self.server.people.update({about.national_id: groups_of(about, None) for about in people})

    def _write(self, about: Person, groups: list[dict[str, Any]]) -> None:
        second = len(self.server.log)
        written = f"2026-03-01T12:00:{second:02}.000Z"
        self.server.log.append({"henkilotunnus": about.national_id, "muutospv": written, "tietoryhmat": groups})


class TestDvvProvider(ProviderKit):
    @pytest.fixture
    def rig(self) -> Iterator[DvvRig]:
        with running() as server:
            yield DvvRig(server)


def test_buckets_bring_the_same_events() -> None:
    """However many buckets the list is parted into, the same events come, each once."""
    with running() as server:
        seen = {}
        for buckets in (1, 2, 5):
            rig = DvvRig(server, buckets)
            rig.publish(*PEOPLE[:8] if buckets == 1 else ())
            provider = rig.connect()
            pages = follow(provider, provider.start(rig.since), lambda: [each.national_id for each in PEOPLE])
            seen[buckets] = sorted(event_ids(pages))
            assert len(people_of(pages)) == 8
            provider.close()
    assert seen[1] == seen[2] == seen[5]
