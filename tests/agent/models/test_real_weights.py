"""The packaged models themselves: fetched by pip, loaded as the host loads them. Skipped where they cannot be had."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from voicegate_agent.calibration.clips import read_clips
from voicegate_agent.calibration.hearing import error_rate, hear_all, mean_cpu_s
from voicegate_agent.host_settings import HostSettings
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.decoding import Samples, decode_upload
from voicegate_agent.model_host.fitting import BASE
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.recognition import Utterance
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.model_host.tts_engine import PiperEngine
from voicegate_agent.model_host.wav import wav_from_pcm
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.weight_formats import loaded_bytes
from word_errors import ways_to_hear

pytestmark = [pytest.mark.slow, pytest.mark.from_elsewhere]

RECORDINGS = os.environ.get("VOICEGATE_RECORDINGS")

MOST_OF_INT8 = 2.5
"""How many times its size in int8 the speech-to-text model may take in the host: 1.4 to 1.75 were measured, with tokenizer and detector; float32 took 4.2."""

GROWTH = """
import sys
from pathlib import Path
import psutil
from voicegate_agent.host_settings import HostSettings
from voicegate_agent.model_host.__main__ import prepare_libraries
prepare_libraries()
import voicegate_agent.model_host.host_process
from voicegate_agent.memory_release import release_memory
from voicegate_agent.model_host.asr_engine import WhisperEngine
pss = lambda: psutil.Process().memory_full_info().pss
before = pss()
engine = WhisperEngine.load(Path(sys.argv[1]), "base", HostSettings(cpu_threads=2))
release_memory()
print(pss() - before)
"""


@pytest.fixture(scope="module")
def base(packaged_models: ModelFiles) -> WhisperEngine:
    """Load Whisper base as the host does."""
    return WhisperEngine.load(packaged_models.asr_dir, packaged_models.asr_name, HostSettings(), BASE)


@pytest.fixture(scope="module")
def joe(packaged_models: ModelFiles) -> Callable[[str], Samples]:
    """Give a function from a text to what Joe says, as the model hears it."""
    voice = PiperEngine.load(packaged_models.voice)

    def speak(text: str) -> Samples:
        pcm = b"".join(voice.synthesize(text, 1.0))
        return decode_upload(wav_from_pcm(pcm, voice.sample_rate_hz))

    return speak


def words(text: str) -> str:
    """Leave only the words."""
    return "".join(letter for letter in text.lower() if letter.isalpha() or letter == " ").strip()


@pytest.mark.parametrize(
    "text",
    [
        "Hello, I would like to know when my order will arrive.",
        "Could you please change the address to the new office in the city?",
    ],
)
async def test_joe_is_understood(base: WhisperEngine, joe: Callable[[str], Samples], text: str) -> None:
    """Words of any kind, spoken by the one real model and heard by the other, as in a call."""
    recognizer = TranscriptionQueue(base, HostMetrics(), fitting=BASE)
    transcript = await recognizer.transcribe(joe(text), "en")
    recognizer.close()
    assert words(transcript.text) == words(text)


def test_base_hears_many_languages(base: WhisperEngine, joe: Callable[[str], Samples]) -> None:
    """It finds out by itself, and is told."""
    speech = joe("Hello, I would like to know when my order will arrive.")
    assert base.recognize([Utterance(speech, None)])[0].language == "en"
    assert base.recognize([Utterance(speech, "de")])[0].language == "de"


async def test_the_language_of_an_upload_is_what_faster_whisper_finds(
    base: WhisperEngine, joe: Callable[[str], Samples]
) -> None:
    """In its first 30 s, once; what follows may be short and doubtful, and is the same language."""
    sentence = joe("Hello, I would like to know when my order will arrive.")
    pause = np.zeros(16_000, np.float32)
    upload = np.concatenate([np.tile(np.concatenate([sentence, pause]), 10), joe("No.")])
    assert len(upload) > 16_000 * 31
    recognizer = TranscriptionQueue(base, HostMetrics(), fitting=BASE)
    transcript = await recognizer.transcribe(upload, None)
    recognizer.close()
    shipped = base._model.detect_language(upload)[0]
    assert {unit.language for unit in transcript.units} == {transcript.language} == {shipped} == {"en"}


@pytest.mark.parametrize("sound", ["noise", "hum", "dial tone"])
async def test_no_words_out_of_no_speech(base: WhisperEngine, sound: str) -> None:
    """Neither noise nor tones become a thank you."""
    time_s = np.arange(2 * 16_000) / 16_000
    random = np.random.default_rng(0)
    samples = {
        "noise": 0.02 * random.standard_normal(len(time_s)),
        "hum": 0.1 * np.sin(2 * np.pi * 50 * time_s),
        "dial tone": 0.1 * (np.sin(2 * np.pi * 350 * time_s) + np.sin(2 * np.pi * 440 * time_s)),
    }[sound]
    recognizer = TranscriptionQueue(base, HostMetrics(), fitting=BASE)
    transcript = await recognizer.transcribe(samples.astype(np.float32), "en")
    recognizer.close()
    assert transcript.text == ""


@pytest.mark.skipif(
    RECORDINGS is None, reason="VOICEGATE_RECORDINGS names no folder with recordings of people"
)
async def test_people_are_heard_as_well_as_by_faster_whisper_as_shipped(packaged_models: ModelFiles) -> None:
    """On an eighth of the recordings, where a word is a point, for less than half of the processor time."""
    recordings = read_clips(Path(RECORDINGS or ""), every=8)
    shipped, ours = (await hear_all(recordings, ways_to_hear(packaged_models))).values()
    assert error_rate(ours) <= error_rate(shipped) + 0.05
    assert mean_cpu_s(ours) < 0.5 * mean_cpu_s(shipped)


def test_float16_on_disk_is_int8_in_memory(packaged_models: ModelFiles) -> None:
    """Of three processes the one in the middle: what loading leaves behind is given back, what was float16 is not float32."""
    command = [sys.executable, "-c", GROWTH, str(packaged_models.asr_dir)]
    grown_bytes = statistics.median(
        int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(3)
    )
    int8_bytes = loaded_bytes(packaged_models.asr_dir / "model.bin", 1)
    assert 0.8 * int8_bytes < grown_bytes <= MOST_OF_INT8 * int8_bytes


def test_weights_are_weighed_as_they_are_loaded(packaged_models: ModelFiles) -> None:
    """The file has two bytes for each of 72 million weights, memory has one."""
    stored_bytes = (packaged_models.asr_dir / "model.bin").stat().st_size
    assert 0.5 < loaded_bytes(packaged_models.asr_dir / "model.bin", 1) / stored_bytes < 0.6
    assert Path(packaged_models.asr_dir).name.startswith("whisper-base-")
