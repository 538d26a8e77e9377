"""The population register as a provider."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import httpx

from adapters.providers.dvv.answer import read_base_data, read_changes, read_key, read_payload, sum_of
from adapters.providers.dvv.client import DvvClient
from adapters.providers.dvv.cursor import Cursor, in_buckets
from adapters.providers.dvv.element import Element
from adapters.providers.dvv.settings import DvvSettings
from adapters.providers.dvv.wire import looks_like_national_id
from adapters.providers.reading import Reading, read_here
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
        reading: Reading = read_here,
    ) -> None:
        """Prepare the connection; nothing is sent yet.

        Args:
            settings: of this feed.
            transport: instead of the network.
            retry_wait: before the second attempt of a request that got no answer.
            reading: who reads the answers.

        Raises:
            ConfigurationInvalid: files named in the settings cannot be used.
        """
        self._settings = settings
        self._client = DvvClient(settings, transport=transport, retry_wait=retry_wait)
        self._reading = reading
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
        return Cursor.fresh(read_key(self._client.get_key(day_before)), self._settings.buckets).write()

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
                return self._reading(read_changes, self._client.post("/muutokset", question), position, bucket)
            # Nothing was asked, so the key stays: whoever joins this bucket misses nothing.
            position, round_ends = position.after(bucket, key, up_to_date=True)
            if round_ends:
                return Page((), position.write(), up_to_date=True)

    def look_up(self, national_ids: Sequence[str], asked_on: date) -> LookUp:
        """Bring the base data of these persons."""
        wanted = [code for code in dict.fromkeys(national_ids) if looks_like_national_id(code)]
        elements: list[Element] = []
        answered: set[str] = set()
        for start in range(0, len(wanted), self.look_up_size):
            body = self._base_data(wanted[start : start + self.look_up_size])
            found, ids = self._reading(read_base_data, body, asked_on, first=len(elements))
            elements += found
            answered.update(ids)
        return LookUp(
            items=tuple(item for element in elements for item in element.items),
            absent=tuple(code for code in dict.fromkeys(national_ids) if code not in answered),
            ignored=sum_of(elements),
        )

    def parse(self, payload: bytes) -> Page:
        """Read an answer of any of the three endpoints, or a part of one: an element, or the groups of one person.

        Groups without any `muutosattribuutti` are taken for base data.
        """
        return read_payload(payload, self._settings.buckets)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _in_buckets(self, watched: Sequence[str]) -> list[list[str]]:
        """Part the watched ids into buckets: once for all the pages of a run, which all come with the same list."""
        if watched is not self._watched:
            self._watched, self._buckets = watched, in_buckets(watched, self._settings.buckets)
        return self._buckets

    def _base_data(self, national_ids: Sequence[str]) -> bytes:
        question: dict[str, Any] = {"hetulista": list(national_ids)}
        if self._settings.groups is not None:
            question["tietoryhmat"] = list(self._settings.groups)
        return self._client.post("/perustiedot", question)
