"""How well the gate measures a wait and a reply: an answerer that begins and stops after set times, on real calls.

`python tests/calibration.py` calls it at several delays and with several lengths, in about seven minutes, and prints two tables.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
from livekit import api, rtc
from platformdirs import user_cache_path
from voicegate.drive.caller import Caller, CallerConfig
from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Earphone
from voicegate.drive.livekit_server.server import LiveKitServer, livekit_server
from voicegate.drive.microphone import Microphone
from voicegate.record.events import Event, Turn
from voicegate.record.recording import Clock, start_clock
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples
from voicegate.settings import LiveKitSection

DELAYS_S = (0.3, 0.6, 1.2, 2.4)
LENGTHS_S = (0.3, 1.0, 2.5)
TURNS = 12
HEARS_END_S = 0.25
"""The answerer takes speech as ended when it heard nothing for so long: no delay can be shorter."""


def tone(seconds: float, hertz: float) -> Samples:
    """Make a tone."""
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(np.sin(2 * np.pi * hertz * t) * 9000, np.int16)


CLIP = Clip("tone", "beep", "1", "Beep.", tone(1.5, 300))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the answerer does: it begins so long after the caller's last sound, and stops after so long; seconds."""

    delay_s: float
    length_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Wait:
    """One turn: the wait as it really was, from the caller's last sample to the answer's first, and as the gate has it; seconds.

    The true one ends when the answer leaves the answerer's microphone, the measured one when it is heard: the way through
    codecs and jitter buffers lies between them, and is the same for every delay.
    """

    turn: Turn
    true_s: float
    answer: Answer

    @property
    def measured_s(self) -> float:
        """The gate's figure."""
        assert self.turn.latency_s is not None
        return self.turn.latency_s

    @property
    def way_s(self) -> float:
        """What the gate's figure has on top."""
        return self.measured_s - self.true_s

    @property
    def too_long_s(self) -> float:
        """What the gate's length of the reply has on top of the real one."""
        return self.turn.reply_audio_s - self.answer.length_s


class Answerer:
    """A participant who answers a caller with a tone, so long after the caller's last sound was heard."""

    def __init__(self, server: LiveKitServer, room_name: str, clock: Clock) -> None:
        self._server = server
        self._room_name = room_name
        self._clock = clock
        self._room = rtc.Room()
        self.ear = Earphone(clock)
        self.mouth = Microphone(clock)
        self.answers_t: list[float] = []

    async def join(self) -> None:
        """Come into the room and publish a track."""
        self._room.on("track_subscribed", lambda track, *_: self.ear.listen_to(track))
        grants = api.VideoGrants(room_join=True, room=self._room_name, can_update_own_metadata=True)
        token = api.AccessToken(self._server.api_key, self._server.api_secret)
        await self._room.connect(
            self._server.url, token.with_identity("answerer").with_grants(grants).to_jwt()
        )
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(self.mouth.track, options)

    async def answer(self, answers: Sequence[Answer]) -> None:
        """Give these answers, in this order."""
        for answer in answers:
            await self.ear.wait_for_sound(self._clock(), 60)
            await self.ear.wait_for_quiet(HEARS_END_S, 60)
            assert self.ear.last_sound_t is not None
            leaves_t = self.ear.last_sound_t + answer.delay_s
            await asyncio.sleep(max(0.0, leaves_t - self.mouth.ahead_s - self._clock()))
            self.answers_t.append((await self.mouth.say(tone(answer.length_s, 500))).start_t)

    async def answer_with_gap(self, gap_s: float) -> None:
        """Answer once with two tones so far apart, and say that it speaks until both are out."""
        await self.ear.wait_for_sound(self._clock(), 60)
        await self.ear.wait_for_quiet(HEARS_END_S, 60)
        await self._room.local_participant.set_attributes({"lk.agent.state": "speaking"})
        await self.mouth.say(tone(0.5, 500))
        await asyncio.sleep(gap_s)
        await self.mouth.say(tone(0.5, 500))
        await self._room.local_participant.set_attributes({"lk.agent.state": "listening"})

    async def leave_when_spoken_to(self) -> None:
        """Go out of the room as soon as the caller says something."""
        await self.ear.wait_for_sound(self._clock(), 60)
        await self._room.disconnect()

    async def speak(self) -> None:
        """Send sound, or silence, until cancelled."""
        await self.mouth.run()

    async def close(self) -> None:
        """Stop listening and go."""
        await self.ear.close()
        await self._room.disconnect()


