"""Names: Finnish ones as common as they are, Swedish-speaking Finns', and newcomers'.

Faker lists the 400 commonest Finnish surnames and the 200 commonest given names of each sex, from the population
register's own counts. That is not everybody: 22,200 of 5.5 million Finns are called Korhonen, which is 0.4 of a hundred
where the list says 1.1, so that 37 of a hundred Finns bear a name of the list. And its given names are counted wherever
they stand: Juhani is what 6 men of a hundred have mostly as a second name.
"""

import importlib
import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
from typing import Any, Literal

from adapters.sandbox.surnames import rare_surnames
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


@dataclass(frozen=True, slots=True)
class Customs:
    """How people come by their names, and how often families are of the kinds that mislead.

    Attributes:
        listed: the share of Finnish speakers whose surname is among the 400 commonest.
        evenness: exponent of how common a first name is, in the list that counts second names, too.
        newcomers: the share of newcomers whose name is one of the few commonest.
        own_first_name: a child gets a first name that nobody else in the home has. The law demands it of siblings (Act
            946/2017, section 2), custom of parents, whose name is passed on as a second one.
        namesakes: of a thousand households, those where grandfather, father and son have all names in common. Nobody
            counts them; there are few.
        twins: those with twins: 13 of a thousand confinements are of twins (Statistics Finland, 2000 to 2019).
    """

    listed: float = 0.37
    evenness: float = 0.5
    newcomers: float = 0.5
    own_first_name: bool = True
    namesakes: float = 0.5
    twins: float = 7


FINNISH = Customs()
CROWDED = Customs(listed=1, evenness=1, newcomers=1, own_first_name=False, namesakes=8, twins=12)
"""Everybody bears one of a few names, and families name their children after each other: harder than life."""


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
def _pools() -> dict[tuple[str, str], Pool]:
    fi, sv = _faker("fi_FI"), _faker("sv_SE")
    swedish = [name for name in sv.last_names if name.endswith(_SWEDISH_ENDINGS)]
    pools: dict[tuple[str, str], Pool] = {
        ("fi", "female"): Pool.of(fi.first_names_female),
        ("fi", "male"): Pool.of(fi.first_names_male),
        ("fi", "surname"): Pool.of(fi.last_names),
        ("sv", "female"): Pool.of(sv.first_names_female),
        ("sv", "male"): Pool.of(sv.first_names_male),
        ("sv", "surname"): Pool.of([*swedish, *_FINLAND_SWEDISH]),
    }
    pools.update({("xx", part): Pool.of(names) for part, names in _NEWCOMERS.items()})
    et, tr, pl, en = (_faker(locale) for locale in ("et_EE", "tr_TR", "pl_PL", "en_IN"))
    pools["many", "female"] = Pool.of(name for of in (et, tr, pl, en) for name in of.first_names_female)
    pools["many", "male"] = Pool.of(name for of in (et, tr, pl, en) for name in of.first_names_male)
    pools["many", "surname"] = Pool.of((*et.last_names, *tr.last_names, *pl.unisex_last_names[:500], *en.last_names))
    pools["rare", "surname"] = Pool.of(rare_surnames())
    return pools


def _faker(locale: str) -> Any:  # Faker's providers declare no types
    try:
        module = importlib.import_module(f"faker.providers.person.{locale}")
    except ImportError as missing:
        raise SandboxUnavailable("the sandbox needs Faker: install ajantasa with its extra `sandbox`") from missing
    return module.Provider


@cache
def _evened(pool: Pool, exponent: float) -> Pool:
    """Return the same names, the common ones less common."""
    shares = [after - before for before, after in pairwise((0.0, *pool.weights))]
    return Pool(pool.names, tuple(accumulate(share**exponent for share in shares)))


@dataclass(slots=True)
class NameGiver:
    """Names people.

    Attributes:
        rng: the source of chance.
        customs: how.
    """

    rng: random.Random
    customs: Customs = FINNISH
    _pools: dict[tuple[str, str], Pool] = field(default_factory=_pools)

    def surname(self, tongue: Tongue) -> str:
        """Draw a surname; a few Finns carry two."""
        name = self._surname(tongue)
        if tongue == "fi" and self.rng.random() < 0.015:
            other = self._surname(tongue)
            return f"{name}-{other}" if other != name else name
        return name

    def _surname(self, tongue: Tongue) -> str:
        pool: str = tongue
        if tongue == "fi" and self._happens(1 - self.customs.listed):
            pool = "rare"
        elif tongue == "xx" and self._happens(1 - self.customs.newcomers):
            pool = "many"
        return self._pools[pool, "surname"].draw(self.rng)

    def given(self, tongue: Tongue, *, female: bool, unlike: Collection[str] = ()) -> str:
        """Draw one to three given names, none twice.

        Args:
            tongue: whose names.
            female: sex.
            unlike: first names that the first one is not to be, where custom wants it so.
        """
        sex = "female" if female else "male"
        wanted = 1 if tongue == "xx" else self.rng.choices((1, 2, 3), (15, 65, 20))[0]
        names = [self._first(tongue, sex, unlike if self.customs.own_first_name else ())]
        while len(names) < wanted:
            name = self._pools[tongue, sex].draw(self.rng)
            if name not in names:
                names.append(name)
        return " ".join(names)

    def _first(self, tongue: Tongue, sex: str, unlike: Collection[str]) -> str:
        pool = self._pools[tongue, sex]
        if tongue == "xx":
            pool = self._pools["many", sex] if self._happens(1 - self.customs.newcomers) else pool
        elif self.customs.evenness != 1:
            pool = _evened(pool, self.customs.evenness)
        while (name := pool.draw(self.rng)) in unlike:
            pass
        return name

    def _happens(self, chance: float) -> bool:
        return chance > 0 and self.rng.random() < chance

    def calling(self, given: str) -> str:
        """Choose which given name is in use: mostly the first."""
        names = given.split(" ")
        return names[0] if len(names) == 1 or self.rng.random() < 0.8 else names[1]
