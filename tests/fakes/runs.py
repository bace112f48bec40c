"""A drive that records a made-up run without a server, an agent or a caller, and a gate to read from."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from voicegate.judge.registry import Rules
from voicegate.record.events import Recording
from voicegate.reported_run import Gate
from voicegate.settings import GateSettings
from voicegate.testing import write_recording


class FakeDrive:
    """Writes a recording where a drive would, then raises `error` if there is one."""

    def __init__(self, recording: Recording | None, error: BaseException | None = None) -> None:
        self.recording = recording
        self.error = error

    async def __call__(self, settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        """Record into `out_dir`."""
        out_dir.mkdir(exist_ok=True)
        path = out_dir / "recording.jsonl"
        progress("Recording what never took place")
        if self.recording is not None:
            write_recording(self.recording, path)
        if self.error is not None:
            raise self.error
        return path


class ReadableGate:
    """A gate whose terminal and report can be read."""

    def __init__(self, out_dir: Path) -> None:
        self.screen = io.StringIO()
        self.out_dir = out_dir
        self.gate = Gate(
            out_dir=out_dir,
            console=Console(file=self.screen, width=160, highlight=False),
            rules=Rules(),
            now=lambda: datetime(2026, 11, 22, 13, 0, tzinfo=UTC),
        )

    def lines(self) -> list[str]:
        """List what the terminal shows."""
        return self.screen.getvalue().splitlines()

    def report(self, name: str) -> dict[str, Any]:
        """Read a JSON file of the report that `latest` points to."""
        found: dict[str, Any] = json.loads((self.out_dir / "latest" / name).read_text(encoding="utf-8"))
        return found
