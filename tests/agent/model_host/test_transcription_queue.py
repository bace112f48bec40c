"""The queue in front of the engine: what is computed at all, together, and a second time."""

import asyncio
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.dead_hosts import die_while_hearing
from fakes.speech_engines import HEARD, FakeAsrEngine, noise
from voicegate_agent.model_host.fitting import TRAINED_SHORT, Fitting
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import HostOverloadedError, InvalidRequestError
from voicegate_agent.model_host.quarantine import Quarantine
from voicegate_agent.model_host.recognition import Recognition, Utterance
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

STEPS = Fitting(contexts=(500, 1500))
WRONG = replace(HEARD, text="seven three", avg_logprob=-1.5)


class Clock:
    """Shows the time that it is set to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now_s

    def after(self, seconds: float) -> Recognition:
        """Hear a word, for so long."""
        self.now_s += seconds
        return HEARD


def metric(metrics: HostMetrics, name: str) -> float:
    """Read one figure out of the text."""
    lines = metrics.render().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


async def test_an_utterance_is_encoded_as_it_is() -> None:
    """A short utterance is heard once, with a context that fits."""
    engine = FakeAsrEngine()
    transcript = await TranscriptionQueue(engine, HostMetrics()).transcribe(noise(2), "en")
    assert (transcript.text, transcript.fitted, transcript.batch_size) == ("seven", True, 1)
    assert [utterance.fit for batch in engine.batches for utterance in batch] == [True]


async def test_what_looks_wrong_is_heard_again_with_the_full_context() -> None:
    """The second hearing's text counts, whatever it looks like, and the fallback is counted."""
    engine = FakeAsrEngine(lambda utterance: WRONG if utterance.fit else replace(HEARD, fitted=False))
    metrics = HostMetrics()
    transcript = await TranscriptionQueue(engine, metrics).transcribe(noise(2), "en")
    assert (transcript.text, transcript.fitted) == ("seven", False)
    assert [utterance.fit for batch in engine.batches for utterance in batch] == [True, False]
    assert metric(metrics, "voicegate_asr_fallbacks_total") == 1


async def test_nobody_waits_for_a_full_context() -> None:
    """With others in the queue the first hearing counts; the last of them, alone again, is heard twice."""
    gate = threading.Event()
    engine = FakeAsrEngine(
        lambda utterance: WRONG if utterance.fit else replace(HEARD, fitted=False), gate=gate
    )
    recognizer = TranscriptionQueue(engine, HostMetrics(), max_batch=1)
    tasks = [asyncio.create_task(recognizer.transcribe(noise(2, seed), "en")) for seed in range(3)]
    while not engine.batches:
        await asyncio.sleep(0.001)
    gate.set()
    transcripts = await asyncio.gather(*tasks)
    assert [transcript.fitted for transcript in transcripts] == [True, True, False]
    assert [utterance.fit for batch in engine.batches for utterance in batch] == [True, True, True, False]


async def test_the_context_widens_step_by_step() -> None:
    """What still looks wrong goes from one measured context to the next, and to the full one at last."""
    engine = FakeAsrEngine(lambda utterance: WRONG)
    transcript = await TranscriptionQueue(engine, HostMetrics(), fitting=STEPS).transcribe(noise(2), "en")
    assert [utterance.least_frames for batch in engine.batches for utterance in batch] == [500, 1500, None]
    assert transcript.text == "seven three"


async def test_the_time_of_all_hearings_counts() -> None:
    """The caller waited for each of them."""

    def take_a_while(_: Utterance) -> Recognition:
        time.sleep(0.01)
        return WRONG

    engine = FakeAsrEngine(take_a_while)
    transcript = await TranscriptionQueue(engine, HostMetrics(), fitting=STEPS).transcribe(noise(2), "en")
    assert len(engine.batches) == 3
    assert transcript.compute_s >= 0.03


async def test_a_context_that_is_no_wider_is_left_out() -> None:
    """Of 8 s the second hearing has the context that is wider than they are."""
    engine = FakeAsrEngine(lambda utterance: WRONG if utterance.frames < 1_500 else HEARD)
    await TranscriptionQueue(engine, HostMetrics(), fitting=STEPS).transcribe(noise(8), "en")
    assert [utterance.frames for batch in engine.batches for utterance in batch] == [860, 1500]


