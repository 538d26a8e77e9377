"""Telling where a customer's values come from."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from adapters.cli.explaining import Words
from adapters.cli.feeds import reference
from adapters.cli.output import out, print_json, reader
from adapters.cli.service import Call, Json
from adapters.provenance.fhir import provenance_bundle
from adapters.provenance.plain import story_as_data
from adapters.provenance.prov_json import prov_document
from adapters.provenance.subject import Subject
from sync.model import Field
from sync.parts import RegisterParts
from sync.provenance.sentences import Teller, heading, say_hidden, tell_story
from sync.provenance.story import Story
from sync.recalling import Past, note_reading, past_of, stories_of, weighed


class Format(StrEnum):
    """In what form the story is told."""

    TEXT = "text"
    PROV = "prov"
    FHIR = "fhir"


def provenance(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(help="KEY, or REGISTER:KEY where there are several registers.")],
    field: Annotated[Field | None, typer.Option("--field", help="Only this field.")] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="Sentences, W3C PROV-JSON, or FHIR R4 Provenance.")
    ] = Format.TEXT,
    reveal: Annotated[bool, typer.Option("--reveal", help="Tell the values too.")] = False,
    language: Words = "en",
    json: Json = False,
) -> None:
    """Tell where every value of a customer comes from, past ones too. The reading is noted."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        register, key = reference(parts, ref)
        past = past_of(parts, register, key, reader=reader())
        found = [story for story in stories_of(parts, past) if field in (None, story.field)]
        note_reading(parts, register.name, past.customer_id, reader(), revealed=reveal)
    subject = Subject(register.name, key, past.asking.now, reveal, call.version)
    hidden = [one for one in Field if one in past.hidden and field in (None, one)]
    if format_ is Format.PROV:
        print_json(prov_document(found, subject))
    elif format_ is Format.FHIR:
        print_json(provenance_bundle(found, subject))
    elif json:
        print_json(_plain(subject, found, hidden, _teller(past, register, language, reveal=reveal)))
    else:
        _print(subject, found, hidden, _teller(past, register, language, reveal=reveal))


def _teller(past: Past, register: RegisterParts, language: Any, *, reveal: bool) -> Teller:
    candidates = {one.held.id: found for one in past.said if (found := weighed(one, past))}
    return Teller(language, past.asking.zone, register.policy.names, reveal, candidates)


def _plain(subject: Subject, found: list[Story], hidden: list[Field], teller: Teller) -> dict[str, Any]:
    return {
        "register": subject.register,
        "key": subject.key,
        "told_at": subject.told_at.isoformat(),
        "fields": [story_as_data(story, teller) for story in found],
        "hidden": [one.value for one in hidden],
    }


def _print(subject: Subject, found: list[Story], hidden: list[Field], teller: Teller) -> None:
    console = out()
    console.print(f"{subject.register}:{subject.key}", style="bold", markup=False)
    for story in found:
        console.print(f"\n{heading(story.field, teller.language)}", style="bold", markup=False)
        for told in tell_story(story, teller):
            console.print(f"  - {' '.join(told)}", markup=False)
    for one in hidden:
        console.print(f"\n{heading(one, teller.language)}: {say_hidden(teller.language)}", markup=False)
