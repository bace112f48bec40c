"""Playing steps without calls: when a rest is over."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from voicegate.drive.caller import CallerConfig
from voicegate.drive.clip_supply import ClipSupply
from voicegate.drive.clips.library import load_library
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.recorder import Recorder
from voicegate.drive.scenario import QUIET, SCENARIOS, Calls, Quiet, Rest, Step
from voicegate.drive.scenario_player import ScenarioPlayer
from voicegate.drive.soak import soak_scenario
from voicegate.log_contract import LogContract
from voicegate.measure.phases import AFTER_FIRST
from voicegate.record.events import MemorySample, Phase, ProcessMemory, Rooms
from voicegate.record.recording import RecordingWriter, read_recording, start_clock

SILENT = LogContract(memory_healthy="", memory_warning="", memory_high="")


class Server:
    """Lists the rooms that are open, look by look; the last list stays."""

    def __init__(self, *looks: Sequence[str]) -> None:
        self.looks = list(looks)

    async def __call__(self) -> tuple[str, ...] | None:
        """Look."""
        return tuple(self.looks.pop(0) if len(self.looks) > 1 else self.looks[0])


async def play(
    step: Step, server: Server, folder: Path, moved_in_s: float | None = None
) -> tuple[list[Phase], list[Rooms]]:
    """Play one step for an agent that reports no memory; return its phase and what was seen of the rooms.

    Its processes are steady after 0.3 s; one of them comes in so many seconds.
    """
    path, clock = folder / "r.jsonl", start_clock()
    with RecordingWriter(path) as writer:
        recorder = Recorder(writer, clock, SILENT)
        livekit = LiveKitServer("ws://127.0.0.1:9", "key", "secret" * 8)
        config = CallerConfig(livekit, "test", None, None, 1, 1, clock, recorder.emit, None)
        player = ScenarioPlayer(config, ClipSupply(load_library()), recorder, server, steady_s=0.3)
        if moved_in_s is not None:
            process = ProcessMemory(10, 1, "job", "python", 1, 1, 1, 1, 1)
            recorder.emit(MemorySample(clock() + moved_in_s, 0.01, (process,)))
        await player.play([step])
    lines = path.read_text(encoding="utf-8")
    header = '{"kind":"header","t":0,"started_at":"","profile":"","isolation":"","agent_command":[],"weights_bytes":null,'
    path.write_text(
        header + '"environment":{},"schema":"voicegate.recording","version":5}\n' + lines, encoding="utf-8"
    )
    recording = read_recording(path)
    return list(recording.phases), list(recording.rooms)


@pytest.mark.parametrize(
    "step",
    [Rest("last", 0.05, until_rooms_gone=True), Quiet("last", 3, 1, after_s=0.05, until_rooms_gone=True)],
    ids=["rest", "quiet"],
)
async def test_the_last_rest_waits_for_rooms_to_close(step: Step, tmp_path: Path) -> None:
    """As LiveKit keeps a stock agent's room, and its job, for a while; also where no report is awaited."""
    server = Server((), ("room-1",), ("room-1",), ())
    phases, rooms = await play(step, server, tmp_path)
    assert [phase.edge for phase in phases] == ["begin", "end"]
    assert phases[1].t - phases[0].t > 0.9
    assert rooms[-1].names == ()
    assert len(server.looks) == 1


async def test_rooms_that_are_gone_are_not_waited_for(tmp_path: Path) -> None:
    """An agent that closes its rooms costs no time."""
    phases, _ = await play(Rest("last", 0.05, until_rooms_gone=True), Server(()), tmp_path)
    assert phases[1].t - phases[0].t < 0.4


async def test_other_rests_do_not_look_at_rooms(tmp_path: Path) -> None:
    """They are as long as they say."""
    phases, _ = await play(Rest("some", 0.05), Server(("room-1",)), tmp_path)
    assert phases[1].t - phases[0].t < 0.4


@pytest.mark.parametrize(
    ("moved_in_s", "least_s", "most_s"), [(0.5, 0.75, 1.4), (60.0, 0.95, 1.6), (None, 0.05, 0.4)]
)
async def test_a_rest_lasts_until_the_processes_are_steady(
    moved_in_s: float | None, least_s: float, most_s: float, tmp_path: Path
) -> None:
    """For as long as memory is measured, but within bounds: a job that ends seconds after its call is gone by then."""
    step = Rest("some", 0.05, longer_s=0.95)
    phases, _ = await play(step, Server(()), tmp_path, moved_in_s)
    assert least_s <= phases[1].t - phases[0].t < most_s


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_ends_when_the_rooms_are_gone(name: str) -> None:
    """What calls leave behind is counted in the last rest."""
    steps = SCENARIOS[name].steps  # type: ignore[index]
    assert not isinstance(steps[-1], Calls)
    assert steps[-1].until_rooms_gone
    assert QUIET.after_s >= 4


@pytest.mark.parametrize("steps", [*(one.steps for one in SCENARIOS.values()), soak_scenario(3).steps])
def test_the_first_level_is_taken_when_the_first_room_is_gone(steps: tuple[Step, ...]) -> None:
    """A job that outlives the first call would hide a process that a later one leaves behind."""
    assert all(
        step.until_rooms_gone for step in steps if isinstance(step, Rest) and step.phase == AFTER_FIRST
    )
