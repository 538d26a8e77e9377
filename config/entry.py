"""The entry point of the command `ajantasa`."""

import json
import os
import secrets
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from importlib import metadata, resources
from pathlib import Path
from string import Template

from adapters.audit.checkpoints import CheckpointFile
from adapters.audit.signing import create_signing_key
from adapters.cli.app import main as run_command_line
from adapters.cli.output import Bar
from adapters.cli.program import Answers
from adapters.clock import SystemClock
from adapters.daemon import Daemon, Rhythm
from adapters.erasures import ErasureFile
from adapters.logging import set_up_logging
from adapters.providers.dvv import DvvProvider, DvvSettings
from adapters.providers.moves import MovesSettings, open_moves
from adapters.store import Keyring, open_store
from adapters.store.keyring import create_key_file
from adapters.web.app import create_app, create_server
from adapters.web.settings import Readers
from config.bootstrap import Wishes, assembled, load_model, make_provider, make_register, signing_of, store_url
from config.settings import Settings, load
from sync.errors import (
    AjantasaError,
    CheckpointFailed,
    ConfigurationInvalid,
    KeyUnusable,
    LedgerUnusable,
    NotFound,
    Problem,
)
from sync.freshness.desk import DeskService
from sync.matching.model import Model
from sync.parts import Parts
from sync.ports.provider import Page, Provider
from sync.training import frequency_hash

_NOWHERE = "http://localhost"


class Ajantasa:
    """The program behind the command line."""

    @contextmanager
    def open(self, config: Path) -> Iterator[Parts]:
        """Put everything together for one command; warnings and progress go to standard error."""
        settings = load(config)
        _quiet_logging()
        with assembled(settings, Wishes(stopping=_stop_on_signals().is_set, progress=Bar)) as parts:
            yield parts

    def serve(self, config: Path) -> int:
        """Run the daemon until it is told to stop."""
        settings = load(config)
        set_up_logging(settings.log_level)
        stop = threading.Event()
        daemon_settings = settings.daemon
        rhythm = Rhythm(
            timedelta(seconds=daemon_settings.tick_seconds),
            timedelta(seconds=daemon_settings.stall_seconds),
            timedelta(hours=daemon_settings.census_hours),
        )
        with assembled(settings) as parts:
            daemon = Daemon(parts, rhythm, stop, signing=signing_of(settings))
            app = create_app(DeskService(parts), daemon, settings.web)
            return daemon.run(create_server(app, settings.web))

    def check(self, config: Path) -> Sequence[Problem]:
        """Return everything that is wrong with the configuration and what it names."""
        settings = load(config)
        _quiet_logging()
        checks = (
            _web_problems,
            _register_problems,
            _feed_problems,
            _matching_problems,
            _audit_problems,
            _erasure_problems,
            _store_problems,
        )
        return [problem for check in checks for problem in check(settings)]

    def remarks(self, config: Path) -> Sequence[str]:
        """Return what a good configuration leaves out that an operator should know of."""
        settings = load(config)
        said = []
        if settings.audit.checkpoint_file is None:
            said.append("Checkpoints of the audit chain are off: see [audit] in docs/configuration.md.")
        if settings.erasure.file is None:
            said.append("Restoring a back-up would bring erased people back: see [erasure] in docs/configuration.md.")
        return said

    def checkpoints(self, config: Path) -> CheckpointFile | None:
        """Return the file of signed checkpoints; None where none are made."""
        signing = signing_of(load(config))
        return signing.file if signing else None

    def upgrade(self, config: Path) -> None:
        """Bring our own database up to date."""
        with assembled(load(config), Wishes(migrate=True)):
            pass

    def shipped_model(self) -> Model:
        """Return the matching model that comes along."""
        return load_model(None)

    def create_key(self, path: Path) -> None:
        """Write a new key file."""
        create_key_file(path)

    def create_signing_key(self, path: Path) -> Path:
        """Write a new key that signs checkpoints; returns where its public key is."""
        return create_signing_key(path)

    def set_up(self, answers: Answers) -> Sequence[Path]:
        """Write a configuration, a key file and a desk token; nothing that is there is overwritten."""
        folder = answers.folder
        folder.mkdir(parents=True, exist_ok=True)
        files = {
            folder / "ajantasa.toml": _template(answers),
            folder / "register-url": answers.register_url + "\n",
            folder / "desk-tokens": f"desk:{secrets.token_urlsafe(32)}\n",
        }
        key = folder / "ajantasa.key"
        there = [path.name for path in (*files, key) if path.exists()]
        if there:
            raise ConfigurationInvalid([Problem(name, "is there already and is not overwritten") for name in there])
        for path, text in files.items():
            path.touch(mode=0o644 if path.suffix == ".toml" else 0o600)
            path.write_text(text, "utf-8")
        create_key_file(key)
        return [*files, key]

    def parse(self, provider: str, payload: bytes) -> Page:
        """Read a raw payload in a provider's wire format."""
        if provider not in self.providers():
            raise NotFound(f"no provider adapter is called so; there are: {', '.join(self.providers())}")
        adapter: Provider = (
            DvvProvider(DvvSettings(base_url=_NOWHERE))
            if provider == "dvv"
            else open_moves(MovesSettings.model_validate({"base_url": _NOWHERE, "token": "-"}), clock=SystemClock())
        )
        try:
            return adapter.parse(payload)
        finally:
            adapter.close()

    def providers(self) -> Sequence[str]:
        """Return the names of the provider adapters."""
        return ("dvv", "moves")

    def demo(self, *, people: int, days: int, seed: int, keep: bool, port: int) -> int:
        """Run the whole way on a made-up clinic."""
        from config.demo import run_demo  # noqa: PLC0415 - needs the extra `sandbox`

        return run_demo(people=people, days=days, seed=seed, keep=keep, port=port)

    def sandbox(self, *, people: int, days: int, seed: int, host: str, ports: tuple[int, int], clinic: str) -> int:
        """Serve the made-up providers and the made-up clinic until told to stop."""
        from adapters.sandbox.serve import serve  # noqa: PLC0415 - needs the extra `sandbox`

        set_up_logging("info")
        serve(people, days, seed, host, *ports, clinic)
        return 0


