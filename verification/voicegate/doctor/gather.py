"""Gathering the facts: every look at the machine, the network and the agent, none of which changes anything."""

import os
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import get_args

import platformdirs
import psutil
from pydantic import TypeAdapter, ValidationError

from voicegate.doctor.agent import agent_facts
from voicegate.doctor.facts import (
    DiskPurpose,
    DiskRoom,
    Facts,
    Listening,
    Machine,
    Models,
    Plan,
    RecognizerState,
)
from voicegate.doctor.server import find_server, is_free
from voicegate.drive import processes
from voicegate.drive.clips.library import load_library, read_manifest
from voicegate.drive.disk import existing_part
from voicegate.drive.errors import ClipError
from voicegate.drive.page.program import find_browser
from voicegate.drive.scenario import VARIANTS, Calls, expected_s, longer_s, scenario_of, section_of
from voicegate.expected_reply import ANY_REPLY, ExpectedReply, filled
from voicegate.record.ears import Ears, ears_of
from voicegate.record.packaged_ears import packaged_ears
from voicegate.settings import DEFAULTS, GateSettings

_CHECK_TIMEOUT_S = 60.0
_ANY_WORDS_WER = 1.0  # a limit from here on says that the words of replies do not matter


async def gather(settings: GateSettings, out_dir: Path) -> Facts:
    """Find out everything a run of these settings, reported into `out_dir`, would depend on."""
    models = await _models(settings)
    port = settings.livekit.port
    return Facts(
        gate=None if settings.path == DEFAULTS else settings.path,
        machine=_machine(),
        plan=_plan(settings),
        server=await find_server(settings, platformdirs.user_cache_path("voicegate")),
        port=port,
        port_is_free=port is None or is_free(port),
        agent=await agent_facts(settings),
        profile=settings.agent.profile,
        models=models,
        disks=_disks(out_dir, models),
        listening=_listening(settings),
        log=settings.log,
        needs_browser=settings.page is not None and scenario_of(settings.scenario).page,
        browser=find_browser(),
    )


def _machine() -> Machine:
    memory = psutil.virtual_memory()
    return Machine(
        python=sys.version_info[:3],
        cores=len(os.sched_getaffinity(0)),
        tick_s=time.get_clock_info("monotonic").resolution,
        available_bytes=memory.available,
        memory_bytes=memory.total,
        open_files=_at_most(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
    )


def _at_most(limit: int) -> int:
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit


def _plan(settings: GateSettings) -> Plan:
    scenario = scenario_of(settings.scenario)
    variants = {
        name: VARIANTS[name] for name in scenario.variants if section_of(settings.variants, name) is not None
    }
    parts = [scenario.steps, *variants.values()]
    unshared = [step.callers for step in variants.get("unshared", ()) if isinstance(step, Calls)]
    return Plan(
        scenario=settings.scenario.name,
        most_calls=max(step.callers for part in parts for step in part if isinstance(step, Calls)),
        most_copies=max([1, *unshared]),
        expected_s=sum(map(expected_s, parts)),
        longer_s=sum(map(longer_s, parts)),
    )


async def _models(settings: GateSettings) -> Models:
    """Ask the agent what its models would take."""
    known = settings.agent.weights_bytes
    if not settings.agent.check:
        return Models(weights_bytes=known, asked=False)
    command = [settings.agent.expand(word) for word in settings.agent.check]
    said = f"`{' '.join(command)}`"
    try:
        answer = await processes.ask(
            command, _CHECK_TIMEOUT_S, env=settings.agent_environment(), cwd=settings.agent.working_directory
        )
    except processes.ProcessError as error:
        return Models(weights_bytes=known, problem=f"{said}: {error}")
    if answer.exit_code != 0:
        problem = answer.last_words or f"{said} ended with {answer.exit_code}"
        return Models(weights_bytes=known, problem=problem)
    try:
        said_models = TypeAdapter(Models).validate_json(answer.output)
    except ValidationError:
        return Models(
            weights_bytes=known, problem=f"{said} wrote no JSON object with its files and their states"
        )
    return Models(said_models.files, known if known is not None else said_models.weights_bytes)


def _disks(out_dir: Path, models: Models) -> tuple[DiskRoom, ...]:
    new = [Path(file.path).parent for file in models.files if file.state in ("generate", "download")]
    places: dict[DiskPurpose, Path] = {"report": out_dir, "server": Path.home()}
    places |= {"models": new[0]} if new else {}
    return tuple(_room(purpose, places[purpose]) for purpose in get_args(DiskPurpose) if purpose in places)


def _room(purpose: DiskPurpose, path: Path) -> DiskRoom:
    path = path.absolute()
    existing = existing_part(path)
    usage = shutil.disk_usage(existing)
    return DiskRoom(purpose, path, existing.stat().st_dev, usage.free, usage.total)


def _listening(settings: GateSettings) -> Listening:
    model = settings.ears
    state = _state_of(model)
    ears = Ears("none") if model is None else ears_of(model)
    try:
        manifest = read_manifest(settings.scenario.clips)
        if manifest.speech is None:  # what is spoken is spoken in a run; here every file is looked at
            load_library(settings.scenario.clips)
    except ClipError as error:
        return Listening(0, 0, str(error), model, state, ears.name)
    given = settings.agent.expected_reply
    expected = {clip.expected_reply for clip in manifest.clips} if given is None else {given}
    fit = all(_is_known(ears, reply) for reply in expected) or settings.limits.heard_wer >= _ANY_WORDS_WER
    codes = {clip.code for clip in manifest.clips} - {None}
    sentences = sum(clip.code is None for clip in manifest.clips)
    return Listening(len(codes), sentences, None, model, state, ears.name, fit)


def _is_known(ears: Ears, expected: ExpectedReply) -> bool:
    """Whether the recognizer can write all words of the reply that is expected; other forms than a whole text leave words open."""
    if ears.words is None:
        return True
    text = filled(expected, code="1", text="")
    return isinstance(text, str) and text != ANY_REPLY and not ears.unknown_words(text)


def _state_of(recognizer: Path | None) -> RecognizerState:
    if recognizer is not None and (recognizer / "model.bin").is_file():
        return "ready"
    return "download" if recognizer == packaged_ears() else "missing"
