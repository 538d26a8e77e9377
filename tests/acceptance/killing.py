"""The real process, killed on its way, again and again."""

import subprocess
import time
from collections.abc import Sequence

from tests.acceptance.crashing import KILLED, POINTS
from tests.acceptance.service import wait_for
from tests.acceptance.story import Story

ANY_TIME, IN_A_RESYNC, TWO_AT_ONCE = "at any time", "in a resync", "two at once, both"
WAYS = (*POINTS, ANY_TIME, IN_A_RESYNC, TWO_AT_ONCE)
_BUSY = 5  # exit status of a command that found somebody else at work


class Killer(Story):
    """Ends each piece of the story in a kill."""

    def kill_through(self, ways: Sequence[str]) -> None:
        """Kill in each of these ways."""
        for way in self.pieces(ways):
            self._die(way)

    def _die(self, way: str) -> None:
        if way in POINTS:
            self._die_at(way)
        elif way == IN_A_RESYNC:
            self._die_resyncing()
        else:
            self._die_running(way)

    def _die_at(self, point: str) -> None:
        process = self.service.start_behind(
            self.behind, "run", point=point, number=self.chance.randint(1, POINTS[point].often)
        )
        try:
            status = process.wait(POINTS[point].patience)
        except subprocess.TimeoutExpired:
            self.service.kill(process)
            self.troubles[ANY_TIME] += 1
            return
        assert status == KILLED, self.service.last_words()
        self.troubles[point] += 1

    def _die_running(self, way: str) -> None:
        processes = [self.service.start_behind(self.behind, "run") for _ in range(2 if way == TWO_AT_ONCE else 1)]
        begun = self.service.log.stat().st_size
        wait_for(lambda: self.service.log.stat().st_size > begun)
        time.sleep(self.chance.uniform(0, 1.5))
        for process in processes:
            assert process.poll() is None, self.service.last_words()
            self.service.kill(process)
            self.troubles[way] += 1

    def _die_resyncing(self) -> None:
        feed = self.chance.choice(["dvv", "posti"])
        process = self.service.start_behind(self.behind, "resync", feed)
        try:
            status = process.wait(self.chance.uniform(1.5, 4))
        except subprocess.TimeoutExpired:
            self.service.kill(process)
            self.troubles[IN_A_RESYNC] += 1
            return
        assert status in (0, _BUSY), self.service.last_words()
