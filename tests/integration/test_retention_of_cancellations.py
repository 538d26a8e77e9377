"""Notices that a provider took back are remembered for a time, and for good where our own history speaks of them."""

from dataclasses import fields

import pytest

from config.settings import RetentionSettings
from sync.model import Field
from sync.parts import Retention
from sync.retention import forget
from tests.harness import Engine
from tests.integration.whole_way import NEW, OLD, cancellation, posti, pull, watched


def remembered(engine: Engine) -> int:
    """Count the cancelled notices that are remembered."""
    with engine.store.snapshot() as work:
        digests = [engine.store.digest("notice/posti", notice) for notice in ("n1", "strange")]
        return len(work.cancelled("posti", digests))


def test_a_strangers_cancelled_notice_is_forgotten_in_time(either: Engine) -> None:
    """Of somebody who is no customer nothing is kept for longer than the period, not even a keyed hash."""
    pull(either, cancellation("strange", "strange!cancel"), feed="posti")
    either.clock.move(days=364)
    assert (forget(either.parts)["cancellations"], remembered(either)) == (0, 1)
    either.clock.move(days=2)
    assert (forget(either.parts)["cancellations"], remembered(either)) == (1, 0)


def test_what_our_history_speaks_of_stays_cancelled(either: Engine) -> None:
    """Forgetting that a customer's notice was taken back would bring its address back: it stays."""
    watched(either)
    pull(either, posti(NEW, notice_id="n1"), feed="posti")
    pull(either, cancellation(), feed="posti")
    either.clock.move(days=400)
    forget(either.parts)
    assert remembered(either) == 1
    assert [held.cancelled for held in either.facts() if held.notice] == [True]
    either.load()
    assert either.held()[Field.ADDRESS] == OLD


@pytest.mark.parametrize("category", [field.name for field in fields(Retention)])
def test_every_category_has_a_period_of_its_own(category: str) -> None:
    """A category that cannot be configured would have none: the settings and the periods name the same ones."""
    assert f"{category}_days" in RetentionSettings.model_fields
    with pytest.raises(ValueError, match=f"{category}_days"):
        RetentionSettings.model_validate({f"{category}_days": None})
