"""The one place that puts the parts together."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from adapters.ahead import one_ahead
from adapters.audit.checkpoints import CheckpointFile
from adapters.audit.job import Signing
from adapters.audit.signing import load_signing_key
from adapters.clock import SystemClock
from adapters.erasures import ErasureFile
from adapters.helper import HelperProcess, Opening
from adapters.memory import settle_memory
from adapters.providers.dvv import DvvProvider
from adapters.providers.moves import open_moves
from adapters.providers.reading import Reading, read_here
from adapters.reader import ReadingProcess
from adapters.registers.sql import SqlRegister
from adapters.store import Keyring, open_store
from config.settings import FeedSettings, RegisterSettings, Settings, StoreSettings
from sync.erasing import erase_again
from sync.errors import ConfigurationInvalid, Problem
from sync.freshness.policy import FeedPromise, Policy
from sync.matching.model import Model
from sync.matching.model_file import parse_model
from sync.model import Field, Source
from sync.parts import FeedParts, Parts, Progress, RegisterParts, Silence
from sync.ports.clock import Clock
from sync.ports.provider import Provider
from sync.training import frequency_hash

_STORES = frozenset({"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller wants beside the configuration."""

    stopping: Callable[[], bool] = lambda: False
    progress: Callable[[str], Progress] = lambda _: Silence()
    migrate: bool = False
    clock: Clock = field(default_factory=SystemClock)


@contextmanager
def assembled(settings: Settings, wishes: Wishes | None = None) -> Iterator[Parts]:
    """Put the parts together, and take them apart again.

    Raises:
        CannotStart: configuration, key or schema; nothing was written.
        StoreUnavailable: our own database cannot be reached.
        LedgerUnusable: the file of erasures cannot be read or written.
    """
    wishes = wishes or Wishes()
    with ExitStack() as stack:
        keyring = Keyring.load(settings.key_file)
        model = load_model(settings.matching.model, frequency_hash(keyring.digest))
        store = open_store(store_url(settings.store), keyring, wishes.clock, migrate=wishes.migrate)
        stack.callback(store.close)
        reading = _reading(stack)
        feeds = {name: _feed(name, feed, wishes.clock, stack, reading) for name, feed in settings.feeds.items()}
        registers = {name: _register(name, settings, feeds, wishes.clock, stack) for name in settings.registers}
        helper = _helper(settings, stack) if settings.matching.processes > 1 else None
        settle_memory()
        parts = Parts(
            store=store,
            clock=wishes.clock,
            model=model,
            registers=registers,
            feeds=feeds,
            owner=f"{socket.gethostname()}:{os.getpid()}",
            retention=settings.retention.periods(),
            lease_ttl=timedelta(seconds=settings.daemon.lease_seconds),
            stopping=wishes.stopping,
            progress=wishes.progress,
            helper=helper,
            ahead=one_ahead,
            ledger=ErasureFile(settings.erasure.file) if settings.erasure.file else None,
        )
        erase_again(parts)  # before anything else is done with a back-up that was restored
        yield parts


def _helper(settings: Settings, stack: ExitStack) -> HelperProcess:
    opening = Opening(store_url(settings.store), str(settings.key_file), model_text(settings.matching.model))
    helper = HelperProcess(opening)
    stack.callback(helper.close)
    return helper


def _reading(stack: ExitStack) -> Reading:
    ours = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    if len(ours) == 1:
        return read_here  # nobody would read beside us
    reader = ReadingProcess()
    stack.callback(reader.close)
    return reader


def store_url(settings: StoreSettings) -> str:
    """Return the URL of our own database.

    Raises:
        ConfigurationInvalid: its file cannot be read, or it is none of a database that we can use.
    """
    key, url = "store.url", settings.url.get_secret_value()
    if settings.url_file is not None:
        key = "store.url_file"
        try:
            url = settings.url_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationInvalid([Problem(key, f"cannot be read ({type(error).__name__})")]) from None
    try:
        good = make_url(url).drivername in _STORES
    except (ArgumentError, ValueError):
        good = False
    if not good:
        raise ConfigurationInvalid([Problem(key, "a URL is needed that begins with sqlite:/// or postgresql://")])
    return url


