"""Which language a reader gets."""

from typing import TypeGuard

from sync.model.address import Language

LANGUAGES: tuple[Language, ...] = ("fi", "sv", "en")


def is_language(text: str | None) -> TypeGuard[Language]:
    """Tell whether the desk speaks it."""
    return text in LANGUAGES


def preferred(accept_language: str, otherwise: Language) -> Language:
    """Return the best of our languages that an Accept-Language header (RFC 9110, 12.5.4) asks for."""
    wanted = sorted((_weighed(part) for part in accept_language.split(",") if part.strip()), key=lambda pair: -pair[0])
    for weight, tag in wanted:
        primary = tag.split("-")[0]
        if weight > 0 and is_language(primary):
            return primary
    return otherwise


def _weighed(part: str) -> tuple[float, str]:
    tag, _, weight = part.partition(";q=")
    try:
        return (float(weight) if weight else 1.0, tag.strip().lower())
    except ValueError:
        return (0.0, "")
