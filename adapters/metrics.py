"""What Prometheus is told: figures by feed, register and outcome; never anything about a person."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric

from sync.model import HoldKind
from sync.parts import Parts
from sync.ports.store import DeliveryState, FeedHealth

Labels = TypeVar("Labels", bound=tuple[str, ...])


class StoreFigures:
    """Reads the figures from the store whenever it is asked: every worker tells the same."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self) -> Iterable[Metric]:
        """Return all figures."""
        with self._parts.store.snapshot() as work:
            counts = work.counts()
            feeds = [work.feed(name) for name in self._parts.feeds]
            counted = {name: found for name in self._parts.registers if (found := work.census(name))}
        yield _gauge("ajantasa_customers", "Customers in the mirror.", {(): counts.customers})
        yield _gauge("ajantasa_facts", "Facts held, history included.", {(): counts.facts})
        yield _gauge("ajantasa_reviews_open", "Uncertain matches waiting for a person.", {(): counts.reviews_open})
        yield _gauge("ajantasa_dead_letters", "Items that could not be read.", {(): counts.dead_letters})
        yield _gauge("ajantasa_parked", "Changes that wait until a hold is lifted.", {(): counts.parked})
        holds = {(kind.value,): counts.holds.get(kind.value, 0) for kind in HoldKind}
        yield _gauge("ajantasa_holds", "Restrictions, objections and locks in force.", holds, ("kind",))
        yield _gauge("ajantasa_openings", "Break-glass views, for as long as readings are kept.", {(): counts.openings})
        yield _gauge("ajantasa_changes", "Changes by outcome.", counts.dispositions, ("feed", "outcome"))
        yield _gauge(
            "ajantasa_deliveries",
            "Deliveries by state.",
            _every_state(self._parts, counts.deliveries),
            ("register", "state"),
        )
        right = {(register, word): n for register, (words, _) in counted.items() for word, n in words.items()}
        yield _gauge("ajantasa_addresses", "Customers by how right their address is.", right, ("register", "accuracy"))
        at = {(register,): at.timestamp() for register, (_, at) in counted.items()}
        yield _gauge("ajantasa_addresses_counted_timestamp_seconds", "When they were counted.", at, ("register",))
        health = {(f.name, h.value): int(f.health is h) for f in feeds for h in FeedHealth}
        yield _gauge("ajantasa_feed_health", "1 for the health that the feed is in.", health, ("feed", "health"))
        paused = {(f.name, f.pause.guard): 1 for f in feeds if f.pause}
        yield _gauge("ajantasa_feed_paused", "1 for the guard that paused the feed.", paused, ("feed", "guard"))
        now = self._parts.clock.now()
        age = {(f.name,): (now - f.caught_up_at).total_seconds() for f in feeds if f.caught_up_at}
        yield _gauge("ajantasa_feed_caught_up_age_seconds", "Since the provider last said: no more.", age, ("feed",))


def register_metrics(parts: Parts, registry: CollectorRegistry) -> None:
    """Add our figures to a Prometheus registry."""
    registry.register(StoreFigures(parts))


def _every_state(parts: Parts, known: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    return {(r, s.value): 0 for r in parts.registers for s in DeliveryState} | dict(known)


def _gauge(name: str, text: str, figures: Mapping[Labels, float], labels: Sequence[str] = ()) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, text, labels=labels)
    for values, figure in figures.items():
        gauge.add_metric(values, figure)
    return gauge
