"""For tests of your own: make recordings by hand, and judge them or those of real runs.

The pytest plugin's fixtures are explained in docs/pytest.md; here are the types they give, and what works without
pytest as well. Values are in bytes and seconds. `dataclasses.replace` changes a recording or any event in it.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from voicegate.criteria_choice import rules_of
from voicegate.judge.finding import Finding, Measurement, Status
from voicegate.judge.findings import Findings, UnknownCriterionError
from voicegate.judge.registry import Limits, criteria_for
from voicegate.judge.unmet import (
    CouldNotMeasureError,
    CriterionFailedError,
    CriterionNotRunError,
    UnmetError,
)
from voicegate.measure.turns import measured
from voicegate.record.events import Recording
from voicegate.record.recording import RecordingError, read_recording
from voicegate.settings import DEFAULTS, SettingsError, load_settings
from voicegate.testing.agent_lines import MB, Lines, models_per_call, shared_models
from voicegate.testing.files import write_recording
from voicegate.testing.made_up import GB, WEIGHTS_BYTES, MadeUpRun

__all__ = [
    "GB",
    "MB",
    "WEIGHTS_BYTES",
    "CouldNotMeasureError",
    "CriterionFailedError",
    "CriterionNotRunError",
    "Finding",
    "Findings",
    "JudgedRun",
    "Limits",
    "Lines",
    "MadeUpRun",
    "Measurement",
    "Recording",
    "RecordingError",
    "SettingsError",
    "Status",
    "UnknownCriterionError",
    "UnmetError",
    "judge",
    "models_per_call",
    "read_recording",
    "shared_models",
    "write_recording",
]


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A run that was judged: its recording, the recording's file, the folder of its report, and the findings."""

    recording: Recording
    path: Path
    folder: Path
    findings: Findings


def judge(recording: Recording, limits: Limits | None = None, gate: Path | None = None) -> Findings:
    """Judge a recording by every criterion that its kind of run has: C, G and T, or those of a load run.

    `gate` is a gate file: its limits, patterns of log lines and choice of criteria hold in place of the packaged ones.
    `limits` go before those of the gate file. Raises SettingsError for a mistake in the gate file; a criterion that
    cannot be judged is a finding with the status ERROR.
    """
    rules = rules_of(load_settings(gate or DEFAULTS).changed(profile=recording.header.profile))
    if limits is not None:
        rules = replace(rules, limits=limits)
    recording = measured(recording, rules.limits)
    return Findings(criterion(recording, rules) for criterion in criteria_for(recording))