def _web_problems(settings: Settings) -> Iterator[Problem]:
    try:
        Readers.load(settings.web)
    except ConfigurationInvalid as error:
        yield from error.problems


def _register_problems(settings: Settings) -> Iterator[Problem]:
    """Look at the real tables; a register that cannot be reached is a problem of its own."""
    for name, register in settings.registers.items():
        try:
            with closing(make_register(name, register, SystemClock())) as port:
                for setting, _, message in (text.partition(": ") for text in port.check()):
                    yield Problem(f"registers.{name}.sql.{setting}", message)
        except ConfigurationInvalid as error:
            yield from error.problems
        except AjantasaError as error:
            yield Problem(f"registers.{name}.sql", str(error))


def _feed_problems(settings: Settings) -> Iterator[Problem]:
    """Look at the files and folders that the feeds name; no provider is asked."""
    for name, feed in settings.feeds.items():
        try:
            make_provider(name, feed, SystemClock()).close()
        except ConfigurationInvalid as error:
            yield from error.problems
        if feed.moves and feed.moves.folder and not os.access(feed.moves.folder, os.R_OK | os.W_OK | os.X_OK):
            yield Problem(f"feeds.{name}.moves.folder", "a folder that can be read and written")
        if feed.moves and feed.moves.token_file and not os.access(feed.moves.token_file, os.R_OK):
            yield Problem(f"feeds.{name}.moves.token_file", "a file that can be read")


def _matching_problems(settings: Settings) -> Iterator[Problem]:
    """Read the model, under our key if there is one; that there is none is told elsewhere."""
    digest = None
    with suppress(KeyUnusable):
        digest = frequency_hash(Keyring.load(settings.key_file).digest)
    try:
        load_model(settings.matching.model, digest)
    except ConfigurationInvalid as error:
        yield from error.problems


def _audit_problems(settings: Settings) -> Iterator[Problem]:
    """Read the signing key, and see that the file of checkpoints can be written and read."""
    try:
        signing = signing_of(settings)
        if signing:
            signing.file.last()
    except KeyUnusable as error:
        yield Problem("audit.signing_key_file", str(error))
    except CheckpointFailed as error:
        yield Problem("audit.checkpoint_file", str(error))
    path = settings.audit.checkpoint_file
    if path and not os.access(path if path.exists() else path.parent, os.R_OK | os.W_OK):
        yield Problem("audit.checkpoint_file", "a file that can be read and written, in a folder that is there")


def _erasure_problems(settings: Settings) -> Iterator[Problem]:
    """See that the file of erasures can be read, and written anew in its folder."""
    path = settings.erasure.file
    if path is None:
        return
    try:
        ErasureFile(path).read()
    except LedgerUnusable as error:
        yield Problem("erasure.file", str(error))
    if not os.access(path.parent, os.R_OK | os.W_OK):
        yield Problem("erasure.file", "a file in a folder that is there and can be written to")


def _store_problems(settings: Settings) -> Iterator[Problem]:
    """Open our own database with its key; an empty one is set up on the way."""
    keyring = None
    try:
        keyring = Keyring.load(settings.key_file)
    except KeyUnusable as error:
        yield Problem("key_file", str(error))
    try:
        url = store_url(settings.store)
        if keyring is not None:
            open_store(url, keyring, SystemClock()).close()
    except ConfigurationInvalid as error:
        yield from error.problems
    except AjantasaError as error:
        yield Problem("key_file" if isinstance(error, KeyUnusable) else "store", str(error))


def _template(answers: Answers) -> str:
    text = resources.files("config").joinpath("default.toml").read_text("utf-8")
    # A JSON text is a TOML text too, whatever characters the table's name has.
    return Template(text).substitute(table=json.dumps(answers.table), language=json.dumps(answers.language))


def _quiet_logging() -> None:
    """For single commands: only what matters, on standard error, so that results stay readable."""
    import sys  # noqa: PLC0415

    set_up_logging("warning", sys.stderr)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def main() -> None:
    """Run the command line."""
    run_command_line(Ajantasa(), metadata.version("ajantasa"))
