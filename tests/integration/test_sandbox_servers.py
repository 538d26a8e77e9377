"""The sandbox's servers speak the real protocols: the project's own adapters read them over real HTTP."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.providers.dvv.provider import DvvProvider
from adapters.providers.dvv.settings import DvvSettings
from adapters.providers.moves.over_http import MovesOverHttp
from adapters.providers.moves.settings import MovesSettings
from adapters.sandbox.clock import SandboxClock
from adapters.sandbox.dvv_server import PASSWORD, dvv_app
from adapters.sandbox.dvv_shapes import WITHHELD
from adapters.sandbox.faults import FaultMiddleware, Faults, split_dvv, split_lines
from adapters.sandbox.moves_server import TOKEN, moves_app
from adapters.sandbox.person import MOVES_HOUSE, Event, EventKind
from adapters.sandbox.population import Population
from adapters.sandbox.serve import running
from sync.errors import CredentialsRefused, CursorRefused, PageMalformed, ProviderUnavailable
from sync.model import Address, BadItem, Change, FactKind, Field

TODAY = date(2026, 11, 21)
END = datetime.combine(TODAY, time(21), UTC)  # an hour before midnight in Finland
HOUSE = "VAKINAINEN_KOTIMAINEN_OSOITE"


@dataclass
class Sandbox:
    """Both servers over one population."""

    population: Population
    clock: SandboxClock
    faults: Faults
    dvv_url: str
    moves_url: str
    http: httpx.Client

    def ask(self, path: str, body: dict[str, Any], user: str = "mutpT1") -> Any:
        """Put a question to the register's API."""
        answer = self.http.post(f"{self.dvv_url}/api/v1/{path}", json=body, auth=(user, PASSWORD))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def key(self, day: date) -> int:
        """Ask for the key of a day."""
        answer = self.http.get(f"{self.dvv_url}/api/v1/kirjausavain/{day}", auth=("mutpT1", PASSWORD))
        return answer.json()["viimeisinKirjausavain"]

    def everything(self, ids: list[str], user: str = "mutpT1") -> list[dict[str, Any]]:
        """Follow the feed from before the story to its end."""
        key, elements, ready = self.key(self.population.start), [], False
        while not ready:
            answer = self.ask("muutokset", {"viimeisinKirjausavain": key, "hetulista": ids}, user)
            elements += answer["muutokset"]
            key, ready = answer["viimeisinKirjausavain"], answer["ajanTasalla"]
        return elements

    def lines(self) -> list[dict[str, Any]]:
        """Read all notices, without the last line."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        since = {"since": self.population.start.isoformat()}
        url = f"{self.moves_url}/v1"
        cursor = self.http.get(f"{url}/cursor", params=since, headers=headers).json()["cursor"]
        found: list[dict[str, Any]] = []
        ready = False
        while not ready:
            page = self.http.get(f"{url}/moves", params={"after": cursor, "limit": 20}, headers=headers)
            *lines, end = [json.loads(line) for line in page.text.splitlines()]
            assert end["count"] == len(lines)
            found, cursor, ready = found + lines, end["cursor"], end["up_to_date"]
        return found

    def dvv(self, user: str = "mutpT1x") -> DvvProvider:
        """Make the project's own adapter to the register."""
        settings = DvvSettings(base_url=f"{self.dvv_url}/api/v1", username=user, password=PASSWORD)
        return DvvProvider(settings, retry_wait=timedelta(0))

    def moves(self, token: str = TOKEN) -> MovesOverHttp:
        """Make the project's own adapter to the postal operator."""
        settings = MovesSettings(base_url=self.moves_url, token=token, page_size=20)
        return MovesOverHttp(settings, clock=self.clock, retry_wait=timedelta(0))

    def ids(self) -> list[str]:
        """Return everybody's id at the start of the story."""
        return [person.national_id for person in self.population.people]

    def first(self, kind: EventKind) -> Event:
        """Return the first event of that kind."""
        return next(event for event in self.population.events if event.kind is kind)


@pytest.fixture(scope="module")
def people() -> Population:
    """Fifteen hundred people and thirty days."""
    return Population.grow(people=1500, days=30, seed=11, today=TODAY)


