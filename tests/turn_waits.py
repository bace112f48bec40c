"""What waiting for callers costs, and whom not waiting interrupts: by silence alone, by words, and by LiveKit's `v1-mini`.

`python tests/turn_waits.py [FOLDER --profile packaged]` has every recording heard up to a pause in its middle, and whole. A way of waiting holds a pause if it waits for longer
than the pause lasts; what it adds is what it waits at the end. The pause is put where the recording is quietest near its middle. Without a folder the gate's own clips are used.
"""

# ruff: noqa: E402
from voicegate_agent.model_host.__main__ import prepare_libraries

prepare_libraries()  # as the model host does, before anything imports NumPy

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from livekit.local_inference import EOT, EOT_MAX_SAMPLES
from voicegate.drive.clips.library import load_library
from voicegate_agent.calibration.clips import Clip, read_clips
from voicegate_agent.host_settings import FitContext, HostSettings, Profile
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.fitting import chosen_fitting
from voicegate_agent.model_host.kept_fitting import measured_fitting
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.models.profiles import resolve
from voicegate_agent.settings import AgentSettings
from voicegate_agent.speech import LocalSTTConfig

RATE_HZ = 16_000
PAUSES_S = (0.3, 0.5, 0.8, 1.2)
HEARD_AFTER_S, PREDICTED_AFTER_S = 0.1, 0.2
V1_MINI_THRESHOLD, V1_MINI_LEAST_S, V1_MINI_MOST_S = 0.36, 0.3, 2.5
"""LiveKit's own for English, and its delays for this detector."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What can be known in a silence: the words before it, and how probably `v1-mini` takes the turn for over."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording at the pause in its middle, and at its end."""

    kind: str
    pause: Moment
    end: Moment


Way = Callable[[Moment], float]
"""A way of waiting: how long a silence ends the turn here, in seconds."""


def ways() -> dict[str, Way]:
    """List what is compared."""
    silence = {f"silence alone, {wait_s:g} s": _fixed(wait_s) for wait_s in (0.25, 0.4, 0.6, 0.9, 1.3)}
    words = {
        f"words, {finished_s:g} / {unsure_s:g} / {unfinished_s:g} s": _words(
            finished_s, unsure_s, unfinished_s
        )
        for finished_s, unsure_s, unfinished_s in (
            (0.13, 0.4, 0.9),
            (0.13, 0.6, 1.5),
            (0.13, 0.9, 1.5),
            (0.4, 0.9, 1.5),
        )
    }
    return {**silence, **words, "v1-mini, 0.3 / 2.5 s": _v1_mini}


def _fixed(wait_s: float) -> Way:
    return lambda _: wait_s


def _words(finished_s: float, unsure_s: float, unfinished_s: float) -> Way:
    config = LocalSTTConfig(
        finished_wait_s=finished_s, unsure_wait_s=unsure_s, unfinished_wait_s=unfinished_s
    )
    return lambda moment: config.wait_s(moment.text)


def _v1_mini(moment: Moment) -> float:
    return V1_MINI_LEAST_S if moment.probability >= V1_MINI_THRESHOLD else V1_MINI_MOST_S


