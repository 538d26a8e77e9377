"""Signing the audit chain at the daemon's rhythm. What goes wrong is loud, and stops nothing else."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from adapters.audit.checkpoints import CheckpointFile, sign_head
from sync.errors import Busy, CheckpointFailed
from sync.parts import Parts

log = structlog.get_logger()

_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Signing:
    """Where checkpoints go, and how often one is made."""

    file: CheckpointFile
    every: timedelta


class CheckpointJob:
    """Makes a checkpoint when one is due."""

    def __init__(self, parts: Parts, signing: Signing, registry: CollectorRegistry) -> None:
        self._parts = parts
        self._signing = signing
        self._next = parts.clock.now()
        self._signed = Gauge(
            "ajantasa_audit_signed_timestamp_seconds",
            "When the audit chain was last signed, or nothing was new.",
            registry=registry,
        )
        self._failures = Counter(
            "ajantasa_audit_checkpoint_failures", "Checkpoints that could not be made.", registry=registry
        )

    def tick(self) -> None:
        """Make a checkpoint if one is due; a failed one is tried again soon."""
        now = self._parts.clock.now()
        if now < self._next:
            return
        self._next = now + min(self._signing.every, _AGAIN_AFTER)
        try:
            sign_head(self._parts, self._signing.file)
        except CheckpointFailed as error:
            self._failures.inc()
            log.error("checkpoint_failed", reason=str(error))  # noqa: TRY400 - where it was raised tells nothing more
            return
        except Busy:  # another daemon, or a command, is at it
            return
        self._next = now + self._signing.every
        self._signed.set(now.timestamp())
