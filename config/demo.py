"""`ajantasa demo`: puts a made-up world and a real ajantasa together."""

import secrets
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

from adapters.cli.demo import live_through, tell
from adapters.cli.output import Exit, err, out
from adapters.daemon import Daemon, Rhythm
from adapters.logging import set_up_logging
from adapters.sandbox.world import World, made_up
from adapters.store.keyring import create_key_file
from adapters.web.app import create_app, create_server
from config.bootstrap import Wishes, assembled
from config.settings import Settings
from sync.freshness.desk import DeskService
from sync.parts import Parts
from sync.retention import forget
from sync.schedule import run_register


def run_demo(*, people: int, days: int, seed: int, keep: bool, port: int) -> int:
    """Run the whole way on a made-up clinic, in a folder of its own that is deleted afterwards."""
    started = time.monotonic()
    set_up_logging("error")
    with tempfile.TemporaryDirectory(prefix="ajantasa-demo-") as name:
        folder = Path(name)
        err().print("Making up a town, its providers and a clinic …")
        clinic_url = f"sqlite:///{folder / 'clinic.db'}"
        with made_up(people=people, days=days, seed=seed, clinic_url=clinic_url) as world:
            create_key_file(folder / "ajantasa.key")
            token = secrets.token_urlsafe(24)
            web = {"port": port, "tokens": [f"demo:{token}"], "language": "fi"}
            settings = Settings.model_validate(world.settings(folder) | {"web": web})
            with assembled(settings, Wishes(clock=world.clock)) as parts:
                run = live_through(world, parts, err())
                good = tell(world, parts, run, started)
                if keep:
                    _stay(world, parts, settings, token)
    return Exit.OK if good else Exit.FAILED


def _stay(world: World, parts: Parts, settings: Settings, token: str) -> None:
    """Go on as a daemon, on the real clock, until Ctrl-C."""
    world.clock.set(None)
    forget(parts)  # as the daemon does when it starts: a review that nobody decided in time is no conflict any more
    for register in parts.registers.values():
        run_register(parts, register)
    rhythm = Rhythm(timedelta(seconds=1), timedelta(seconds=120))
    daemon = Daemon(parts, rhythm, threading.Event())
    server = create_server(create_app(DeskService(parts), daemon, settings.web), settings.web)
    by_state: dict[str, int] = {}
    for row in world.clinic.rows():
        by_state.setdefault(row["osoitteen_tila"] or "nobody watches", row["asiakasnumero"])
    some = "\n".join(f"      {number}  {state}" for state, number in sorted(by_state.items()))
    out().print(
        f"\nThe desk page is on http://{settings.web.host}:{settings.web.port}/\n"
        f"   token: {token}\n"
        f"   customers to try, one for each state of the address:\n{some}\n"
        "Stop with Ctrl-C.",
        markup=False,
    )
    daemon.run(server)
