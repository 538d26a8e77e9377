"""What each line of `ajantasa-moves/1` becomes."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.providers.moves.lines import read_line, read_page, read_payload
from sync.applying.survivorship import resolve_all
from sync.errors import PageMalformed
from sync.model import (
    Address,
    BadItem,
    Change,
    Fact,
    FactKind,
    Field,
    HeldFact,
    Identity,
    PartialDate,
    PersonName,
    Source,
    Text,
)
from tests.unit.providers.test_moves_wire import CANCELLATION, END, PERMANENT, TEMPORARY, changed

FROM = Address(
    street=Text("Rantatie", "Strandvägen"),
    number="5",
    stairwell="A",
    flat="3",
    postcode="00930",
    post_office=Text("HELSINKI"),
    municipality="091",
    country="FI",
)
TO = Address(po_box="12", postcode="00101", country="FI", care_of="Toimisto")


def raw(line: dict[str, Any]) -> bytes:
    """Write a line."""
    return json.dumps(line, ensure_ascii=False).encode()


def changes(line: dict[str, Any]) -> list[Change]:
    """Read a line that is nothing but changes."""
    read = read_line(raw(line), "7")
    assert not read.ignored
    assert all(isinstance(item, Change) for item in read.items)
    return [item for item in read.items if isinstance(item, Change)]


def bad_item(line: bytes) -> BadItem:
    """Read a line that cannot be read."""
    (item,) = read_line(line, "7").items
    assert isinstance(item, BadItem)
    return item


def test_a_permanent_move_ends_one_address_and_sets_another() -> None:
    """Each mover of a notice is one change, with the old address ended the day before and the new one set."""
    anna, other = changes(PERMANENT)
    assert anna == Change(
        event_id="N-000123#1",
        position="7",
        identity=Identity(
            names=(PersonName("Virtanen", "Anna Maija"), PersonName("Korhonen", "Anna Maija")),
            birth_date=PartialDate(1980, 5, 1),
            addresses=(FROM,),
            phone="+358401234567",
            email="anna@example.fi",
        ),
        facts=(
            Fact(Field.ADDRESS, FactKind.ENDED, FROM, valid_until=PartialDate(2026, 11, 30)),
            Fact(Field.ADDRESS, FactKind.SET, TO, valid_from=PartialDate(2026, 12, 1)),
            Fact(Field.PHONE, FactKind.SET, "+358401234567", valid_from=PartialDate(2026, 11, 10)),
            Fact(Field.EMAIL, FactKind.SET, "anna@example.fi", valid_from=PartialDate(2026, 11, 10)),
        ),
        effective=PartialDate(2026, 12, 1),
        recorded_at=datetime(2026, 11, 10, 8, 15, tzinfo=UTC),
        notice_id="N-000123#1",
        joint_notice="N-000123",
    )
    assert (other.event_id, other.facts) == ("N-000123#2", anna.facts[:2])


def test_only_several_people_move_together() -> None:
    """Everybody of a notice names it; who moves alone names none."""
    assert [one.joint_notice for one in changes(PERMANENT)] == ["N-000123", "N-000123"]
    assert [one.joint_notice for one in changes({**PERMANENT, "movers": PERMANENT["movers"][:1]})] == [None]


def test_a_move_to_nowhere_only_ends_the_address() -> None:
    """Who moved and left no address has no new one."""
    (ended,) = changes({**PERMANENT, "to": None})[1].facts
    assert (ended.kind, ended.value) == (FactKind.ENDED, FROM)


@pytest.mark.parametrize(
    ("written", "until"),
    [
        ("2026", PartialDate(2026)),
        ("2026-12", PartialDate(2026, 12)),
        ("2026-12-01", PartialDate(2026, 11, 30)),
        ("0001-01-01", None),
    ],
)
def test_the_old_address_ends_as_precisely_as_the_move_is_known(written: str, until: PartialDate | None) -> None:
    """No day is made up: within its month it may hold to the last one, and a date with nothing before it tells no day."""
    ended, begun = changes({**PERMANENT, "move_date": written})[1].facts
    assert ended.valid_until == until
    assert begun.valid_from == PartialDate.parse(written)


@pytest.mark.parametrize(
    ("written", "until"),
    [("2026", PartialDate(2025)), ("2026-12", PartialDate(2026, 11)), ("2027-01", PartialDate(2026, 12))],
)
def test_an_address_that_was_left_for_nowhere_is_relied_on_no_longer_than_is_certain(
    written: str, until: PartialDate
) -> None:
    """No new one ends it."""
    (ended,) = changes({**PERMANENT, "move_date": written, "to": None})[1].facts
    assert ended.valid_until == until


@pytest.mark.parametrize("written", ["2026-12", "2027", "2026-12-08"])
def test_a_move_to_come_leaves_the_old_address_until_then(written: str) -> None:
    """Once the end of an address was said to be the day of the notice where only the month of the move was known."""
    known = Fact(Field.ADDRESS, FactKind.SET, FROM, PartialDate(2026, 6, 25))
    written_down = datetime(2026, 11, 20, 6, tzinfo=UTC)
    held = [
        HeldFact(fact, Source.POSTAL_OPERATOR, "posti", learned_at=written_down, recorded_at=written_down)
        for fact in (known, *changes({**PERMANENT, "move_date": written})[1].facts)
    ]
    on_the_day, in_the_end = (resolve_all(held, day)[Field.ADDRESS] for day in (date(2026, 11, 21), date(2027, 1, 1)))
    assert (on_the_day.value, in_the_end.value) == (FROM, TO)


def test_a_temporary_move_leaves_the_home_alone() -> None:
    """A temporary notice sets the temporary address for its time and says nothing of the permanent one."""
    abroad = Address(lines=("Main St 1",), country="US")
    first, until = PartialDate(2026, 12, 1), PartialDate(2027, 5)
    assert changes(TEMPORARY)[1].facts == (
        Fact(Field.TEMPORARY_ADDRESS, FactKind.SET, abroad, valid_from=first, valid_until=until),
    )


def test_a_cancellation_takes_the_notice_back_mover_by_mover() -> None:
    """A cancellation carries no facts and no identity, only what it takes back, once for each mover."""
    first, second = changes({**CANCELLATION, "movers": ["1", "2", "1"]})
    assert first == Change(
        event_id="N-000123#1!cancel",
        position="7",
        identity=Identity(),
        recorded_at=datetime(2026, 11, 11, 8, 15, 0, 250_000, tzinfo=UTC),
        notice_id="N-000123#1",
        cancels="N-000123#1",
    )
    assert second.cancels == "N-000123#2"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+358 40 123 4567", "+358401234567"),
        ("040 123 4567", "040 123 4567"),
        ("+358", "+358"),
        ("ask my mother", "ask my mother"),
    ],
)
def test_phones_are_e164_where_they_can_be_read(written: str, expected: str) -> None:
    """An international number loses its blanks; what cannot be read as one stays as written."""
    line = changed(PERMANENT, ("movers", 0, "phone"), written)
    assert changes(line)[0].identity.phone == expected
    assert changes(line)[0].facts[2].value == expected


def test_the_contact_day_is_the_one_that_the_provider_wrote() -> None:
    """Phone and e-mail hold from the registration's day in the provider's zone, not in UTC."""
    change = changes({**PERMANENT, "registered_at": "2026-11-11T00:30:00+02:00"})[0]
    assert change.facts[2].valid_from == PartialDate(2026, 11, 11)
    assert change.recorded_at == datetime(2026, 11, 10, 22, 30, tzinfo=UTC)


def test_a_duplicate_line_is_the_same_event() -> None:
    """The same line elsewhere has the same event ids."""
    first, again = (read_line(raw(PERMANENT), position) for position in ("1", "2"))
    assert [item.event_id for item in first.items] == [item.event_id for item in again.items]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff\xfe", "not_utf8"),
        (b'{"format":', "not_json"),
        (b'"\\ud800"', "not_json"),
        (b"[" * 5000, "not_json"),
        (b"[]", "not_an_object"),
        (b"{}", "another_format"),
        (raw({**PERMANENT, "format": 1}), "another_format"),
        (raw({**PERMANENT, "kind": "holiday"}), "schema_notice"),
        (raw({**PERMANENT, "type": ["notice"]}), "schema"),
        (raw({**PERMANENT, "format": "csv", "type": "row"}), "another_format"),
        (raw(changed(PERMANENT, ("from", "street", "fi"), 1)), "schema_notice_permanent_from_street_fi"),
        (raw({**changed(PERMANENT, ("from",), ...), "moved_from": PERMANENT["from"]}), "schema_notice_permanent_from"),
        (raw(changed(PERMANENT, ("movers", 1, "mover_id"), "1")), "mover_id_twice"),
        (raw({**TEMPORARY, "until": "2026-11-30"}), "until_before_move_date"),
    ],
)
def test_what_cannot_be_read_is_one_bad_item(line: bytes, reason: str) -> None:
    """A bad line becomes one bad item with its payload, a reason without any of its text, and a lasting id."""
    item = bad_item(line)
    assert (item.reason, item.payload, item.position) == (reason, line, "7")
    assert item.event_id == bad_item(line).event_id
    assert item.event_id != bad_item(line + b" ").event_id


def test_a_temporary_stay_may_end_in_the_month_it_begins() -> None:
    """Dates of different precision contradict each other only where no day fits both."""
    assert changes({**TEMPORARY, "move_date": "2026-12-15", "until": "2026-12"})


def test_what_is_not_known_is_counted_by_name() -> None:
    """Unknown keys at any depth and unknown types of line are counted, and what is known is still read."""
    line = changed(PERMANENT, ("movers", 0, "consent"), "given")
    line = changed(line, ("from", "street", "se"), "Gáddegeaidnu")
    line = changed(line, ("Matti Virtanen",), 1)
    read = read_line(raw(line), "1")
    assert read.ignored == {"movers.consent": 1, "street.se": 1, "notice.(other)": 1}
    assert len(read.items) == 2
    statistics = read_line(raw({"format": "ajantasa-moves/1", "type": "statistics"}), "1")
    assert (statistics.items, statistics.ignored) == ((), {"line.statistics": 1})


def test_another_major_version_is_no_page() -> None:
    """A line of version 2 stops the reading; one of version 1.4 does not."""
    with pytest.raises(PageMalformed):
        read_line(raw({**PERMANENT, "format": "ajantasa-moves/2"}), "1")
    assert changes({**PERMANENT, "format": "ajantasa-moves/1.4"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
MEDDLED = st.builds(
    lambda line, key, value: raw({**line, key: value}),
    st.sampled_from([PERMANENT, TEMPORARY, CANCELLATION, END]),
    st.sampled_from([*PERMANENT, "until", "count", "cursor", "x"]),
    JSON.filter(lambda value: value != "ajantasa-moves/2"),
)


@given(
    line=st.one_of(
        st.binary(),
        JSON.map(lambda value: json.dumps(value).encode()),
        MEDDLED,
        st.builds(lambda line, at: raw(line)[:at], st.sampled_from([PERMANENT, CANCELLATION]), st.integers(0, 900)),
    )
)
@example(line=b"\xef\xbb\xbf")
@example(line=b'{"a":' * 500)
@example(line=b"9" * 6000)
def test_no_line_crashes_the_reader(line: bytes) -> None:
    """Whatever a line holds, it becomes changes, one bad item, something ignored, or the end."""
    try:
        read = read_line(line, "1")
    except PageMalformed:
        assert b"ajantasa-moves/" in line
        return
    kinds = {type(item) for item in read.items}
    assert (kinds == {Change}) or (kinds == {BadItem} and len(read.items) == 1) or read.ignored or read.end


def test_a_page_is_read_whole() -> None:
    """A page brings its items, its cursor and its counts; blank lines and a byte order mark are passed over."""
    body = (
        b"\xef\xbb\xbf" + raw(PERMANENT) + b"\r\n\r\n" + raw(CANCELLATION) + b"\r\n" + raw({**END, "count": 2, "x": 1})
    )
    page = read_page(body, "c1")
    assert [item.position for item in page.items] == ["c1+1", "c1+1", "c1+2", "c1+2"]
    assert (page.cursor, page.up_to_date, page.ignored) == ("abc", False, {"end.x": 1})


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [PERMANENT],
        [PERMANENT, {**END, "count": 2}],
        [PERMANENT, {**END, "count": 0}],
        [{**END, "count": 0}, {**END, "count": 1}],
        [PERMANENT, {"format": "ajantasa-moves/1", "type": "end", "count": 1}],
        [PERMANENT, {"format": "ajantasa-moves/1", "type": "end"}],
        [{**END, "count": 1}, PERMANENT],
    ],
)
def test_half_a_page_is_no_page(lines: list[dict[str, Any]]) -> None:
    """Without its end line, with a wrong count, or with lines after it, a page is refused."""
    with pytest.raises(PageMalformed):
        read_page(b"\n".join(raw(line) for line in lines), "c1")


def test_a_line_that_is_not_utf8_does_not_block_its_page() -> None:
    """A byte of another encoding makes its own line one bad item: the provider may go on sending it for ever."""
    broken = raw(PERMANENT).replace("ä".encode(), b"\xe4")
    page = read_page(broken + b"\n" + raw(PERMANENT) + b"\n" + raw({**END, "count": 2}), "c1")
    bad, *good = page.items
    assert isinstance(bad, BadItem)
    assert bad.reason == "not_utf8"
    assert all(isinstance(item, Change) for item in good)
    assert good


def test_people_may_read_lines_without_an_end() -> None:
    """A payload is read with or without an end line; a bad line in it is a bad item."""
    loose = read_payload(raw(PERMANENT) + b"\n{}")
    assert [type(item) for item in loose.items] == [Change, Change, BadItem]
    assert (loose.cursor, loose.up_to_date) == ("", False)
    page = read_payload(raw(PERMANENT) + b"\n" + raw({**END, "count": 1}))
    assert (len(page.items), page.cursor, page.up_to_date) == (2, "abc", False)
    assert read_payload(raw({"format": "ajantasa-moves/1", "type": "end", "count": 0})).items == ()


@pytest.mark.parametrize(
    "payload",
    [b"", b"\n \n", b"hello", b"\xff", b"[1]\n[2]", b"{}", raw(PERMANENT) + b"\n" + raw({**END, "count": 5})],
)
def test_what_is_no_payload_is_refused(payload: bytes) -> None:
    """Nothing, another format, another encoding or half a page cannot be read."""
    with pytest.raises(PageMalformed):
        read_payload(payload)
