"""Finnish surnames that few people bear, put together as they truly are: a beginning and a feature of the land."""

_BEGINNINGS = """
    Aho Ala Etelä Haka Halla Harju Haapa Heikki Hieta Honka Huhta Iso Joki Juva Kallio Kangas Kannas Karja
    Kauppi Kela Kesti Kivi Koivu Koski Korpi Kuusi Kylmä Lahti Laiti Lampi Laukka Lehti Leppä Luoma Malmi
    Mansikka Matti Metsä Myllys Mänty Niemi Nurmi Ojan Oksa Paja Palo Perä Pihlaja Pitkä Pohja Poutia Puro Raita
    Ranta Rauta Repo Ruusu Saari Salmi Savola Seppä Sillan Suvanto Taipale Tammi Tervo Tuomi Uusi Vaara Vainio
    Vanha Vesa Viita Vuori Väli Ylä
"""
_ENDINGS = """
    nen la lä mäki niemi koski lahti joki järvi ranta saari salo vaara kangas korpi lehto luoma maa oja pelto
    perä puro suo talo viita aho harju kallio kivi niitty moisio nummi virta sto
"""


def rare_surnames() -> list[str]:
    """Return some thousands of them, always in the same order."""
    return [start + end for start in _BEGINNINGS.split() for end in _ENDINGS.split()]
