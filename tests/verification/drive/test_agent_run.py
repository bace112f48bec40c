"""Variants: whose settings they run with, and when there is too little memory for one."""

import asyncio
from pathlib import Path

import psutil
import pytest
from voicegate.drive.agent_run import (
    RunContext,
    lacking_memory,
    play_agent,
    shown_env,
    unless_broken_off,
)
from voicegate.drive.lag import noting_lag
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.recorded_run import RECORDING
from voicegate.drive.recorder import Recorder
from voicegate.drive.scenario import VARIANTS, section_of
from voicegate.record.events import Event, VariantName
from voicegate.record.recording import RecordingWriter, start_clock
from voicegate.settings import GateSettings, VariantSection, VariantsSection, load_settings

WEIGHTS = 800_000_000


def gate(folder: Path, text: str) -> GateSettings:
    """Write a gate file and read it."""
    path = folder / "gate.toml"
    path.write_text(f"[agent]\ncommand = ['agent', 'start']\nenv = {{ A = '1', B = '2' }}\n{text}")
    return load_settings(path)


def test_a_variant_lays_its_environment_over_the_agents(tmp_path: Path) -> None:
    """What it does not say stays, its command included."""
    settings = gate(tmp_path, "[variants.unshared]\nenv = { B = '3', C = '{profile}' }\n")
    assert settings.variants.unshared is not None

    variant = settings.with_agent_of(settings.variants.unshared)

    assert variant.agent.env == {"A": "1", "B": "3", "C": "{profile}"}
    assert variant.agent_environment().items() >= {"A": "1", "B": "3", "C": "unknown"}.items()
    assert variant.agent.command == ("agent", "start")
    assert settings.agent.env == {"A": "1", "B": "2"}


def test_secrets_of_a_variant_are_not_recorded(tmp_path: Path) -> None:
    """What differs is told, but not the value of a key."""
    settings = gate(tmp_path, "[variants.unshared]\nenv = { SHARE = 'false', CHAT_API_KEY = 'hush' }\n")
    assert settings.variants.unshared is not None

    assert shown_env(settings, settings.variants.unshared) == {"SHARE": "false", "CHAT_API_KEY": "***"}


def test_a_variant_may_have_a_command_of_its_own(tmp_path: Path) -> None:
    """For an agent whose other way to run is another program."""
    settings = gate(tmp_path, "[variants.forced_gc]\ncommand = ['other']\n")
    assert settings.variants.forced_gc is not None

    assert settings.with_agent_of(settings.variants.forced_gc).agent.command == ("other",)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_has_a_section(name: VariantName) -> None:
    """Left out, it is not played; given, it is the one of that name."""
    section = VariantSection(env={"X": name})

    assert section_of(VariantsSection(), name) is None
    assert section_of(VariantsSection.model_validate({name.replace("-", "_"): section}), name) == section


def test_three_loads_need_their_memory() -> None:
    """Three callers, half as much again as the weights each; the message has both numbers."""
    needed = 3_600_000_000

    assert lacking_memory("unshared", VARIANTS["unshared"], WEIGHTS, needed) is None
    assert lacking_memory("unshared", VARIANTS["unshared"], WEIGHTS, needed - 1) == (
        "3.6 GB of memory are available, and 3 calls that load 0.80 GB of weights each need 3.6 GB"
    )


def test_only_variants_that_load_more_are_held_back() -> None:
    """With shared models, or weights of unknown size, nothing is known to be too little."""
    assert lacking_memory("forced-gc", VARIANTS["forced-gc"], WEIGHTS, 0) is None
    assert lacking_memory("unshared", VARIANTS["unshared"], None, 0) is None


async def test_a_watcher_that_breaks_ends_the_run_as_its_own_error() -> None:
    """A sampler that dies is told of, with its name, and is no fault of the agent's."""

    async def sample_memory() -> None:
        raise ZeroDivisionError

    trouble = await unless_broken_off(asyncio.sleep(60), sample_memory())

    assert trouble == "The gate's own sample_memory broke: ZeroDivisionError()"


async def test_a_scenario_that_ends_was_not_broken_off() -> None:
    """The watchers are no longer needed."""
    assert await unless_broken_off(asyncio.sleep(0), asyncio.sleep(60, "died")) is None


async def test_a_sampler_that_dies_breaks_the_run_off(tmp_path: Path) -> None:
    """The agent is stopped, what was recorded is kept, and the trouble is the gate's own."""
    settings = GateSettings.model_validate(
        {
            "path": "gate.toml",
            "agent": {
                "command": [
                    "{python}",
                    "-u",
                    "-c",
                    "print('registered worker'); import time; time.sleep(600)",
                ],
                "stop_timeout_s": 1,
            },
        }
    )
    with RecordingWriter(tmp_path / RECORDING) as writer:
        recorder = Recorder(writer, start_clock(), settings.log)
        server = LiveKitServer("ws://127.0.0.1:7880", "the-key-of-it", "the-secret-of-it")
        context = RunContext(server, recorder, tmp_path, print, None)

        async def play() -> None:
            below = psutil.Process().children(recursive=True)
            (sampler,) = (
                one for one in below if one.cmdline()[1:4] == ["-P", "-m", "voicegate.record.sampler"]
            )
            sampler.kill()
            await asyncio.sleep(60)

        trouble = await play_agent(context, settings, play, "agent.log")
    assert trouble is not None
    assert trouble.startswith("The gate's own sampler, which measures memory, ended with exit code -9")
    lines = (tmp_path / RECORDING).read_text().splitlines()
    assert sum('"kind":"memory"' in line for line in lines) >= 1
    assert '"step":"stopped"' in lines[-1]


async def test_what_breaks_while_callers_are_timed_is_not_passed_over() -> None:
    """A lag that is not noted would look like none."""

    def emit(event: Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with noting_lag("gate", lambda: 0, lambda: 1.0, emit):
            await asyncio.sleep(1.0)
