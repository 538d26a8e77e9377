"""From what happened to a person to an element of the population register's change feed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from adapters.sandbox.dvv_shapes import (
    NO_END,
    WITHHELD,
    Group,
    address_fields,
    address_group,
    day,
    dwelling_fields,
    group,
    municipality,
    name_fields,
    postal_fields,
    twin,
    withheld,
)
from adapters.sandbox.person import Event, EventKind, IdAndBirth, Person
from sync.model import Address, PersonName

_DWELLING = "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
_FAR_END = date(2120, 2, 28)
_NO_FIXED_ABODE = 904


def known_to_the_month(person: Person) -> bool:
    """Tell whether the register knows only the month of this person's last move before the story."""
    return person.number % 37 == 5


def element(person: Person, national_id: str, events: Sequence[Event], *, withhold: bool) -> Group:
    """Make one element of `muutokset` from all that was recorded of a person at one moment.

    Args:
        person: as they were at the start of the story.
        national_id: under which it is reported.
        events: of that person, recorded at the same moment.
        withhold: leave out where a protected person is.
    """
    groups = [made for event in _order_first(events) for made in _MAKERS[event.kind](person, event)]
    if withhold:
        groups = [_withheld(each) for each in groups]
    at = events[0].recorded
    return {"henkilotunnus": national_id, "muutospv": f"{at:%Y-%m-%dT%H:%M:%S}.000Z", "tietoryhmat": groups}


def _order_first(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.kind not in {EventKind.PROTECTION_ON, EventKind.PROTECTION_OFF})


def _withheld(each: Group) -> Group:
    name = each["tietoryhma"]
    return withheld(name, each.get("muutosattribuutti")) if name in WITHHELD else each


def _home(event: Event, side: str) -> Address:
    value = event.before if side == "before" else event.after
    if not isinstance(value, Address):
        raise TypeError("a move needs addresses")
    return value


def _move(person: Person, event: Event) -> list[Group]:
    to, left = _home(event, "after"), _home(event, "before")
    last = event.effective - timedelta(days=1)
    since = _since(person, event)
    groups = [
        group(address_group(to), "LISATTY", **address_fields(to), alkupv=day(event.effective)),
        group(address_group(left), "MUUTETTU", **address_fields(left), alkupv=since, loppupv=day(last)),
    ]
    if municipality(to) != municipality(left):
        groups += _municipalities(person, event, to, left)
    if to.street is None:
        groups += _left_the_country(event, to)
    else:
        groups.append(group(_DWELLING, "LISATTY", **dwelling_fields(to), alkupv=day(event.effective)))
    return [*groups, group(_DWELLING, "MUUTETTU", **dwelling_fields(left), alkupv=since, loppupv=day(last))]


def _since(person: Person, event: Event) -> Group | None:
    return day(event.since, month_only=event.since == person.home_since and known_to_the_month(person))


def _municipalities(person: Person, event: Event, to: Address, left: Address) -> list[Group]:
    moved, since = day(event.effective), day(event.since)
    twice = {"kuntaanMuuttoPv": moved} if person.number % 2 else {}  # older answers carry the key in two spellings
    last = day(event.effective - timedelta(days=1))
    kept = municipality(to) if to.street is not None else municipality(left)
    return [
        group("KOTIKUNTA", "LISATTY", kuntakoodi=municipality(to), kuntaanMuuttopv=moved, **twice),
        group(
            "EDELLINEN_KOTIKUNTA",
            "MUUTETTU",
            kuntakoodi=municipality(left),
            kuntaanMuuttopv=since,
            kunnastaPoisMuuttopv=last,
        ),
        group("VAESTOKIRJANPITOKUNTA", "MUUTETTU", kuntakoodi=kept, kuntaanMuuttopv=moved),
    ]


def _left_the_country(event: Event, to: Address) -> list[Group]:
    code = address_fields(to)["valtiokoodi"]
    stay = {"valtiokoodi": code, "asuinpaikantunnus": f"{code:<16}", "alkupv": day(event.effective)}
    return [
        group("VALTIO_JOHON_MUUTTANUT", "LISATTY", valtiokoodi=code),
        group("VAKINAINEN_ULKOMAILLA_ASUMINEN", "LISATTY", **stay),
    ]


def _temporary(_person: Person, event: Event) -> list[Group]:
    to = _home(event, "after")
    dates = {"alkupv": day(event.effective), "loppupv": day(event.until or NO_END)}
    return [
        group(address_group(to, temporary=True), "LISATTY", **address_fields(to), **dates),
        group("TILAPAINEN_KUNTA", "LISATTY", kuntakoodi=municipality(to), kuntaanMuuttopv=dates["alkupv"]),
        group("TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS", "LISATTY", **dwelling_fields(to), **dates),
    ]


