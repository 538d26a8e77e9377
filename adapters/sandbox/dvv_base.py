"""A person's base data as the population register tells it on one day."""

from collections.abc import Sequence
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
from adapters.sandbox.person import MOVES_HOUSE, Event, Person
from sync.model import Address

_LANGUAGES = {"fi": "fin", "sv": "swe", "xx": "mul"}
_LATEST_ORDER_PLACE = 17


def base_data(
    person: Person,
    announced: Sequence[Event],
    wanted: frozenset[str] | None,
    *,
    withhold: bool,
    month_only: bool,
) -> list[Group]:
    """Make the groups of one person.

    Args:
        person: as the register holds them on the day.
        announced: moves that are recorded and lie ahead.
        wanted: names of the groups asked for; None for all.
        withhold: leave out where the person is.
        month_only: of the day on which the person moved home, only the month is known.
    """
    groups = [
        *_identity(person),
        *_home(person, month_only=month_only),
        *_announced(announced),
        *_elsewhere(person),
        *_status(person),
    ]
    if withhold:
        # Every group of the kind is listed, whether the person has one or not.
        groups = [each for each in groups if each["tietoryhma"] not in WITHHELD]
        groups += [withheld(name) for name in WITHHELD]
    if person.protected:
        groups.insert(person.number % _LATEST_ORDER_PLACE, group("TURVAKIELTO", turvakieltoAktiivinen=True))
    return [each for each in groups if wanted is None or each["tietoryhma"] in wanted]


def _identity(person: Person) -> list[Group]:
    name = person.name
    groups = [
        group("SUKUPUOLI", sukupuoli="NAINEN" if person.female else "MIES"),
        group("HENKILON_NIMI", **name_fields(name)),
        group("SYNTYMAPAIVA", syntymapv=day(person.birth)),
        group("SIVIILISAATY", siviilisaaty="AVIOLIITOSSA" if person.married else "NAIMATON"),
    ]
    groups += [
        group("NIMENMUUTOS", nimilaji="EDELLINEN_SUKUNIMI", **twin("nimi", surname))
        for surname in person.former_surnames
    ]
    if name.calling_name:
        groups.append(group("KUTSUMANIMI", nimilaji="NYKYINEN_KUTSUMANIMI", **twin("nimi", name.calling_name)))
    if person.former_ids:
        groups.append(
            group(
                "HENKILOTUNNUS_KORJAUS",
                voimassaolo="AKTIIVI",
                muutettuHenkilotunnus=person.national_id,
                aktiivinenHenkilotunnus=person.national_id,
                edellisetHenkilotunnukset=list(person.former_ids),
            )
        )
    return groups


def _home(person: Person, *, month_only: bool) -> list[Group]:
    home = person.home
    if home is None:
        return []
    since = day(person.home_since, month_only=month_only)
    code = municipality(home)
    groups = [
        group(address_group(home), **address_fields(home), alkupv=since),
        group("KOTIKUNTA", kuntakoodi=code, kuntaanMuuttopv=since),
    ]
    if home.street is not None:
        groups.append(group("VAESTOKIRJANPITOKUNTA", kuntakoodi=code, kuntaanMuuttopv=since))
        groups.append(
            group("VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS", **dwelling_fields(home), alkupv=since),
        )
    if person.previous_home is not None and municipality(person.previous_home) != code:
        groups.append(
            group(
                "EDELLINEN_KOTIKUNTA",
                kuntakoodi=municipality(person.previous_home),
                kuntaanMuuttopv=day(person.previous_since),
                kunnastaPoisMuuttopv=day(person.home_since - timedelta(days=1)),
            )
        )
    return groups


def _announced(events: Sequence[Event]) -> list[Group]:
    homes = [(event, event.after) for event in events if event.kind in MOVES_HOUSE and isinstance(event.after, Address)]
    return [group(address_group(home), **address_fields(home), alkupv=day(event.effective)) for event, home in homes]


def _elsewhere(person: Person) -> list[Group]:
    groups: list[Group] = []
    if person.temporary is not None:
        dates: Group = {"alkupv": day(person.temporary_since), "loppupv": day(person.temporary_until or NO_END)}
        name = address_group(person.temporary, temporary=True)
        groups.append(group(name, **address_fields(person.temporary), **dates))
        code = municipality(person.temporary)
        groups.append(group("TILAPAINEN_KUNTA", kuntakoodi=code, kuntaanMuuttopv=dates["alkupv"]))
    if person.postal is not None:
        groups.append(group("KOTIMAINEN_POSTIOSOITE", **postal_fields(person.postal), alkupv=day(person.postal_since)))
    if person.email is not None and person.number % 3 == 0:  # few have told the register
        groups.append(group("SAHKOPOSTIOSOITE", sahkopostiosoite=person.email, lajikoodi="MAISTRAATTI"))
    return groups


def _status(person: Person) -> list[Group]:
    groups = [
        group("AIDINKIELI", kielikoodi=person.tongue, kielikoodiISO6392=_LANGUAGES[person.tongue]),
        group("KANSALAISUUS", henkilonKansalaisuudet=[{"kansalaisuuskoodi": "246"}]),
    ]
    if person.dead_on is not None:
        groups.append(group("KUOLINPAIVA", kuollut=True, kuolinpv=day(person.dead_on)))
    bans: tuple[tuple[str, date | None], ...] = (
        ("ASIAKASREKISTERIN_PAIVITYSKIELTO", person.update_ban),
        ("SUORAMARKKINOINTIKIELTO", person.marketing_ban),
    )
    groups += [group(name, alkupv=day(since)) for name, since in bans if since is not None]
    return groups
