"""How well the gate measures an interruption (T2): an answerer that stops at a known time when the caller speaks over it, on real calls.

`python tests/stop_calibration.py` interrupts it at several stopping times, in about three minutes, and prints a table.
"""

import asyncio
import statistics
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from uuid import uuid4

from calibration import CLIP, HEARS_END_S, Answer, Answerer, answering, errors_of, server_of_its_own, tone
from voicegate.drive.caller import Caller, CallerConfig
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.microphone import Said
from voicegate.drive.script import ScriptStep
from voicegate.limits import TurnLimits
from voicegate.measure.played_steps import played_steps
from voicegate.record.events import CallEvent, CallSound, CallStep, Event, Header, Recording, Turn
from voicegate.record.recording import Clock, start_clock

STOPS_S = (0.5, 0.8, 1.2)
TIMES = 10
ONE_INTERRUPTION = (ScriptStep("code"), ScriptStep("code", into_reply_s=0.4))
_PIECE_S = 0.05
_PIECES_AHEAD = 8  # so that the tone has no holes when this program does not get to run


@dataclass(frozen=True, slots=True)
class Stop:
    """One interruption: from the caller's first sample until the answerer was silent, as it really was and as the gate has it; seconds.

    The true time ends when the last sample leaves the answerer's microphone, the measured one when it is heard: the way between them is
    the same for all.
    """

    set_s: float
    true_s: float
    measured_s: float

    @property
    def way_s(self) -> float:
        """What the gate's figure has on top."""
        return self.measured_s - self.true_s


async def interrupted(answerer: Answerer, stops_s: Sequence[float], clock: Clock) -> list[float]:
    """Answer a turn without end, be silent so long after the caller speaks over it, and answer that; tell when each was silent."""
    silent_t = []
    for stop_s in stops_s:
        await answerer.ear.wait_for_sound(clock(), 60)
        await answerer.ear.wait_for_quiet(HEARS_END_S, 60)
        silent_t.append(await _speak_until_spoken_over(answerer, stop_s, clock))
        await answerer.answer([Answer(0.4)])
    return silent_t


async def _speak_until_spoken_over(answerer: Answerer, stop_s: float, clock: Clock) -> float:
    """Keep some pieces of a tone on their way until the time to stop is known and reached; return when the last sample left."""
    hearing = asyncio.create_task(answerer.ear.wait_for_sound(clock(), 60))
    on_their_way: deque[asyncio.Task[Said]] = deque()
    stop_t, end_t = inf, clock()
    while on_their_way or end_t < stop_t:
        if hearing.done() and stop_t == inf:
            stop_t = clock() + stop_s
        while len(on_their_way) < _PIECES_AHEAD and end_t + len(on_their_way) * _PIECE_S < stop_t:
            on_their_way.append(asyncio.create_task(answerer.mouth.say(tone(_PIECE_S, 500))))
        if on_their_way:
            end_t = (await on_their_way.popleft()).end_t
    await hearing
    return end_t


async def calibrate_stops(server: LiveKitServer, stops_s: Sequence[float], folder: Path) -> list[Stop]:
    """Make one call with an interruption for each of these times."""
    events: list[Event] = []
    config = CallerConfig(
        server, f"test-{uuid4().hex[:8]}", None, None, 10, 8, start_clock(), events.append, folder
    )
    caller = Caller("call-01", "phase", config)
    async with answering(server, f"{config.run}-call-01", config.clock) as answerer:
        stopping = asyncio.create_task(interrupted(answerer, stops_s, config.clock))
        try:
            await caller.dial()
            await caller.follow(ONE_INTERRUPTION * len(stops_s), [CLIP] * 2 * len(stops_s), CLIP)
            silent_t = await asyncio.wait_for(stopping, 10)
        finally:
            await caller.hang_up()
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
    steps, _ = played_steps(_recording(events), "interruption", TurnLimits())
    return [
        Stop(stop_s, true_t - step.t, step.stopped_after_s)
        for step, true_t, stop_s in zip(steps, silent_t, stops_s, strict=True)
    ]


def _recording(events: Sequence[Event]) -> Recording:
    return Recording(
        Header("", "", "", (), None, {}),
        calls=tuple(event for event in events if isinstance(event, CallEvent)),
        steps=tuple(event for event in events if isinstance(event, CallStep)),
        sounds=tuple(event for event in events if isinstance(event, CallSound)),
        scripted=tuple(event for event in events if isinstance(event, Turn)),
    )


def table_of_stops(stops: Sequence[Sequence[Stop]]) -> str:
    """Write a Markdown table, a row for each stopping time; an error is what is left when the usual way is taken off."""
    way_s = statistics.median(stop.way_s for row in stops for stop in row)
    lines = [
        f"The way from the answerer's microphone to the caller's ear took {way_s * 1000:.0f} ms (median).",
        "",
        "| set to stop after | interruptions | really silent after, median | measured, median | error: median | largest |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in stops:
        true_s = statistics.median(stop.true_s for stop in row)
        measured_s = statistics.median(stop.measured_s for stop in row)
        errors = errors_of([stop.way_s - way_s for stop in row])
        lines.append(f"| {row[0].set_s:g} s | {len(row)} | {true_s:.3f} s | {measured_s:.3f} s | {errors} |")
    return "\n".join(lines)


async def main() -> None:
    """Calibrate at every stopping time, and print the table."""
    async with server_of_its_own() as (server, folder):
        stops = [await calibrate_stops(server, [stop_s] * TIMES, folder) for stop_s in STOPS_S]
    sys.stdout.write(f"{table_of_stops(stops)}\n")


if __name__ == "__main__":
    asyncio.run(main())
