"""Is this person watched by a live feed that is allowed to speak?"""

from collections.abc import Mapping
from datetime import datetime

from sync.applying.survivorship import NOTHING, FieldState, active
from sync.freshness.policy import Policy
from sync.model import Address, Field


def covered(
    name: Field,
    states: Mapping[Field, FieldState],
    watched_by: Mapping[str, datetime],
    caught_up: Mapping[str, datetime | None],
    policy: Policy,
    now: datetime,
) -> bool:
    """Tell whether a change of this field would have reached us.

    Computed at the moment of asking, from when each feed last said "that is all": a feed that stalls stops covering
    when its time is up, without any job having to run.

    Args:
        name: the field.
        states: what holds of the customer; an update ban ends coverage of locations, an address abroad its own.
        watched_by: the feeds that watch this customer.
        caught_up: when each feed last said that there was no more.
        policy: what each feed's silence is worth, and in which country.
        now: the moment of asking, UTC.
    """
    if active(states, Field.UPDATE_BAN):
        return False
    value = states.get(name, NOTHING).value
    if isinstance(value, Address) and value.is_abroad(policy.country):
        return False
    return any(
        feed in policy.feeds and name in policy.feeds[feed].covers and alive(feed, caught_up, policy, now)
        for feed in watched_by
    )


def alive(feed: str, caught_up: Mapping[str, datetime | None], policy: Policy, now: datetime) -> bool:
    """Tell whether a feed has said "that is all" lately enough for its silence to mean something."""
    promise, last = policy.feeds.get(feed), caught_up.get(feed)
    return promise is not None and last is not None and now - last <= promise.live_within