def _no_address(person: Person, event: Event) -> list[Group]:
    left, since = _home(event, "before"), _since(person, event)
    last = day(event.effective - timedelta(days=1))
    code = municipality(left)
    place = f"{code}{_NO_FIXED_ABODE:<13}"
    nowhere = {"kuntakoodi": code, "lajikoodi": _NO_FIXED_ABODE, "asuinpaikantunnus": place}
    return [
        group(address_group(left), "MUUTETTU", **address_fields(left), alkupv=since, loppupv=last),
        group("KOTIKUNTA", "LISATIETO", kuntakoodi=code, kuntaanMuuttopv=day(event.since)),
        group("VAKINAINEN_KOTIMAINEN_OLINPAIKASSA_ASUMINEN", "LISATTY", **nowhere, alkupv=day(event.effective)),
        group(_DWELLING, "MUUTETTU", **dwelling_fields(left), alkupv=since, loppupv=last),
    ]


def _cancelled(person: Person, event: Event) -> list[Group]:
    announced, stays = _home(event, "before"), _home(event, "after")
    planned, since = day(event.effective), _since(person, event)
    still = [group(address_group(stays), **address_fields(stays), alkupv=since)]
    dwelling = [group(_DWELLING, **dwelling_fields(stays), alkupv=since)]
    groups = [
        group(
            address_group(announced),
            "POISTETTU",
            **address_fields(announced),
            alkupv=planned,
            voimassaolevatTiedot=still,
        )
    ]
    if municipality(announced) != municipality(stays):
        kept = [group("KOTIKUNTA", kuntakoodi=municipality(stays), kuntaanMuuttopv=day(event.since))]
        code = municipality(announced)
        groups.append(
            group("KOTIKUNTA", "POISTETTU", kuntakoodi=code, kuntaanMuuttopv=planned, voimassaolevatTiedot=kept)
        )
    fields = dwelling_fields(announced)
    return [*groups, group(_DWELLING, "POISTETTU", **fields, alkupv=planned, voimassaolevatTiedot=dwelling)]


def _corrected(person: Person, event: Event) -> list[Group]:
    wrong, right, since = _home(event, "before"), _home(event, "after"), _since(person, event)
    return [
        group(address_group(wrong), "KORJATTAVA", **address_fields(wrong), alkupv=since),
        group(address_group(right), "KORJATTU", **address_fields(right), alkupv=since),
        group(_DWELLING, "KORJATTAVA", **dwelling_fields(wrong), alkupv=since),
        group(_DWELLING, "KORJATTU", **dwelling_fields(right), alkupv=since),
    ]


def _respelled(person: Person, event: Event) -> list[Group]:
    home = _home(event, "after")
    return [group(address_group(home), "MUUTETTU", **address_fields(home), alkupv=_since(person, event))]


def _postal(_person: Person, event: Event) -> list[Group]:
    fields = postal_fields(_home(event, "after"))
    return [group("KOTIMAINEN_POSTIOSOITE", "LISATTY", **fields, alkupv=day(event.effective))]


def _married(_person: Person, event: Event) -> list[Group]:
    before, after = event.before, event.after
    if not (isinstance(before, PersonName) and isinstance(after, PersonName)):
        raise TypeError("a marriage needs names")
    on = day(event.effective)
    status = group("SIVIILISAATY", "MUUTETTU", siviilisaaty="AVIOLIITOSSA", alkupv=on)
    if before.surname == after.surname:
        return [status, group("HENKILON_NIMI", "LISATIETO", **name_fields(after))]
    now = {"nimilaji": "NYKYINEN_SUKUNIMI", **twin("nimi", after.surname), "alkupv": on}
    then = {"nimilaji": "EDELLINEN_SUKUNIMI", **twin("nimi", before.surname), "loppupv": on}
    return [
        group("HENKILON_NIMI", "MUUTETTU", **name_fields(after), alkupv=on),
        group("NIMENMUUTOS", "LISATTY", **now),
        group("NIMENMUUTOS", "MUUTETTU", **then),
        group("NIMENMUUTOS_LAAJA", "LISATTY", **now, nimenmuutostapa="AVIOLIITTO"),
        group("NIMENMUUTOS_LAAJA", "MUUTETTU", **then),
        status,
    ]


def _calling_name(_person: Person, event: Event) -> list[Group]:
    before, after = event.before, event.after
    if not (isinstance(before, PersonName) and isinstance(after, PersonName)):
        raise TypeError("a change of calling name needs names")
    on = day(event.effective)
    now = {"nimilaji": "NYKYINEN_KUTSUMANIMI", **twin("nimi", after.calling_name or ""), "alkupv": on}
    then = {"nimilaji": "EDELLINEN_KUTSUMANIMI", **twin("nimi", before.calling_name or ""), "loppupv": on}
    return [
        group("KUTSUMANIMI", "LISATTY", **now),
        group("NIMENMUUTOS", "LISATTY", **now),
        group("NIMENMUUTOS", "MUUTETTU", **then),
        group("HENKILON_NIMI", "LISATIETO", **name_fields(after)),
    ]


