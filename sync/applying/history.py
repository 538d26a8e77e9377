"""What held on a day, as we knew it at a moment: the engine's own survivorship, over the facts that we had by then.

A value that is no longer kept (retention, a protection order) leaves its row and dates behind. Where it may have been the
one that held, that is said; what is left is not taken for the answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from sync.applying.counting import counted
from sync.applying.same import Same, same_value
from sync.applying.survivorship import NOTHING, FieldState, begin, is_claim, rank, resolve
from sync.model import STANDING_FIELDS, FactKind, Field, HeldFact, Source


@dataclass(frozen=True, slots=True)
class Asking:
    """Which past is meant.

    Attributes:
        day: what held on that day, in the register's time zone.
        known_at: as far as we knew it at that moment.
        now: the moment of asking.
        zone: the register's time zone.
    """

    day: date
    known_at: datetime
    now: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        """The day of asking."""
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Recalled:
    """What held of one field.

    Attributes:
        state: as the engine works it out; nothing where the answer is forgotten.
        forgotten: a value that is no longer kept may have held.
    """

    state: FieldState = NOTHING
    forgotten: bool = False


def known_by(facts: Iterable[HeldFact], moment: datetime) -> tuple[HeldFact, ...]:
    """Return the facts that we had learned by then; a notice that was taken back later was still standing."""
    return tuple(_as_known(held, moment) for held in facts if held.learned_at <= moment)


def recall(facts: Sequence[HeldFact], asking: Asking, same: Same = same_value) -> dict[Field, Recalled]:
    """Return what held of every field of which we knew anything.

    Knowing more never changes what was known earlier; of today, as known now, it is what the engine holds. Whether two
    spellings mean one thing is judged by what is known of streets now.
    """
    known = known_by(facts, asking.known_at)
    by_field: dict[Field, list[HeldFact]] = {}
    for held in counted(known, same):
        by_field.setdefault(held.fact.field, []).append(held)
    is_present = asking.day >= asking.today and known == tuple(facts)
    return {field: _recalled(field, said, asking, same, is_present=is_present) for field, said in by_field.items()}


def _recalled(field: Field, said: list[HeldFact], asking: Asking, same: Same, *, is_present: bool) -> Recalled:
    if field in STANDING_FIELDS:
        return Recalled(resolve(field, [h for h in said if _written_by(h, asking)], asking.day, same))
    state = resolve(field, said, asking.day, same)
    # Of today and later the engine's answer stands: forgetting never changes it (`sync.applying.outlived`).
    if not is_present and _is_doubtful(said, state, asking.day, same):
        return Recalled(forgotten=True)
    return Recalled(state)


def _as_known(held: HeldFact, moment: datetime) -> HeldFact:
    if held.cancelled and held.cancelled_at and held.cancelled_at > moment:
        return replace(held, cancelled=False, cancelled_at=None)
    return held


def _written_by(held: HeldFact, asking: Asking) -> bool:
    """Orders hold from the moment of writing down; of what stood in the register when we came, nobody knows it."""
    written = min(held.recorded_at, held.learned_at).astimezone(asking.zone).date()
    return held.source is Source.REGISTER or written <= asking.day


def _is_doubtful(said: Iterable[HeldFact], state: FieldState, day: date, same: Same) -> bool:
    """Tell whether a claim that can no longer be read, or placed in time, may have stood above what is left."""
    said = list(said)
    # A correction without a date has that of what it corrects, which may be what is gone.
    gone = any(held.purged and is_claim(held) and held.fact.valid_from for held in said)
    winner = state.current or state.ended
    for held in said:
        if held.cancelled or held.undone or not is_claim(held) or begin(held) > day:
            continue
        lost_its_date = (
            held.fact.kind is FactKind.CORRECTED and not held.fact.valid_from and (gone or not held.fact.wrong)
        )
        until = held.fact.valid_until
        if lost_its_date or (held.purged and winner and rank(held, same) > rank(winner, same)):
            return True
        if held.purged and winner is None and not (until and until.last_day() < day):
            return True
    return False
