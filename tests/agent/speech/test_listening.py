"""A call's ears: from frames of sound to LiveKit's events."""

import asyncio
from collections.abc import Callable

import numpy as np
import pytest
from fakes.speech_engines import FakeSharedASR
from livekit import rtc
from livekit.agents import stt
from livekit.agents.types import APIConnectOptions
from livekit.agents.vad import VADEventType
from voicegate.drive.clips.library import load_library
from voicegate_agent.model_host.protocol import InvalidRequestError
from voicegate_agent.speech import LocalSTT, LocalSTTConfig

FRAME = 320
CODE = next(clip for clip in load_library().clips if clip.name == "code-2416").samples
SILENCE = np.zeros(16_000, np.int16)


class Call:
    """Ears with a fake model behind them, and all that they told."""

    def __init__(self, asr: FakeSharedASR) -> None:
        self.stt = LocalSTT(LocalSTTConfig(finished_wait_s=0.3), asr_instance=asr)
        self.told: list[tuple[str, str]] = []
        self._marks = self.stt.marks.stream()
        self._stream = self.stt.stream(conn_options=APIConnectOptions(max_retry=0))
        self._reading = [asyncio.create_task(self._read_text()), asyncio.create_task(self._read_marks())]

    async def hear(self, samples: np.ndarray, then: Callable[[], bool] = lambda: True) -> None:
        """Take sound as fast as it comes, and wait until something is so."""
        for start in range(0, len(samples) - FRAME + 1, FRAME):
            self._stream.push_frame(
                rtc.AudioFrame(samples[start : start + FRAME].tobytes(), 16_000, 1, FRAME)
            )
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            while not then():
                await asyncio.sleep(0.01)

    def has(self, *kinds: str) -> Callable[[], bool]:
        """Ask whether these were told, in this order, and nothing else."""
        return lambda: [kind for kind, _ in self.told] == list(kinds)

    async def close(self) -> None:
        """End all of it."""
        await self._stream.aclose()
        await self._marks.aclose()
        await asyncio.gather(*self._reading)

    async def _read_text(self) -> None:
        async for event in self._stream:
            self.told.append((event.type.value, event.alternatives[0].text))

    async def _read_marks(self) -> None:
        async for event in self._marks:
            if event.type is not VADEventType.INFERENCE_DONE:
                self.told.append((event.type.value, ""))


PREFLIGHT, FINAL = (
    stt.SpeechEventType.PREFLIGHT_TRANSCRIPT.value,
    stt.SpeechEventType.FINAL_TRANSCRIPT.value,
)
BEGAN, ENDED = VADEventType.START_OF_SPEECH.value, VADEventType.END_OF_SPEECH.value


async def test_a_turn_is_told_before_it_is_over() -> None:
    """The words come at the first silence, and once more when it has lasted."""
    call = Call(FakeSharedASR("two four one six"))
    await call.hear(np.concatenate([CODE, SILENCE[:2400]]), call.has(BEGAN, PREFLIGHT))
    await call.hear(SILENCE[:6400], lambda: len(call.told) == 4)
    assert sorted(kind for kind, _ in call.told[2:]) == sorted([FINAL, ENDED])
    assert {text for _, text in call.told} == {"", "two four one six"}
    await call.close()


async def test_a_pause_in_a_code_is_waited_for() -> None:
    """The words after it are heard with those before, and are one turn."""
    asr = FakeSharedASR("two four")
    call = Call(asr)
    await call.hear(np.concatenate([CODE, SILENCE[:12_800]]), call.has(BEGAN, PREFLIGHT))
    asr.text = "two four one six"
    await call.hear(np.concatenate([CODE, SILENCE[:2400]]), call.has(BEGAN, PREFLIGHT, PREFLIGHT))
    await call.hear(SILENCE[:6400], lambda: len(call.told) == 5)
    assert len(asr.heard[1][0]) > 2 * len(CODE.tobytes())
    await call.close()


@pytest.mark.parametrize(
    ("text", "over_agent", "answered"),
    [("", False, 0), ("Mm-hmm.", True, 0), ("uh huh", False, 1), ("no", True, 1)],
)
async def test_what_has_no_words_is_no_turn(text: str, over_agent: bool, answered: int) -> None:
    """Noise never is, a hum is none over a reply; either way the session learns that it is over."""
    call = Call(FakeSharedASR(text))
    call.stt.note_agent(speaks=over_agent)
    await call.hear(
        np.concatenate([CODE, SILENCE, SILENCE]), lambda: any(kind == ENDED for kind, _ in call.told)
    )
    await asyncio.sleep(0)
    assert [kind for kind, _ in call.told].count(FINAL) == answered
    await call.close()


