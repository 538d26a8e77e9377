"""The story in words: complete, in three languages, and without a value unless it is asked for."""

import re
from dataclasses import fields, replace
from typing import get_args

import pytest

from sync.model import FactKind, Field, MatchRule, PartialDate, Source
from sync.model.address import Language
from sync.ports.store import DeliveryState
from sync.provenance.sentences import WORDS, say_day, say_hidden, tell_statement, tell_story
from sync.provenance.story import Standing, WinningRule
from sync.provenance.words import Words
from tests.unit.applying.said import DVV, POST, A, B, said
from tests.unit.provenance.telling import NOW, statement, teller, told, whole_past

LANGUAGES = get_args(Language)
VALUES = re.compile(r"Aapelinkatu|Beetankuja|Cecilianpolku|401234567|00100|\b1952\b")


def everything(language: str, *, reveal: bool = False) -> list[str]:
    """Tell the whole past, a line for each statement."""
    who = teller(language, reveal=reveal)
    return [" ".join(told) for story in whole_past() for told in tell_story(story, who)]


def test_a_statement_is_told_whole() -> None:
    """Who, from when, learned when, in which event, why this customer, who decided, by which rule, and delivered where."""
    assert everything("en")[3] == (
        "DVV (population register) corrected an earlier value; what is right holds from Feb 2020."
        " We learned it on 1 Nov 2026 at 17:00."
        " It came in event cccccccccccc of the feed DVV, position p 7."
        " A person decided that it is about this customer."
        " The match weighs +14.2 bits (model m1)."
        " By the model, about 1 in 19,000 such matches is wrong."
        " Compared with another member of the same household:"
        " Surname equal: +11.2 bits (a rare surname: +2.5); Former address equal: +6.0 bits (few live there: +3.2)."
        " Decided by: liisa äö."
        " It holds from 1 Feb 2020 until 30 Nov 2026."
        " It won over what Klinikka (own register) had said because its date is newer."
        " Delivery to Klinikka: on its way since 2 Nov 2026 at 14:00."
        " Delivered to Klinikka: made on 3 Nov 2026 at 14:00, acknowledged on 3 Nov 2026 at 15:00."
        " Delivery to Klinikka of 4 Nov 2026 at 14:00: taken back, or replaced by a later one, before it was acknowledged."
        " Delivery to Klinikka of 5 Nov 2026 at 14:00: refused by the register (too_long)."
        " Delivery to Klinikka of 6 Nov 2026 at 14:00: the record is no longer there."
    )


def test_it_is_told_in_finnish_and_swedish() -> None:
    """With their dates and clocks."""
    assert everything("fi")[0] == (
        "Tieto oli rekisterissä Klinikka, kun se luettiin ensimmäisen kerran; kukaan ei tiedä, mistä lähtien."
        " Saimme sen tietoomme 25.9.2026 klo 3.00. Se oli voimassa 31.12.2009 asti."
        " Mitään vanhempaa, mikä otettaisiin huomioon, ei ole ilmoitettu."
    )
    assert everything("sv")[2].endswith(
        "Den har aldrig gällt: anmälan togs tillbaka, vilket vi fick veta 2.11.2026 kl. 20.00."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_value_is_told_unless_it_is_asked_for(language: str) -> None:
    """In no sentence of any kind of statement."""
    assert not [line for line in everything(language) if VALUES.search(line)]
    revealed = everything(language, reveal=True)
    assert len([line for line in revealed if VALUES.search(line)]) == 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_filled_in(language: str) -> None:
    """Nothing in braces, no code word and no None is left."""
    outranked = statement(1, said(A, "2026-11-01", source=POST), said(B, "2026-11-01"))
    lines = [*everything(language, reveal=True), " ".join(tell_statement(outranked, teller(language)))]
    assert not [
        line
        for line in lines
        if re.search(r"[{}]|None|True|False| {2}|\w_\w(?<!too_long)", line.replace("too_long", ""))
    ]
    assert [line for line in lines if not line.endswith(".")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_everything(language: Language) -> None:
    """Each field, source, kind, rule, standing and state, no two of a kind alike."""
    words = WORDS[language]
    wanted = {
        "fields": Field,
        "sources": Source,
        "kinds": FactKind,
        "matched": MatchRule,
        "standings": Standing,
        "rules": WinningRule,
        "deliveries": DeliveryState,
        "emptied": DeliveryState,
    }
    for name, kinds in wanted.items():
        said_of = getattr(words, name)
        assert set(said_of) == set(kinds), name
        assert len(set(said_of.values())) == len(said_of), name
    assert all(getattr(words, one.name) for one in fields(Words))
    assert say_hidden(language)


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_no_sentence_was_left_in_english(language: Language) -> None:
    """Each translation differs from the English one, and fills in the same."""
    english, other = WORDS["en"], WORDS[language]
    for one in fields(Words):
        ours, theirs = (_flat(getattr(words, one.name)) for words in (english, other))
        for key, text in ours.items():
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", theirs[key])), (one.name, key)
            assert text != theirs[key] or not text, (one.name, key)


def _flat(words: object) -> dict[object, str]:
    if isinstance(words, str):
        return {"": words}
    return dict(words) if isinstance(words, dict) else dict(enumerate(words))  # type: ignore[call-overload]  # a tuple


@pytest.mark.parametrize(
    ("day", "told"),
    [("2026", ("2026", "2026")), ("2026-03", ("3/2026", "Mar 2026")), ("2026-03-01", ("1.3.2026", "1 Mar 2026"))],
)
def test_a_date_is_told_to_its_precision(day: str, told: tuple[str, str]) -> None:
    """No day is made up for a month."""
    assert (say_day(PartialDate.parse(day), "fi"), say_day(PartialDate.parse(day), "en")) == told


@pytest.mark.parametrize("kind", [FactKind.SET, FactKind.CONFIRMED])
def test_that_there_is_no_order_does_not_sound_like_one(kind: FactKind) -> None:
    """Nobody is told that an order holds where a look-up found none, or where it has ended."""
    clear = said(False, kind=kind, field=Field.PROTECTION)  # type: ignore[arg-type]  # orders have truth values
    first, last = (tell_statement(one, teller()) for one in told(clear, replace(clear, learned_at=NOW)).statements)
    for sentences in (first, last):
        assert sentences[0] == "DVV (population register) told whether it is in force."
        assert not any("holds" in sentence or "It held" in sentence for sentence in sentences)


def test_what_no_delivery_carried_is_said() -> None:
    """Of a provider's value; what stood in the register needed none."""
    from_outside, own = statement(1, said(A, "2020-01-01")), statement(1, said(A, "2020-01-01", source=Source.STAFF))
    assert "No delivery carried it." in tell_statement(from_outside, teller())
    assert "No delivery carried it." not in tell_statement(own, teller())
    assert from_outside.held.source is DVV
