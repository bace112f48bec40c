"""Driving a search: one agent, and level after level of Locust's callers, all in one recording."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from voicegate.capacity.level import LEVEL, judged_levels
from voicegate.capacity.result import LevelResult
from voicegate.capacity.search import CALLERS_PER_S, Search
from voicegate.drive.clips.library import load_library
from voicegate.drive.disk import make_folder
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.recorded_run import RECORDING, PlayResult, Run, record_run
from voicegate.judge.registry import Rules
from voicegate.load.drive import AFTER, BEFORE, let_call, play_with_agent, rest
from voicegate.progress import Progress
from voicegate.quantity import number_of
from voicegate.record.events import LOAD, Phase
from voicegate.record.recording import read_recording
from voicegate.settings import GateSettings

WARM_UP = "warm-up"
BETWEEN = "between-levels"
_WARM_UP_S = 5.0  # then the caller is let finish
_LAST_REPLY_S = 12.0  # a sentence, the sound of its reply and the silence after it


async def drive_search(
    settings: GateSettings, out_dir: Path, progress: Progress, search: Search, rules: Rules
) -> Path:
    """Search with the agent of these settings; return the path of the recording, in `out_dir`.

    Raises as `record_run` does.
    """
    load_library(settings.scenario.clips, progress)  # so that texts are spoken before anybody calls
    player = _LevelPlayer(search, rules)
    return await record_run(settings, {"scenario": LOAD}, out_dir, progress, player.play, listens=False)


@dataclass(slots=True)
class _LevelPlayer:
    """Plays the levels of one search; `levels` are the results until now."""

    search: Search
    rules: Rules
    levels: list[LevelResult] = field(default_factory=list)

    async def play(self, run: Run) -> PlayResult:
        """Play all of it with one server and one agent."""
        trouble = await play_with_agent(run, lambda server: self._levels(run, server))
        return PlayResult(trouble, listen=False)

    async def _levels(self, run: Run, server: LiveKitServer) -> None:
        """Warm up, so that no level has to wait for models to be loaded; then level after level."""
        await rest(run, BEFORE)
        run.progress("One call to warm up")
        await _phase(run, server, WARM_UP, 1, _WARM_UP_S)
        while (calls := self._next()) is not None:
            await rest(run, BETWEEN)
            turn_s = self.levels[-1].turn_s if self.levels else None
            await _phase(run, server, f"{LEVEL}{calls:02}", calls, self.search.run_s(calls, turn_s))
            recording = await asyncio.to_thread(read_recording, run.folder / RECORDING)
            self.levels = list(judged_levels(recording, self.rules))
            run.progress(_told(self.levels[-1]))
        await rest(run, AFTER)

    def _next(self) -> int | None:
        """Ask the search; a level that could not be judged ends it."""
        held = {level.calls: level.held for level in self.levels if level.held is not None}
        return self.search.following(held) if len(held) == len(self.levels) else None


async def _phase(run: Run, server: LiveKitServer, name: str, calls: int, for_s: float) -> None:
    """Let so many callers call for a while, and finish what they have begun."""
    folder = run.folder / name
    make_folder(folder)
    patience_s = run.settings.scenario.reply_timeout_s + _LAST_REPLY_S
    arguments = [
        *("--headless", "--gate", str(run.settings.path.absolute())),
        *("--users", str(calls), "--spawn-rate", f"{CALLERS_PER_S:g}", "--rest", "0"),
        *("--run-time", f"{for_s:.0f}s", "--stop-timeout", f"{patience_s:.0f}"),
    ]
    title = f"{number_of(calls, 'call')} for {for_s:.0f} s"
    run.progress(title)
    run.recorder.emit(Phase(run.recorder.clock(), name, "begin", calls))
    await let_call(run, server, arguments, folder, title)
    run.recorder.emit(Phase(run.recorder.clock(), name, "end", calls))


def _told(level: LevelResult) -> str:
    """Say how a level went, while others follow."""
    how = {True: "holds", False: "does not hold", None: "could not be judged"}[level.held]
    why = f": {'; '.join(level.reasons)}" if level.reasons else ""
    return f"{level.calls} {how}{why}"
