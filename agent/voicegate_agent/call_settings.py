"""The settings of one call: those of the agent, with what the job's metadata says about this one."""

import json
import logging
from typing import Any

from voicegate_agent.languages import language_code
from voicegate_agent.settings import AgentSettings

PER_CALL = {"language": "language", "voice": "speaker", "prompt": "prompt", "greeting": "greeting"}
"""Keys of a job's metadata, and the settings that they replace; other keys are the application's own."""

_log = logging.getLogger(__name__)


def settings_of_call(settings: AgentSettings, metadata: str) -> AgentSettings:
    """Read a JSON object of job metadata; what cannot be used is told of and left out, because somebody is waiting."""
    try:
        wishes = json.loads(metadata or "{}")
    except ValueError:
        return settings  # it is the application's
    chosen: dict[str, Any] = {}
    for key, field in PER_CALL.items() if isinstance(wishes, dict) else ():
        if key not in wishes:
            continue
        value = wishes[key]
        if not isinstance(value, str):
            _log.warning("The job's metadata has %s=%r: expected a text", key, value)
        elif key == "voice" and settings.model_host is None:
            _log.warning(
                "The job's metadata has voice=%r, but the agent's own model host has one voice", value
            )
        else:
            chosen[field] = value
    try:
        if "language" in chosen:
            chosen["language"] = language_code(chosen["language"])
    except ValueError as error:
        _log.warning("The job's metadata has an unknown language: %s", error)
        del chosen["language"]
    return settings.model_copy(update=chosen)
