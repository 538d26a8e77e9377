"""What the desk reads about a field: one sentence and what to do, in Finnish, Swedish and English.

No sentence, question or advice holds a value, so every one of them may stand on a screen that a customer can see.
"""
# ruff: noqa: RUF001 - these are sentences for people: a dash is a dash

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sync.freshness.status import FieldStatus, State
from sync.model import Field
from sync.model.address import Language

ASKING = frozenset({State.ASK, State.NOT_COVERED, State.CONFLICT, State.RETURNED})
"""States in which the desk asks the customer."""

_DAYS_UNTIL_MONTHS = 60
_MONTHS_UNTIL_YEARS = 36
_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class _Noun:
    """How one language speaks of one field.

    Attributes:
        label: the bare word, for a heading.
        subject: the word as the subject of a sentence, capitalised.
        new: "new" and the word, capitalised.
        returned: what failed to arrive, with its participle.
        question: what to ask; reveals nothing.
        neuter: Swedish ett-word: "bekräftat" instead of "bekräftad".
    """

    label: str
    subject: str
    new: str
    returned: str
    question: str
    neuter: bool = False


_FI_POST, _SV_POST, _EN_POST = "Posti palautunut", "Posten i retur", "Mail returned"
_FI_MESSAGE, _SV_MESSAGE, _EN_MESSAGE = (
    "Viesti ei mennyt perille",
    "Meddelandet gick inte fram",
    "Message not delivered",
)

