"""What the pytest plugin's session fixture gives."""

from dataclasses import dataclass
from pathlib import Path

from voicegate.judge.findings import Findings
from voicegate.record.events import Recording


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A run that was judged: its recording, the recording's file, the folder of its report, and the findings."""

    recording: Recording
    path: Path
    folder: Path
    findings: Findings
