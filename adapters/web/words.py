"""The words of the page itself, in three languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from sync.model import Field
from sync.model.address import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The page's own texts; templates name the attributes."""

    title: str
    languages: str
    sign_in: str
    sign_out: str
    access: str
    access_hint: str
    access_refused: str
    register: str
    customer_number: str
    search: str
    search_hint: str
    customer: str
    unknown: str
    unavailable: str
    foreign: str
    hide: str
    no_value: str
    reveal: Mapping[Field, str]


WORDS: Mapping[Language, Words] = {
    "fi": Words(
        title="Vastaanotto",
        languages="Kieli",
        sign_in="Kirjaudu",
        sign_out="Kirjaudu ulos",
        access="Avain",
        access_hint="Vastaanoton avaimen saat ylläpitäjältä.",
        access_refused="Avain ei kelpaa. Tarkista se ja yritä uudelleen.",
        register="Rekisteri",
        customer_number="Asiakasnumero",
        search="Hae",
        search_hint="Kirjoita asiakasnumero ja paina Enter. Esc tyhjentää.",
        customer="Asiakas",
        unknown="Tällä numerolla ei löydy asiakasta. Tarkista numero.",
        unavailable="Tila ei ole nyt saatavilla \N{EN DASH} kysy asiakkaalta",
        foreign="Pyyntö ei tullut tältä sivulta. Avaa sivu uudelleen https-osoitteesta.",
        hide="Piilota",
        no_value="Ei näytettävää",
        reveal={
            Field.NAME: "Näytä nimi",
            Field.ADDRESS: "Näytä osoite",
            Field.TEMPORARY_ADDRESS: "Näytä osoite",
            Field.POSTAL_ADDRESS: "Näytä osoite",
            Field.CONTACT_ADDRESS: "Näytä yhteysosoite",
            Field.PHONE: "Näytä numero",
            Field.EMAIL: "Näytä sähköposti",
        },
    ),
    "sv": Words(
        title="Reception",
        languages="Språk",
        sign_in="Logga in",
        sign_out="Logga ut",
        access="Nyckel",
        access_hint="Receptionens nyckel får du av administratören.",
        access_refused="Nyckeln duger inte. Kontrollera den och försök på nytt.",
        register="Register",
        customer_number="Kundnummer",
        search="Sök",
        search_hint="Skriv kundnumret och tryck Enter. Esc tömmer.",
        customer="Kund",
        unknown="Ingen kund hittades med det numret. Kontrollera numret.",
        unavailable="Läget är inte tillgängligt just nu \N{EN DASH} fråga kunden",
        foreign="Begäran kom inte från den här sidan. Öppna sidan på nytt på en https-adress.",
        hide="Dölj",
        no_value="Inget att visa",
        reveal={
            Field.NAME: "Visa namnet",
            Field.ADDRESS: "Visa adressen",
            Field.TEMPORARY_ADDRESS: "Visa adressen",
            Field.POSTAL_ADDRESS: "Visa adressen",
            Field.CONTACT_ADDRESS: "Visa kontaktadressen",
            Field.PHONE: "Visa numret",
            Field.EMAIL: "Visa e-posten",
        },
    ),
    "en": Words(
        title="Reception",
        languages="Language",
        sign_in="Sign in",
        sign_out="Sign out",
        access="Key",
        access_hint="Your administrator has the key of the reception.",
        access_refused="That key does not fit. Check it and try again.",
        register="Register",
        customer_number="Customer number",
        search="Look up",
        search_hint="Type the customer number and press Enter. Esc clears.",
        customer="Customer",
        unknown="No customer has that number. Please check it.",
        unavailable="Not available right now \N{EN DASH} please ask the customer",
        foreign="The request did not come from this page. Open the page again at an https address.",
        hide="Hide",
        no_value="Nothing to show",
        reveal={
            Field.NAME: "Show the name",
            Field.ADDRESS: "Show the address",
            Field.TEMPORARY_ADDRESS: "Show the address",
            Field.POSTAL_ADDRESS: "Show the address",
            Field.CONTACT_ADDRESS: "Show the contact address",
            Field.PHONE: "Show the number",
            Field.EMAIL: "Show the e-mail",
        },
    ),
}