_NOUNS: Mapping[Language, Mapping[Field, _Noun]] = {
    "fi": {
        Field.ADDRESS: _Noun("Osoite", "Osoite", "Uusi osoite", _FI_POST, "Missä asut nyt?"),
        Field.PHONE: _Noun(
            "Puhelinnumero", "Puhelinnumero", "Uusi puhelinnumero", _FI_MESSAGE, "Mistä numerosta sinut tavoittaa?"
        ),
        Field.EMAIL: _Noun(
            "Sähköposti",
            "Sähköposti",
            "Uusi sähköpostiosoite",
            "Sähköposti palautunut",
            "Mikä on sähköpostiosoitteesi?",
        ),
        Field.NAME: _Noun("Nimi", "Nimi", "Uusi nimi", _FI_POST, "Mikä on koko nimesi?"),
        Field.TEMPORARY_ADDRESS: _Noun(
            "Tilapäinen osoite",
            "Tilapäinen osoite",
            "Uusi tilapäinen osoite",
            _FI_POST,
            "Asutko tilapäisesti jossain muualla?",
        ),
        Field.POSTAL_ADDRESS: _Noun(
            "Postiosoite", "Postiosoite", "Uusi postiosoite", _FI_POST, "Minne haluat postisi?"
        ),
        Field.CONTACT_ADDRESS: _Noun(
            "Yhteysosoite", "Yhteysosoite", "Uusi yhteysosoite", _FI_POST, "Minne voimme lähettää postia?"
        ),
    },
    "sv": {
        Field.ADDRESS: _Noun("Adress", "Adressen", "Ny adress", _SV_POST, "Var bor du nu?"),
        Field.PHONE: _Noun(
            "Telefonnummer",
            "Telefonnumret",
            "Nytt telefonnummer",
            _SV_MESSAGE,
            "På vilket nummer når vi dig?",
            neuter=True,
        ),
        Field.EMAIL: _Noun("E-post", "E-posten", "Ny e-postadress", "E-posten i retur", "Vilken är din e-postadress?"),
        Field.NAME: _Noun("Namn", "Namnet", "Nytt namn", _SV_POST, "Vad är ditt fullständiga namn?", neuter=True),
        Field.TEMPORARY_ADDRESS: _Noun(
            "Tillfällig adress",
            "Den tillfälliga adressen",
            "Ny tillfällig adress",
            _SV_POST,
            "Bor du tillfälligt någon annanstans?",
        ),
        Field.POSTAL_ADDRESS: _Noun(
            "Postadress", "Postadressen", "Ny postadress", _SV_POST, "Vart vill du ha din post?"
        ),
        Field.CONTACT_ADDRESS: _Noun(
            "Kontaktadress", "Kontaktadressen", "Ny kontaktadress", _SV_POST, "Vart kan vi skicka post?"
        ),
    },
    "en": {
        Field.ADDRESS: _Noun("Address", "Address", "New address", _EN_POST, "Where do you live now?"),
        Field.PHONE: _Noun(
            "Phone number", "Phone number", "New phone number", _EN_MESSAGE, "Which number can we reach you on?"
        ),
        Field.EMAIL: _Noun("E-mail", "E-mail", "New e-mail address", "E-mail returned", "What is your e-mail address?"),
        Field.NAME: _Noun("Name", "Name", "New name", _EN_POST, "What is your full name?"),
        Field.TEMPORARY_ADDRESS: _Noun(
            "Temporary address",
            "Temporary address",
            "New temporary address",
            _EN_POST,
            "Are you staying somewhere else for a while?",
        ),
        Field.POSTAL_ADDRESS: _Noun(
            "Postal address", "Postal address", "New postal address", _EN_POST, "Where would you like your post?"
        ),
        Field.CONTACT_ADDRESS: _Noun(
            "Contact address", "Contact address", "New contact address", _EN_POST, "Where may we send post?"
        ),
    },
}


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The sentences of one language. `{ago}`, `{source}`, `{age}` and `{day}` bring their own leading space.

    Attributes:
        sentence: by state.
        never: `ask`, when nobody ever confirmed the value.
        ended: `ask`, although confirmed a moment ago: the value ended and nothing came after it.
        someday: `coming`, when the day is not known.
        todo: what to do, by state; a state that asks takes the field's question instead.
        ask: the word before a question.
    """

    sentence: Mapping[State, str]
    never: str
    ended: str
    someday: str
    todo: Mapping[State, str]
    ask: str


_PHRASES: Mapping[Language, _Phrases] = {
    "fi": _Phrases(
        sentence={
            State.CURRENT: "{subject} varmistettu{ago}{source} – ei tarvitse kysyä",
            State.CHANGED: "{subject} muuttui{day} – päivitetty",
            State.COMING: "{new}{day} alkaen",
            State.ASK: "Ei varmistettu{age} – kysy",
            State.NOT_COVERED: "Ei automaattista päivitystä – kysy",
            State.CONFLICT: "Kaksi eri tietoa – kysy",
            State.RETURNED: "{returned}{day} – kysy",
            State.CONTACT_ONLY: "Käytä yhteysosoitetta. Älä lue ääneen.",
            State.ON_HOLD: "Tieto tarkistettavana – älä muuta",
            State.DECEASED: "Älä ota yhteyttä – tarkista tiedot",
        },
        never="Ei koskaan varmistettu – kysy",
        ended="Ei voimassa olevaa tietoa – kysy",
        someday="{new} tulossa",
        todo={
            State.CURRENT: "Ei toimenpiteitä",
            State.CHANGED: "Ei toimenpiteitä",
            State.COMING: "Vaihtuu itsestään – ei tarvitse kysyä",
            State.CONTACT_ONLY: "Älä näytä ruutua äläkä kerro tietoja muille",
            State.ON_HOLD: "Ohjaa kysymykset tietosuojavastaavalle",
            State.DECEASED: "Älä soita äläkä lähetä postia",
        },
        ask="Kysy",
    ),
    "sv": _Phrases(
        sentence={
            State.CURRENT: "{subject} {confirmed}{ago}{source} – behöver inte frågas",
            State.CHANGED: "{subject} ändrades{day} – {updated}",
            State.COMING: "{new} fr.o.m.{day}",
            State.ASK: "Inte {confirmed}{age} – fråga",
            State.NOT_COVERED: "Uppdateras inte automatiskt – fråga",
            State.CONFLICT: "Två olika uppgifter – fråga",
            State.RETURNED: "{returned}{day} – fråga",
            State.CONTACT_ONLY: "Använd kontaktadressen. Läs inte högt.",
            State.ON_HOLD: "Uppgiften utreds – ändra inte",
            State.DECEASED: "Kontakta inte – kontrollera uppgifterna",
        },
        never="Aldrig {confirmed} – fråga",
        ended="Ingen gällande uppgift – fråga",
        someday="{new} på väg",
        todo={
            State.CURRENT: "Inga åtgärder",
            State.CHANGED: "Inga åtgärder",
            State.COMING: "Byts automatiskt – behöver inte frågas",
            State.CONTACT_ONLY: "Visa inte skärmen och lämna inte ut uppgifter",
            State.ON_HOLD: "Hänvisa frågor till dataskyddsombudet",
            State.DECEASED: "Ring inte och skicka inte post",
        },
        ask="Fråga",
    ),
    "en": _Phrases(
        sentence={
            State.CURRENT: "{subject} confirmed{ago}{source} – no need to ask",
            State.CHANGED: "{subject} changed{day} – updated",
            State.COMING: "{new} from{day}",
            State.ASK: "Not confirmed{age} – please ask",
            State.NOT_COVERED: "Not updated automatically – please ask",
            State.CONFLICT: "Two different values – please ask",
            State.RETURNED: "{returned}{day} – please ask",
            State.CONTACT_ONLY: "Use the contact address. Do not read aloud.",
            State.ON_HOLD: "Being checked – do not change",
            State.DECEASED: "Do not contact – check the record",
        },
        never="Never confirmed – please ask",
        ended="Nothing valid on record – please ask",
        someday="{new} coming",
        todo={
            State.CURRENT: "Nothing to do",
            State.CHANGED: "Nothing to do",
            State.COMING: "Changes by itself – no need to ask",
            State.CONTACT_ONLY: "Do not show the screen or pass anything on",
            State.ON_HOLD: "Refer questions to the data protection officer",
            State.DECEASED: "Do not call or send post",
        },
        ask="Ask",
    ),
}

_TODAY: Mapping[Language, str] = {"fi": "tänään", "sv": "i dag", "en": "today"}
_YESTERDAY: Mapping[Language, str] = {"fi": "eilen", "sv": "i går", "en": "yesterday"}
_AGO: Mapping[Language, tuple[str, str, str]] = {  # days, months, years
    "fi": ("{} pv sitten", "{} kk sitten", "{} vuotta sitten"),
    "sv": ("för {} dagar sedan", "för {} månader sedan", "för {} år sedan"),
    "en": ("{} days ago", "{} months ago", "{} years ago"),
}
_FOR: Mapping[Language, tuple[str, str, str]] = {
    "fi": ("{} pv:ään", "{} kk:een", "{} vuoteen"),
    "sv": ("på {} dagar", "på {} mån", "på {} år"),
    "en": ("for {} days", "for {} months", "for {} years"),
}


def label(field: Field, language: Language) -> str:
    """Return the name of a field.

    Raises:
        KeyError: a field that the desk is never told about (ids, dates of birth and death, bans).
    """
    return _NOUNS[language][field].label


def sentence(status: FieldStatus, language: Language, *, asked_at: datetime, today: date) -> str:
    """Say what is known about a field, without its value.

    Args:
        status: the field's state.
        language: of the sentence.
        asked_at: the moment of asking; "today" and "3 days ago" count calendar days in its time zone.
        today: that moment's day in the register's time zone; a date of another year is told with its year.

    Raises:
        KeyError: a field that the desk is never told about.
    """
    noun = _NOUNS[language][status.field]
    days = _days_since(status.confirmed_at, asked_at)
    return _template(status, _PHRASES[language], days).format(
        subject=noun.subject,
        new=noun.new,
        returned=noun.returned,
        confirmed="bekräftat" if noun.neuter else "bekräftad",
        updated="uppdaterat" if noun.neuter else "uppdaterad",
        ago=_spaced(_ago(days, status.confirmed_at, asked_at, language)),
        age=_spaced(_age(days, status.confirmed_at, asked_at, language)),
        source=f" ({status.source})" if status.source else "",
        day=_spaced(_day(status, language, today)),
    )


def advice(status: FieldStatus, language: Language) -> str:
    """Say what to do, in one short line; a question reveals nothing.

    Raises:
        KeyError: a field that the desk is never told about.
    """
    phrases = _PHRASES[language]
    if status.state in ASKING:
        return f"{phrases.ask}: {_NOUNS[language][status.field].question}"
    return phrases.todo[status.state]


def _template(status: FieldStatus, phrases: _Phrases, days: int | None) -> str:
    if status.state is State.ASK and days is None:
        return phrases.never
    if status.state is State.ASK and days is not None and days <= 1:
        return phrases.ended
    if status.state is State.COMING and status.day is None:
        return phrases.someday
    return phrases.sentence[status.state]


def _days_since(moment: datetime | None, asked_at: datetime) -> int | None:
    if moment is None:
        return None
    return max(0, (asked_at.date() - moment.astimezone(asked_at.tzinfo).date()).days)


def _months_since(moment: datetime, asked_at: datetime) -> int:
    """Count the whole calendar months, at least two: less is told in days."""
    start = moment.astimezone(asked_at.tzinfo)
    months = (asked_at.year - start.year) * 12 + asked_at.month - start.month
    return max(2, months - (asked_at.day < start.day))


def _ago(days: int | None, moment: datetime | None, asked_at: datetime, language: Language) -> str:
    if days is not None and days <= 1:
        return (_TODAY if days == 0 else _YESTERDAY)[language]
    return _measured(days, moment, asked_at, _AGO[language])


def _age(days: int | None, moment: datetime | None, asked_at: datetime, language: Language) -> str:
    return _measured(days, moment, asked_at, _FOR[language])


def _measured(days: int | None, moment: datetime | None, asked_at: datetime, forms: tuple[str, str, str]) -> str:
    if days is None or moment is None:
        return ""
    if days <= _DAYS_UNTIL_MONTHS:
        return forms[0].format(days)
    months = _months_since(moment, asked_at)
    return forms[1].format(months) if months < _MONTHS_UNTIL_YEARS else forms[2].format(months // 12)


def _day(status: FieldStatus, language: Language, today: date) -> str:
    """Print the day as people of that language write it; "from" needs a date even when that is today."""
    day = status.day
    if day is None:
        return ""
    if day == today and status.state is not State.COMING:
        return _TODAY[language]
    this_year = day.year == today.year
    if language == "en":
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]}" + ("" if this_year else f" {day.year}")
    if this_year:
        return f"{day.day}.{day.month}" + ("." if language == "fi" else "")
    return f"{day.day}.{day.month}.{day.year}"


def _spaced(text: str) -> str:
    return f" {text}" if text else ""
