"""Made-up people, and the change that is about one of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from sync.matching.model_file import parse_model
from sync.matching.normalise.street import parse_street_line
from sync.matching.prepared import Prepared, prepare_customer, prepare_identity
from sync.model import LOCATION_FIELDS, Address, Customer, FactValue, Field, Identity, PartialDate, PersonName, Text

MODEL_FILE = Path(__file__).parents[3] / "config" / "models" / "default.json"
MODEL = parse_model(MODEL_FILE.read_text(encoding="utf-8"))

ID, OTHER_ID = "131052-9052", "131052-913A"


def home(line: str = "Rantatie 5 A 3", postcode: str | None = "00100", town: str | None = "Helsinki") -> Address:
    """Return an address from its line, postcode and town."""
    return replace(parse_street_line(line), postcode=postcode, post_office=Text(fi=town) if town else None)


def name(text: str = "Anna Maija Virtanen", calling: str | None = None) -> PersonName:
    """Return a name whose last word is the surname."""
    given, _, surname = text.rpartition(" ")
    return PersonName(surname, given, calling)


def born(text: str = "1952-10-13") -> PartialDate:
    """Return a date."""
    return PartialDate.parse(text)


def identity(**parts: Any) -> Identity:
    """Return whom a change is about: everything known, but for what is given otherwise."""
    known: dict[str, Any] = {"names": (name(),), "birth_date": born(), "addresses": (home(),)}
    return Identity(**(known | parts))


def customer(
    number: int = 1,
    *,
    protected: bool = False,
    former_ids: tuple[str, ...] = (),
    corrected_id: str | None = None,
    **values: Any,
) -> Customer:
    """Return a customer with that id, who is the person of `identity()`, but for what is given otherwise."""
    known: dict[Field, FactValue] = {Field.NAME: name(), Field.BIRTH_DATE: born(), Field.ADDRESS: home()}
    known |= {Field(key): value for key, value in values.items()}
    held = {field: value for field, value in known.items() if value is not None}
    return Customer(
        "clinic",
        f"K{number}",
        None,
        held,
        corrected_id=corrected_id,
        former_ids=former_ids,
        hidden=LOCATION_FIELDS if protected else frozenset(),
        id=number,
    )


any_text = st.text(max_size=30) | st.text(
    st.characters(categories=["Cs", "Cc", "Lu", "Ll", "Nd", "Mn", "Zs"]), max_size=8
)
few_words = st.sampled_from(
    [
        *("Anna", "Maija", "Anna Maija", "Anni", "Virtanen", "Virtanen Jr", "Virtnaen", "Mäkelä-Koe", "Makela"),
        *("von Koe", "A", "", "Matti J.", "Juri", "Yuri", "Baby"),
    ]
)
any_names = st.builds(PersonName, few_words | any_text, few_words | any_text, st.none() | few_words)
any_dates = st.builds(
    PartialDate, st.sampled_from([1925, 1952, 1953, 2025]), st.sampled_from([3, 10]), st.sampled_from([3, 10, 13, None])
) | st.builds(PartialDate, st.sampled_from([1952, 1953]))
few_lines = st.sampled_from(
    [
        *("Rantatie 5 A 3", "Rantat. 5a3", "Rantatie 5", "Rantatie 7", "Koulukatu 5 A 3", "Häkätie 6a", "Hakatie 6 A"),
        *("PL 12", "Box 12", "", "Koe"),
    ]
)
any_addresses = st.builds(
    home,
    few_lines | any_text,
    st.sampled_from(["00100", "FI-00100", "00200", "90570", None, ""]),
    st.sampled_from(["Helsinki", "HELSINKI", "Helsingfors", "Oulu", None]),
)
any_phones = st.sampled_from(["+358401234567", "040 1234567", "0401234568", "koe"])
any_emails = st.sampled_from(["anna@example.org", "Anna@Example.ORG", "a.n.n.a@gmail.com", "anna+koe@gmail.com", "koe"])
any_identities = st.builds(
    Identity,
    names=st.lists(any_names, max_size=2).map(tuple),
    birth_date=st.none() | any_dates,
    addresses=st.lists(any_addresses, max_size=2).map(tuple),
    phone=st.none() | any_phones,
    email=st.none() | any_emails,
)
any_customers = st.builds(
    customer,
    st.integers(1, 1_000_000),
    protected=st.booleans(),
    name=st.none() | any_names,
    birth_date=st.none() | any_dates,
    address=st.none() | any_addresses,
    phone=st.none() | any_phones,
    email=st.none() | any_emails,
)


def _with_more(person: Prepared, sex: str, regions: list[str]) -> Prepared:
    """Add what only labelled data tell."""
    places = tuple(place._replace(region=region) for place, region in zip(person.places, regions, strict=False))
    return person._replace(sex=sex, places=places)


any_people = st.builds(
    _with_more,
    st.builds(prepare_identity, any_identities) | st.builds(prepare_customer, any_customers),
    st.sampled_from(["", "f", "m"]),
    st.lists(st.sampled_from(["", "wa", "nsw"]), min_size=2, max_size=2),
)
"""Either side of a comparison, with whatever can be compared."""
