"""Starts the agent of this project with one thing broken in it: in its own process, in its model host, or in each call."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from livekit.agents import JobContext
from voicegate_agent import __main__ as command_line
from voicegate_agent import call, voice_server
from voicegate_agent.model_host import __main__ as model_host
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.protocol import HostAddress
from voicegate_agent.model_host.supervisor import ModelHostSupervisor, host_command
from voicegate_agent.settings import AgentSettings

Break = Callable[[], object]


def start() -> NoReturn:
    """Run the agent's command line, with whatever was broken before."""
    sys.exit(command_line.main())


def start_with_broken_calls(break_it: Break) -> NoReturn:
    """Run an agent in which every call's process is broken before the call; `break_it` is a function of a module."""
    voice_server.run_call = partial(run_broken_call, break_it)
    start()


def start_with_broken_host(module: str, break_it: Break) -> NoReturn:
    """Run an agent whose model host is broken; the host is `module` again, told apart by its first argument."""
    if sys.argv[1:2] == [_HOST]:
        del sys.argv[1]
        break_it()
        sys.exit(model_host.main())
    voice_server.ModelHostSupervisor = partial(ModelHostSupervisor, command=partial(_command, module))
    start()


_HOST = "voicegate_agent.model_host"  # also what the gate knows the process by


async def run_broken_call(
    break_it: Break,
    settings: AgentSettings,
    models: HostAddress | HostConfig,
    recordings: Path,
    ctx: JobContext,
) -> None:
    """Break the process of a call, then answer the call in it."""
    break_it()
    await call.run_call(settings, models, recordings, ctx)


def _command(module: str, config: HostConfig, socket: Path) -> list[str]:
    python, _, _, *arguments = host_command(config, socket)
    return [python, "-m", module, _HOST, *arguments]