@pytest.fixture
def sandbox(people: Population) -> Iterator[Sandbox]:
    """Both servers, at the end of the story, with small pages."""
    clock, faults = SandboxClock(_Never(), at=END), Faults()
    dvv = FaultMiddleware(dvv_app(people, clock, page_size=25), faults=faults, split=split_dvv)
    moves = FaultMiddleware(moves_app(people, clock, keeps=timedelta(days=40)), faults=faults, split=split_lines)
    with running(dvv) as dvv_url, running(moves) as moves_url, httpx.Client() as http:
        yield Sandbox(people, clock, faults, dvv_url, moves_url, http)


class _Never:
    def now(self) -> datetime:
        raise AssertionError("the sandbox's clock is set")


def _names(element: dict[str, Any]) -> list[str]:
    return [group["tietoryhma"] for group in element["tietoryhmat"]]


def _pulled(provider: DvvProvider | MovesOverHttp, ids: list[str]) -> list[Change | BadItem]:
    cursor, items, ready = provider.start(TODAY - timedelta(days=31)), [], False
    while not ready:
        page = provider.pull(cursor, lambda: ids)
        items += page.items
        cursor, ready = page.cursor, page.up_to_date
    return items


# -- the population register -------------------------------------------------------------------------------------------


def test_the_projects_own_adapter_reads_every_element(sandbox: Sandbox) -> None:
    """Nothing that the sandbox's register tells is unreadable, and every move arrives with its home and its day."""
    with closing(sandbox.dvv("mutpT1")) as provider:
        items = _pulled(provider, sandbox.ids())
    assert not [item for item in items if isinstance(item, BadItem)]
    told = {
        (item.recorded_at, fact.value.street_line(), str(fact.valid_from))
        for item in items
        for fact in item.facts
        if fact.field is Field.ADDRESS and fact.kind is FactKind.SET and isinstance(fact.value, Address)
    }
    people = sandbox.population
    moves = [
        event
        for event in people.events
        if event.kind is EventKind.MOVE
        and not people.at(event.person, event.effective, known_at=event.recorded).protected
    ]
    assert len(moves) > 50
    assert {(event.recorded, event.after.street_line(), str(event.effective)) for event in moves} <= told


def test_following_the_feed_and_looking_up_agree(sandbox: Sandbox) -> None:
    """Base data at the end of the story tell each person's true home, and every id asked for is answered."""
    today = {
        person.number: sandbox.population.at(person.number, TODAY, known_at=END) for person in sandbox.population.people
    }
    with closing(sandbox.dvv("mutpT1")) as provider:
        answer = provider.look_up([person.national_id for person in today.values()], TODAY)
    assert answer.absent == ()
    assert len(answer.items) == len(today)
    for person, item in zip(today.values(), answer.items, strict=True):
        assert isinstance(item, Change)
        homes = [
            fact.value.street_line()
            for fact in item.facts
            if fact.field is Field.ADDRESS and fact.valid_from and fact.valid_from.first_day() <= TODAY
        ]
        nowhere = person.home is None or person.protected  # the adapter takes no place from who is protected
        expected = [] if nowhere else [person.home.lines[0] if person.abroad else person.home.street_line()]
        assert [home.split(",")[0] for home in homes] == expected


def test_the_key_advances_without_hits_and_stands_still_when_idle(sandbox: Sandbox) -> None:
    """The key is global: it moves for a person to whom nothing happened, and is equal while nothing at all happens."""
    quiet = next(p.national_id for p in sandbox.population.people if not sandbox.population.events_of(p.number))
    before = sandbox.key(sandbox.population.start)
    answer = sandbox.ask("muutokset", {"viimeisinKirjausavain": before, "hetulista": [quiet]})
    assert answer["muutokset"] == []
    assert answer["ajanTasalla"] is False
    assert answer["viimeisinKirjausavain"] > before
    newest = sandbox.key(TODAY + timedelta(days=30))
    idle = sandbox.ask("muutokset", {"viimeisinKirjausavain": newest, "hetulista": sandbox.ids()})
    assert idle == {"viimeisinKirjausavain": newest, "muutokset": [], "ajanTasalla": True}