@asynccontextmanager
async def answering(server: LiveKitServer, room_name: str, clock: Clock) -> AsyncIterator[Answerer]:
    """Have an answerer in the room, who speaks when told to."""
    answerer = Answerer(server, room_name, clock)
    await answerer.join()
    speaking = asyncio.create_task(answerer.speak())
    try:
        yield answerer
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        await answerer.close()


async def calibrate(server: LiveKitServer, answers: Sequence[Answer], folder: Path) -> list[Wait]:
    """Make one call with one turn for each answer."""
    events: list[Event] = []
    config = CallerConfig(
        server, f"test-{uuid4().hex[:8]}", None, None, 10, 8, start_clock(), events.append, folder
    )
    caller = Caller("call-01", "phase", config)
    async with answering(server, f"{config.run}-call-01", config.clock) as answerer:
        answering_them = asyncio.create_task(answerer.answer(answers))
        try:
            await caller.dial()
            await caller.converse([CLIP] * len(answers))
        finally:
            await caller.hang_up()
            answering_them.cancel()
            await asyncio.gather(answering_them, return_exceptions=True)
    turns = [event for event in events if isinstance(event, Turn)]
    made = zip(turns, answerer.answers_t, answers, strict=True)
    return [Wait(turn, answer_t - turn.speech_end_t, answer) for turn, answer_t, answer in made]


def table_of_waits(waits: Sequence[Sequence[Wait]]) -> str:
    """Write a Markdown table, a row for each delay; an error is what is left when the usual way is taken off."""
    way_s = statistics.median(wait.way_s for row in waits for wait in row)
    lines = [
        f"The way from the answerer's microphone to the caller's ear took {way_s * 1000:.0f} ms (median).",
        "",
        "| answers after | turns | measured, median | error: median | largest |",
        "|---|---|---|---|---|",
    ]
    for row in waits:
        measured_s = statistics.median(wait.measured_s for wait in row)
        errors = errors_of([wait.way_s - way_s for wait in row])
        lines.append(f"| {row[0].answer.delay_s:g} s | {len(row)} | {measured_s:.3f} s | {errors} |")
    return "\n".join(lines)


def table_of_lengths(waits: Sequence[Sequence[Wait]]) -> str:
    """Write a Markdown table, a row for each length of an answer."""
    lines = ["| stops after | turns | measured, median | error: median | largest |", "|---|---|---|---|---|"]
    for row in waits:
        measured_s = statistics.median(wait.turn.reply_audio_s for wait in row)
        errors = errors_of([wait.too_long_s for wait in row])
        lines.append(f"| {row[0].answer.length_s:g} s | {len(row)} | {measured_s:.3f} s | {errors} |")
    return "\n".join(lines)


def errors_of(errors_s: Sequence[float]) -> str:
    """Write the cells of a table for errors: their median, and the largest."""
    return f"{statistics.median(errors_s) * 1000:+.0f} ms | {max(errors_s, key=abs) * 1000:+.0f} ms"


@asynccontextmanager
async def server_of_its_own() -> AsyncIterator[tuple[LiveKitServer, Path]]:
    """Have a LiveKit server, and a folder for what is recorded there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with livekit_server(
            LiveKitSection(),
            os.environ,
            cache=user_cache_path("voicegate"),
            log=folder / "server.log",
            progress=print,
            on_step=lambda *_: None,
        ) as server:
            yield server, folder


async def main() -> None:
    """Calibrate at every delay and every length, and print the tables."""
    async with server_of_its_own() as (server, folder):
        delays = [await _repeat(server, Answer(delay_s), folder) for delay_s in DELAYS_S]
        lengths = [await _repeat(server, Answer(0.6, length_s), folder) for length_s in LENGTHS_S]
    sys.stdout.write(f"{table_of_waits(delays)}\n\n{table_of_lengths(lengths)}\n")


async def _repeat(server: LiveKitServer, answer: Answer, folder: Path) -> list[Wait]:
    sys.stderr.write(f"{TURNS} answers after {answer.delay_s:g} s that last {answer.length_s:g} s\n")
    return await calibrate(server, [answer] * TURNS, folder)


if __name__ == "__main__":
    asyncio.run(main())
