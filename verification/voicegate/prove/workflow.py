"""Trying mutants, one after the other: each is verified as any agent is, in a folder of its own."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console

from voicegate.drive import processes
from voicegate.drive.disk import make_folder
from voicegate.exit_codes import ExitCode, MeasuringError
from voicegate.progress import ProgressDisplay
from voicegate.prove.mutant_file import Mutant
from voicegate.prove.proof import MutantResult, make_proof, result_of
from voicegate.prove.report import proof_report
from voicegate.report.folder import PAGE
from voicegate.report.verdict import VERDICT, StatusName, read_verdict
from voicegate.reported_run import Drive, Gate, Interrupted, attempt, publish, run_folder
from voicegate.settings import GateSettings
from voicegate.workflow import Verified, verify_into

_SCREEN_WIDTH = 160


def prove(gate: Gate, mutants: Sequence[Mutant], drive_of: Callable[[Mutant], Drive]) -> ExitCode:
    """Try every mutant, then report; Ctrl-C ends the trying, and what was done is reported.

    `drive_of` gives what drives a mutant: a scenario, or load. Raises ReportError when the report cannot be written.
    """
    began, began_s = gate.now(), gate.monotonic()
    with run_folder(gate) as folder:
        trials = _try_all(gate, folder, mutants, drive_of)
        left_out = tuple(mutant.name for mutant in mutants[len(trials) :])
        proof = make_proof(trials, began, gate.monotonic() - began_s, left_out)
        return publish(folder, gate, proof_report(proof))


def _try_all(
    gate: Gate, folder: Path, mutants: Sequence[Mutant], drive_of: Callable[[Mutant], Drive]
) -> tuple[MutantResult, ...]:
    trials: list[MutantResult] = []
    with ProgressDisplay(gate.console, gate.monotonic) as progress, contextlib.suppress(KeyboardInterrupt):
        for number, mutant in enumerate(mutants, start=1):
            tell = partial(_tell, progress, f"{number}/{len(mutants)} {mutant.name}")
            drive = drive_of(mutant)
            own_drive = _beside(drive, mutant.beside) if mutant.beside else drive
            trial, problem = _try(replace(gate, tell=tell), folder, mutant, own_drive)
            trials.append(trial)
            tell(f"{trial.sentence}, {trial.duration_s:.0f} s")
            if isinstance(problem, Interrupted):
                break
    return tuple(trials)


def _tell(progress: Callable[[str], None], name: str, step: str) -> None:
    progress(f"{name}: {step}")


def _try(
    gate: Gate, folder: Path, mutant: Mutant, drive: Drive
) -> tuple[MutantResult, MeasuringError | None]:
    """Verify one mutant; return as well what kept its run from its end."""
    began_s, own = gate.monotonic(), folder / mutant.name
    made = attempt(lambda: _verify(gate, own, mutant, drive))
    problem = made.broken_off if isinstance(made, Verified) else made
    report, duration_s = own / PAGE, round(gate.monotonic() - began_s, 1)
    said = None if problem is None else str(problem)
    shown = f"{own.name}/{PAGE}" if report.is_file() else None
    statuses = _statuses(own)
    trial = result_of(
        mutant.name, mutant.wrong, mutant.fails, mutant.errors, statuses, duration_s, shown, said
    )
    return trial, problem


def _verify(gate: Gate, folder: Path, mutant: Mutant, drive: Drive) -> Verified:
    """Verify one mutant in a folder of its own; what its verdict says on the terminal goes to a file there."""
    make_folder(folder)
    with (folder / "terminal.txt").open("w", encoding="utf-8") as screen:
        console = Console(file=screen, width=_SCREEN_WIDTH, highlight=False)
        own = replace(gate, out_dir=folder, console=console, rules=mutant.rules)
        return verify_into(folder, own, mutant.settings, drive)


def _statuses(folder: Path) -> dict[str, StatusName]:
    """Read what each criterion came out as from the verdict of a run; empty when there is none."""
    if not (folder / VERDICT).is_file():
        return {}
    return {one.id: one.status for one in read_verdict(folder).criteria}


def _beside(drive: Drive, command: Sequence[str]) -> Drive:
    """Let a program run as long as it drives, in the agent's folder and environment."""

    async def drive_beside(settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        words = [settings.agent.expand(word) for word in command]
        env, folder = settings.agent_environment(), settings.agent.working_directory
        async with processes.running(await processes.start(words, env=env, cwd=folder)):
            return await drive(settings, out_dir, progress)

    return drive_beside