def test_nothing_is_told_before_it_is_recorded(sandbox: Sandbox) -> None:
    """Advancing the clock over HTTP in steps tells every element once, and none early."""
    ids, key, seen = sandbox.ids(), sandbox.key(sandbox.population.start), 0
    for step in range(32):
        now = END - timedelta(days=31 - step, hours=3)
        told = sandbox.http.post(f"{sandbox.dvv_url}/sandbox/now", json={"at": now.isoformat()})
        assert told.json() == {"now": now.isoformat()}
        ready = False
        while not ready:
            answer = sandbox.ask("muutokset", {"viimeisinKirjausavain": key, "hetulista": ids})
            assert all(datetime.fromisoformat(e["muutospv"]) <= now for e in answer["muutokset"])
            key, ready, seen = answer["viimeisinKirjausavain"], answer["ajanTasalla"], seen + len(answer["muutokset"])
    sandbox.clock.set(END)
    assert seen == len([e for e in sandbox.everything(ids) if datetime.fromisoformat(e["muutospv"]) <= now])
    assert seen > 40


def test_a_key_of_a_day_brings_that_day(sandbox: Sandbox) -> None:
    """From the key of a day on, what was recorded on that day in Finland is told, and nothing of the day before."""
    days = [event.recorded for event in sandbox.population.events]
    middle = days[len(days) // 2].date()
    answer = sandbox.ask("muutokset", {"viimeisinKirjausavain": sandbox.key(middle), "hetulista": sandbox.ids()})
    recorded = [datetime.fromisoformat(element["muutospv"]) for element in answer["muutokset"]]
    assert recorded
    assert min(recorded) >= datetime.combine(middle, time(), UTC) - timedelta(hours=3)


def test_a_correction_of_an_id_comes_as_a_pair_under_the_old_one(sandbox: Sandbox) -> None:
    """Active and passive entry, old id on the element; afterwards both ids are answered for."""
    event = sandbox.first(EventKind.ID_CORRECTED)
    old, new = event.before.national_id, event.after.national_id
    element = next(e for e in sandbox.everything([old]) if "HENKILOTUNNUS_KORJAUS" in _names(e))
    pair = [group for group in element["tietoryhmat"] if group["tietoryhma"] == "HENKILOTUNNUS_KORJAUS"]
    assert element["henkilotunnus"] == old
    assert [(g["muutosattribuutti"], g["voimassaolo"]) for g in pair] == [
        ("LISATTY", "AKTIIVI"),
        ("MUUTETTU", "PASSIIVI"),
    ]
    assert pair[0]["aktiivinenHenkilotunnus"] == new
    people = sandbox.ask("perustiedot", {"hetulista": [old, new]})["perustiedot"]
    assert [person["henkilotunnus"] for person in people] == [old, new]


def test_a_withdrawn_death_and_a_cancelled_move_have_their_shapes(sandbox: Sandbox) -> None:
    """KORJATTU follows KORJATTAVA directly; a removed address brings what still holds."""
    elements = sandbox.everything(sandbox.ids())
    groups = [element["tietoryhmat"] for element in elements]
    death = next(g for g in groups if g[0]["tietoryhma"] == "KUOLINPAIVA" and g[0]["muutosattribuutti"] == "KORJATTAVA")
    assert death[1] == {"tietoryhma": "KUOLINPAIVA", "muutosattribuutti": "KORJATTU", "kuollut": False}
    removed = next(g[0] for g in groups if g[0]["tietoryhma"] == HOUSE and g[0]["muutosattribuutti"] == "POISTETTU")
    assert [entry["tietoryhma"] for entry in removed["voimassaolevatTiedot"]] == [HOUSE]
    corrected = next(g for g in groups if g[0]["tietoryhma"] == HOUSE and g[0]["muutosattribuutti"] == "KORJATTAVA")
    assert corrected[1]["muutosattribuutti"] == "KORJATTU"


def test_a_move_brings_its_companions(sandbox: Sandbox) -> None:
    """A move to another municipality is one element with address, home municipality and dwelling groups."""
    elements = sandbox.everything(sandbox.ids())
    move = next(e for e in elements if "KOTIKUNTA" in _names(e) and _names(e).count(HOUSE) == 2)
    assert {"EDELLINEN_KOTIKUNTA", "VAESTOKIRJANPITOKUNTA", "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"} <= set(
        _names(move)
    )
    new, old = move["tietoryhmat"][:2]
    assert new["alkupv"]["tarkkuus"] == "PAIVA"
    assert old["loppupv"]["arvo"] < new["alkupv"]["arvo"]
    texts = json.dumps(elements)
    assert '"tarkkuus": "KUUKAUSI"' in texts
    assert "UTF8" in texts


def test_one_account_gets_values_of_protected_persons_and_the_other_does_not(sandbox: Sandbox) -> None:
    """The withholding account gets, of all sixteen groups, only which fields are under the order."""
    person = next(
        p
        for p in (sandbox.population.at(p.number, TODAY, known_at=END) for p in sandbox.population.people)
        if p.protected and p.home and p.number % 17
    )
    question = {"hetulista": [person.national_id]}
    (real,) = sandbox.ask("perustiedot", question)["perustiedot"]
    (hidden,) = sandbox.ask("perustiedot", question, "mutpT1x")["perustiedot"]
    assert next(g for g in real["tietoryhmat"] if g["tietoryhma"] == HOUSE)["katunimi"]["fi"] == person.home.street.fi
    withheld = {g["tietoryhma"]: g for g in hidden["tietoryhmat"] if "turvakiellonAlaisetKentat" in g}
    assert withheld.keys() == WITHHELD.keys()
    assert len(withheld) == 16
    assert all(group.keys() == {"tietoryhma", "turvakiellonAlaisetKentat"} for group in withheld.values())
    assert person.home.street.fi not in json.dumps(hidden, ensure_ascii=False)
    assert person.name.surname in json.dumps(hidden, ensure_ascii=False)
    assert _names(hidden)[0] != "TURVAKIELTO"
    assert "TURVAKIELTO" in _names(hidden)


def test_the_withholding_account_is_told_no_new_home_of_who_fled(sandbox: Sandbox) -> None:
    """An order that comes with a move stands first in its element, and the new home is in clear for one account only."""
    elements = {user: sandbox.everything(sandbox.ids(), user) for user in ("mutpT1", "mutpT1x")}
    for user, told in elements.items():
        fled = [e for e in told if _names(e)[0] == "TURVAKIELTO" and HOUSE in _names(e) and "LISATTY" in str(e)]
        fled = [e for e in fled if e["tietoryhmat"][0]["turvakieltoAktiivinen"]]
        assert fled
        for element in fled:
            new = element["tietoryhmat"][_names(element).index(HOUSE)]
            assert ("katunimi" in new) == (user == "mutpT1")
            assert new["muutosattribuutti"] == "LISATTY"


def test_limits_and_refusals_of_the_register(sandbox: Sandbox) -> None:
    """Over a thousand people, a null filter and an unknown key are refused; unknown people are left out of a good answer."""
    url, auth = f"{sandbox.dvv_url}/api/v1", ("mutpT1", PASSWORD)
    refused: list[tuple[str, dict[str, Any]]] = [
        ("perustiedot", {"hetulista": ["010101-999X"] * 1001}),
        ("perustiedot", {"hetulista": [], "tietoryhmat": None}),
        ("perustiedot", {"hetulista": [], "tuotekoodi": "x"}),
        ("muutokset", {"viimeisinKirjausavain": "x", "hetulista": []}),
    ]
    for path, body in refused:
        assert sandbox.http.post(f"{url}/{path}", json=body, auth=auth).status_code == 400
    assert sandbox.http.get(f"{url}/kirjausavain/yesterday", auth=auth).status_code == 400
    assert sandbox.http.post(f"{url}/perustiedot", json={"hetulista": []}, auth=("mutpT1", "wrong")).status_code == 401
    assert sandbox.ask("perustiedot", {"hetulista": ["010101-999X"]})["perustiedot"] == []
    one = sandbox.ids()[0]
    (person,) = sandbox.ask("perustiedot", {"hetulista": [one], "tietoryhmat": ["HENKILON_NIMI"]})["perustiedot"]
    assert _names(person) == ["HENKILON_NIMI"]


# -- the postal operator -----------------------------------------------------------------------------------------------


def test_the_projects_own_adapter_reads_every_notice(sandbox: Sandbox) -> None:
    """Every mover of every notice becomes a change with the new home, and every cancellation names its notice."""
    with closing(sandbox.moves()) as provider:
        items = _pulled(provider, [])
    changes = [item for item in items if isinstance(item, Change)]
    assert len(changes) == len(items)
    told = [event for event in sandbox.population.events if "moves" in event.providers]
    assert len(changes) == len(told)
    assert any(change.cancels for change in changes)
    assert len({change.event_id for change in changes}) == len(changes)


def test_no_notice_is_told_before_it_is_registered(sandbox: Sandbox) -> None:
    """In the middle of the story the feed ends with the last notice so far; the rest follows when its time comes."""
    everything = sandbox.lines()
    middle = END - timedelta(days=15)
    sandbox.clock.set(middle)
    so_far = sandbox.lines()
    assert so_far == [line for line in everything if datetime.fromisoformat(line["registered_at"]) <= middle]
    assert 0 < len(so_far) < len(everything)


def test_notices_are_as_people_fill_them_in(people: Population, sandbox: Sandbox) -> None:
    """Most but not all moves are told; families share a notice; birth dates are given often, names not always right."""
    lines = [line for line in sandbox.lines() if line["type"] == "notice"]
    movers = [mover for line in lines for mover in line["movers"]]
    moves = {event.notice for event in people.events if event.kind in MOVES_HOUSE}
    assert 0.5 < len([line for line in lines if line["kind"] == "permanent"]) / len(moves) < 0.9
    assert max(len(line["movers"]) for line in lines) >= 3
    assert 0.5 < sum("birth_date" in mover for mover in movers) / len(movers) < 0.9
    names = {f"{p.name.surname} {p.name.given_names}" for p in people.people}
    assert any(f"{mover['surname']} {mover['given_names']}" not in names for mover in movers)
    assert any(line["to"] is None for line in lines)
    assert any(line["to"] and line["to"]["country"] != "FI" for line in lines)


def test_nobody_protected_appears_in_the_postal_feed(sandbox: Sandbox) -> None:
    """No home of anybody who was ever protected, while they lived there in the story, is in any line."""
    hidden = {event.person for event in sandbox.population.events if event.kind is EventKind.PROTECTION_ON}
    hidden |= {person.number for person in sandbox.population.people if person.protected}
    homes = {
        (event.after.street.fi, event.after.number, event.after.flat)
        for event in sandbox.population.events
        if event.person in hidden and isinstance(event.after, Address) and event.after.street
    }
    told = {
        (to["street"]["fi"], to["number"], to.get("flat"))
        for line in sandbox.lines()
        if (to := line.get("to") or {}).get("street")
    }
    assert homes
    assert told
    assert not homes & told


def test_the_postal_server_refuses_strangers_and_old_cursors(sandbox: Sandbox) -> None:
    """A wrong token is refused; a cursor from before what is kept, or of nobody's making, is gone."""
    with closing(sandbox.moves("wrong")) as provider, pytest.raises(CredentialsRefused):
        provider.start(TODAY)
    with closing(sandbox.moves()) as provider:
        cursor = provider.start(sandbox.population.start)
        sandbox.clock.set(END + timedelta(days=60))
        with pytest.raises(CursorRefused):
            provider.pull(cursor, list)
        with pytest.raises(CursorRefused):
            provider.pull("bm9ib2R5", list)


# -- faults ------------------------------------------------------------------------------------------------------------


def _switch(sandbox: Sandbox, **faults: float) -> None:
    assert sandbox.http.post(f"{sandbox.moves_url}/sandbox/faults", json=faults).json().items() >= faults.items()


def test_faults_are_switched_on_and_off_while_the_server_runs(sandbox: Sandbox) -> None:
    """429 with Retry-After, 500, and nothing once they are off; a wrong rate is refused and sets nothing."""
    url = f"{sandbox.moves_url}/v1/cursor?since=2026-11-01"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    _switch(sandbox, too_many=1)
    busy = sandbox.http.get(url, headers=headers)
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "1")
    _switch(sandbox, too_many=0, error=1)
    assert sandbox.http.get(url, headers=headers).status_code == 500
    _switch(sandbox, error=0)
    assert sandbox.http.get(url, headers=headers).status_code == 200
    refused = sandbox.http.post(f"{sandbox.moves_url}/sandbox/faults", json={"cut": 0.5, "error": 7})
    assert refused.status_code == 400
    assert sandbox.faults == Faults()