async def test_a_loop_is_heard_again_whoever_waits() -> None:
    """No caller gets one because others came too; theirs come first."""
    gate = threading.Event()
    loop = replace(HEARD, text="seven " * 40, compression_ratio=9.0)
    engine = FakeAsrEngine(lambda utterance: loop if utterance.frames < 1_500 else HEARD, gate=gate)
    recognizer = TranscriptionQueue(engine, HostMetrics(), max_batch=1, fitting=STEPS)
    tasks = [asyncio.create_task(recognizer.transcribe(noise(2, seed), "en")) for seed in range(3)]
    while not engine.batches:
        await asyncio.sleep(0.001)
    gate.set()
    transcripts = await asyncio.gather(*tasks)
    assert [transcript.text for transcript in transcripts] == ["seven"] * 3
    assert [utterance.frames for batch in engine.batches for utterance in batch] == [500] * 3 + [1500] * 3


async def test_a_phrase_that_comes_twice_is_not_heard_in_30_s() -> None:
    """A wider context that was measured is worth it; the full one is for loops."""
    twice = replace(HEARD, text="one zero one zero")
    engine = FakeAsrEngine(lambda utterance: twice)
    transcript = await TranscriptionQueue(engine, HostMetrics(), fitting=STEPS).transcribe(noise(2), "en")
    assert transcript.text == "one zero one zero"
    assert [utterance.least_frames for batch in engine.batches for utterance in batch] == [500, 1500]


async def test_the_last_context_may_be_the_end_of_it() -> None:
    """What is improbable in the widest measured context is taken as it is, unless it loops."""
    engine = FakeAsrEngine(lambda utterance: WRONG)
    fitting = replace(STEPS, full_at_last=False)
    await TranscriptionQueue(engine, HostMetrics(), fitting=fitting).transcribe(noise(2), "en")
    assert [utterance.least_frames for batch in engine.batches for utterance in batch] == [500, 1500]


async def test_no_loop_reaches_the_caller() -> None:
    """Not even one that stays in the full context."""
    loop = replace(HEARD, text="My code is 3957. " * 20, compression_ratio=9.0)
    engine = FakeAsrEngine(lambda utterance: loop)
    transcript = await TranscriptionQueue(engine, HostMetrics(), fitting=STEPS).transcribe(noise(2), "en")
    assert transcript.text == "My code is 3957."
    assert [utterance.least_frames for batch in engine.batches for utterance in batch] == [500, 1500, None]


async def test_the_full_context_is_a_setting() -> None:
    """Without fitting, everything is heard the way faster-whisper ships it."""
    engine = FakeAsrEngine()
    await TranscriptionQueue(engine, HostMetrics(), fitting=None).transcribe(noise(2), "en")
    assert [utterance.fit for batch in engine.batches for utterance in batch] == [False]


@pytest.mark.parametrize(("fitting", "longest_frames"), [(TRAINED_SHORT, 1_500), (None, 3_000)])
async def test_an_upload_is_heard_in_units(fitting: Fitting | None, longest_frames: int) -> None:
    """A hundred seconds are one text, and no unit takes longer than its context."""
    engine = FakeAsrEngine()
    transcript = await TranscriptionQueue(engine, HostMetrics(), fitting=fitting).transcribe(noise(100), "en")
    frames = [utterance.frames for batch in engine.batches for utterance in batch]
    assert max(frames) <= longest_frames
    assert transcript.text.split() == ["seven"] * len(frames)
    assert (round(transcript.duration_s), len(transcript.units)) == (100, len(frames))


async def test_the_language_of_an_upload_is_found_once() -> None:
    """By its first 30 s, before anything is heard; `verbose_json` says which. Where nobody speaks nothing is asked."""
    engine = FakeAsrEngine(lambda utterance: replace(HEARD, language=utterance.language or "de"))
    transcript = await TranscriptionQueue(engine, HostMetrics()).transcribe(noise(60), None)
    (first, *units) = [utterance for batch in engine.batches for utterance in batch]
    assert (first.only_language, first.duration_s, first.language) == (True, 60, None)
    assert {(utterance.only_language, utterance.language) for utterance in units} == {(False, "de")}
    assert transcript.to_verbose_json()["language"] == "german"
    engine.batches.clear()
    await TranscriptionQueue(engine, HostMetrics()).transcribe(np.zeros(16_000 * 60, np.float32), None)
    await TranscriptionQueue(engine, HostMetrics()).transcribe(noise(2), None)
    assert [utterance.only_language for batch in engine.batches for utterance in batch] == [False]


