"""How the agent takes turns, on real calls: waits, pauses in codes, interruptions, sounds that are no turns, processor time.

`python tests/turn_taking.py [--calls N] [--pauses N] [--callers N]` calls an agent that runs with the settings of the environment, and prints a line for
each kind of turn. It is no gate: it compares settings, and other versions of the agent (`PYTHONPATH` of a checkout's `agent` folder).
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import psutil
from platformdirs import user_cache_path
from voicegate.drive.caller import Caller, CallerConfig
from voicegate.drive.clips.library import Clip, load_library
from voicegate.drive.livekit_server.server import LiveKitServer, livekit_server
from voicegate.drive.microphone import Said
from voicegate.record.recording import start_clock
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples
from voicegate.settings import LiveKitSection

PAUSES_S = (0.3, 0.5, 0.8, 1.2)
SILENCE = 150
"""Samples below this are no speech, in clips and replies."""
REPLY_S = 6.0
LOG_COLUMNS = 160


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """What became of one turn: seconds until the reply (or until it stopped); whether all was right, and whether the caller was cut short."""

    kind: str
    wait_s: float | None
    fine: bool
    cut: bool = False


def trimmed(samples: Samples) -> Samples:
    """Take the silence off both ends."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE)
    return samples[loud[0] : loud[-1] + 1]


def with_pause(samples: Samples, pause_s: float) -> tuple[Samples, float]:
    """Put a pause where a spelled code is quietest, behind one of its first digits; give also when it begins."""
    size = RATE // 100
    level = np.abs(samples[: len(samples) // size * size].reshape(-1, size).astype(float)).mean(axis=1)
    smooth = np.convolve(level, np.ones(3) / 3, "same")
    first, last = int(len(smooth) * 0.55), int(len(smooth) * 0.8)
    at = (first + int(np.argmin(smooth[first:last]))) * size
    silence = np.zeros(round(pause_s * RATE), np.int16)
    return np.concatenate([samples[:at], silence, samples[at:]]), at / RATE


def plain(text: str) -> str:
    """Give the words alone."""
    return " ".join(text.lower().replace(".", " ").split())


def noise(seconds: float, level: float, seed: int = 1) -> Samples:
    """Make a burst of noise that dies away, like a door or a cough."""
    count = round(seconds * RATE)
    burst = np.random.default_rng(seed).standard_normal(count) * np.exp(-4 * np.arange(count) / count)
    return np.asarray(np.clip(burst * level, -32768, 32767), np.int16)


def hum(seconds: float) -> Samples:
    """Make a voice that hums twice: "mm-hmm"."""
    t = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 6))
    return np.asarray(tone * np.abs(np.sin(2 * np.pi * t / seconds)) * 4000, np.int16)


SOUNDS = {"cough": noise(0.35, 9000), "door": noise(0.2, 14000, 2), "mm-hmm": hum(0.5)}


