"""An organisation's own order of sources, from its configuration to its register and to provenance."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from config.settings import RegisterSettings
from sync.freshness.desk import DeskService
from sync.model import Field, Source
from sync.provenance.story import Standing
from sync.recalling import past_of, stories_of
from sync.retention import forget
from tests.harness import Engine, moved
from tests.integration.whole_way import NEW, THIRD, posti, pull, watched

POST_FIRST = (Source.POSTAL_OPERATOR, Source.CUSTOMER, Source.STAFF, Source.POPULATION_REGISTER)
COLUMNS = {"url": "sqlite:///x.db", "table": "t", "key": "id", "version": "v", "columns": {"surname": "s"}}


@pytest.mark.parametrize("own", [False, True])
def test_the_register_gets_what_its_order_decides(either: Engine, own: bool) -> None:
    """Both sources name one day; provenance tells which was outranked, and retention forgets nothing that holds."""
    if own:
        clinic = either.parts.registers["clinic"]
        policy = replace(clinic.policy, precedence={Field.ADDRESS: POST_FIRST}, assume_clear=True)
        either.parts = replace(either.parts, registers={"clinic": replace(clinic, policy=policy)})
        either.desk = DeskService(either.parts)
    watched(either)
    pull(either, posti(THIRD, on="2026-11-01"), feed="posti")
    pull(either, moved(NEW, on="2026-11-01"))
    expected = THIRD if own else NEW
    assert either.held()[Field.ADDRESS] == expected
    either.clock.move(days=800)
    forget(either.parts)
    status = either.desk.status("clinic", "42", reader="test", reveal=own)
    assert status is not None
    assert either.held()[Field.ADDRESS] == expected
    if own:
        assert status.fields[0].value == expected
        (story,) = [
            one
            for one in stories_of(either.parts, past_of(either.parts, either.parts.registers["clinic"], "42"))
            if one.field is Field.ADDRESS
        ]
        (winner,) = [one for one in story.statements if one.standing is Standing.HOLDS]
        assert winner.held.source is Source.POSTAL_OPERATOR


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": ["staff"]},
        {"address": ["staff", "staff", "customer", "postal_operator"]},
        {"address": ["staff", "customer", "population_register", "returned_mail"]},
        {"protection": ["staff", "customer", "population_register", "postal_operator"]},
    ],
)
def test_an_order_names_every_speaker_once(wrong: dict[str, list[str]]) -> None:
    """And only fields of which one value follows the other."""
    with pytest.raises(ValidationError):
        RegisterSettings.model_validate({"sql": COLUMNS, "precedence": wrong})


def test_an_order_is_read() -> None:
    """As it is written."""
    order = [source.value for source in POST_FIRST]
    read = RegisterSettings.model_validate({"sql": COLUMNS, "precedence": {"address": order}})
    assert list(read.precedence["address"]) == order
