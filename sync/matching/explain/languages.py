"""The languages by their codes."""

from collections.abc import Mapping

from sync.matching.explain.english import ENGLISH
from sync.matching.explain.finnish import FINNISH
from sync.matching.explain.swedish import SWEDISH
from sync.matching.explain.words import Words
from sync.model.address import Language

WORDS: Mapping[Language, Words] = {"fi": FINNISH, "sv": SWEDISH, "en": ENGLISH}
