"""Where the made-up people live: real postcode areas, made-up streets."""

import random
import zlib
from dataclasses import dataclass, field

from sync.model import Address, Text


@dataclass(frozen=True, slots=True)
class Area:
    """A postcode area.

    Attributes:
        postcode: five digits.
        fi: the postal town in Finnish, in capitals as registers hold it.
        sv: the postal town in Swedish.
        municipality: three-digit code (Statistics Finland).
        languages: of its street names: "fi", "fi+sv" or "sv" (then the Swedish name stands in the Finnish place too).
        weight: how many people live there, relative to the others.
    """

    postcode: str
    fi: str
    sv: str
    municipality: str
    languages: str
    weight: int


AREAS = tuple(
    Area(*row)
    for row in (
        ("00100", "HELSINKI", "HELSINGFORS", "091", "fi+sv", 6),
        ("00200", "HELSINKI", "HELSINGFORS", "091", "fi+sv", 5),
        ("00250", "HELSINKI", "HELSINGFORS", "091", "fi+sv", 5),
        ("00530", "HELSINKI", "HELSINGFORS", "091", "fi+sv", 6),
        ("00700", "HELSINKI", "HELSINGFORS", "091", "fi+sv", 5),
        ("00940", "HELSINKI", "HELSINGFORS", "091", "fi+sv", 6),
        ("02100", "ESPOO", "ESBO", "049", "fi+sv", 4),
        ("02230", "ESPOO", "ESBO", "049", "fi+sv", 4),
        ("02600", "ESPOO", "ESBO", "049", "fi+sv", 4),
        ("02770", "ESPOO", "ESBO", "049", "fi+sv", 4),
        ("01300", "VANTAA", "VANDA", "092", "fi+sv", 4),
        ("01600", "VANTAA", "VANDA", "092", "fi+sv", 4),
        ("02700", "KAUNIAINEN", "GRANKULLA", "235", "fi+sv", 1),
        ("02400", "KIRKKONUMMI", "KYRKSLÄTT", "257", "fi+sv", 2),
        ("04130", "SIPOO", "SIBBO", "753", "fi+sv", 1),
        ("04200", "KERAVA", "KERVO", "245", "fi", 2),
        ("04400", "JÄRVENPÄÄ", "TRÄSKÄNDA", "186", "fi", 2),
        ("05800", "HYVINKÄÄ", "HYVINGE", "106", "fi", 2),
        ("06100", "PORVOO", "BORGÅ", "638", "fi+sv", 2),
        ("07900", "LOVIISA", "LOVISA", "434", "fi+sv", 1),
        ("10300", "KARJAA", "KARIS", "710", "fi+sv", 1),
        ("10600", "TAMMISAARI", "EKENÄS", "710", "fi+sv", 1),
        ("20100", "TURKU", "ÅBO", "853", "fi+sv", 4),
        ("20500", "TURKU", "ÅBO", "853", "fi+sv", 3),
        ("20740", "TURKU", "ÅBO", "853", "fi+sv", 3),
        ("21600", "PARAINEN", "PARGAS", "445", "fi+sv", 1),
        ("22100", "MAARIANHAMINA", "MARIEHAMN", "478", "sv", 1),
        ("24100", "SALO", "SALO", "734", "fi", 1),
        ("26100", "RAUMA", "RAUMO", "684", "fi", 1),
        ("28100", "PORI", "BJÖRNEBORG", "609", "fi", 2),
        ("33100", "TAMPERE", "TAMMERFORS", "837", "fi", 5),
        ("33500", "TAMPERE", "TAMMERFORS", "837", "fi", 4),
        ("33720", "TAMPERE", "TAMMERFORS", "837", "fi", 4),
        ("13100", "HÄMEENLINNA", "TAVASTEHUS", "109", "fi", 2),
        ("15110", "LAHTI", "LAHTIS", "398", "fi", 3),
        ("40100", "JYVÄSKYLÄ", "JYVÄSKYLÄ", "179", "fi", 3),
        ("45100", "KOUVOLA", "KOUVOLA", "286", "fi", 2),
        ("48100", "KOTKA", "KOTKA", "285", "fi", 1),
        ("50100", "MIKKELI", "S:T MICHEL", "491", "fi", 1),
        ("53100", "LAPPEENRANTA", "VILLMANSTRAND", "405", "fi", 2),
        ("57130", "SAVONLINNA", "NYSLOTT", "740", "fi", 1),
        ("60100", "SEINÄJOKI", "SEINÄJOKI", "743", "fi", 2),
        ("64200", "NÄRPIÖ", "NÄRPES", "545", "sv", 1),
        ("65100", "VAASA", "VASA", "905", "fi+sv", 2),
        ("65280", "VAASA", "VASA", "905", "fi+sv", 1),
        ("67100", "KOKKOLA", "KARLEBY", "272", "fi+sv", 1),
        ("68600", "PIETARSAARI", "JAKOBSTAD", "598", "fi+sv", 1),
        ("70100", "KUOPIO", "KUOPIO", "297", "fi", 2),
        ("80100", "JOENSUU", "JOENSUU", "167", "fi", 2),
        ("87100", "KAJAANI", "KAJANA", "205", "fi", 1),
        ("90100", "OULU", "ULEÅBORG", "564", "fi", 3),
        ("90570", "OULU", "ULEÅBORG", "564", "fi", 3),
        ("96100", "ROVANIEMI", "ROVANIEMI", "698", "fi", 1),
    )
)

