"""Names: Finnish ones as common as they are, Swedish-speaking Finns', and newcomers'."""

import importlib
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import Any, Literal

from sync.errors import CannotStart

Tongue = Literal["fi", "sv", "xx"]

_FINLAND_SWEDISH = (
    "Ahlskog", "af Hällström", "Backlund", "Bergroth", "Björkqvist", "Blomqvist", "Cederlöf", "Enlund", "Fagerholm", "Finne",
    "Granholm", "Gripenberg", "Grönroos", "Hagelstam", "Häggblom", "Ingves", "Jansson", "Kronqvist", "Lillkung", "Lindholm",
    "Mattsjö", "Nedergård", "Norrgård", "Nyholm", "Öhman", "Österberg", "Rosenqvist", "Sandström", "Sjöblom", "Snellman",
    "Stenbäck", "Storbacka", "Söderholm", "Söderlund", "Teir", "von Essen", "von Numers", "Wikström", "Åkerblom", "Östman",
)  # fmt: skip
_SWEDISH_ENDINGS = ("ström", "berg", "qvist", "lund", "man", "gren", "blom", "holm", "strand", "dahl", "roth", "fors")
_NEWCOMERS: Mapping[str, tuple[str, ...]] = {
    "female": ("Fadumo", "Hodan", "Amina", "Zaynab", "Nguyễn Thị", "Thu Hà", "Leyla", "Nadežda", "Svetlana", "Małgorzata",
               "Layla", "Žanna", "Sunita", "Meryem", "Jelena"),
    "male": ("Mohamed", "Abdirahman", "Hassan", "Ali", "Văn Minh", "Đức", "Ömer", "Oleksandr", "Sergei", "Łukasz",
             "Omar", "Jüri", "Rajesh", "Yusuf", "Dragoș"),
    "surname": ("Warsame", "Abdullahi Nur", "Mohamud", "Nguyễn", "Trần", "Phạm", "Yıldız", "Öztürk", "Šukšin", "Kowalčyk",
                "Wiśniewska", "Al-Hassan", "Haddad", "Shrestha", "Tõnisson", "Kuznetsov", "Petrov", "Popović", "Demir", "Osman Ali"),
}  # fmt: skip


class SandboxUnavailable(CannotStart):
    """The sandbox's own requirements are not installed."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Names to draw from, with how common each is.

    Attributes:
        names: in a fixed order.
        weights: cumulative, one each.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, names: Mapping[str, float] | Iterable[str]) -> "Pool":
        """Take names with their frequencies, or names all equally common."""
        pairs = sorted(names.items() if isinstance(names, Mapping) else dict.fromkeys(names, 1.0).items())
        return cls(tuple(name for name, _ in pairs), tuple(accumulate(weight for _, weight in pairs)))

    def draw(self, rng: random.Random) -> str:
        """Draw one."""
        return rng.choices(self.names, cum_weights=self.weights)[0]


@cache
def _pools() -> dict[tuple[Tongue, str], Pool]:
    fi, sv = _faker("fi_FI"), _faker("sv_SE")
    swedish = [name for name in sv.last_names if name.endswith(_SWEDISH_ENDINGS)]
    pools: dict[tuple[Tongue, str], Pool] = {
        ("fi", "female"): Pool.of(fi.first_names_female),
        ("fi", "male"): Pool.of(fi.first_names_male),
        ("fi", "surname"): Pool.of(fi.last_names),
        ("sv", "female"): Pool.of(sv.first_names_female),
        ("sv", "male"): Pool.of(sv.first_names_male),
        ("sv", "surname"): Pool.of([*swedish, *_FINLAND_SWEDISH]),
    }
    pools.update({("xx", part): Pool.of(names) for part, names in _NEWCOMERS.items()})
    return pools


def _faker(locale: str) -> Any:  # Faker's providers declare no types
    try:
        module = importlib.import_module(f"faker.providers.person.{locale}")
    except ImportError as missing:
        raise SandboxUnavailable("the sandbox needs Faker: install ajantasa with its extra `sandbox`") from missing
    return module.Provider


@dataclass(slots=True)
class NameGiver:
    """Names people.

    Attributes:
        rng: the source of chance.
    """

    rng: random.Random
    _pools: dict[tuple[Tongue, str], Pool] = field(default_factory=_pools)

    def surname(self, tongue: Tongue) -> str:
        """Draw a surname; a few Finns carry two."""
        name = self._pools[tongue, "surname"].draw(self.rng)
        if tongue == "fi" and self.rng.random() < 0.015:
            other = self._pools["fi", "surname"].draw(self.rng)
            return f"{name}-{other}" if other != name else name
        return name

    def given(self, tongue: Tongue, *, female: bool) -> str:
        """Draw one to three given names, none twice."""
        pool = self._pools[tongue, "female" if female else "male"]
        wanted = 1 if tongue == "xx" else self.rng.choices((1, 2, 3), (15, 65, 20))[0]
        names: list[str] = []
        while len(names) < wanted:
            name = pool.draw(self.rng)
            if name not in names:
                names.append(name)
        return " ".join(names)

    def calling(self, given: str) -> str:
        """Choose which given name is in use: mostly the first."""
        names = given.split(" ")
        return names[0] if len(names) == 1 or self.rng.random() < 0.8 else names[1]