def _new_id(person: Person, event: Event) -> list[Group]:
    old, new = event.before, event.after
    if not (isinstance(old, IdAndBirth) and isinstance(new, IdAndBirth)):
        raise TypeError("a correction of an id needs ids")
    return [
        group(
            "HENKILOTUNNUS_KORJAUS",
            "LISATTY",
            voimassaolo="AKTIIVI",
            muutettuHenkilotunnus=new.national_id,
            aktiivinenHenkilotunnus=new.national_id,
            edellisetHenkilotunnukset=[old.national_id],
        ),
        group(
            "HENKILOTUNNUS_KORJAUS",
            "MUUTETTU",
            voimassaolo="PASSIIVI",
            muutettuHenkilotunnus=old.national_id,
            aktiivinenHenkilotunnus=new.national_id,
            edellisetHenkilotunnukset=[],
        ),
        group("SYNTYMAPAIVA", "LISATIETO", syntymapv=day(new.birth)),
        group("HENKILON_NIMI", "LISATIETO", **name_fields(person.name)),
    ]


def _death(_person: Person, event: Event) -> list[Group]:
    return [group("KUOLINPAIVA", "LISATTY", kuollut=True, kuolinpv=day(event.effective))]


def _no_death(_person: Person, event: Event) -> list[Group]:
    return [
        group("KUOLINPAIVA", "KORJATTAVA", kuollut=True, kuolinpv=day(event.effective)),
        group("KUOLINPAIVA", "KORJATTU", kuollut=False),
    ]


def _protected(person: Person, _event: Event) -> list[Group]:
    until = day(_FAR_END) if person.number % 3 == 0 else None
    return [group("TURVAKIELTO", "LISATTY", turvakieltoAktiivinen=True, turvaLoppuPv=until)]


def _unprotected(person: Person, event: Event) -> list[Group]:
    """End the order; the home comes along, so that those who had dropped it have it again."""
    over = group("TURVAKIELTO", "MUUTETTU", turvakieltoAktiivinen=False, turvaLoppuPv=day(event.effective))
    home = event.before
    if not isinstance(home, Address):
        return [over]
    return [over, group(address_group(home), "MUUTETTU", **address_fields(home), alkupv=_since(person, event))]


def _bare(name: str, said: str) -> Callable[[Person, Event], list[Group]]:
    return lambda _person, event: [group(name, said, alkupv=day(event.effective))]


def _noise(person: Person, event: Event) -> list[Group]:
    fields: dict[str, Group] = {
        "AMMATTI": {"ammatti": "metsänhoitaja"},
        "USKONTOKUNTALAJI": {"uskontokuntalaji": "EI_USKONTOKUNTAA"},
        "AANIOIKEUS": {"kuntakoodi": municipality(person.home)},
    }
    name = str(event.after)
    return [group(name, "LISATTY", **fields.get(name, {"arvo": "x"}), alkupv=day(event.effective))]


_MAKERS: dict[EventKind, Callable[[Person, Event], list[Group]]] = {
    EventKind.MOVE: _move,
    EventKind.MOVE_ABROAD: _move,
    EventKind.TEMPORARY_MOVE: _temporary,
    EventKind.MOVED_NO_ADDRESS: _no_address,
    EventKind.MOVE_CANCELLED: _cancelled,
    EventKind.ADDRESS_CORRECTED: _corrected,
    EventKind.ADDRESS_RESPELLED: _respelled,
    EventKind.POSTAL_ADDRESS: _postal,
    EventKind.MARRIAGE: _married,
    EventKind.CALLING_NAME: _calling_name,
    EventKind.ID_CORRECTED: _new_id,
    EventKind.DEATH: _death,
    EventKind.DEATH_WITHDRAWN: _no_death,
    EventKind.PROTECTION_ON: _protected,
    EventKind.PROTECTION_OFF: _unprotected,
    EventKind.UPDATE_BAN_ON: _bare("ASIAKASREKISTERIN_PAIVITYSKIELTO", "LISATTY"),
    EventKind.UPDATE_BAN_OFF: _bare("ASIAKASREKISTERIN_PAIVITYSKIELTO", "POISTETTU"),
    EventKind.MARKETING_BAN_ON: _bare("SUORAMARKKINOINTIKIELTO", "LISATTY"),
    EventKind.NOISE: _noise,
}
