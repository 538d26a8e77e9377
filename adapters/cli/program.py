"""What the command line needs of the program behind it. `config.entry` provides it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.audit.checkpoints import CheckpointFile
from sync.errors import Problem
from sync.matching.model import Model
from sync.model.address import Language
from sync.parts import Parts
from sync.ports.provider import Page


@dataclass(frozen=True, slots=True)
class Answers:
    """What `init` asked an operator.

    Attributes:
        folder: where the files go.
        register_url: SQLAlchemy URL of the register; goes into a file that only the owner can read.
        table: the register's table of customers.
        language: of the desk.
    """

    folder: Path
    register_url: str
    table: str
    language: Language


class Program(Protocol):
    """The program."""

    def open(self, config: Path) -> AbstractContextManager[Parts]:
        """Put everything together as configured; Ctrl-C is heeded between pages, progress goes to standard error."""
        ...

    def serve(self, config: Path) -> int:
        """Run the daemon until it is told to stop; returns its exit status."""
        ...

    def check(self, config: Path) -> Sequence[Problem]:
        """Return everything that is wrong with the configuration and what it names."""
        ...

    def remarks(self, config: Path) -> Sequence[str]:
        """Return what a good configuration leaves out that an operator should know of."""
        ...

    def checkpoints(self, config: Path) -> CheckpointFile | None:
        """Return the file of signed checkpoints of the audit chain; None where none are made."""
        ...

    def upgrade(self, config: Path) -> None:
        """Bring our own database up to date."""
        ...

    def shipped_model(self) -> Model:
        """Return the matching model that comes along."""
        ...

    def create_key(self, path: Path) -> None:
        """Write a new key file."""
        ...

    def create_signing_key(self, path: Path) -> Path:
        """Write a new key that signs checkpoints; returns where its public key is."""
        ...

    def set_up(self, answers: Answers) -> Sequence[Path]:
        """Write a configuration, a key file and a token; returns the files written."""
        ...

    def parse(self, provider: str, payload: bytes) -> Page:
        """Read a raw payload in a provider's wire format."""
        ...

    def providers(self) -> Sequence[str]:
        """Return the names of the provider adapters."""
        ...

    def demo(self, *, people: int, days: int, seed: int, keep: bool, port: int) -> int:
        """Run the whole way on a made-up clinic; returns the exit status."""
        ...

    def sandbox(self, *, people: int, days: int, seed: int, host: str, ports: tuple[int, int], clinic: str) -> int:
        """Serve the made-up providers and the made-up clinic until told to stop."""
        ...
