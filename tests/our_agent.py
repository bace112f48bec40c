"""The gate file of this repository's agent, for tests of the gate that need one whole."""

from collections.abc import Mapping
from pathlib import Path

from voicegate.settings import GateSettings, load_settings

AGENT_GATE = Path(__file__).resolve().parents[1] / "agent" / "voicegate_agent" / "gate.toml"
EXTENDS_OURS = f"extends = '{AGENT_GATE}'\n"


def our_settings(environ: Mapping[str, str] | None = None) -> GateSettings:
    """Read it, in an empty environment if none is given."""
    return load_settings(AGENT_GATE, environ or {})
