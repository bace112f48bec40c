"""Names that options and gate files share: of scenarios, of kinds of clips, and of the gate file itself."""

from pathlib import Path
from typing import Literal

GATE_FILE = Path("gate.toml")
"""The gate file that is taken when none is named: the one in the folder the gate is started in."""

ScenarioName = Literal[
    "full",
    "short",
    "conversation",
    "page",
    "pair",
    "race",
    "cycles",
    "monitor",
    "forced-gc",
    "benefit",
    "profile",
]
ClipKind = Literal["code", "sentence"]

SoundName = Literal["silence", "cough", "mm-hmm", "door", "noise", "hum", "music", "voice"]
"""What else than speech a caller's microphone sends."""

Departure = Literal["hang_up", "vanish"]
"""How a caller goes: with LiveKit's goodbye, or without, as one whose program crashed or whose network is gone."""

StepKind = Literal[
    "turn",
    "opening",
    "pause",
    "interruption",
    "disturbance",
    "quiet",
    "message",
    "hang_up",
    "vanish",
    "expected",
]
"""What a step of a scripted call is for: a plain turn; one whose reply the next step disturbs; a pause inside what is said; speech, or
a sound, during the reply to the step before; a time in which nobody speaks to the agent; a
written message; and the end of the call, with a goodbye or without. A step of which its script says what is
expected is judged by that alone."""