def pause_at(samples: Samples) -> int:
    """Find where the recording is quietest between two and four fifths of its speech."""
    size = RATE_HZ // 100
    level = np.abs(samples[: len(samples) // size * size].reshape(-1, size)).mean(axis=1)
    loud = np.flatnonzero(level > max(level) * 0.03)
    first, last = loud[0] + (loud[-1] - loud[0]) * np.array([0.4, 0.8])
    smooth = np.convolve(level, np.ones(3) / 3, "same")
    return (int(first) + int(np.argmin(smooth[int(first) : int(last)]))) * size


def speech_end(samples: Samples) -> int:
    """Find where the speech ends."""
    return int(np.flatnonzero(np.abs(samples) > 0.03 * np.abs(samples).max())[-1])


class Listener:
    """Has sound heard by a profile's model, and judged by `v1-mini`."""

    def __init__(self, profile: Profile) -> None:
        files = resolve(AgentSettings(profile=profile), lambda _: None)
        settings = HostSettings(cpu_threads=1)
        fitting = chosen_fitting(FitContext.AUTO, measured_fitting(files))
        engine = WhisperEngine.load(files.asr_dir, files.asr_name, settings, fitting)
        self._recognizer = TranscriptionQueue(engine, HostMetrics(), fitting=fitting)
        self._eot = EOT()
        self.eot_cpu_s: list[float] = []

    async def moment(self, samples: Samples) -> Moment:
        """Listen up to here, and to the silence that follows."""
        heard = await self._recognizer.transcribe(_with_silence(samples, HEARD_AFTER_S), "en")
        began_s = time.process_time()
        last = _with_silence(samples, PREDICTED_AFTER_S)[-EOT_MAX_SAMPLES:]
        probability = self._eot.predict((np.clip(last, -1, 1) * 32767).astype(np.int16))
        self.eot_cpu_s.append(time.process_time() - began_s)
        return Moment(heard.text, float(probability))

    async def recording(self, clip: Clip) -> Recording:
        """Listen to the first part, and to the whole."""
        pause, end = pause_at(clip.samples), speech_end(clip.samples)
        return Recording(
            clip.kind, await self.moment(clip.samples[:pause]), await self.moment(clip.samples[:end])
        )


def _with_silence(samples: Samples, seconds: float) -> Samples:
    noise = np.random.default_rng(0).standard_normal(round(seconds * RATE_HZ)) * 2e-4
    return np.concatenate([samples, noise.astype(np.float32)])


def own_clips() -> list[Clip]:
    """Take the gate's clips."""
    return [
        Clip(
            one.text, "clip, code" if one.code else "clip, sentence", (one.samples / 32768).astype(np.float32)
        )
        for one in load_library().clips
        if len(one.text.split()) > 1
    ]


def table(recordings: Mapping[str, Sequence[Recording]]) -> str:
    """Write a Markdown table: of each kind and each way the share of pauses that are held, and the wait at the end."""
    held = " | ".join(f"{pause_s:g} s" for pause_s in PAUSES_S)
    lines = [
        f"| recordings | a silence ends a turn after | {held} | wait, median | mean |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for kind, some in recordings.items():
        for name, wait_s in ways().items():
            shares = " | ".join(
                f"{sum(wait_s(one.pause) > pause_s for one in some) / len(some):.0%}" for pause_s in PAUSES_S
            )
            waits = [wait_s(one.end) for one in some]
            lines.append(
                f"| {kind} ({len(some)}) | {name} | {shares} | {statistics.median(waits):.2f} s | {statistics.mean(waits):.2f} s |"
            )
    return "\n".join(lines)


async def main() -> None:
    """Listen to everything, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--profile", type=Profile, default=Profile.MICRO, choices=list(Profile))
    parser.add_argument("--every", type=int, default=1, help="hear every so many recordings only")
    parser.add_argument("--texts", action="store_true", help="print what was heard at each pause")
    asked = parser.parse_args()
    clips = read_clips(asked.folder, asked.every) if asked.folder else own_clips()[:: asked.every]
    listener = Listener(asked.profile)
    kinds: dict[str, list[Recording]] = {}
    for clip in clips:
        found = await listener.recording(clip)
        kinds.setdefault(clip.kind, []).append(found)
        if asked.texts:
            sys.stderr.write(f"{clip.text} | {found.pause} | {found.end}\n")
    cpu_ms = statistics.median(listener.eot_cpu_s) * 1000
    sys.stdout.write(f"{table(kinds)}\n\nv1-mini: {cpu_ms:.0f} ms of processor time for each silence\n")


if __name__ == "__main__":
    asyncio.run(main())
