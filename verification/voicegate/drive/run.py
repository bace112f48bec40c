"""Driving a scenario: server, agent and callers together, recorded from nothing to the end."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from voicegate.drive.agent_run import RunContext, play_agent, play_variants
from voicegate.drive.caller import CallerConfig
from voicegate.drive.clip_supply import ClipSupply, check_supply
from voicegate.drive.clips.library import load_library
from voicegate.drive.joins import joins_over
from voicegate.drive.listening import make_listener
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.more_cycles import going_on, in_time
from voicegate.drive.page.calls import call_from_page
from voicegate.drive.recorded_run import RECORDING, PlayResult, Run, note_disks, record_run, server_of
from voicegate.drive.rooms import listing_rooms
from voicegate.drive.scenario import (
    PAGE,
    VARIANTS,
    Rest,
    Scenario,
    Step,
    announced,
    describe,
    expected_s,
    planned_phases,
    scenario_of,
    section_of,
)
from voicegate.drive.scenario_player import ScenarioPlayer
from voicegate.drive.soak import KeptSound, soaking
from voicegate.progress import Progress
from voicegate.record.events import Recording
from voicegate.record.recording import read_recording
from voicegate.settings import GateSettings

Undecided = Callable[[Recording], bool]

_PAGE_REST_S = 4.0
_ROOMS_CLOSE_S = 25.0  # a page chooses its rooms, so on a server with others nobody can say which are its: LiveKit closes an empty one after 20 s
_AFTER_CYCLES_S = 60.0  # the last rest with rooms that are kept open, and listening
_LONGER = 1.3  # times as long as expected: a variant also starts its agent


def _decided(_recording: Recording) -> bool:
    """Ask for nothing more."""
    return False


async def run_scenario(
    settings: GateSettings,
    out_dir: Path,
    progress: Progress,
    scenario: Scenario | None = None,
    notes: Mapping[str, str] | None = None,
    undecided: Undecided = _decided,
) -> Path:
    """Drive the scenario of `settings`, or this one, and return the path of its recording, in `out_dir`.

    `undecided` is asked, where the scenario may have more cycles than planned, whether what is recorded so far asks for
    them. `notes` are put down with what is known of the environment. Whatever was started is stopped. Raises as
    `record_run` does.
    """
    library = load_library(settings.scenario.clips, progress)
    section = settings.scenario
    played = scenario or scenario_of(section, frozenset(clip.name for clip in library.clips))
    variants = (VARIANTS[name] for name in played.variants if section_of(settings.variants, name) is not None)
    check_supply(library, chain(played.steps, (PAGE,) if played.page else (), *variants))
    clips = ClipSupply(library)
    name = "soak" if played.soak else section.name if section.file is None else f"file {section.file.name}"
    known = {"scenario": name} | dict(notes or {})
    planned = planned_phases(played, settings.variants, reports=settings.log.reports_memory)
    return await record_run(
        settings,
        known,
        out_dir,
        progress,
        lambda run: _play(run, name, played, clips, undecided),
        planned=planned,
    )


async def _play(
    run: Run, name: str, scenario: Scenario, clips: ClipSupply, undecided: Undecided
) -> PlayResult:
    """Play the steps and the variants on one server, each with an agent of its own."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(joins_over)
        server = await stack.enter_async_context(server_of(run))
        config = _caller_config(run, server)
        rooms = await stack.enter_async_context(listing_rooms(server, "" if server.process else config.run))
        steps = _with_more_cycles(run, scenario, undecided)
        player_with = partial(ScenarioPlayer, steady_s=run.settings.limits.settled_window_s)
        player = player_with(config, clips, run.recorder, rooms)
        if scenario.soak is not None:
            listener = await make_listener(run.settings, run.folder, run.recorder.emit, run.progress)
            shelf = KeptSound(listener, scenario.soak.kept_calls, run.settings.limits)
            player = player_with(
                replace(config, emit=shelf.emit), clips, run.recorder, rooms, shelf.listen_and_delete
            )
            steps = soaking(scenario, config.clock, lambda: shelf.failures, run.progress)
        context = RunContext(server, run.recorder, run.folder, run.progress, run.weights_bytes)
        doing = "Looking for" if run.settings.agent.attached else "Starting"
        run.progress(f"{doing} the agent for the scenario {name}: {describe(scenario.steps)}")

        async def rest(name: str) -> None:
            seconds = _PAGE_REST_S if server.process else _ROOMS_CLOSE_S
            await player.play([Rest(name, seconds, until_rooms_gone=True)])

        async def play() -> None:
            await player.play(steps)
            if scenario.page:
                await call_from_page(run, server, clips, rest)

        trouble = await play_agent(context, run.settings, play, "agent.log")
        note_disks(run)
        if trouble is not None:
            return PlayResult(trouble, listen=False)
        return PlayResult(await play_variants(context, player, run.settings, scenario.variants), listen=True)


def _with_more_cycles(run: Run, scenario: Scenario, undecided: Undecided) -> Iterator[Step]:
    """Announce the steps, and give more cycles than planned while the recording so far decides nothing."""
    variants = [
        VARIANTS[name] for name in scenario.variants if section_of(run.settings.variants, name) is not None
    ]
    to_come_s = _AFTER_CYCLES_S + _LONGER * sum(map(expected_s, variants))

    def ask() -> bool:
        more = undecided(read_recording(run.folder / RECORDING))
        if more:
            run.progress("It is not certain yet whether memory grows: another cycle")
        return more

    steps = announced(scenario.steps, run.progress)
    asking = in_time(ask, run.recorder.clock, to_come_s)
    return going_on(steps, scenario.steps, scenario.more_cycles, asking)


def _caller_config(run: Run, server: LiveKitServer) -> CallerConfig:
    return CallerConfig(
        server=server,
        run=f"voicegate-{secrets.token_hex(3)}",
        agent_name=run.settings.agent.agent_name,
        expected_reply=run.settings.agent.expected_reply,
        fillers=run.settings.agent.fillers,
        spoken=run.settings.agent.spoken,
        language=run.settings.language,
        limits=run.settings.limits,
        join_timeout_s=run.settings.scenario.join_timeout_s,
        reply_timeout_s=run.settings.scenario.reply_timeout_s,
        clock=run.recorder.clock,
        emit=run.recorder.emit,
        folder=run.folder,
    )
