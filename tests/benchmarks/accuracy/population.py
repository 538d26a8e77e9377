"""The sandbox's own population: a clinic's register as receptionists typed it, and what people told the postal operator.

`python -m tests.benchmarks.accuracy.population FOLDER [NAME …]`. The changes are the movers of the notices that the
sandbox's operator sends, each person's first: with the home that is left, without a national id, mostly with a birth
date. Of phone numbers and email addresses a part is left out, so that names and homes have to do.
"""

import json
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from adapters.sandbox.clinic import Clinic
from adapters.sandbox.moves_lines import Line, lines_of
from adapters.sandbox.population import Population
from tests.benchmarks.accuracy.files import Columns, Labelled, Records, write

TODAY = date(2026, 11, 1)
DAYS = 90
_IN_SWEDISH, _IN_SWEDISH_BY_OTHERS = 0.75, 0.1
_TOLD = (
    "etunimet",
    "sukunimi",
    "syntymaaika",
    "lahiosoite",
    "postinumero",
    "postitoimipaikka",
    "puhelin",
    "sahkoposti",
)

FIELDS: Columns = {
    "given_names": "etunimet",
    "surname": "sukunimi",
    "birth_date": "syntymaaika",
    "street_line": "lahiosoite",
    "postcode": "postinumero",
    "city": "postitoimipaikka",
    "phone": "puhelin",
    "email": "sahkoposti",
}


@dataclass(frozen=True, slots=True)
class Story:
    """What is to be made up.

    Attributes:
        customers: how many there are.
        seed: of all chance.
        phones: share of the phone numbers that were told and are passed on; half of the movers tell one.
        emails: the same of email addresses, which two movers in five tell.
    """

    customers: int
    seed: int
    phones: float = 0.6
    emails: float = 0.25


SETS = {
    "sandbox": Story(100_000, 4),
    "sandbox_10k": Story(10_000, 3),
    "sandbox_all_contacts": Story(100_000, 4, phones=1, emails=1),
}


def labelled(story: Story) -> Labelled:
    """Make a register of so many customers, and the changes of three months."""
    people = Population.grow(people=round(story.customers * 1.5), days=DAYS, seed=story.seed, today=TODAY)
    with tempfile.TemporaryDirectory(prefix="ajantasa-accuracy-") as name:
        clinic = Clinic.open(f"sqlite:///{Path(name) / 'clinic.db'}", people)
        rows = clinic.rows()
        clinic.close()
    register = [[str(row["asiakasnumero"]), *(str(row[column] or "") for column in _TOLD)] for row in rows]
    customer_of = {person: str(customer) for customer, person in clinic.truth.people.items()}
    told = list(changes(people, lines_of(people), story))
    pairs = [(customer_of[person], row[0]) for person, row in told if person in customer_of]
    return Labelled(
        Records(("asiakasnumero", *_TOLD), register), Records(("muutto", *_TOLD), [row for _, row in told]), pairs
    )


def changes(people: Population, lines: Iterable[Line], story: Story) -> Iterator[tuple[int, list[str]]]:
    """Write each mover's first notice as one row, beside whom it is about.

    A second notice says a home that the first one has told the register; here the register stands still.
    """
    rng = random.Random(f"{story.seed} forms")
    seen: set[int] = set()
    for line in lines:
        notice = json.loads(line.text)
        if notice["type"] != "notice":
            continue
        swedish = any(people.people[number].tongue == "sv" for number in line.people)
        language = "sv" if rng.random() < (_IN_SWEDISH if swedish else _IN_SWEDISH_BY_OTHERS) else "fi"
        home = _written(notice["from"], language)
        for number, mover in zip(line.people, notice["movers"], strict=True):
            contact = _contact(mover, story, rng)
            if number not in seen:
                seen.add(number)
                names = [mover["given_names"], mover["surname"], mover.get("birth_date", "")]
                yield number, [f"{notice['notice_id']}-{mover['mover_id']}", *names, *home, *contact]


def _written(home: Mapping[str, Any], language: str) -> list[str]:
    """Write an address as street line, postcode, town; in that language, where the street has a name in it."""
    line = (_text(home.get("street"), language), *(home.get(part, "") for part in ("number", "stairwell", "flat")))
    return [" ".join(filter(None, line)), home.get("postcode", ""), _text(home.get("post_office"), language)]


def _text(text: Mapping[str, str] | None, language: str) -> str:
    return "" if text is None else text.get(language) or text.get("fi") or text.get("sv") or ""


def _contact(mover: Mapping[str, str], story: Story, rng: random.Random) -> list[str]:
    shares = {"phone": story.phones, "email": story.emails}
    return [mover.get(key, "") if rng.random() < share else "" for key, share in shares.items()]


def main(folder: Path, names: Sequence[str]) -> None:
    """Write the named sets, or all, each into a folder of its own."""
    for name in names or SETS:
        write(folder / name, labelled(SETS[name]), FIELDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
