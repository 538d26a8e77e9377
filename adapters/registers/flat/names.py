"""The names that a column can be mapped under, and the field that each of them belongs to."""

from sync.model import Field

ADDRESS_PREFIXES = {
    Field.ADDRESS: "",
    Field.TEMPORARY_ADDRESS: "temporary_",
    Field.POSTAL_ADDRESS: "postal_",
    Field.CONTACT_ADDRESS: "contact_",
}

STREET_PARTS = ("street", "number", "stairwell", "flat")
POST_PARTS = ("postcode", "post_office")
ADDRESS_PARTS = ("street_line", *STREET_PARTS, "post_line", *POST_PARTS, "municipality", "country", "care_of", "po_box")

NAME_PARTS = ("surname", "given_names", "full_name", "calling_name")
STATUS_NAMES = ("address_status", "address_verified_at", "address_source")

_PERSON = {
    "national_id": Field.NATIONAL_ID,
    **dict.fromkeys(NAME_PARTS, Field.NAME),
    "birth_date": Field.BIRTH_DATE,
    "phone": Field.PHONE,
    "email": Field.EMAIL,
    "death_date": Field.DEATH,
    "deceased": Field.DEATH,
    "protection": Field.PROTECTION,
    "marketing_ban": Field.MARKETING_BAN,
    "disclosure_ban": Field.DISCLOSURE_BAN,
}

FIELD_OF = _PERSON | {prefix + part: field for field, prefix in ADDRESS_PREFIXES.items() for part in ADDRESS_PARTS}
"""Every name of a customer's data, with its field."""

ALL_NAMES = frozenset(FIELD_OF) | frozenset(STATUS_NAMES)

DATE_NAMES = frozenset({"birth_date", "death_date"})
YES_NO_NAMES = frozenset({"deceased", "protection", "marketing_ban", "disclosure_ban"})
MOMENT_NAMES = frozenset({"address_verified_at"})
