"""One agent's part of a run, from its start to its stop: the main run, and the variants with an agent started anew."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from voicegate.drive.agent_process import Agent, output_log, running_agent
from voicegate.drive.errors import DriveError
from voicegate.drive.livekit_server.server import SERVER_LOG, LiveKitServer
from voicegate.drive.missing_agent import CallLogs
from voicegate.drive.recorder import Recorder
from voicegate.drive.sampling import running_sampler
from voicegate.drive.scenario import VARIANTS, Calls, Step, announced, describe, section_of
from voicegate.drive.scenario_player import ScenarioPlayer
from voicegate.progress import Progress
from voicegate.record.call_sockets import port_of
from voicegate.record.events import AgentVariant, VariantName
from voicegate.record.sampler import SamplingOrder
from voicegate.redaction import HIDDEN, names_a_secret
from voicegate.settings import GateSettings, VariantSection

SPARE = 1.5
"""How many times the weights of its models an agent takes that loads them: 1.3 was measured, and room to spare."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What every agent of a run is played with; `weights_bytes` is what one load of its models takes, if known."""

    server: LiveKitServer
    recorder: Recorder
    folder: Path
    progress: Progress
    weights_bytes: int | None
    available_bytes: Callable[[], int] = lambda: int(psutil.virtual_memory().available)


async def play_agent(
    context: RunContext, settings: GateSettings, play: Callable[[], Coroutine[Any, Any, None]], log: str
) -> str | None:
    """Start the agent of `settings`, play, stop it; return what broke the playing off, None when nothing did.

    `log` is the name of the file that keeps what it wrote. Raises DriveError when it does not come up.
    """
    clock, emit = context.recorder.clock, context.recorder.emit
    context.recorder.begin_agent(_call_logs(context, settings, log).explained)
    context.recorder.secrets.add(context.server.api_key, context.server.api_secret)
    async with (
        running_sampler(emit) as sampler,
        running_agent(
            settings, context.server.environment(), log=context.folder / log, clock=clock, emit=emit
        ) as agent,
    ):
        await sampler.begin(_order(context, settings, agent))
        trouble = await unless_broken_off(
            play(), agent.died(), _server_died(context.server), context.recorder.failed(), sampler.died()
        )
    return trouble or agent.log_lost


def _call_logs(context: RunContext, settings: GateSettings, log: str) -> CallLogs:
    """Find the logs of an agent, as far as they are kept in the run's folder."""
    path = context.folder / log
    return CallLogs(
        (path, output_log(path)), context.folder / SERVER_LOG, settings.agent.agent_name, settings.log_lines
    )


def _order(context: RunContext, settings: GateSettings, agent: Agent) -> SamplingOrder:
    """Say what is to be sampled while this agent runs."""
    server = context.server.process
    return SamplingOrder(
        began=time.monotonic() - context.recorder.clock(),
        interval_s=settings.scenario.sample_interval_s,
        holder_pid=agent.holder_pid,
        main_pid=agent.pid,
        roles=tuple(settings.roles),
        server_port=port_of(context.server.url),
        server_pid=None if server is None else server.leash_pid,
        gate_pid=os.getpid(),
        temporary=agent.temporary,
    )


async def play_variants(
    context: RunContext, player: ScenarioPlayer, settings: GateSettings, names: Iterable[VariantName]
) -> str | None:
    """Play those of the variants that the settings have a section for; return what broke one off."""
    for name in names:
        section = section_of(settings.variants, name)
        if section is None:
            continue
        trouble = await _play_variant(context, player, name, section, settings)
        if trouble is not None:
            return f"In the variant {name}: {trouble}"
    return None


def shown_env(settings: GateSettings, section: VariantSection) -> dict[str, str]:
    """Return what the variant's environment adds, as reports may show it: without the values of secrets, however short."""
    return {
        name: HIDDEN if names_a_secret(name) else settings.agent.expand(text)
        for name, text in section.env.items()
    }


def lacking_memory(
    name: VariantName, steps: Iterable[Step], weights_bytes: int | None, available_bytes: int
) -> str | None:
    """Say why there is too little memory for a variant whose calls load models each; None if there is enough."""
    if name != "unshared" or weights_bytes is None:
        return None
    callers = max((step.callers for step in steps if isinstance(step, Calls)), default=0)
    needed_bytes = round(callers * weights_bytes * SPARE)
    if available_bytes >= needed_bytes:
        return None
    return (
        f"{available_bytes / 1e9:.1f} GB of memory are available, and {callers} calls that load "
        f"{weights_bytes / 1e9:.2f} GB of weights each need {needed_bytes / 1e9:.1f} GB"
    )


async def _play_variant(
    context: RunContext,
    player: ScenarioPlayer,
    name: VariantName,
    section: VariantSection,
    settings: GateSettings,
) -> str | None:
    """Play one variant, unless there is too little memory for it: then only say so."""
    own, steps = settings.with_agent_of(section), VARIANTS[name]
    skipped = lacking_memory(name, steps, context.weights_bytes, context.available_bytes())
    command = tuple(own.agent.expand(word) for word in own.agent.command)
    env = shown_env(own, section)
    context.recorder.emit(AgentVariant(context.recorder.clock(), name, command, env, skipped))
    if skipped is not None:
        context.progress(f"The variant {name} is left out: {skipped}")
        return None
    context.progress(f"Variant {name}, starting the agent anew: {describe(steps)}")
    try:
        announcing = announced(steps, context.progress)
        return await play_agent(context, own, lambda: player.play(announcing), f"agent-{name}.log")
    except DriveError as error:
        return str(error)


async def unless_broken_off(
    scenario: Coroutine[Any, Any, None], *watchers: Coroutine[Any, Any, str | None]
) -> str | None:
    """Run the scenario until it ends or a watcher does, and return what that watcher says, or what broke it."""
    playing = asyncio.create_task(scenario, name="scenario")
    watching = [asyncio.create_task(watcher, name=watcher.__name__) for watcher in watchers]
    try:
        done, _ = await asyncio.wait((playing, *watching), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (playing, *watching):
            task.cancel()
        await asyncio.gather(playing, *watching, return_exceptions=True)
    if playing in done:
        playing.result()
        return None
    return next(_said(task) for task in watching if task in done)


def _said(watcher: asyncio.Task[str | None]) -> str | None:
    error = watcher.exception()
    return watcher.result() if error is None else f"The gate's own {watcher.get_name()} broke: {error!r}"


async def _server_died(server: LiveKitServer) -> str:
    if server.process is None:
        await asyncio.Event().wait()
        raise AssertionError("a server of somebody else is not watched")
    return f"The LiveKit server died with exit code {await server.process.wait()} during the scenario."