async def test_a_turn_waits_for_one_unit_of_an_upload() -> None:
    """And what its client has left is not transcribed to the end."""
    gate = threading.Event()
    engine = FakeAsrEngine(gate=gate)
    recognizer = TranscriptionQueue(engine, HostMetrics())
    upload = asyncio.create_task(recognizer.transcribe(noise(200), "en"))
    while not engine.batches:
        await asyncio.sleep(0.001)
    turn = asyncio.create_task(recognizer.transcribe(noise(2), "en"))
    await asyncio.sleep(0)
    gate.set()
    await turn
    upload.cancel()
    await asyncio.wait({upload})
    await recognizer.prove_alive(0)
    durations_s = [utterance.duration_s for batch in engine.batches for utterance in batch]
    assert durations_s[1] == 2
    assert len(durations_s) <= 4


async def test_an_upload_behind_many_others_is_refused() -> None:
    """What is left of those counts too: they have one part each in the queue. Who leaves makes room."""
    gate = threading.Event()
    engine = FakeAsrEngine()
    metrics = HostMetrics()
    recognizer = TranscriptionQueue(engine, metrics, clock=(clock := Clock()))
    engine.hear = lambda _: clock.after(1.5)
    await recognizer.transcribe(noise(14.4), "en")  # 15 s take 1.5 s
    engine.gate = gate
    uploads = [asyncio.create_task(recognizer.transcribe(noise(290), "en")) for _ in range(3)]
    while len(engine.batches) < 2:
        await asyncio.sleep(0.001)
    with pytest.raises(HostOverloadedError) as error:
        await recognizer.transcribe(noise(60), "en")
    assert 20 < (error.value.retry_after_s or 0) < 30
    assert metric(metrics, 'voicegate_asr_refused_total{lane="upload"}') == 1
    for upload in uploads[1:]:
        upload.cancel()
    await asyncio.wait(uploads[1:])
    last = asyncio.create_task(recognizer.transcribe(noise(60), "en"))
    gate.set()
    assert len((await last).units) > 4
    assert len((await uploads[0]).units) > 20


async def test_turns_that_wait_are_told() -> None:
    """Those that are heard by what they waited, those that are refused by what they would have; silence and uploads are none."""
    clock, gate = Clock(), threading.Event()
    engine = FakeAsrEngine(lambda _: clock.after(9), gate=gate)
    metrics = HostMetrics()
    recognizer = TranscriptionQueue(engine, metrics, max_batch=1, waits_window_s=1_000, clock=clock)
    turns = [asyncio.create_task(recognizer.transcribe(noise(2, seed), "en")) for seed in range(4)]
    while not engine.batches:
        await asyncio.sleep(0.001)
    gate.set()
    await asyncio.gather(*turns)
    assert recognizer.turn_waits.typical_s == 13.5  # of 0, 9, 18 and 27
    gate.clear()
    engine.batches.clear()
    turns = [asyncio.create_task(recognizer.transcribe(noise(2, seed), "en")) for seed in range(3)]
    while not engine.batches:
        await asyncio.sleep(0.001)
    for _ in range(3):
        with pytest.raises(HostOverloadedError):
            await recognizer.transcribe(noise(2, 9), "en")
    assert metric(metrics, "voicegate_asr_recent_wait_seconds") == 27
    gate.set()
    await asyncio.gather(*turns)
    told = [recognizer.turn_waits.typical_s]
    for seconds in (40, 50, 60):
        await recognizer.transcribe(noise(seconds), "en")
        await recognizer.transcribe(np.zeros(16_000, np.float32), "en")
    assert [recognizer.turn_waits.typical_s] == told


async def test_what_a_host_died_of_is_refused(tmp_path: Path) -> None:
    """The engine does not get it; what died in company comes alone."""
    socket = tmp_path / "host.sock"
    die_while_hearing(socket, noise(2, 1))
    engine = FakeAsrEngine()
    recognizer = TranscriptionQueue(engine, HostMetrics(), quarantine=Quarantine(socket))
    with pytest.raises(InvalidRequestError, match="not tried again"):
        await recognizer.transcribe(noise(2, 1), "en")
    assert engine.batches == []
    die_while_hearing(socket, *(noise(2, seed) for seed in (2, 3)))
    recognizer = TranscriptionQueue(engine, HostMetrics(), quarantine=Quarantine(socket))
    await asyncio.gather(*(recognizer.transcribe(noise(2, seed), "en") for seed in (4, 2, 3, 5, 6)))
    assert [len(batch) for batch in engine.batches] == [3, 1, 1]