_STEMS = (
    ("Koivu", "Björk"), ("Mänty", "Tall"), ("Kuusi", "Gran"), ("Leppä", "Al"), ("Pihlaja", "Rönn"), ("Vaahtera", "Lönn"),
    ("Haapa", "Asp"), ("Tammi", "Ek"), ("Kataja", "En"), ("Omena", "Äppel"), ("Kirsikka", "Körsbärs"), ("Mansikka", "Smultron"),
    ("Mustikka", "Blåbärs"), ("Puolukka", "Lingon"), ("Ruusu", "Ros"), ("Orvokki", "Viol"), ("Vuokko", "Sipp"), ("Kanerva", "Ljung"),
    ("Sammal", "Moss"), ("Ranta", "Strand"), ("Saari", "Holm"), ("Lahden", "Viks"), ("Järven", "Träsk"), ("Joki", "Å"),
    ("Puro", "Bäck"), ("Lähde", "Käll"), ("Koski", "Fors"), ("Meri", "Havs"), ("Kallio", "Berg"), ("Mäki", "Back"),
    ("Notko", "Dal"), ("Pelto", "Åker"), ("Niitty", "Ängs"), ("Metsä", "Skogs"), ("Korpi", "Ödemarks"), ("Suo", "Kärr"),
    ("Hiekka", "Sand"), ("Savi", "Ler"), ("Kivi", "Sten"), ("Mylly", "Kvarn"), ("Saha", "Såg"), ("Pappilan", "Prästgårds"),
    ("Kirkko", "Kyrk"), ("Koulu", "Skol"), ("Kappelin", "Kapell"), ("Aseman", "Stations"), ("Ratapihan", "Bangårds"), ("Satama", "Hamn"),
    ("Laivurin", "Skeppar"), ("Kalastajan", "Fiskar"), ("Sepän", "Smeds"), ("Puusepän", "Snickar"), ("Suutarin", "Skomakar"), ("Räätälin", "Skräddar"),
    ("Kauppiaan", "Köpmans"), ("Torpparin", "Torpar"), ("Paimenen", "Herde"), ("Metsästäjän", "Jägar"), ("Ketun", "Räv"), ("Karhun", "Björn"),
    ("Hirven", "Älg"), ("Jäniksen", "Har"), ("Oravan", "Ekorr"), ("Joutsenen", "Svan"), ("Kurjen", "Tran"), ("Pääskyn", "Svale"),
    ("Kotkan", "Örn"), ("Haukan", "Hök"), ("Peipon", "Bofink"), ("Lokin", "Mås"), ("Hauen", "Gädd"), ("Ahvenen", "Abborr"),
    ("Kevät", "Vår"), ("Kesä", "Sommar"), ("Syys", "Höst"), ("Talvi", "Vinter"), ("Aamu", "Morgon"), ("Ilta", "Kvälls"),
    ("Aurinko", "Sol"), ("Kuun", "Mån"), ("Tähti", "Stjärn"), ("Pilven", "Moln"), ("Tuulen", "Vind"), ("Myrsky", "Storm"),
    ("Kello", "Klock"), ("Harju", "Ås"), ("Linnan", "Slotts"), ("Puiston", "Park"), ("Teollisuus", "Industri"), ("Kulta", "Guld"),
)  # fmt: skip
_ENDINGS = (
    ("katu", "gatan", 7), ("tie", "vägen", 8), ("kuja", "gränden", 4), ("polku", "stigen", 4), ("rinne", "brinken", 1),
    ("kaari", "bågen", 2), ("raitti", "stråket", 1), ("väylä", "leden", 1), ("penger", "terrassen", 1),
)  # fmt: skip
_SIDES = (
    ("Itäinen ", "Östra "),
    ("Läntinen ", "Västra "),
    ("Pohjoinen ", "Norra "),
    ("Vanha ", "Gamla "),
    ("Iso ", "Stora "),
)
_STREETS_EACH = 70


@dataclass(frozen=True, slots=True)
class Abroad:
    """A town outside Finland.

    Attributes:
        country: ISO 3166-1 alpha-2; None for a country without a code.
        numeric: ISO 3166-1 numeric; "998" where there is none, then `name` says it.
        name: the country's name.
        town: with postcode, as one line.
        street: the street's name.
    """

    country: str | None
    numeric: str
    name: str
    town: str
    street: str


