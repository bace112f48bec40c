"""Trying mutants, one after the other: each is verified as any agent is, in a folder of its own."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console

from voicegate.drive import processes
from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode
from voicegate.progress import ProgressDisplay
from voicegate.prove.mutant_file import Mutant
from voicegate.prove.page import render_page, render_summary
from voicegate.prove.proof import Proof, make_proof
from voicegate.prove.terminal import show
from voicegate.prove.trial import Trial
from voicegate.record.recording import RecordingError
from voicegate.report.folder import PAGE, ReportError, new_folder, point_latest, write_text
from voicegate.report.verdict import StatusName, Verdict
from voicegate.settings import GateSettings
from voicegate.workflow import Drive, Gate, verify_into

_EXIT_CODES = {"pass": ExitCode.PASS, "fail": ExitCode.FAIL, "error": ExitCode.NOT_MEASURED}
_INTERRUPTED = "interrupted"
_SCREEN_WIDTH = 160
_VERDICT = "verdict.json"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the proof goes, where it speaks, and its clocks: UTC for names, `monotonic` in seconds."""

    out_dir: Path
    console: Console
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic


def prove(desk: Desk, mutants: Sequence[Mutant], drive_of: Callable[[Mutant], Drive]) -> ExitCode:
    """Try every mutant, then report; Ctrl-C ends the trying, and what was done is reported.

    `drive_of` gives what drives a mutant: a scenario, or load. Raises ReportError when the report cannot be written.
    """
    began, began_s = desk.now(), desk.monotonic()
    folder = new_folder(desk.out_dir, began)
    trials = _try_all(desk, folder, mutants, drive_of)
    left_out = tuple(mutant.name for mutant in mutants[len(trials) :])
    proof = make_proof(trials, began, desk.monotonic() - began_s, left_out)
    try:
        _write(folder, proof)
    finally:
        show(desk.console, proof)
    point_latest(folder)
    desk.console.print(f"Report: {folder / PAGE}", markup=False, highlight=False, soft_wrap=True)
    return _EXIT_CODES[proof.outcome]


def _write(folder: Path, proof: Proof) -> None:
    write_text(folder / "prove.json", proof.to_json())
    write_text(folder / "summary.md", render_summary(proof))
    write_text(folder / PAGE, render_page(proof))


def _try_all(
    desk: Desk, folder: Path, mutants: Sequence[Mutant], drive_of: Callable[[Mutant], Drive]
) -> tuple[Trial, ...]:
    trials: list[Trial] = []
    with ProgressDisplay(desk.console, desk.monotonic) as progress, contextlib.suppress(KeyboardInterrupt):
        for number, mutant in enumerate(mutants, start=1):
            tell = partial(_tell, progress, f"{number}/{len(mutants)} {mutant.name}")
            trial = _try(desk, folder, mutant, _WatchedDrive(drive_of(mutant), tell, mutant.beside))
            trials.append(trial)
            tell(f"{trial.sentence()}, {trial.duration_s:.0f} s")
            if trial.problem == _INTERRUPTED:
                break
    return tuple(trials)


def _tell(progress: Callable[[str], None], name: str, step: str) -> None:
    progress(f"{name}: {step}")


def _try(desk: Desk, folder: Path, mutant: Mutant, drive: "_WatchedDrive") -> Trial:
    """Verify one mutant; what its verdict says on the terminal goes to a file beside its report."""
    began_s = desk.monotonic()
    own = folder / mutant.name
    own.mkdir()
    problem = None
    with (own / "terminal.txt").open("w", encoding="utf-8") as screen:
        console = Console(file=screen, width=_SCREEN_WIDTH, highlight=False)
        try:
            verify_into(own, Gate(own, console, mutant.rules, now=desk.now), mutant.settings, drive)
        except (DriveError, RecordingError, ReportError) as error:
            problem = str(error)
        except KeyboardInterrupt:
            problem = _INTERRUPTED
    return Trial(
        name=mutant.name,
        wrong=mutant.wrong,
        expected=mutant.fails,
        statuses=_statuses(drive.folder),
        duration_s=round(desk.monotonic() - began_s, 1),
        report=_report(drive.folder, folder),
        problem=problem or drive.problem,
        errors=mutant.errors,
    )


def _statuses(run: Path | None) -> dict[str, StatusName]:
    """Read what each criterion came out as from the verdict of a run; empty when there is none."""
    if run is None or not (run / _VERDICT).is_file():
        return {}
    verdict = Verdict.model_validate_json((run / _VERDICT).read_text(encoding="utf-8"))
    return {one.id: one.status for one in verdict.criteria}


def _report(run: Path | None, folder: Path) -> str | None:
    """Give the path of a run's page, relative to the proof's folder."""
    if run is None or not (run / PAGE).is_file():
        return None
    return (run / PAGE).relative_to(folder).as_posix()


class _WatchedDrive:
    """A drive whose steps go to the proof's own display too; remembers its folder and what broke it off.

    `beside` is the command of a program that runs as long as it drives, if there is one.
    """

    def __init__(self, drive: Drive, progress: Callable[[str], None], beside: Sequence[str] = ()) -> None:
        self.folder: Path | None = None
        self.problem: str | None = None
        self._drive = drive
        self._progress = progress
        self._beside = beside

    async def __call__(self, settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        self.folder = out_dir

        def tell(step: str) -> None:
            progress(step)
            self._progress(step)

        try:
            async with _running_beside(self._beside, settings):
                return await self._drive(settings, out_dir, tell)
        except (DriveError, RecordingError) as error:
            self.problem = str(error)
            raise
        except (asyncio.CancelledError, KeyboardInterrupt):
            self.problem = _INTERRUPTED
            raise


@contextlib.asynccontextmanager
async def _running_beside(command: Sequence[str], settings: GateSettings) -> AsyncIterator[None]:
    """Run a program in the agent's folder and environment as long as the block lasts; nothing without a command."""
    if not command:
        yield
        return
    words = [settings.agent.expand(word) for word in command]
    env, folder = settings.agent_environment(), settings.agent.working_directory
    async with processes.running(await processes.start(words, env=env, cwd=folder)):
        yield