def test_a_cut_answer_is_never_read_in_half(sandbox: Sandbox) -> None:
    """Cut with the connection or looking whole, the adapters notice; the cursor stays and the feed recovers."""
    with closing(sandbox.dvv()) as dvv, closing(sandbox.moves()) as moves:
        cursors = {provider: provider.start(sandbox.population.start) for provider in (dvv, moves)}
        _switch(sandbox, cut=1)
        kinds = set()
        for _ in range(8):
            for provider, cursor in cursors.items():
                with pytest.raises((ProviderUnavailable, PageMalformed)) as caught:
                    provider.pull(cursor, sandbox.ids)
                kinds.add(caught.type)
        assert kinds == {ProviderUnavailable, PageMalformed}
        _switch(sandbox, cut=0)
        assert all(provider.pull(cursor, sandbox.ids).items for provider, cursor in cursors.items())


def test_duplicates_and_another_order_lose_nothing(sandbox: Sandbox) -> None:
    """With both faults on, a page still holds every item, some of them twice, and says so in its count."""
    plain_lines, plain = sandbox.lines(), sandbox.everything(sandbox.ids())
    _switch(sandbox, duplicate=1, reorder=1, seed=3)
    lines, elements = sandbox.lines(), sandbox.everything(sandbox.ids())
    for before, after in ((plain_lines, lines), (plain, elements)):
        assert len(after) > len(before)
        assert {json.dumps(each) for each in after} == {json.dumps(each) for each in before}
        assert after[: len(before)] != before


