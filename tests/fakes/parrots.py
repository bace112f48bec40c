"""Runs with the parrot, an agent that is not ours: its gate file, a pair of calls, and what may be left of it."""

from pathlib import Path

import psutil
from voicegate.drive.scenario import Calls, Rest, Step
from voicegate.record.events import Recording
from voicegate.settings import GateSettings, load_settings

PARROT = Path(__file__).parents[1] / "foreign_agents" / "parrot.py"
TWO_AT_ONCE: tuple[Step, ...] = (
    Rest("baseline", 1),
    Calls("two-at-once", 2, ("code", "code")),
    Rest("after-all", 1),
)
ROOMS = "[livekit]\ndeparture_timeout_s = 6\n"
"""The parrot leaves its rooms open, and does not stop while there are any."""


def parrot_settings(folder: Path, agent: str = "") -> GateSettings:
    """Make settings for the parrot; `agent` is more of the [agent] section."""
    gate = folder / "gate.toml"
    command = f'[agent]\ncommand = ["{{python}}", "{PARROT}", "start"]\nprofile = "parrot"\n'
    gate.write_text(f"{command}{agent}\n{ROOMS}")
    return load_settings(gate)


def survivors(recording: Recording) -> list[int]:
    """List the processes of a recording that still run."""
    pids = {p.pid for p in recording.processes} | {p.pid for s in recording.memory for p in s.processes}
    return [
        pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]
