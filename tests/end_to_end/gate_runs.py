"""What a run of the gate's command leaves behind."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class GateRun:
    """What a run of the gate left: exit code, terminal text, and the newest report's folder."""

    exit_code: int
    terminal: str
    out: Path

    @property
    def verdict(self) -> dict[str, Any]:
        """The report's verdict.json."""
        found: dict[str, Any] = json.loads((self.out / "latest" / "verdict.json").read_text(encoding="utf-8"))
        return found

    @property
    def failed(self) -> set[str]:
        """Short ids of the criteria that failed, such as C5."""
        return self.with_status("fail")

    def with_status(self, status: str) -> set[str]:
        """Short ids of the criteria with this status."""
        return {one["id"].split("-")[0] for one in self.verdict["criteria"] if one["status"] == status}


RunGate = Callable[..., GateRun]