def load_model(path: Path | None, digest: Callable[[str, str], str] | None = None) -> Model:
    """Return the matching model from a file, or the one that comes along.

    Args:
        path: of the file.
        digest: the keyed hash under which its tables of frequencies were made.

    Raises:
        ConfigurationInvalid: it cannot be read, or is no model.
    """
    return parse_model(model_text(path), digest)


def model_text(path: Path | None) -> str:
    """Return the file of a matching model, or the one that comes along.

    Raises:
        ConfigurationInvalid: it cannot be read.
    """
    if path is None:
        return resources.files("config").joinpath("models/default.json").read_text("utf-8")
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid([Problem("matching.model", f"cannot be read ({type(error).__name__})")]) from None


def signing_of(settings: Settings) -> Signing | None:
    """Return where and with which key checkpoints of the audit chain are signed; None where none are made.

    Raises:
        KeyUnusable: the key file cannot be used.
    """
    audit = settings.audit
    if audit.checkpoint_file is None or audit.signing_key_file is None:
        return None
    file = CheckpointFile(audit.checkpoint_file, load_signing_key(audit.signing_key_file))
    return Signing(file, timedelta(minutes=audit.checkpoint_every_minutes))


def make_provider(name: str, settings: FeedSettings, clock: Clock, reading: Reading = read_here) -> Provider:
    """Make the provider adapter of a feed; it connects when it is first asked.

    Args:
        name: of the feed.
        settings: of the feed.
        clock: for what is dated.
        reading: who reads the answers.

    Raises:
        ConfigurationInvalid: files that the settings name cannot be used.
    """
    if settings.dvv is not None:
        with keys_under(f"feeds.{name}.dvv"):
            return DvvProvider(settings.dvv, reading=reading)
    assert settings.moves is not None
    with keys_under(f"feeds.{name}.moves"):
        return open_moves(settings.moves, clock=clock, reading=reading)


def make_register(name: str, settings: RegisterSettings, clock: Clock) -> SqlRegister:
    """Make the adapter of a register; it connects when it is first asked.

    Raises:
        ConfigurationInvalid: the URL cannot be read, or needs a driver that is not installed.
    """
    with keys_under(f"registers.{name}.sql"):
        return SqlRegister(settings.sql, clock=clock)


@contextmanager
def keys_under(path: str) -> Iterator[None]:
    """Name the problems that an adapter finds in its own settings by their keys in the whole configuration."""
    try:
        yield
    except ConfigurationInvalid as error:
        raise ConfigurationInvalid([Problem(f"{path}.{p.key}", p.message) for p in error.problems]) from None


def _feed(name: str, settings: FeedSettings, clock: Clock, stack: ExitStack, reading: Reading) -> FeedParts:
    provider = make_provider(name, settings, clock, reading)
    stack.callback(provider.close)
    return FeedParts(
        name=name,
        provider=provider,
        register=settings.register_,
        every=timedelta(seconds=settings.every_seconds),
        since=settings.since,
        ask_absent_after=timedelta(days=settings.ask_absent_after_days),
        limits=settings.guard.limits(),
    )


def _register(name: str, whole: Settings, feeds: dict[str, FeedParts], clock: Clock, stack: ExitStack) -> RegisterParts:
    settings = whole.registers[name]
    port = make_register(name, settings, clock)
    stack.callback(port.close)
    titles = {n: s.title or n for n, s in whole.feeds.items()} | {n: s.title or n for n, s in whole.registers.items()}
    promises = {
        n: FeedPromise(feeds[n].provider.capabilities.covers, timedelta(hours=s.live_within_hours))
        for n, s in whole.feeds.items()
        if s.register_ == name
    }
    policy = Policy(
        zone=settings.time_zone,
        limits=whole.freshness.limits(),
        news=timedelta(days=whole.freshness.news_days),
        feeds=promises,
        names=titles,
        assume_clear=settings.unknown_protection == "clear",
        precedence={Field(name): [Source(speaker) for speaker in order] for name, order in settings.precedence.items()},
        country=settings.sql.default_country,
    )
    return RegisterParts(name, port, policy, timedelta(seconds=settings.read_every_seconds))
