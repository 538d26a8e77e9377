"""How fast records are prepared, keyed and scored: `python -m tests.benchmarks.matching`.

People are drawn from a small set of names and streets with a fixed seed, so that only ratios within one run mean much.
"""

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sync.matching.keys import change_keys, customer_keys
from sync.matching.model_file import parse_model
from sync.matching.score import prepare_customer, prepare_identity, score
from sync.model import Address, Customer, FactValue, Field, Identity, PartialDate, PersonName, Text

MODEL = Path(__file__).parents[2] / "config" / "models" / "default.json"
PEOPLE = 5_000
ROUNDS = 5
SURNAMES = [
    "Virtanen",
    "Korhonen",
    "Mäkinen",
    "Nieminen",
    "Mäkelä",
    "Hämäläinen",
    "Laine",
    "Heikkinen",
    "Koskinen",
    "Järvinen",
    "Koe-Laine",
    "Ström",
]
GIVEN = [
    "Anna",
    "Maija",
    "Juhani",
    "Matti",
    "Olavi",
    "Johannes",
    "Maria",
    "Helena",
    "Kaarina",
    "Päivi",
    "Åke",
    "Seppo",
    "Tapani",
    "Marjatta",
    "Eeva",
]
STREETS = [
    "Mannerheimintie",
    "Kauppakatu",
    "Rantatie",
    "Öljymäki",
    "Vasagatan",
    "Koulutie",
    "Peltokuja",
    "Tähkätie",
    "Koulukatu",
    "Harjut.",
]


def _customer(number: int, chance: random.Random) -> Customer:
    home = Address(
        street=Text(fi=chance.choice(STREETS)),
        number=str(chance.randrange(1, 90)) + chance.choice(["", "", "", "a"]),
        stairwell=chance.choice(["A", "B", None]),
        flat=chance.choice(["3", "12", "027", None]),
        postcode=f"{chance.randrange(100, 990):03d}00",
        post_office=Text(fi="Helsinki", sv="Helsingfors"),
    )
    name = PersonName(chance.choice(SURNAMES), " ".join(chance.sample(GIVEN, chance.randrange(1, 4))))
    born = PartialDate(chance.randrange(1925, 2020), chance.randrange(1, 13), chance.randrange(1, 29))
    values: dict[Field, FactValue] = {
        Field.NAME: name,
        Field.BIRTH_DATE: born,
        Field.ADDRESS: home,
        Field.EMAIL: f"koe{number}@example.org",
    }
    if number % 2:
        values[Field.NATIONAL_ID] = "131052-9052"  # only its check counts here: all are the same
    return Customer("bench", str(number), None, {**values, Field.PHONE: f"+35840{number:07d}"}, id=number)


def _identity(customer: Customer) -> Identity:
    addresses = (customer.address,) if customer.address else ()
    names = (customer.name,) if customer.name else ()
    return Identity(names=names, birth_date=customer.birth_date, addresses=addresses, phone=customer.phone)


def _rate(work: Callable[[], int]) -> float:
    """Return the best of several rounds, in pieces a second of processor time."""
    best = 0.0
    for _ in range(ROUNDS):
        start = time.process_time()
        done = work()
        best = max(best, done / (time.process_time() - start))
    return best


def measure() -> dict[str, float]:
    """Return each figure by its name, in pieces a second of processor time."""
    chance = random.Random(1)
    customers = [_customer(number, chance) for number in range(PEOPLE)]
    identities = [_identity(customer) for customer in customers]
    model = parse_model(MODEL.read_text())
    people = [prepare_customer(customer) for customer in customers]
    changes = [prepare_identity(identity) for identity in identities]
    neighbours = [(change, people[(at * 7 + step) % PEOPLE]) for at, change in enumerate(changes) for step in range(4)]

    def run(work: Callable[[], Sequence[object]]) -> float:
        return _rate(lambda: len(work()))

    return {
        "prepare_customer": run(lambda: [prepare_customer(customer) for customer in customers]),
        "prepare_identity": run(lambda: [prepare_identity(identity) for identity in identities]),
        "customer_keys": run(lambda: [customer_keys(person, wide=False) for person in people]),
        "identity_keys": run(lambda: [change_keys(change, wide=False) for change in changes]),
        "score": run(lambda: [score(change, person, model) for change, person in neighbours]),
        "score_same": run(
            lambda: [score(change, person, model) for change, person in zip(changes, people, strict=True)]
        ),
    }


if __name__ == "__main__":
    for name, rate in measure().items():
        print(f"{name:20}{rate:12,.0f}/s")
