"""Looking at the agent's command without running the agent: what is not there, and what its interpreter lacks."""

import os
import re
import shutil
from pathlib import Path

from voicegate.doctor.facts import AgentFacts
from voicegate.drive import processes
from voicegate.drive.attached_agent import agent_command
from voicegate.settings import GateSettings

CLIENTS = ("docker", "docker-compose", "podman", "podman-compose", "nerdctl", "kubectl", "ssh", "systemctl")
"""Programs that have something else run the agent, so that it is not among their own processes."""

_ANSWER_S = 20.0
_PYTHON = re.compile(r"python(\d(\.\d+)?)?")
_OURS = re.compile(r"voicegate[_-]agent")
_LOOK = "from importlib.util import find_spec as f; print(bool(f('livekit') and f('livekit.agents')))"


async def agent_facts(settings: GateSettings) -> AgentFacts | None:
    """Look at the command; None where the gate file names no agent."""
    if not settings.agent.named:
        return None
    words = agent_command(settings)
    own_imports = settings.agent.isolation != "thread" and not any(map(_OURS.search, words))
    if settings.agent.attached:
        return AgentFacts(" ".join(words), own_imports=own_imports)
    missing = _missing(settings)
    return AgentFacts(
        command=" ".join(words),
        missing=missing,
        client=_client(words),
        interpreter_problem=None if missing else await _interpreter_problem(settings, words[0]),
        own_imports=own_imports,
    )


def _missing(settings: GateSettings) -> tuple[str, ...]:
    """List what the command names and is not there: its folder, its program, a script."""
    folder = _folder(settings)
    if not folder.is_dir():
        return (f"agent.working_directory {folder}",)
    program, *others = agent_command(settings)
    path = settings.agent_environment().get("PATH", os.defpath)
    at = folder / program if "/" in program else program  # as it is when the agent is started in its folder
    missing = [] if shutil.which(at, path=path) else [program]
    missing += [word for word in others if word.endswith(".py") and not (folder / word).is_file()]
    return tuple(missing)


def _folder(settings: GateSettings) -> Path:
    return settings.agent.working_directory or Path.cwd()


def _client(words: tuple[str, ...]) -> str | None:
    program = next((Path(word).name for word in words if Path(word).name not in ("sudo", "env")), "")
    return program if program in CLIENTS else None


async def _interpreter_problem(settings: GateSettings, program: str) -> str | None:
    """Ask the command's interpreter, where it is a Python, whether it has livekit.agents; it is not imported."""
    if not _PYTHON.fullmatch(Path(program).name):
        return None
    try:
        command, env = (program, "-c", _LOOK), settings.agent_environment()
        answer = await processes.ask(command, _ANSWER_S, env=env, cwd=_folder(settings))
    except processes.ProcessError as error:
        return str(error)
    if answer.exit_code != 0:
        return (
            f"{program} ended with {answer.exit_code}{f': {answer.last_words}' if answer.last_words else ''}"
        )
    return None if answer.output.strip() == "True" else f"{program} has no livekit.agents"
