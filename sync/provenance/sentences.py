"""The story of a field in plain sentences, in Finnish, Swedish and English. No sentence holds a value unless it is given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from sync.matching.explain import describe, say_against, say_odds
from sync.matching.explain.sentences import say_bits
from sync.matching.explain.steps import is_weighed
from sync.model import (
    STANDING_FIELDS,
    Address,
    Candidate,
    FactKind,
    FactValue,
    Field,
    HeldFact,
    MatchRule,
    PartialDate,
    Precision,
    Source,
)
from sync.model.address import Language
from sync.ports.store import DeliveryState
from sync.provenance.english import ENGLISH
from sync.provenance.finnish import FINNISH
from sync.provenance.story import Carried, Standing, Statement, Story
from sync.provenance.swedish import SWEDISH
from sync.provenance.words import Words

WORDS: Mapping[Language, Words] = {"fi": FINNISH, "sv": SWEDISH, "en": ENGLISH}

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHOWN_OF_HASH = 12
_FROM_OUTSIDE = frozenset(Source) - {Source.REGISTER, Source.STAFF}
_OF_OTHERS = frozenset({Standing.CONFIRMS, Standing.SPEAKS, Standing.UNDOES, Standing.UNDONE})
_CLAIMING = frozenset({FactKind.SET, FactKind.CORRECTED, FactKind.CONFIRMED})
_MATCHED = frozenset({MatchRule.WEIGHT, MatchRule.REVIEWER})


@dataclass(frozen=True, slots=True)
class Teller:
    """In which words a story is told.

    Attributes:
        language: of the sentences.
        zone: in which moments are told.
        names: display names of feeds and registers.
        reveal: tell values too.
        weighed: how the match of a statement is explained, by the fact's id; without places where those are hidden.
    """

    language: Language
    zone: tzinfo
    names: Mapping[str, str]
    reveal: bool = False
    weighed: Mapping[int, Candidate] = field(default_factory=dict)

    @property
    def words(self) -> Words:
        """The language's own."""
        return WORDS[self.language]


def heading(name: Field, language: Language) -> str:
    """Name a field."""
    return WORDS[language].fields[name]


def say_hidden(language: Language) -> str:
    """Say that nothing is told of a field."""
    return WORDS[language].hidden


def tell_story(story: Story, teller: Teller) -> tuple[tuple[str, ...], ...]:
    """Tell every statement in a few sentences of its own, then what emptied the field."""
    told = [tell_statement(statement, teller) for statement in story.statements]
    emptied = tuple(_delivery(one, teller.words.emptied, teller) for one in story.emptied)
    return (*told, *((emptied,) if emptied else ()))


def tell_statement(statement: Statement, teller: Teller) -> tuple[str, ...]:
    """Tell what was said, by whom, when we learned it, why it is about this customer, and what became of it."""
    return tuple(_sentences(statement, teller))


def _sentences(one: Statement, teller: Teller) -> Iterator[str]:
    words, held, why = teller.words, one.held, one.stored.provenance
    yield _said(held, teller)
    if teller.reveal and held.fact.value is not None:
        yield words.value.format(value=print_value(held.fact.value, teller.language))
    yield _learned(held, teller)
    if held.event and not held.about:
        position = why.position or "-"
        yield words.event.format(event=held.event[:_SHOWN_OF_HASH], feed=_name(held, teller), position=position)
    yield from _match(one, teller)
    yield _standing(one, teller)
    if one.rule:
        yield _rule(one, teller)
    if one.late:
        yield words.late
    if one.repeats and one.standing not in _OF_OTHERS:
        yield words.repeats.format(who=who_said(one.repeats, teller))
    yield from (_delivery(carried, words.deliveries, teller) for carried in one.deliveries)
    if not one.deliveries and one.standing in (Standing.HOLDS, Standing.HELD) and held.source in _FROM_OUTSIDE:
        yield words.undelivered


def _said(held: HeldFact, teller: Teller) -> str:
    words, who = teller.words, who_said(held, teller)
    if held.source is Source.REGISTER:
        return words.found.format(who=_name(held, teller))
    fact = held.fact
    if fact.field in STANDING_FIELDS and fact.kind in _CLAIMING:
        return _capital(words.order.format(who=who))
    when = _between(words.holding, fact.valid_from, fact.valid_until, teller.language)
    on = (
        f"{' on ' if teller.language == 'en' else ' '}{say_day(fact.valid_from, teller.language)}"
        if fact.valid_from
        else ""
    )
    return _capital(words.kinds[fact.kind].format(who=who, when=when, on=on))


