"""The sandbox's own population: a clinic's register as receptionists typed it, and what people told the postal operator.

`python -m tests.benchmarks.accuracy.population FOLDER [NAME …]`. The changes are the movers of the notices that the
sandbox's operator sends, each person's first: with the home that is left, without a national id, mostly with a birth
date. Of phone numbers and email addresses a part is left out, so that names and homes have to do.
"""

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from adapters.sandbox.clinic import Clinic, ClinicTruth
from adapters.sandbox.moves_lines import Line, lines_of
from adapters.sandbox.names import CROWDED, FINNISH, Customs
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
        customs: how the people come by their names.
        columns: what is compared.
    """

    customers: int
    seed: int
    phones: float = 0.6
    emails: float = 0.25
    customs: Customs = FINNISH
    columns: Sequence[str] = tuple(FIELDS)


SETS = {
    "sandbox": Story(100_000, 4),
    "sandbox_10k": Story(10_000, 3),
    "sandbox_second": Story(100_000, 5),
    "sandbox_third": Story(100_000, 6),
    "sandbox_all_contacts": Story(100_000, 4, phones=1, emails=1),
    "sandbox_postcode": Story(100_000, 4, columns=("given_names", "surname", "birth_date", "postcode")),
    "sandbox_crowded": Story(100_000, 4, customs=CROWDED),
}


@dataclass(frozen=True, slots=True)
class Made:
    """What was made up.

    Attributes:
        people: everybody, customer or not.
        truth: which of them are customers.
        about: the number of the person whom each change is about.
        data: the register, the changes and who is whom.
    """

    people: Population
    truth: ClinicTruth
    about: Sequence[int]
    data: Labelled


def labelled(story: Story) -> Labelled:
    """Make a register of so many customers, and the changes of three months."""
    return made(story).data


def made(story: Story) -> Made:
    """Make the same, and keep the truth about everybody."""
    people = Population.grow(
        people=round(story.customers * 1.5), days=DAYS, seed=story.seed, today=TODAY, customs=story.customs
    )
    with tempfile.TemporaryDirectory(prefix="ajantasa-accuracy-") as name:
        clinic = Clinic.open(f"sqlite:///{Path(name) / 'clinic.db'}", people)
        rows = clinic.rows()
        clinic.close()
    register = [[str(row["asiakasnumero"]), *(str(row[column] or "") for column in _TOLD)] for row in rows]
    customer_of = {person: str(customer) for customer, person in clinic.truth.people.items()}
    told = list(changes(people, lines_of(people), story))
    pairs = [(customer_of[person], row[0]) for person, row in told if person in customer_of]
    data = Labelled(
        Records(("asiakasnumero", *_TOLD), register), Records(("muutto", *_TOLD), [row for _, row in told]), pairs
    )
    return Made(people, clinic.truth, [person for person, _ in told], data)


def shares(made: Made) -> dict[str, float]:
    """Tell what such a set consists of."""
    people, customers = made.people.people, made.truth.people
    known = {person: customer for customer, person in customers.items()}
    homes, names, births = (
        Counter(key(person) for person in people)
        for key in (
            lambda one: one.household,
            lambda one: (one.household, one.name.surname, one.name.given_names.split(" ")[0]),
            lambda one: (one.household, one.birth),
        )
    )
    shared = {household for household, size in homes.items() if size > 1}
    with_customers = {people[person].household for person in customers.values()}
    strangers = [person for person in made.about if person not in known]
    met = [person for person in made.about if person in known]
    rows = made.data.changes.rows
    undated = {row[0] for row in made.data.register.rows if not row[3]}
    return {
        "changes": len(rows),
        "about strangers": len(strangers) / len(rows),
        "about strangers who live with customers": sum(people[one].household in with_customers for one in strangers)
        / len(rows),
        "without birth date": sum(not row[3] for row in rows) / len(rows),
        "with a name and the home that is left, and nothing else": sum(not (row[3] or row[7] or row[8]) for row in rows)
        / len(rows),
        "about customers whose birth date is not in the register": sum(str(known[one]) in undated for one in met)
        / len(rows),
        "about customers whose home in the register is an older one": sum(known[one] in made.truth.stale for one in met)
        / len(rows),
        "households of two or more where two have one surname and first name": len(
            {household for (household, _, _), often in names.items() if often > 1}
        )
        / len(shared),
        "households of two or more with twins": len({home for (home, _), often in births.items() if often > 1})
        / len(shared),
    }


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
    """Write the named sets, or all, each into a folder of its own, and print what they consist of."""
    for name in names or SETS:
        story = SETS[name]
        found = made(story)
        write(folder / name, found.data, {column: FIELDS[column] for column in story.columns})
        told = {key: round(value, 4) for key, value in shares(found).items()}
        sys.stdout.write(json.dumps({name: told}, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
