"""The real service as a real process: configured by a file, started, killed, stopped, and looked at from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from adapters.audit.signing import create_signing_key
from adapters.sandbox.world import World
from adapters.store.keyring import create_key_file

AJANTASA = Path(sys.executable).with_name("ajantasa")
ROOT = Path(__file__).parents[2]
TOKEN = "acceptance-token-of-thirty-two-bytes"


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def to_toml(data: dict[str, Any], prefix: str = "") -> str:
    """Write a configuration of tables, texts, numbers, truth values and lists of texts."""
    plain = {k: v for k, v in data.items() if not isinstance(v, dict)}
    lines = [f"[{prefix}]"] if prefix and plain else []
    lines += [f"{key} = {json.dumps(value, default=str)}" for key, value in plain.items()]
    text = "\n".join(lines) + "\n" if lines else ""
    for key, value in data.items():
        if isinstance(value, dict):
            text += to_toml(value, f"{prefix}.{key}" if prefix else key)
    return text


@dataclass
class Service:
    """One configured ajantasa, run as often as a test likes."""

    folder: Path
    store_url: str
    config: Path
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)

    @classmethod
    def configure(cls, folder: Path, world: World, store_url: str) -> "Service":
        """Write the configuration of a service that keeps this world's clinic right, in small and many steps."""
        settings = world.settings(folder)
        settings["store"]["url"] = store_url
        settings["daemon"] = {"tick_seconds": 0.05, "lease_seconds": 1}
        settings["retention"] = {"unmatched_days": 1_000}  # what is forgotten in time cannot be counted at the end
        settings["audit"] = {
            "checkpoint_file": folder / "checkpoints.jsonl",
            "signing_key_file": folder / "ajantasa-audit.key",
            # Where it first looks before anything was written there is nothing to sign.
            "checkpoint_every_minutes": 1,
        }
        settings["web"] = {"tokens": [f"desk:{TOKEN}"], "port": 0}
        settings["registers"]["clinic"]["read_every_seconds"] = 0.5
        for feed in settings["feeds"].values():
            feed["every_seconds"] = 0.3
        settings["feeds"]["dvv"]["dvv"]["look_up_size"] = 40
        settings["feeds"]["posti"]["moves"]["page_size"] = 20
        config = folder / "ajantasa.toml"
        config.write_text(to_toml(settings), "utf-8")
        create_key_file(folder / "ajantasa.key")
        create_signing_key(folder / "ajantasa-audit.key")
        return cls(folder, store_url, config, folder / "service.log")

    def start(self) -> subprocess.Popen[bytes]:
        """Start the program as an operator would."""
        return self._start([AJANTASA, "-c", self.config, "run"])

    def start_behind(
        self, behind: timedelta, *command: str, point: str = "-", number: int = 0, under: Sequence[str] = ()
    ) -> subprocess.Popen[bytes]:
        """Start it on an earlier day, in such a way that it kills itself when it passes a point so many times.

        Args:
            behind: by how much its clock is slow.
            command: of the command line.
            point: of `crashing`.
            number: which pass of it is the fatal one.
            under: a command that becomes this one, after it has changed what the process finds.
        """
        crashing = [sys.executable, "-m", "tests.acceptance.crashing", str(behind.total_seconds()), point, str(number)]
        return self._start([*under, *crashing, "-c", self.config, *command])

    def _start(self, command: list[Any]) -> subprocess.Popen[bytes]:
        port = free_port()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AJANTASA_")}
        environment["AJANTASA_WEB__PORT"] = str(port)
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=ROOT)
        self.processes.append(process)
        self.ports.append(port)
        return process

    def last_words(self) -> str:
        """Return the end of the log, for a test that fails."""
        return self.log.read_text("utf-8", "replace")[-2_000:]

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, process: subprocess.Popen[bytes]) -> tuple[int, float]:
        """Ask it to stop as an operator would; returns its exit status and how long that took, in seconds."""
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=30), time.monotonic() - asked

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line."""
        return subprocess.run(
            [AJANTASA, "-c", self.config, *arguments], capture_output=True, text=True, timeout=120, check=False
        )

    def status(self) -> dict[str, Any]:
        done = self.run("status", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.ports[-1]}{path}", timeout=10, **options)


def rows(url: str, query: str) -> list[Any]:
    """Ask a database directly, behind the service's back."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(sa.text(query)))
    finally:
        engine.dispose()


def change(url: str, *statements: str) -> None:
    """Change something in a database directly, in one transaction, behind the service's back."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
    finally:
        engine.dispose()


def wait_for(what: Callable[[], bool], *, seconds: float = 120) -> None:
    """Wait until something is so; a test that waits in vain fails."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return
        time.sleep(0.1)
    raise AssertionError(f"it did not come to be within {seconds} s")