def _learned(held: HeldFact, teller: Teller) -> str:
    learned = say_moment(held.learned_at, teller)
    if held.recorded_at == held.learned_at:
        return teller.words.learned.format(learned=learned)
    return teller.words.written.format(written=say_moment(held.recorded_at, teller), learned=learned)


def _match(one: Statement, teller: Teller) -> Iterator[str]:
    words, why, language = teller.words, one.stored.provenance, teller.language
    if why.rule:
        yield words.matched[why.rule]
    weighed = teller.weighed.get(one.held.id)
    if weighed and why.rule in _MATCHED and is_weighed(weighed):
        yield words.weighed.format(bits=say_bits(weighed.weight, language), model=why.model or "-")
        yield (
            f"{say_odds(weighed.weight, language)} {say_against(weighed.against, language)}: "
            + "; ".join(describe(weighed, language))
            + "."
        )
    if why.decided_by:
        yield words.decided.format(name=why.decided_by)
    if why.reason:
        yield words.reason.format(reason=why.reason)


def _standing(one: Statement, teller: Teller) -> str:
    words = teller.words
    first, last = (PartialDate.of(day) if day else None for day in (one.first, one.last))
    cancelled = one.held.cancelled_at
    return _phrase(one, words).format(
        days=_between(words.days, first, last, teller.language),
        by=who_said(one.by, teller),
        of=who_said(one.repeats, teller),
        learned=say_moment(one.by.learned_at, teller) if one.by else "-",
        cancelled=say_moment(cancelled, teller) if cancelled else "-",
    )


def _phrase(one: Statement, words: Words) -> str:
    if one.agrees:
        return words.agrees
    if one.held.fact.field in STANDING_FIELDS and one.held.fact.kind in _CLAIMING:
        of_orders = {
            Standing.HOLDS: words.order_stands,
            Standing.HELD: words.order_past,
            Standing.CONFIRMS: words.order_past,
        }
        return of_orders.get(one.standing, words.standings[one.standing])
    return words.standings[one.standing]


def _rule(one: Statement, teller: Teller) -> str:
    winner, loser = (one.by, one.held) if one.standing is Standing.OUTRANKED else (one.held, one.over)
    assert one.rule is not None
    sources = teller.words.sources
    return teller.words.rules[one.rule].format(
        over=who_said(loser, teller),
        winner=sources[winner.source] if winner else "-",
        loser=sources[loser.source] if loser else "-",
    )


def _delivery(one: Carried, phrases: Mapping[DeliveryState, str], teller: Teller) -> str:
    return phrases[one.state].format(
        register=teller.names.get(one.register, one.register),
        made=say_moment(one.created_at, teller),
        acknowledged=say_moment(one.settled_at, teller),
        reason=one.reason,
    )


def who_said(held: HeldFact | None, teller: Teller) -> str:
    """Name who said something, with the kind of speaker: "DVV (population register)"."""
    if held is None:
        return teller.words.somebody
    return f"{_name(held, teller)} ({teller.words.sources[held.source]})"


def _name(held: HeldFact, teller: Teller) -> str:
    return teller.names.get(held.origin, held.origin)


def _between(
    forms: tuple[str, str, str, str], first: PartialDate | None, last: PartialDate | None, language: Language
) -> str:
    form = forms[(0 if last else 1) if first else (2 if last else 3)]
    return form.format(first=say_day(first, language) if first else "", last=say_day(last, language) if last else "")


def say_day(day: PartialDate | date, language: Language) -> str:
    """Print a date to its own precision: "21.11.2026", "11/2026", "2026"; in English "21 Nov 2026"."""
    day = day if isinstance(day, PartialDate) else PartialDate.of(day)
    month = day.month or 0
    if day.precision is Precision.YEAR:
        return str(day.year)
    if language == "en":
        return f"{day.day} {_MONTHS[month - 1]} {day.year}" if day.day else f"{_MONTHS[month - 1]} {day.year}"
    return f"{day.day}.{month}.{day.year}" if day.day else f"{month}/{day.year}"


def say_moment(moment: datetime, teller: Teller) -> str:
    """Print a moment to the minute, in the teller's time zone."""
    local = moment.astimezone(teller.zone)
    day = say_day(local.date(), teller.language)
    clock = f"{local.hour}:{local.minute:02d}" if teller.language == "en" else f"{local.hour}.{local.minute:02d}"
    between = {"fi": " klo ", "sv": " kl. ", "en": " at "}[teller.language]
    return f"{day}{between}{clock}"


def print_value(value: FactValue | None, language: Language) -> str:
    """Print a value on one line."""
    if isinstance(value, bool):
        return WORDS[language].truth[value]
    return ", ".join(value.print(language)) if isinstance(value, Address) else str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
