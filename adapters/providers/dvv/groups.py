"""What each group (`tietoryhma`) says about a customer: one small reader each, in one table."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.providers.dvv.addresses import domestic, foreign
from adapters.providers.dvv.wire import Group, Unreadable, day, national_id, text
from sync.model import LOCATION_FIELDS, FactValue, Field, PartialDate, PersonName


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one group.

    Attributes:
        value: None when the group does not repeat it.
        valid_from: `alkupv`.
        valid_until: `loppupv`, inclusive. Ends such as 2120 and 2999 mean that none is known; they are kept as given.
        holds: False for a group that says of itself that it is not so (`kuollut: false`).
    """

    value: FactValue | None
    valid_from: PartialDate | None = None
    valid_until: PartialDate | None = None
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Reader:
    """How to read one kind of group.

    Attributes:
        field: what it is about.
        read: gives the content, or None when this one says nothing.
        undocumented: its fields are not known for sure; without a value it is passed over, not refused.
    """

    field: Field
    read: Callable[[Group], Content | None]
    undocumented: bool = False


def full_name(group: Group) -> PersonName | None:
    """Return the name of a `HENKILON_NIMI`; people with one name only exist."""
    given = text(group, "etunimiUTF8", "etunimi")
    surname = text(group, "sukunimiUTF8", "sukunimi")
    return PersonName(surname=surname or "", given_names=given or "") if given or surname else None


def _dated(value_of: Callable[[Group], FactValue | None]) -> Callable[[Group], Content]:
    def read(group: Group) -> Content:
        return Content(value_of(group), day(group, "alkupv"), day(group, "loppupv"))

    return read


def _email(group: Group) -> str | None:
    email = text(group, "sahkopostiosoite")
    if email and "@" not in email:
        raise Unreadable("email_malformed")
    return email


def _death(date_key: str) -> Callable[[Group], Content]:
    def read(group: Group) -> Content:
        dead = group.get("kuollut")
        if not isinstance(dead, bool):
            raise Unreadable("death_flag_missing")
        died = day(group, date_key)
        return Content(died or True, died) if dead else Content(None, holds=False)

    return read


def _active_id(group: Group) -> Content | None:
    # The active code comes under the old one, in a pair; only the entry of the new code speaks of it.
    if group.get("voimassaolo") != "AKTIIVI":
        return None
    return Content(national_id(group.get("aktiivinenHenkilotunnus")) or national_id(group.get("muutettuHenkilotunnus")))


READERS = {
    "HENKILON_NIMI": Reader(Field.NAME, _dated(full_name)),
    "SYNTYMAPAIVA": Reader(Field.BIRTH_DATE, lambda group: Content(day(group, "syntymapv"))),
    "HENKILOTUNNUS_KORJAUS": Reader(Field.NATIONAL_ID, _active_id),
    "VAKINAINEN_KOTIMAINEN_OSOITE": Reader(Field.ADDRESS, _dated(domestic)),
    "VAKINAINEN_ULKOMAINEN_OSOITE": Reader(Field.ADDRESS, _dated(foreign)),
    "TILAPAINEN_KOTIMAINEN_OSOITE": Reader(Field.TEMPORARY_ADDRESS, _dated(domestic)),
    "TILAPAINEN_ULKOMAINEN_OSOITE": Reader(Field.TEMPORARY_ADDRESS, _dated(foreign)),
    "KOTIMAINEN_POSTIOSOITE": Reader(Field.POSTAL_ADDRESS, _dated(domestic)),
    "ULKOMAINEN_POSTIOSOITE": Reader(Field.POSTAL_ADDRESS, _dated(foreign)),
    "KOTIMAINEN_YHTEYSOSOITE": Reader(Field.CONTACT_ADDRESS, _dated(domestic), undocumented=True),
    "ULKOMAINEN_YHTEYSOSOITE": Reader(Field.CONTACT_ADDRESS, _dated(foreign), undocumented=True),
    "SAHKOPOSTIOSOITE": Reader(Field.EMAIL, _dated(_email)),
    "KUOLINPAIVA": Reader(Field.DEATH, _death("kuolinpv")),
    "KUOLLEEKSIJULISTAMISPAIVA": Reader(Field.DEATH, _death("kuolleeksijulistamispv")),
    "ASIAKASREKISTERIN_PAIVITYSKIELTO": Reader(Field.UPDATE_BAN, _dated(lambda _: True)),
    "SUORAMARKKINOINTIKIELTO": Reader(Field.MARKETING_BAN, _dated(lambda _: True)),
    "YHTEYSTIETOJEN_LUOVUTUSKIELTO": Reader(Field.DISCLOSURE_BAN, _dated(lambda _: True)),
}
"""Groups that become facts. Every other group is passed over, except those that `names` and `protection` read."""

HIDDEN_FIELDS = LOCATION_FIELDS | {Field.EMAIL}
"""What an order takes away; the register itself withholds the e-mail address along with the places."""