async def test_a_probe_asks_the_worker_only_when_it_has_done_nothing_lately() -> None:
    """A second of silence goes through the engine, before everybody who waits."""
    engine = FakeAsrEngine()
    recognizer = TranscriptionQueue(engine, HostMetrics())
    await recognizer.prove_alive(60)
    assert engine.batches == []
    await recognizer.prove_alive(0)
    ((probe,),) = engine.batches
    assert (probe.duration_s, bool(probe.samples.any())) == (1, False)


@pytest.mark.parametrize(("duration_s", "fit"), [(14.4, True), (14.41, False)])
async def test_what_is_longer_than_was_measured_is_not_fitted(duration_s: float, fit: bool) -> None:
    """A model may stop after the first of several sentences; faster-whisper then goes on."""
    engine = FakeAsrEngine()
    fitting = replace(STEPS, longest=1500)
    await TranscriptionQueue(engine, HostMetrics(), fitting=fitting).transcribe(noise(duration_s), "en")
    assert [utterance.fit for batch in engine.batches for utterance in batch] == [fit]


async def test_what_is_unfinished_is_heard_in_full() -> None:
    """The rest of it would be lost; where nobody spoke there is no rest."""
    engine = FakeAsrEngine(
        lambda utterance: (
            replace(HEARD, unfinished=True)
            if utterance.fit
            else replace(HEARD, text="seven three", fitted=False)
        )
    )
    transcript = await TranscriptionQueue(engine, HostMetrics(), fitting=STEPS).transcribe(noise(2), "en")
    assert transcript.text == "seven three"
    assert [utterance.least_frames for batch in engine.batches for utterance in batch] == [500, None]
    nobody = FakeAsrEngine(lambda _: replace(HEARD, unfinished=True, speech_prob=0.1))
    await TranscriptionQueue(nobody, HostMetrics(), fitting=STEPS).transcribe(noise(2), "en")
    assert len(nobody.batches) == 1


@pytest.mark.parametrize("samples", [noise(0), noise(0.01), np.zeros(16_000, np.float32)])
async def test_nothing_to_hear_is_not_computed(samples: np.ndarray) -> None:
    """No samples, a hundredth of a second, or digital silence is an empty text at once."""
    engine = FakeAsrEngine()
    transcript = await TranscriptionQueue(engine, HostMetrics()).transcribe(samples, "en")
    assert (transcript.text, engine.batches) == ("", [])


async def test_silence_is_not_a_text() -> None:
    """An improbable text over probable silence is dropped, and not heard again."""
    engine = FakeAsrEngine(lambda _: replace(WRONG, no_speech_prob=0.9))
    transcript = await TranscriptionQueue(engine, HostMetrics()).transcribe(noise(2), "en")
    assert (transcript.text, len(engine.batches)) == ("", 1)


async def test_callers_who_wait_together_are_heard_together() -> None:
    """While one utterance is computed the others gather, up to the batch's limit."""
    gate = threading.Event()
    engine = FakeAsrEngine(gate=gate)
    recognizer = TranscriptionQueue(engine, HostMetrics(), max_batch=3)
    tasks = [asyncio.create_task(recognizer.transcribe(noise(2, seed), "en")) for seed in range(5)]
    while not engine.batches:
        await asyncio.sleep(0.001)
    gate.set()
    await asyncio.gather(*tasks)
    sizes = [len(batch) for batch in engine.batches]
    assert sum(sizes) == 5
    assert max(sizes) == 3


async def test_a_full_context_goes_alone() -> None:
    """One that does not fit is no member of a batch, nor does it wait for ever."""
    gate = threading.Event()
    engine = FakeAsrEngine(gate=gate)
    recognizer = TranscriptionQueue(engine, HostMetrics())
    lengths = (2, 29.9, 2, 29.9, 2)
    tasks = [asyncio.create_task(recognizer.transcribe(noise(length), "en")) for length in lengths]
    while not engine.batches:
        await asyncio.sleep(0.001)
    gate.set()
    await asyncio.gather(*tasks)
    for batch in engine.batches:
        assert len(batch) == 1 or all(utterance.fit for utterance in batch)
    assert sum(len(batch) for batch in engine.batches) == 5


async def test_the_figures_count_what_was_heard() -> None:
    """The audio's length ends in the metrics."""
    metrics = HostMetrics()
    await TranscriptionQueue(FakeAsrEngine(), metrics).transcribe(noise(2), "en")
    assert metric(metrics, "voicegate_asr_audio_seconds_total") == 2
