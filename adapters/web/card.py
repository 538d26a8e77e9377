"""A customer's status as lines for a screen."""

from collections.abc import Mapping
from dataclasses import dataclass

import phonenumbers

from sync.freshness.sentences import ASKING, advice, label, sentence
from sync.freshness.status import CustomerStatus, FieldStatus, State
from sync.model import LOCATION_FIELDS, Address, FactValue, Field
from sync.model.address import Language

_SPEAKS_FOR_ITSELF = frozenset({State.ON_HOLD, State.DECEASED, State.CONTACT_ONLY})

_WORDS: Mapping[Language, Mapping[State, str]] = {
    "fi": {
        State.CURRENT: "Kunnossa",
        State.CHANGED: "Päivitetty",
        State.COMING: "Tulossa",
        State.CONTACT_ONLY: "Hiljaa",
        State.ON_HOLD: "Odota",
        State.DECEASED: "Tarkista",
    }
    | dict.fromkeys(ASKING, "Kysy"),
    "sv": {
        State.CURRENT: "I sin ordning",
        State.CHANGED: "Uppdaterad",
        State.COMING: "På väg",
        State.CONTACT_ONLY: "Tyst",
        State.ON_HOLD: "Vänta",
        State.DECEASED: "Kontrollera",
    }
    | dict.fromkeys(ASKING, "Fråga"),
    "en": {
        State.CURRENT: "In order",
        State.CHANGED: "Updated",
        State.COMING: "Coming",
        State.CONTACT_ONLY: "Quietly",
        State.ON_HOLD: "Wait",
        State.DECEASED: "Check",
    }
    | dict.fromkeys(ASKING, "Ask"),
}
_NOTHING: Mapping[Language, str] = {"fi": "Ei kysyttävää", "sv": "Inget att fråga", "en": "Nothing to ask"}


@dataclass(frozen=True, slots=True)
class Line:
    """One field on the screen.

    Attributes:
        field: which field.
        state: chooses the icon.
        label: the field's name.
        word: the state in a word, beside the icon.
        sentence: what is known.
        advice: what to do.
        can_reveal: a button that shows the value makes sense.
        value: the value as printed lines; empty when it was not asked for or may not be shown.
    """

    field: Field
    state: State
    label: str
    word: str
    sentence: str
    advice: str
    can_reveal: bool
    value: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One customer on the screen.

    Attributes:
        register: name of the register.
        key: the register's key.
        summary: what there is to ask, in one line; empty where the lines have to be read.
        lines: field by field.
    """

    register: str
    key: str
    summary: str
    lines: tuple[Line, ...]


def card(status: CustomerStatus, language: Language, *, revealed: Field | None = None) -> Card:
    """Lay out a status; only the value of the field that was asked for."""
    lines = tuple(_line(status, field, language, show=field.field is revealed) for field in status.fields)
    return Card(status.register, status.key, _summary(lines, language), lines)


def tell(status: CustomerStatus, field: FieldStatus, language: Language) -> str:
    """Return a field's sentence at the moment that the status holds for."""
    return sentence(field, language, asked_at=status.asked_at, today=status.today)


def printed(field: FieldStatus, language: Language) -> tuple[str, ...]:
    """Print a field's value as lines, empty when there is none or it may not be shown."""
    if field.value is None or _withheld(field):
        return ()
    return _lines_of(field.field, field.value, language)


def _withheld(field: FieldStatus) -> bool:
    """Tell whether a value would tell where a protected person is; the engine gives none, and this does not rely on it."""
    return field.state is State.CONTACT_ONLY and field.field in LOCATION_FIELDS


def _line(status: CustomerStatus, field: FieldStatus, language: Language, *, show: bool) -> Line:
    return Line(
        field=field.field,
        state=field.state,
        label=label(field.field, language),
        word=_WORDS[language][field.state],
        sentence=tell(status, field, language),
        advice=advice(field, language),
        can_reveal=not _withheld(field),
        value=printed(field, language) if show else (),
    )


def _summary(lines: tuple[Line, ...], language: Language) -> str:
    asking = [line for line in lines if line.state in ASKING]
    if asking and not any(line.state is State.DECEASED for line in lines):
        return f"{asking[0].word}: {', '.join(line.label[0].lower() + line.label[1:] for line in asking)}"
    return "" if any(line.state in _SPEAKS_FOR_ITSELF for line in lines) else _NOTHING[language]


def _lines_of(field: Field, value: FactValue, language: Language) -> tuple[str, ...]:
    if isinstance(value, Address):
        return value.print(language)
    return (_phone(value),) if field is Field.PHONE and isinstance(value, str) else (str(value),)


def _phone(number: str) -> str:
    """Group a number as people read it; one that cannot be read stays as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
