"""Under which key file a model was trained."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from sync.errors import ConfigurationInvalid
from sync.matching.model import Frequencies, Model
from sync.matching.model_file import dump_model, parse_model
from tests.unit.matching.people import MODEL


def digest_of(key: str) -> Callable[[str, str], str]:
    """Return a keyed hash."""
    return lambda table, text: hashlib.blake2b(f"{table}|{text}".encode(), key=key.encode(), digest_size=16).hexdigest()


OURS, ANOTHER = digest_of("ours"), digest_of("another")


def trained(digest: Callable[[str, str], str]) -> Model:
    """Return a model whose tables were made under a key."""
    table = Frequencies({digest("surname", "virtanen"): 0.01}, 0.001, 0.002)
    return replace(MODEL, frequencies={"surname": table}, digest=digest)


def test_a_model_is_read_under_its_own_key() -> None:
    """What was written comes back, and finds how common a name is."""
    model = parse_model(dump_model(trained(OURS)), OURS)
    assert model.rarity("surname", "virtanen", "virtanen") < model.rarity("surname", "koe", "koe")


def test_a_model_of_another_key_is_refused() -> None:
    """No name would be found in its tables, and every one be taken for rare: told, with what to do."""
    with pytest.raises(ConfigurationInvalid, match=r"model\.key: .*another; train anew") as caught:
        parse_model(dump_model(trained(ANOTHER)), OURS)
    assert [problem.key for problem in caught.value.problems] == ["model.key"]


def test_a_model_that_does_not_tell_its_key_is_refused() -> None:
    """Tables of unknown origin are as dangerous as those of another key."""
    data = json.loads(dump_model(trained(OURS)))
    del data["key"], data["hash"]
    with pytest.raises(ConfigurationInvalid, match=r"model\.key"):
        parse_model(json.dumps(data), OURS)


def test_a_model_without_tables_fits_every_key() -> None:
    """What comes along was trained under no key, and says so."""
    text = dump_model(MODEL)
    assert "key" not in json.loads(text)
    assert parse_model(text, OURS).frequencies == parse_model(text, ANOTHER).frequencies == {}


def test_the_key_cannot_be_exchanged_unseen() -> None:
    """The file's hash covers it."""
    data = json.loads(dump_model(trained(ANOTHER)))
    data["key"] = OURS("key", "ajantasa")
    with pytest.raises(ConfigurationInvalid, match=r"model\.hash"):
        parse_model(json.dumps(data), OURS)


def test_nicknames_belong_to_their_key_too() -> None:
    """They are hashes as well, and none would be found."""
    model = replace(MODEL, nicknames=frozenset({ANOTHER("nickname", "bill|william")}), digest=ANOTHER)
    assert parse_model(dump_model(model), ANOTHER).nicknames == model.nicknames
    with pytest.raises(ConfigurationInvalid, match=r"model\.key"):
        parse_model(dump_model(model), OURS)