class TurnTaker:
    """One caller, and what the agent made of each of its turns."""

    def __init__(self, caller: Caller, config: CallerConfig, outcomes: list[TurnOutcome]) -> None:
        self._caller = caller
        self._clock = config.clock
        self.outcomes = outcomes

    async def plain(self, clip: Clip) -> None:
        """Say a clip, and wait for the reply."""
        said = await self._say(trimmed(clip.samples))
        await self._note("plain " + ("code" if clip.code else "sentence"), clip, said, said.end_t)

    async def paused(self, clip: Clip, pause_s: float) -> None:
        """Say a code with a pause in it."""
        samples, at_s = with_pause(trimmed(clip.samples), pause_s)
        said = await self._say(samples)
        await self._note(f"pause {pause_s:g} s", clip, said, said.start_t + at_s)

    async def interrupting(self, first: Clip, second: Clip, after_s: float) -> None:
        """Say a code, and another one over the reply."""
        said = await self._say(trimmed(first.samples))
        await self._caller._earphone.wait_for_sound(said.end_t, REPLY_S)
        await asyncio.sleep(after_s)
        over = await self._say(trimmed(second.samples))
        await self._settle()
        sounds = self._reply_times(over.start_t, self._clock())
        within = [t for t in sounds if t < over.end_t]
        wrong = not self._answered(second, over)
        self.outcomes.append(
            TurnOutcome("interrupting", (max(within) if within else over.start_t) - over.start_t, not wrong)
        )

    async def sounding_over(self, name: str, clip: Clip) -> None:
        """Make a sound over a reply that the reply should survive."""
        said = await self._say(trimmed(clip.samples))
        await self._caller._earphone.wait_for_sound(said.end_t, REPLY_S)
        await asyncio.sleep(0.3)
        over = await self._say(SOUNDS[name])
        await self._settle()
        times = self._reply_times(over.start_t - 0.2, self._clock())
        longest_s = max(np.diff(times), default=9.0)
        spoken = self._caller._transcripts.agent_said(said.start_t, self._clock()) or ""
        once = plain(spoken) == f"your code is {clip.text.split('is ')[-1]}"
        self.outcomes.append(TurnOutcome(f"{name} over a reply", float(longest_s), once and longest_s <= 1.0))

    async def silent(self, seconds: float) -> None:
        """Say nothing; nobody should answer."""
        from_t = self._clock()
        await asyncio.sleep(seconds)
        self.outcomes.append(TurnOutcome("silence", None, not self._reply_times(from_t, self._clock())))

    async def _say(self, samples: Samples) -> Said:
        return await self._caller._microphone.say(samples)

    async def _note(self, kind: str, clip: Clip, said: Said, free_from_t: float) -> None:
        await self._caller._earphone.wait_for_sound(said.end_t, REPLY_S)
        await self._settle()
        early = self._reply_times(free_from_t, said.end_t)
        late = self._reply_times(said.end_t, self._clock())
        wait_s = late[0] - said.end_t if late else None
        fine = not early and self._answered(clip, said)
        self.outcomes.append(TurnOutcome(kind, wait_s, fine, cut=bool(early)))

    async def _settle(self) -> None:
        await self._caller._earphone.wait_for_quiet(1.3, 12)

    def _answered(self, clip: Clip, said: Said) -> bool:
        if clip.code is None:
            return True
        reply = self._caller._transcripts.agent_said(said.start_t, self._clock()) or ""
        return plain(reply).endswith(clip.text.split("is ")[-1])

    def _reply_times(self, from_t: float, to_t: float) -> list[float]:
        """Give the times of 10 ms that are not silent."""
        heard = self._caller._earphone.render(from_t, to_t)
        size = RATE // 100
        level = np.abs(heard[: len(heard) // size * size].reshape(-1, size)).max(axis=1)
        return [from_t + index * size / RATE for index in np.flatnonzero(level > SILENCE)]


@asynccontextmanager
async def dialed(server: LiveKitServer, outcomes: list[TurnOutcome]) -> AsyncIterator[TurnTaker]:
    """Have a caller in a call of its own; what becomes of its turns goes into `outcomes`."""
    config = CallerConfig(
        server, f"turns-{uuid4().hex[:8]}", None, None, 20, 8, start_clock(), lambda _: None, None
    )
    caller = Caller("caller", "turns", config)
    try:
        await caller.dial()
        yield TurnTaker(caller, config, outcomes)
    finally:
        await caller.hang_up()


async def every_kind(taker: TurnTaker, clips: Sequence[Clip], sentence: Clip) -> None:
    """Take every kind of turn."""
    code = iter(clips)
    await taker.interrupting(next(code), next(code), 0.4)
    await taker.plain(next(code))
    await taker.plain(sentence)
    for pause_s in PAUSES_S:
        await taker.paused(next(code), pause_s)
    for name in SOUNDS:
        await taker.sounding_over(name, next(code))
    await taker.plain(next(code))
    await taker.interrupting(next(code), next(code), 0.8)
    await taker.silent(4)


async def pauses(taker: TurnTaker, clips: Sequence[Clip], times: int) -> None:
    """Say so many codes with a pause of half a second, and with a longer one."""
    for number in range(times):
        for pause_s in PAUSES_S[1:3]:
            await taker.paused(clips[number % len(clips)], pause_s)


async def talk_at_once(server: LiveKitServer, clips: Sequence[Clip], callers: int) -> list[TurnOutcome]:
    """Have several callers say six plain codes each at the same times."""

    async def talk(number: int) -> list[TurnOutcome]:
        outcomes: list[TurnOutcome] = []
        async with dialed(server, outcomes) as taker:
            for turn in range(6):
                await taker.plain(clips[(number * 6 + turn) % len(clips)])
        return outcomes

    found = await asyncio.gather(*map(talk, range(callers)))
    return [TurnOutcome(f"{callers} at once", one.wait_s, one.fine) for outcomes in found for one in outcomes]


@asynccontextmanager
async def agent(server: LiveKitServer, log: Path) -> AsyncIterator[psutil.Process]:
    """Run the agent that `python -m voicegate_agent` finds."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "voicegate_agent",
            stdout=output,
            stderr=output,
            cwd=log.parent,
            env={**os.environ, **server.environment(), "VOICEGATE_LOAD_AT_START": "true"},
        )
    try:
        while "registered worker" not in log.read_text():
            assert process.returncode is None, log.read_text()
            await asyncio.sleep(0.2)
        yield psutil.Process(process.pid)
    finally:
        for _ in range(2):
            if process.returncode is None:
                process.terminate()
                await asyncio.sleep(1)
        await process.wait()


def agent_cpu_s(root: psutil.Process) -> float:
    """Sum the processor time of all of the agent's processes."""
    return sum(sum(one.cpu_times()[:4]) for one in [root, *root.children(recursive=True)])


def table(outcomes: Sequence[TurnOutcome]) -> str:
    """Write a line for each kind of turn."""
    kinds: dict[str, list[TurnOutcome]] = defaultdict(list)
    for outcome in outcomes:
        kinds[outcome.kind].append(outcome)
    lines = [f"{'turn':<24}{'n':>4}{'fine':>7}{'cut':>7}{'median':>9}{'p95':>8}{'max':>8}"]
    for kind, some in kinds.items():
        waits = sorted(one.wait_s for one in some if one.wait_s is not None)
        figures = (
            f"{statistics.median(waits):9.3f}{waits[int(0.95 * (len(waits) - 1) + 0.5)]:8.3f}{waits[-1]:8.3f}"
            if waits
            else ""
        )
        fine, cut = (
            sum(shares) / len(some) for shares in zip(*((one.fine, one.cut) for one in some), strict=True)
        )
        lines.append(f"{kind:<24}{len(some):>4}{fine:>7.0%}{cut:>7.0%}{figures}")
    return "\n".join(lines)


async def main() -> None:
    """Call, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=0, help="callers at once, after the single ones")
    parser.add_argument("--calls", type=int, default=4, help="single calls with every kind of turn")
    parser.add_argument(
        "--pauses", type=int, default=0, help="codes with pauses of 0.5 and 0.8 s, in one call"
    )
    given = parser.parse_args()
    outcomes: list[TurnOutcome] = []
    with tempfile.TemporaryDirectory() as name:
        try:
            await measure(given, Path(name), outcomes)
        finally:  # also after Ctrl-C
            sys.stdout.write(f"{table(outcomes)}\n")
            log = (Path(name) / "agent.log").read_text().splitlines()
            sys.stdout.writelines(f"{line[:LOG_COLUMNS]}\n" for line in log if " ERROR " in line)


async def measure(given: argparse.Namespace, folder: Path, outcomes: list[TurnOutcome]) -> None:
    """Run a server and an agent, and make the calls that were asked for."""
    library = load_library()
    async with (
        livekit_server(
            LiveKitSection(),
            os.environ,
            cache=user_cache_path("voicegate"),
            log=folder / "server.log",
            progress=lambda _: None,
            on_step=lambda *_: None,
        ) as server,
        agent(server, folder / "agent.log") as root,
    ):
        for number in range(given.calls):
            began_s, cpu_s = time.monotonic(), agent_cpu_s(root)
            async with dialed(server, outcomes) as taker:
                clips = library.codes[number * 5 :] + library.codes[: number * 5]
                await every_kind(taker, clips, library.sentences[number % len(library.sentences)])
            cores = (agent_cpu_s(root) - cpu_s) / (time.monotonic() - began_s)
            outcomes.append(TurnOutcome("(cores in a call)", cores, fine=True))
        if given.pauses:
            async with dialed(server, outcomes) as taker:
                await pauses(taker, library.codes, given.pauses)
        if given.callers:
            outcomes += await talk_at_once(server, library.codes, given.callers)


if __name__ == "__main__":
    asyncio.run(main())
