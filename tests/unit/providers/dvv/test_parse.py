"""Every payload that the register sends, or part of one, can be read by hand."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.providers.dvv.element import Envelope, read_element
from sync.errors import PageMalformed
from sync.model import BadItem, Change, Field, Source
from sync.ports.provider import Provider
from tests.unit.providers.dvv.wire_data import (
    ID,
    bad,
    change,
    day,
    element,
    full_name,
    home,
    order,
    page,
    parse,
    provider,
)


def test_it_is_a_provider_of_the_population_register() -> None:
    """The adapter keeps the port and says what it speaks about."""
    port: Provider = provider()
    able = port.capabilities
    assert able.source is Source.POPULATION_REGISTER
    assert able.needs_watch
    assert able.looks_up
    assert not able.clear_by_contract
    assert able.reorder_window > timedelta(days=1)
    assert {Field.ADDRESS, Field.DEATH, Field.PROTECTION, Field.NATIONAL_ID} < able.covers
    assert Field.PHONE not in able.covers


def test_a_whole_page() -> None:
    """Elements come in their order, with the key of the page and their index as position."""
    told = parse(page(element(home()), element(full_name()), key="5446623423", up_to_date=False))
    assert [item.position for item in told.items] == ["5446623423/0", "5446623423/1"]
    assert not told.up_to_date
    assert told.cursor == provider().parse(b'{"viimeisinKirjausavain": 5446623423}').cursor


def test_a_key_is_a_page_without_items() -> None:
    """An answer with nothing but a log key is a cursor, as number or as string."""
    for key in (17, "17"):
        told = parse({"viimeisinKirjausavain": key})
        assert (told.items, told.up_to_date) == ((), False)
        assert json.loads(told.cursor)["keys"] == [17]


def test_base_data() -> None:
    """An answer with base data is complete changes and no cursor."""
    told = parse({"perustiedot": [{"henkilotunnus": ID, "tietoryhmat": [home(None)]}]})
    (item,) = told.items
    assert isinstance(item, Change)
    assert (item.complete, item.identity.national_id, told.cursor) == (True, ID, "")


@pytest.mark.parametrize(("attribute", "complete"), [("LISATTY", False), (None, True)])
def test_the_groups_of_one_person(attribute: str | None, complete: bool) -> None:
    """A bare list of groups is one anonymous person: base data, when nothing is said to have happened."""
    (item,) = parse([home(attribute), full_name(attribute)]).items
    assert isinstance(item, Change)
    assert (item.complete, item.identity.national_id, len(item.facts)) == (complete, None, 2)


def test_elements_without_their_page() -> None:
    """One element, or a list of them, is read like those of a page."""
    one = element(home())
    assert parse(one).items[0].event_id == parse([one]).items[0].event_id == parse(page(one)).items[0].event_id
    (item,) = parse({"henkilotunnus": ID, "tietoryhmat": [home(None)]}).items
    assert isinstance(item, Change)
    assert item.complete
    assert [type(item) for item in parse({"tietoryhmat": "x"}).items] == [BadItem]


def test_an_element_of_the_feed_is_never_taken_for_base_data() -> None:
    """A time of recording tells a change, whose groups must say what happened."""
    for wire in (element(home(None)), page(element(home(None), muutospv=None))):
        (item,) = parse(wire).items
        assert isinstance(item, BadItem)
        assert item.reason == "change_attribute_missing"


def test_an_empty_list_is_an_empty_page() -> None:
    """Nothing is nothing."""
    assert parse([]).items == ()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"null",
        b"17",
        b'"x"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"{}",
        b"[1]",
        b'[{"tietoryhma": "X"}, {"tietoryhmat": []}]',
        b'{"muutokset": [], "ajanTasalla": true}',
        b'{"muutokset": [], "viimeisinKirjausavain": 1}',
        b'{"muutokset": [], "viimeisinKirjausavain": 1, "ajanTasalla": "true"}',
        b'{"muutokset": {}, "viimeisinKirjausavain": 1, "ajanTasalla": true}',
        b'{"muutokset": null, "viimeisinKirjausavain": 1, "ajanTasalla": true}',
        b'{"perustiedot": {}}',
        b'{"viimeisinKirjausavain": -1}',
        b'{"viimeisinKirjausavain": true}',
        b'{"viimeisinKirjausavain": 1.5}',
        b'{"viimeisinKirjausavain": "1e9"}',
        b'{"viimeisinKirjausavain": 99999999999999999999}',
    ],
)
def test_what_is_no_payload_of_the_register_is_refused(payload: bytes) -> None:
    """Anything else is malformed, and the error keeps none of it, not even behind it."""
    with pytest.raises(PageMalformed) as raised:
        provider().parse(payload)
    assert raised.value.__context__ is None


def test_depth_is_no_way_in() -> None:
    """A value nested as deep as the parser takes is either read or refused."""
    for depth in range(900, 1000):
        nested = b"[" * depth + b"]" * depth
        body = b'{"viimeisinKirjausavain": 1, "ajanTasalla": true, "muutokset": [' + nested + b"]}"
        try:
            assert isinstance(provider().parse(body).items[0], BadItem)
        except PageMalformed:
            continue


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (None, "element_malformed"),
        ({"henkilotunnus": ID}, "element_malformed"),
        ({"henkilotunnus": ID, "tietoryhmat": {}}, "element_malformed"),
        (element(5), "group_malformed"),
        (element({"muutosattribuutti": "LISATTY"}), "group_malformed"),
        (element(hetu=None), "national_id_missing"),
        (element(hetu="131052-901A"), "national_id_malformed"),
        (element(hetu=1310529015), "national_id_malformed"),
        (element(muutospv="2026-06-30T21:00:00"), "recorded_at_malformed"),
        (element(muutospv="30.6.2026"), "recorded_at_malformed"),
        (element(muutospv=1782853200000), "recorded_at_malformed"),
        (element(muutospv="0001-01-01T00:00:00+14:00"), "recorded_at_malformed"),
        (element({**home("POISTETTU"), "voimassaolevatTiedot": {}}), "still_valid_malformed"),
    ],
)
def test_a_bad_element_leaves_its_neighbours_alone(wire: Any, reason: str) -> None:
    """What cannot be read becomes one bad item with its payload, in its place."""
    first, item, last = parse(page(element(home()), wire, element(full_name()))).items
    assert isinstance(first, Change)
    assert isinstance(last, Change)
    assert isinstance(item, BadItem)
    assert (item.reason, item.position) == (reason, "5446623423/1")
    assert json.loads(item.payload) == wire


def test_the_id_is_canonical() -> None:
    """Small letters and blanks around the id are mended."""
    assert change(home(), hetu=" 131052-901x ").identity.national_id == ID


def test_recording_times() -> None:
    """The instant is told in UTC; without one nothing is told."""
    assert change(home()).recorded_at == datetime(2026, 6, 30, 21, tzinfo=UTC)
    assert change(home(), muutospv="2026-07-01T00:00:00+03:00").recorded_at == datetime(2026, 6, 30, 21, tzinfo=UTC)
    assert change(home(), muutospv=None).recorded_at is None
    assert change(home(), muutospv="9999-12-31T23:59:59Z").recorded_at is not None


def test_event_ids_follow_from_the_content() -> None:
    """The same content gives the same id whatever the order of its keys and its place; other content another."""
    wire = element(home())
    turned = dict(reversed(wire.items()))
    first, again = parse(page(wire, turned)).items
    assert first.event_id == again.event_id
    assert parse(page(element(home(), muutospv="2026-07-01T21:00:00.000Z"))).items[0].event_id != first.event_id
    assert bad(home(alkupv=day("x"))).event_id == bad(home(alkupv=day("x"))).event_id


def test_an_anonymous_element_keeps_its_order() -> None:
    """Without an id, which only hand-fed payloads lack, a readable order is told and an unreadable one is left."""
    (item,) = parse([order()]).items
    assert isinstance(item, Change)
    left = read_element({"tietoryhmat": [order(), home("X"), full_name("X")]}, Envelope("e", "0", anonymous=True))
    assert [type(item) for item in left.items] == [BadItem]
