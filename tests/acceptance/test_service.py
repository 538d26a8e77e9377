"""What an operator and a receptionist do with the running service."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from adapters.sandbox.world import World, made_up
from tests.acceptance.service import TOKEN, Service, rows, wait_for


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Make up a small town whose story has happened already."""
    clinic = tmp_path_factory.mktemp("town") / "clinic.db"
    with made_up(people=400, days=60, seed=3, clinic_url=f"sqlite:///{clinic}") as made:
        made.clock.set(None)
        yield made


@pytest.fixture(scope="module")
def running(town: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start the service and wait until it has caught up."""
    folder = tmp_path_factory.mktemp("service")
    service = Service.configure(folder, town, f"sqlite:///{folder / 'ajantasa.db'}")
    service.start()
    try:
        wait_for(lambda: _settled(service))
        yield service
    finally:
        service.end()


def _settled(service: Service) -> bool:
    status = service.status()
    return all(feed["caught_up_at"] for feed in status["feeds"].values()) and not _pending(status)


def _pending(status: dict[str, object]) -> int:
    return int(status["registers"]["clinic"]["deliveries"].get("pending", 0))  # type: ignore[index,attr-defined]


def _ask(service: Service, key: object, **query: str) -> httpx.Response:
    path = f"/api/v1/registers/clinic/customers/{key}/status"
    return service.get(path, params=query, headers={"Authorization": f"Bearer {TOKEN}"})


def test_health_and_metrics_answer(running: Service) -> None:
    """Supervisors see a living and ready service, and Prometheus figures that all begin with `ajantasa_`."""
    assert service_ok(running, "/livez")
    assert service_ok(running, "/readyz")
    metrics = running.get("/metrics").text
    names = {line.split("{")[0].split(" ")[0] for line in metrics.splitlines() if line and not line.startswith("#")}
    assert names
    assert all(name.startswith("ajantasa_") for name in names)
    assert 'ajantasa_feed_health{feed="dvv",health="ok"} 1.0' in metrics


def service_ok(service: Service, path: str) -> bool:
    """Tell whether a health endpoint answers that all is well."""
    answer = service.get(path)
    return answer.status_code == httpx.codes.OK and answer.json()["ok"] is True


def test_the_desk_answers_only_who_has_a_token(running: Service, town: World) -> None:
    """A customer's status is told in three languages to whoever shows a token, and to nobody else."""
    key = min(town.clinic.truth.people)
    assert running.get(f"/api/v1/registers/clinic/customers/{key}/status").status_code == httpx.codes.UNAUTHORIZED
    sentences = {_ask(running, key, lang=language).json()["fields"][0]["sentence"] for language in ("fi", "sv", "en")}
    assert len(sentences) == 3
    assert _ask(running, "no-such-customer").status_code == httpx.codes.NOT_FOUND


def test_the_desk_tells_what_the_register_shows(running: Service, town: World) -> None:
    """The state that the API tells is the one that was written into the clinic's own status column."""
    shown = {row["asiakasnumero"]: row["osoitteen_tila"] for row in town.clinic.rows() if row["osoitteen_tila"]}
    some = sorted(shown)[:: max(1, len(shown) // 20)]
    told = {key: _ask(running, key).json()["fields"][0]["state"] for key in some}
    assert told == {key: shown[key] for key in some}


def test_a_protected_person_is_hidden_everywhere(running: Service, town: World) -> None:
    """Neither the desk nor any `customer` command tells where a protected person is or was, nor that anything changed."""
    protected = [k for k, row in _by_key(town).items() if row["osoitteen_tila"] == "contact_only"]
    assert protected
    for key in protected:
        homes = {home.street_line() for home in town.population.homes_of(town.clinic.truth.people[key]) if home.street}
        answer = _ask(running, key, reveal="true").text
        shown = (
            running.run("customer", "show", str(key)).stdout
            + running.run("customer", "show", str(key), "--json").stdout
            + running.run("customer", "show", str(key), "--known-at", "2020-01-01").stdout
            + running.run("customer", "provenance", str(key), "--reveal", "--json").stdout
        )
        assert not [home for home in homes if home in answer or home in shown]
        assert not any(_by_key(town)[key][c] for c in ("lahiosoite", "postinumero", "postitoimipaikka"))


def _by_key(town: World) -> dict[int, dict[str, object]]:
    return {row["asiakasnumero"]: row for row in town.clinic.rows()}


def test_customer_show_tells_why(running: Service, town: World) -> None:
    """An operator sees what holds of a customer, since when, who said so and what matched it."""
    moved = [key for key, row in _by_key(town).items() if row["osoitteen_tila"] == "changed"]
    shown = json.loads(running.run("customer", "show", str(moved[0]), "--json").stdout)
    address = shown["values"]["address"]
    assert address["from"] in {"dvv", "posti"}
    assert address["since"]
    said = [fact for fact in shown["history"] if fact["field"] == "address" and fact["origin"] == address["from"]]
    assert said[-1]["rule"] in {"national_id", "weight"}
    earlier = json.loads(running.run("customer", "show", str(moved[0]), "--as-of", "1990-01-01", "--json").stdout)
    assert earlier["values"].get("address", {}).get("value") != address["value"]


def test_a_dry_resync_changes_nothing_and_a_resync_ends_in_the_same_state(running: Service, town: World) -> None:
    """`--dry-run` leaves every table as it was; the resync itself leaves every customer's record as it was (I16)."""
    daemon = running.processes[-1]
    running.stop(daemon)
    before, clinic = _everything(running), town.clinic.rows()
    tried = running.run("resync", "posti", "--dry-run", "--json")
    assert tried.returncode == 0, tried.stderr
    assert _everything(running) == before
    done = running.run("resync", "dvv", "--json")
    assert done.returncode == 0, done.stderr
    address = ("lahiosoite", "postinumero", "postitoimipaikka", "sukunimi", "etunimet", "puhelin")
    assert [[row[c] for c in address] for row in town.clinic.rows()] == [[row[c] for c in address] for row in clinic]
    running.start()
    wait_for(lambda: service_ok_soon(running))


def service_ok_soon(service: Service) -> bool:
    """Tell whether the service answers yet."""
    try:
        return service_ok(service, "/livez")
    except httpx.HTTPError:
        return False


def _everything(service: Service) -> dict[str, object]:
    """Count and sum up every table but those that note who worked and who read."""
    engine = sa.create_engine(service.store_url)
    names = [n for n in sa.inspect(engine).get_table_names() if n not in {"lease", "reading", "alembic_version"}]
    engine.dispose()
    return {
        name: [tuple(row) for row in rows(service.store_url, f"SELECT * FROM {name} ORDER BY 1, 2")] for name in names
    }


def test_reviews_are_decided_once(running: Service) -> None:
    """The first decision about an uncertain match stands; whoever comes second is told so."""
    listed = [json.loads(line) for line in running.run("review", "list", "--json").stdout.splitlines()]
    assert listed, "this town should have an uncertain match"
    review = str(listed[0]["id"])
    shown = json.loads(running.run("review", "show", review, "--json").stdout)
    assert shown["candidate"]["evidence"]
    assert running.run("review", "decide", review, "different", "--by", "anna", "--reason", "test").returncode == 0
    second = running.run("review", "decide", review, "same", "--by", "ben")
    assert second.returncode == 5
    assert review not in running.run("review", "list", "--json").stdout
    assert json.loads(running.run("review", "show", review, "--json").stdout)["change"] is None


def test_staff_edits_stand(running: Service, town: World) -> None:
    """What a receptionist types into the clinic's own table is not overwritten, and comes in as theirs."""
    key = next(k for k, row in _by_key(town).items() if row["osoitteen_tila"] == "current")
    with town.clinic.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE potilas SET puhelin = '+358401112223', muokattu = :now WHERE asiakasnumero = :key"),
            {"now": time.strftime("%Y-%m-%d %H:%M:%S.000000", time.gmtime()), "key": key},
        )

    def staff_said() -> bool:
        shown = json.loads(running.run("customer", "show", str(key), "--json").stdout)
        return bool(shown["values"].get("phone", {}).get("source") == "staff")

    wait_for(staff_said, seconds=30)
    assert _by_key(town)[key]["puhelin"] == "+358401112223"


def test_it_stops_within_ten_seconds_and_logs_json(running: Service) -> None:
    """SIGTERM ends it with status 0 within ten seconds; every line that it ever logged is a JSON object."""
    status, seconds = running.stop(running.processes[-1])
    assert status == 0
    assert seconds < 10
    lines = Path(running.log).read_text("utf-8").splitlines()
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)