ABROAD = (
    Abroad("SE", "752", "Ruotsi", "11359 STOCKHOLM", "Odengatan"),
    Abroad("SE", "752", "Ruotsi", "41120 GÖTEBORG", "Vasagatan"),
    Abroad("EE", "233", "Viro", "10111 TALLINN", "Narva maantee"),
    Abroad("DE", "276", "Saksa", "10435 BERLIN", "Kastanienallee"),
    Abroad("NO", "578", "Norja", "0554 OSLO", "Markveien"),
    Abroad("GB", "826", "Iso-Britannia", "LONDON E8 3PN", "Wilton Way"),
    Abroad("ES", "724", "Espanja", "29640 FUENGIROLA", "Calle Palangreros"),
    Abroad("FR", "250", "Ranska", "69004 LYON", "Rue d'Austerlitz"),
    Abroad("CA", "124", "Kanada", "TORONTO ON M6J 1A1", "Ossington Avenue"),
    Abroad(None, "998", "Tuntematon saarivaltio", "PORT HOPE", "Harbour Road"),
)
NUMERIC = {place.country: place.numeric for place in ABROAD}


def streets_of(area: Area) -> tuple[Text, ...]:
    """Return the area's streets, the same for every seed: geography does not change with its people."""
    rng = random.Random(f"streets {area.postcode}")
    endings = tuple(ending for ending in _ENDINGS for _ in range(ending[2]))
    found: dict[str, Text] = {}
    while len(found) < _STREETS_EACH:
        (stem_fi, stem_sv), (end_fi, end_sv, _) = rng.choice(_STEMS), rng.choice(endings)
        side_fi, side_sv = rng.choice(_SIDES) if rng.random() < 0.08 else ("", "")
        fi, sv = f"{side_fi}{stem_fi}{end_fi}", f"{side_sv}{stem_sv}{end_sv}"
        found[fi] = {"fi": Text(fi=fi), "sv": Text(fi=sv)}.get(area.languages) or Text(fi=fi, sv=sv)
    return tuple(found.values())


def building_id(address: Address) -> str:
    """Return a permanent building id of the real form, the same for every flat of one building."""
    street = address.street.text().casefold().replace(" ", "") if address.street else ""
    nine = 900_000_000 + zlib.crc32(f"{address.postcode} {street} {address.number}".encode()) % 99_999_999
    return f"{nine}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[nine % 31]}"


@dataclass(slots=True)
class Gazetteer:
    """Gives out homes, each to one household only.

    Attributes:
        rng: the source of chance.
    """

    rng: random.Random
    _streets: dict[str, tuple[Text, ...]] = field(init=False)
    _towns: dict[str, Text] = field(init=False)
    _wheel: tuple[Area, ...] = field(init=False)
    _taken: set[tuple[str, str, str, str | None, str | None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._streets = {area.postcode: streets_of(area) for area in AREAS}
        self._towns = {area.postcode: Text(fi=area.fi, sv=area.sv) for area in AREAS}
        self._wheel = tuple(area for area in AREAS for _ in range(area.weight))

    def area(self, *, swedish: bool = False) -> Area:
        """Draw an area; Swedish speakers live where Swedish is spoken."""
        while True:
            area = self.rng.choice(self._wheel)
            if not swedish or area.languages != "fi":
                return area

    def home(self, area: Area) -> Address:
        """Give out a home of that area that nobody has had."""
        while True:
            street = self.rng.choice(self._streets[area.postcode])
            number, stairwell, flat = self._door()
            home = Address(
                street=street,
                number=number,
                stairwell=stairwell,
                flat=flat,
                postcode=area.postcode,
                post_office=self._towns[area.postcode],
                municipality=area.municipality,
            )
            if self.claim(home):
                return home

    def claim(self, address: Address) -> bool:
        """Give out exactly this home, unless somebody has it; tell whether it was given."""
        street = address.street.text() if address.street else ""
        key = (address.postcode or "", street, address.number or "", address.stairwell, address.flat)
        if key in self._taken:
            return False
        self._taken.add(key)
        return True

    def _door(self) -> tuple[str, str | None, str | None]:
        """Draw a block of flats, a row house or a house of its own."""
        rng, kind = self.rng, self.rng.random()
        number = str(rng.randint(1, 68))
        if rng.random() < 0.03:
            number = rng.choice(
                (f"{number}-{int(number) + 2}", f"{number}a-{number}b", f"{number}h{rng.randint(1, 9)}")
            )
        if kind < 0.60:
            return number, rng.choice("AAABBBCCDEF"), str(rng.randint(1, 60))
        if kind < 0.68:
            return number, None, str(rng.randint(1, 20))
        if kind < 0.80:
            return number, rng.choice("ABCDEFGH"), None
        return number, None, None

    def abroad(self) -> Address:
        """Draw an address outside Finland, in free lines."""
        place = self.rng.choice(ABROAD)
        lines = (f"{place.street} {self.rng.randint(1, 120)}", place.town)
        return Address(country=place.country, lines=lines if place.country else (*lines, place.name))
