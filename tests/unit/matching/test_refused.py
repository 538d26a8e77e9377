"""How a person is described from one change to the next, when a reviewer has said that they are not a customer."""

from dataclasses import replace

import pytest

from sync.matching.prepared import Prepared, prepare_customer, prepare_identity
from sync.matching.refused import descriptions, refusable
from sync.model import Address, Change, Customer, Fact, FactKind, FactValue, Field, Identity, PartialDate, PersonName
from tests.harness import home

OLD, NEW, THIRD = home("Vanhakuja", "1"), home("Rantatie", "5"), home("Kolmaskatu", "3")
MAIJA, MARI = PersonName("Meikäläinen", "Maija"), PersonName("Meikäläinen", "Mari")
BORN = PartialDate(1952, 10, 13)
VALUES: dict[Field, FactValue] = {Field.NAME: MAIJA, Field.BIRTH_DATE: BORN, Field.ADDRESS: OLD}
CUSTOMER = prepare_customer(Customer("clinic", "42", None, VALUES))


def change(
    name: PersonName = MARI, *, to: Address | None = NEW, came_from: Address | None = OLD, **more: object
) -> Change:
    """Build the change of somebody who moved."""
    facts = (Fact(Field.ADDRESS, FactKind.SET, to),) if to else ()
    identity = Identity(names=(name,), addresses=(came_from,) if came_from else (), **more)  # type: ignore[arg-type]
    return Change("e", "p", identity, facts)


def of(identity: Identity) -> Prepared:
    """Prepare whom a later change describes."""
    return prepare_identity(identity)


@pytest.mark.parametrize("address", [OLD, NEW])
def test_the_next_change_is_known_by_where_they_lived_or_live_now(address: Address) -> None:
    """The same name and birth date with one of the homes that the refused change told of."""
    later = Identity(names=(MARI,), birth_date=BORN, addresses=(THIRD, address))
    assert descriptions(of(later)) & refusable(change(birth_date=BORN), CUSTOMER)


@pytest.mark.parametrize(
    "later",
    [
        Identity(names=(MAIJA,), birth_date=BORN, addresses=(OLD,)),  # another name
        Identity(names=(MARI,), birth_date=PartialDate(1980, 1, 1), addresses=(OLD,)),
        Identity(names=(MARI,), birth_date=BORN, addresses=(THIRD,)),
        Identity(names=(MARI,), birth_date=BORN),  # a name alone ties to nobody
    ],
)
def test_somebody_else_is_not_meant(later: Identity) -> None:
    """Each part of a description counts."""
    assert not descriptions(of(later)) & refusable(change(birth_date=BORN), CUSTOMER)


@pytest.mark.parametrize("born", [None, BORN])
def test_what_describes_the_customer_as_well_is_left_out(born: PartialDate | None) -> None:
    """Of somebody who is called like the customer and lived there too, only the new home tells them apart."""
    refused = refusable(change(MAIJA, birth_date=born), CUSTOMER)
    assert not descriptions(of(Identity(names=(MAIJA,), birth_date=born, addresses=(OLD,)))) & refused
    assert descriptions(of(Identity(names=(MAIJA,), birth_date=born, addresses=(NEW,)))) & refused


def test_an_id_ties_whatever_the_name() -> None:
    """So does a telephone number, with the name."""
    refused = refusable(change(national_id="010190-901R", phone="+358401234567"), CUSTOMER)
    assert descriptions(of(Identity(national_id="010190-901R", names=(MAIJA,)))) & refused
    by_phone = Identity(names=(MARI,), birth_date=PartialDate(1990, 1, 1), phone="0401234567")
    assert descriptions(of(by_phone)) & refused


def test_spelled_otherwise_is_the_same_description() -> None:
    """Marks, blanks and the order of given names do not hide anybody."""
    refused = refusable(change(PersonName("Meikäläinen", "Mari Anna"), birth_date=BORN), CUSTOMER)
    spelled = replace(NEW, number="5", street=NEW.street)
    later = Identity(names=(PersonName("MEIKALAINEN", "Anna Mari"),), birth_date=BORN, addresses=(spelled,))
    assert descriptions(of(later)) & refused
