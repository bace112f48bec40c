"""Names that options and gate files share: of scenarios, of kinds of clips, and of the gate file itself."""

from pathlib import Path
from typing import Literal

GATE_FILE = Path("gate.toml")
"""The gate file that is taken when none is named: the one in the folder the gate is started in."""

ScenarioName = Literal[
    "full", "short", "pair", "race", "cycles", "monitor", "forced-gc", "benefit", "profile"
]
ClipKind = Literal["code", "sentence"]
