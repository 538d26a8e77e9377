"""The population register as a provider."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import httpx

from adapters.providers.dvv.client import DvvClient
from adapters.providers.dvv.cursor import Cursor, in_buckets
from adapters.providers.dvv.element import Envelope, Reading, read_element
from adapters.providers.dvv.settings import DvvSettings
from adapters.providers.dvv.wire import attribute, digest, log_key, looks_like_national_id, read_json
from sync.errors import PageMalformed
from sync.model import Field, Source
from sync.ports.provider import Capabilities, LookUp, Page, WatchList

_CAPABILITIES = Capabilities(
    source=Source.POPULATION_REGISTER,
    covers=frozenset(
        {
            Field.NAME,
            Field.BIRTH_DATE,
            Field.ADDRESS,
            Field.TEMPORARY_ADDRESS,
            Field.POSTAL_ADDRESS,
            Field.EMAIL,
            Field.DEATH,
            Field.NATIONAL_ID,
            Field.PROTECTION,
        }
    ),
    needs_watch=True,
    looks_up=True,
    # Elements are not promised to come in the order of `muutospv`.
    reorder_window=timedelta(days=7),
)


class DvvProvider:
    """The change API of the Finnish population register.

    One pull is at most one request, for one bucket of the watched ids. An element's `position` is the log key that
    its page was asked for with and its index there, so that the same question brings it again.
    """

    def __init__(
        self,
        settings: DvvSettings,
        *,
        transport: httpx.BaseTransport | None = None,
        retry_wait: timedelta = timedelta(seconds=0.5),
    ) -> None:
        """Prepare the connection; nothing is sent yet.

        Args:
            settings: of this feed.
            transport: instead of the network.
            retry_wait: before the second attempt of a request that got no answer.

        Raises:
            ConfigurationInvalid: files named in the settings cannot be used.
        """
        self._settings = settings
        self._client = DvvClient(settings, transport=transport, retry_wait=retry_wait)
        self._watched: Sequence[str] | None = None
        self._buckets: list[list[str]] = []

    @property
    def capabilities(self) -> Capabilities:
        """Return what the register can do and may say."""
        return _CAPABILITIES

    @property
    def look_up_size(self) -> int:
        """Return how many persons one request for base data asks for."""
        return self._settings.look_up_size

    def start(self, since: date) -> str:
        """Return the cursor from which events of that day on are delivered.

        Asks for the day before: it is not documented whether the key of a day is the last one before it or the first
        one of it, and delivery begins after the key. Events of the day before come again, and do no harm.
        """
        day_before = since - timedelta(days=1) if since > date.min else since
        answer = _object(self._client.get_key(day_before))
        return self._fresh(log_key(answer.get("viimeisinKirjausavain")))

    def pull(self, cursor: str, watch: WatchList) -> Page:
        """Bring the page of the bucket whose turn it is; buckets without ids are passed over."""
        position = Cursor.read(cursor, self._settings.buckets)
        buckets = self._in_buckets(watch())
        while True:
            bucket = next(position.turns())
            key = position.keys[bucket]
            ids = buckets[bucket]
            if ids:
                question = {"viimeisinKirjausavain": key, "hetulista": ids}
                return self._page(self._client.post("/muutokset", question), position, bucket)
            # Nothing was asked, so the key stays: whoever joins this bucket misses nothing.
            position, round_ends = position.after(bucket, key, up_to_date=True)
            if round_ends:
                return Page((), position.write(), up_to_date=True)

    def look_up(self, national_ids: Sequence[str], asked_on: date) -> LookUp:
        """Bring the base data of these persons."""
        wanted = [code for code in dict.fromkeys(national_ids) if looks_like_national_id(code)]
        readings: list[Reading] = []
        answered: set[str] = set()
        for start in range(0, len(wanted), self.look_up_size):
            persons = self._base_data(wanted[start : start + self.look_up_size])
            readings += _read_base(persons, asked_on, first=len(readings))
            answered.update(_ids_of(persons))
        return LookUp(
            items=tuple(item for reading in readings for item in reading.items),
            absent=tuple(code for code in dict.fromkeys(national_ids) if code not in answered),
            ignored=_sum(readings),
        )

    def parse(self, payload: bytes) -> Page:
        """Read an answer of any of the three endpoints, or a part of one: an element, or the groups of one person.

        Groups without any `muutosattribuutti` are taken for base data.
        """
        wire = read_json(payload)
        if isinstance(wire, list):
            return self._parse_list(wire)
        answer = _object(wire)
        if "muutokset" in answer:
            key = log_key(answer.get("viimeisinKirjausavain"))
            return self._changes(answer, key, self._fresh(key), up_to_date=_up_to_date(answer))
        if "perustiedot" in answer:
            return _page_of(_read_base(_persons(answer), None, first=0))
        if "tietoryhmat" in answer:
            return _page_of(_read_loose([answer], anonymous=False))
        return Page((), self._fresh(log_key(answer.get("viimeisinKirjausavain"))), up_to_date=False)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _in_buckets(self, watched: Sequence[str]) -> list[list[str]]:
        """Part the watched ids into buckets: once for all the pages of a run, which all come with the same list."""
        if watched is not self._watched:
            self._watched, self._buckets = watched, in_buckets(watched, self._settings.buckets)
        return self._buckets

    def _fresh(self, key: int) -> str:
        return Cursor.fresh(key, self._settings.buckets).write()

    def _page(self, wire: Any, position: Cursor, bucket: int) -> Page:
        answer = _object(wire)
        key = log_key(answer.get("viimeisinKirjausavain"))
        moved, round_ends = position.after(bucket, key, up_to_date=_up_to_date(answer))
        return self._changes(answer, position.keys[bucket], moved.write(), up_to_date=round_ends)

    def _changes(self, answer: Mapping[str, Any], asked_key: int, cursor: str, *, up_to_date: bool) -> Page:
        elements = _list(answer, "muutokset")
        readings = [
            read_element(element, Envelope(digest(element), f"{asked_key}/{index}"))
            for index, element in enumerate(elements)
        ]
        return _page_of(readings, cursor, up_to_date=up_to_date)

    def _base_data(self, national_ids: Sequence[str]) -> list[Any]:
        question: dict[str, Any] = {"hetulista": list(national_ids)}
        if self._settings.groups is not None:
            question["tietoryhmat"] = list(self._settings.groups)
        return _persons(_object(self._client.post("/perustiedot", question)))

    def _parse_list(self, wire: list[Any]) -> Page:
        if all(isinstance(entry, dict) and "tietoryhma" in entry for entry in wire):
            return _page_of(_read_loose([{"tietoryhmat": wire}], anonymous=True) if wire else [])
        if all(isinstance(entry, dict) and "tietoryhmat" in entry for entry in wire):
            return _page_of(_read_loose(wire, anonymous=False))
        raise PageMalformed("a list of neither groups nor elements")


def _read_base(persons: Sequence[Any], asked_on: date | None, *, first: int) -> list[Reading]:
    on = asked_on.isoformat() if asked_on else ""
    place = f"perustiedot/{on}" if on else "perustiedot"
    return [
        read_element(
            person,
            Envelope(digest({"asked_on": on, "person": person}), f"{place}/{index}", base=True, asked_on=asked_on),
        )
        for index, person in enumerate(persons, start=first)
    ]


def _read_loose(elements: Iterable[Mapping[str, Any]], *, anonymous: bool) -> list[Reading]:
    return [
        read_element(element, Envelope(digest(element), str(index), base=_is_base(element), anonymous=anonymous))
        for index, element in enumerate(elements)
    ]


def _is_base(element: Mapping[str, Any]) -> bool:
    groups = element["tietoryhmat"]
    if "muutospv" in element or not isinstance(groups, list):
        return False
    return all(attribute(group) is None for group in groups if isinstance(group, dict))


def _page_of(readings: Sequence[Reading], cursor: str = "", *, up_to_date: bool = True) -> Page:
    items = tuple(item for reading in readings for item in reading.items)
    return Page(items, cursor, up_to_date=up_to_date, ignored=_sum(readings))


def _sum(readings: Iterable[Reading]) -> Counter[str]:
    total: Counter[str] = Counter()
    for reading in readings:
        total.update(reading.ignored)
    return total


def _ids_of(persons: Iterable[Any]) -> Iterator[str]:
    for person in persons:
        code = person.get("henkilotunnus") if isinstance(person, dict) else None
        if isinstance(code, str):
            yield code.strip().upper()


def _persons(answer: Mapping[str, Any]) -> list[Any]:
    return _list(answer, "perustiedot")


def _list(answer: Mapping[str, Any], key: str) -> list[Any]:
    found = answer.get(key)
    if not isinstance(found, list):
        raise PageMalformed(f"the answer has no list {key}")
    return found


def _object(wire: Any) -> Mapping[str, Any]:
    if not isinstance(wire, dict):
        raise PageMalformed("the answer is no object")
    return wire


def _up_to_date(answer: Mapping[str, Any]) -> bool:
    flag = answer.get("ajanTasalla")
    if not isinstance(flag, bool):
        raise PageMalformed("the answer has no ajanTasalla")
    return flag
