"""Profiling an agent: started so that it records its allocations, called, and its captures read into a report."""

from collections.abc import Sequence
from pathlib import Path

from voicegate.drive.disk import make_folder
from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode
from voicegate.profiling.allocation_profile import ProcessResult, Profile
from voicegate.profiling.capture import Capture, read_captures
from voicegate.profiling.flame_graphs import draw
from voicegate.profiling.heap_over_time import heap_over_time
from voicegate.profiling.profiled_agent import as_profiled
from voicegate.profiling.report import profile_report
from voicegate.profiling.rests import rests, stretch_of_growth
from voicegate.profiling.roles import make_profile
from voicegate.record.events import Recording
from voicegate.record.recording import read_recording
from voicegate.report.folder import RECORDING
from voicegate.report.timeline import make_heap_timeline
from voicegate.reported_run import Drive, Gate, drive_into, publish, run_folder
from voicegate.settings import GateSettings

CAPTURES = "captures"
FLAME_GRAPHS = "flame-graphs"


class NothingCapturedError(DriveError):
    """The agent ran and left no capture; the message says what was expected where."""


def profile(gate: Gate, settings: GateSettings, drive: Drive) -> ExitCode:
    """Profile the agent of `settings` in a new folder that `latest` then points to.

    Raises DriveError or RecordingError when there is nothing to report on, ReportError when that cannot be written.
    """
    with run_folder(gate) as folder:
        return profile_into(folder, gate, settings, drive)


def profile_into(folder: Path, gate: Gate, settings: GateSettings, drive: Drive) -> ExitCode:
    """Drive the agent under the profiler and report in this folder; nothing is judged.

    A run that broke off is reported as far as it was recorded, and returns NOT_MEASURED. Raises as `profile` does.
    """
    captures_folder = folder / CAPTURES
    make_folder(captures_folder)
    broken_off = drive_into(folder, gate, as_profiled(settings, captures_folder.resolve()), drive)
    recording = read_recording(folder / RECORDING)
    captures = _read(gate, captures_folder, recording)
    if not captures:
        raise broken_off or _nothing_captured(captures_folder)
    found = _with_flame_graphs(gate, folder, make_profile(recording, captures))
    readable = [one for one in captures if isinstance(one, Capture)]
    timeline = make_heap_timeline(recording, heap_over_time(recording, readable))
    return publish(folder, gate, profile_report(found, timeline), broken_off)


def _read(gate: Gate, folder: Path, recording: Recording) -> Sequence[Capture | ProcessResult]:
    growth = stretch_of_growth(rests(recording))
    sizes = [path.stat().st_size for path in folder.glob("*.bin")]
    gate.say(f"Reading {len(sizes)} captures, {sum(sizes) / 1e6:.0f} MB")
    return read_captures(folder, None if growth is None else growth[0])


def _nothing_captured(folder: Path) -> NothingCapturedError:
    found = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
    return NothingCapturedError(
        f"{folder}: expected memray's captures named ROLE-PID.bin, found {found}. [profile] in the gate file must make "
        "the agent's processes write them there; see docs/gate.md."
    )


def _with_flame_graphs(gate: Gate, folder: Path, found: Profile) -> Profile:
    """Draw the flame graphs of one capture of each role; what cannot be drawn is said and left out."""
    make_folder(folder / FLAME_GRAPHS)
    captures = {role.role: folder / CAPTURES / role.shown_capture for role in found.roles}
    paths: dict[str, dict[str, str]] = {role: {} for role in captures}
    for graph in draw(captures, folder / FLAME_GRAPHS):
        if graph.problem is None:
            paths[graph.role][graph.view] = graph.path.relative_to(folder).as_posix()
        else:
            gate.say(f"No flame graph {graph.path.name}: {graph.problem}", style="yellow")
    roles = tuple(role.model_copy(update={"flame_graphs": paths[role.role]}) for role in found.roles)
    return found.model_copy(update={"roles": roles})
