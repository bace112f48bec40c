"""Asking an agent to record its allocations: the settings of its profiled run, and what must be there for it."""

from importlib.util import find_spec
from pathlib import Path

from voicegate.names import ScenarioName
from voicegate.settings import (
    FOLDER,
    GateSettings,
    SettingsError,
    VariantSection,
    VariantsSection,
)

SCENARIO: ScenarioName = "profile"

_NO_MEMRAY = (
    "memray is not installed, and a profile needs it: `pip install memray` in the gate's environment, or "
    "`nox -s profile`, which brings it along"
)
_NO_SECTION = (
    "missing: [profile] says how the agent is started so that it writes memray's captures into {folder}; "
    "see docs/gate.md"
)
_ATTACHED = "a profile starts the agent anew, which needs agent.command: this one runs already"


def check_can_profile(settings: GateSettings) -> None:
    """See that this agent can be profiled here. Raises SettingsError."""
    if settings.agent.attached:
        raise settings.error(("profile",), _ATTACHED)
    if settings.profile is None:
        raise settings.error(("profile",), _NO_SECTION)
    if find_spec("memray") is None:
        raise SettingsError(_NO_MEMRAY)


def as_profiled(settings: GateSettings, folder: Path) -> GateSettings:
    """Return the settings of the run in which the agent records itself into this folder, and nobody judges it."""
    section = settings.profile
    assert section is not None
    started = VariantSection(
        env={name: text.replace(FOLDER, str(folder)) for name, text in section.env.items()},
        command=tuple(word.replace(FOLDER, str(folder)) for word in section.command),
    )
    return settings.with_agent_of(started).model_copy(
        update={"variants": VariantsSection(), "recognizer": None}
    )