async def test_somebody_in_the_background_is_not_answered() -> None:
    """A voice 23 dB softer than the caller's is somebody else's, also with words; the caller is heard again."""
    call = Call(FakeSharedASR("two four one six"))
    far = (CODE * 10 ** (-23 / 20)).astype(np.int16)
    for samples, answered in ((CODE, 1), (far, 0), (CODE, 1)):
        call.told.clear()
        await call.hear(
            np.concatenate([samples, SILENCE]), lambda: any(kind == ENDED for kind, _ in call.told)
        )
        await asyncio.sleep(0)
        assert [kind for kind, _ in call.told].count(FINAL) == answered
    await call.close()


async def test_a_line_that_falls_silent_ends_the_turn() -> None:
    """Muted in the middle of a word, nothing more comes, not even silence."""
    call = Call(FakeSharedASR("two four one six"))
    await call.hear(CODE[: len(CODE) // 2], lambda: len(call.told) == 4)
    assert call.told[-1][0] in (FINAL, ENDED)
    await call.close()


async def test_a_turn_that_cannot_be_heard_is_over() -> None:
    """The session hears of the error, and the ears hear the next turn."""
    asr = FakeSharedASR("two four one six", error=InvalidRequestError("no sound"))
    call = Call(asr)
    errors: list[object] = []
    call.stt.on("error", errors.append)
    await call.hear(np.concatenate([CODE, SILENCE[:4800]]), call.has(BEGAN, ENDED))
    assert len(errors) == 1
    asr.error = None
    await call.hear(np.concatenate([CODE, SILENCE[:9600]]), lambda: len(call.told) == 6)
    await call.close()


async def test_a_monologue_is_heard_in_parts_and_answered_once() -> None:
    """No part is longer than 25 s, and the turn has the words of all."""
    asr = FakeSharedASR("on and on")
    call = Call(asr)
    words = CODE[np.abs(CODE) > 300]  # no pause is left
    talk = np.tile(words, 40 * 16_000 // len(words))
    await call.hear(np.concatenate([talk, SILENCE]), lambda: any(kind == ENDED for kind, _ in call.told))
    lengths_s = [len(pcm) / 32_000 for pcm, _ in asr.heard]
    assert len(lengths_s) > 1
    assert max(lengths_s) < 25.1
    assert sum(lengths_s) > len(talk) / 16_000
    await asyncio.sleep(0)
    assert [text for kind, text in call.told if kind == FINAL] == [" ".join(["on and on"] * len(lengths_s))]
    await call.close()


async def test_a_monologue_that_ends_at_a_cut_is_answered() -> None:
    """Its last part is nothing but silence, which does not make the caller somebody far away."""
    asr = FakeSharedASR("on and on")
    call = Call(asr)
    words = CODE[np.abs(CODE) > 300]
    for talk in (CODE, np.tile(words, 16 * 16_000 // len(words))):
        call.told.clear()
        await call.hear(
            np.concatenate([talk, SILENCE, SILENCE]), lambda: any(kind == ENDED for kind, _ in call.told)
        )
        await asyncio.sleep(0)
        assert [kind for kind, _ in call.told].count(FINAL) == 1
    await call.close()


async def test_half_of_a_turn_is_no_turn() -> None:
    """What was heard at the first pause is not answered when the whole cannot be heard."""
    asr = FakeSharedASR("my code is two four")
    call = Call(asr)
    await call.hear(np.concatenate([CODE, SILENCE[:12_800]]), call.has(BEGAN, PREFLIGHT))
    asr.error = InvalidRequestError("no sound")
    await call.hear(np.concatenate([CODE, SILENCE[:4800]]), call.has(BEGAN, PREFLIGHT, ENDED))
    await call.close()


async def test_a_turn_soon_after_another_hears_what_is_said() -> None:
    """One watch looks at the line, not one for each turn that just ended: two would see each other's sound as silence."""
    asr = FakeSharedASR("two four one six")
    call = Call(asr)
    for _ in range(3):
        call.told.clear()
        await call.hear(np.concatenate([CODE, SILENCE[:9600]]), lambda: len(call.told) >= 4)
    tasks = [task for task in asyncio.all_tasks() if "_watch_the_line" in repr(task.get_coro())]
    assert len(tasks) <= 1
    await call.close()