def test_the_same_seed_brings_the_same_faults(sandbox: Sandbox) -> None:
    """Setting the seed again begins the row of faults anew."""
    url, headers = f"{sandbox.moves_url}/v1/moves", {"Authorization": f"Bearer {TOKEN}"}
    rows = []
    for _ in range(2):
        _switch(sandbox, too_many=0.3, error=0.3, seed=5)
        rows.append([sandbox.http.get(url, headers=headers).status_code for _ in range(20)])
    assert rows[0] == rows[1]
    assert {429, 500} <= set(rows[0])


# -- the whole sandbox -------------------------------------------------------------------------------------------------


def test_the_sandbox_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """As a process of its own it fills the clinic, tells the ports that it got, answers, and ends well on SIGTERM."""
    url = f"sqlite:///{tmp_path}/new/clinic.db"
    program = f"from adapters.sandbox.serve import serve; serve(60, 10, 3, '127.0.0.1', 0, 0, {url!r})"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        try:
            said = ""
            while "sandbox_serving" not in said:
                said = process.stdout.readline()
                assert said, "the sandbox ended early"
            plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
            dvv, moves = re.search(r"dvv=(\S+) moves=(\S+)", plain).groups()
            key = httpx.get(f"{dvv}/kirjausavain/2026-01-01", auth=("mutpT1", PASSWORD))
            assert key.json()["viimeisinKirjausavain"] > 5 * 10**9
            assert httpx.get(f"{moves}/v1/cursor?since=2026-01-01").status_code == 401
        finally:
            process.terminate()
        assert process.wait(timeout=20) == 0
        assert "sandbox_stopped" in process.stdout.read()
    with closing(sqlite3.connect(tmp_path / "new" / "clinic.db")) as clinic:
        assert clinic.execute("SELECT count(*) FROM potilas").fetchone() == (40,)


def test_a_taken_port_is_told_at_once() -> None:
    """A server on a port that somebody has does not start silently elsewhere."""
    with running(
        dvv_app(Population.grow(people=1, days=1, seed=1, today=TODAY), SandboxClock(_Never(), at=END))
    ) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), running(_nothing, port=port):
            pass


async def _nothing(_scope: object, _receive: object, _send: object) -> None:
    """Answer nothing."""
