"""A verdict, and where memory failed it, a profile that shows what takes the memory."""

from pathlib import Path

from voicegate.exit_codes import ExitCode, MeasuringError
from voicegate.judge.registry import all_criteria
from voicegate.measure.turns import measured
from voicegate.profiling.profiled_agent import SCENARIO
from voicegate.profiling.workflow import profile_into
from voicegate.record.recording import read_recording
from voicegate.report.folder import PAGE, RECORDING, write_report
from voicegate.report.verdict import read_verdict
from voicegate.report.verdict_report import verdict_report
from voicegate.reported_run import Drive, Gate, Interrupted, run_folder
from voicegate.settings import GateSettings
from voicegate.workflow import verify_into

FOLDER = "profile"


def verify_and_profile(gate: Gate, settings: GateSettings, drive: Drive, profiled_drive: Drive) -> ExitCode:
    """Verify; if a criterion on memory failed, profile a shorter run and link it from the report.

    The exit code is the verdict's: a profile that cannot be made is said, and changes nothing. Raises as `verify` does.
    """
    with run_folder(gate) as folder:
        verified = verify_into(folder, gate, settings, drive)
    failed = () if isinstance(verified.broken_off, Interrupted) else failed_on_memory(folder)
    if failed:
        _explain(folder, gate, settings, profiled_drive, failed)
    return verified.code


def failed_on_memory(folder: Path) -> tuple[str, ...]:
    """List the criteria in a folder's verdict that failed and that a profile explains."""
    verdict = read_verdict(folder)
    explained = {criterion.id for criterion in all_criteria() if criterion.profiled}
    return tuple(one.id for one in verdict.criteria if one.id in explained and one.status == "fail")


def link_profile(folder: Path, gate: Gate, failed: tuple[str, ...]) -> None:
    """Write the report of a folder again, with a link to the profile at the criteria that it explains."""
    verdict, page = read_verdict(folder), f"{FOLDER}/{PAGE}"
    linked = tuple(
        one.model_copy(update={"profile": page}) if one.id in failed else one for one in verdict.criteria
    )
    recording = measured(read_recording(folder / RECORDING), gate.rules.limits)
    changed = verdict.model_copy(update={"criteria": linked})
    write_report(folder, verdict_report(changed, recording, gate.rules, folder))


def _explain(folder: Path, gate: Gate, settings: GateSettings, drive: Drive, failed: tuple[str, ...]) -> None:
    gate.say(f"\nProfiling a shorter run, because of {', '.join(failed)}", style="bold")
    try:
        profile_into(folder / FOLDER, gate, settings.changed(scenario=SCENARIO), drive)
        link_profile(folder, gate, failed)
    except MeasuringError as error:
        gate.say(f"There is no profile: {error}", style="yellow")
