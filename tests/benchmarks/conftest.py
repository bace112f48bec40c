"""What the benchmarks are made with: models loaded once, utterances, an event loop; and which models: `--profile`."""

# ruff: noqa: E402
from voicegate_agent.model_host.__main__ import prepare_libraries

prepare_libraries()  # as the model host does, before anything imports NumPy

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from benchmarks.speech import Utterance
from faster_whisper import WhisperModel
from voicegate.drive.clips.library import CLIPS_FOLDER, read_manifest
from voicegate_agent.host_settings import Profile
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.decoding import decode_upload
from voicegate_agent.model_host.kept_fitting import measured_fitting
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.model_host.tts_engine import PiperEngine
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.disk_space import DiskSpaceError
from voicegate_agent.models.packaged.records import ModelFilesError
from voicegate_agent.models.profiles import MICRO_NAME, REHEARSAL_NAME, locate, resolve
from voicegate_agent.settings import AgentSettings

pytest_plugins = ["side_by_side.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the models be chosen."""
    parser.addoption(
        "--profile",
        choices=[profile.value for profile in Profile],
        default=Profile.MICRO.value,
        help="models that listen and speak: micro (default, small), rehearsal (full size), packaged (real), production",
    )


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """Give the one event loop in which everything asynchronous runs."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def files(request: pytest.FixtureRequest) -> ModelFiles:
    """Have the models of the profile; the rehearsal models are generated once, in about 20 s."""
    settings = AgentSettings(profile=request.config.getoption("--profile"), model_host=None)
    try:
        return resolve(settings, lambda _: None)
    except (ModelFilesError, DiskSpaceError) as error:
        pytest.fail(f"The models cannot be had: {error}", pytrace=False)


@pytest.fixture(scope="session")
def micro_config() -> HostConfig:
    """Give the configuration of a host with the packaged models, whatever the profile."""
    settings = AgentSettings(profile=Profile.MICRO, model_host=None, asr_model=None, tts_voice=None)
    return HostConfig.from_settings(settings, locate(settings))


@pytest.fixture(scope="session")
def cores() -> int:
    """Say how many cores may be used."""
    return len(os.sched_getaffinity(0))


@pytest.fixture(scope="session")
def whisper(files: ModelFiles, cores: int) -> WhisperModel:
    """Load the speech-to-text model once: both ways of using it share it."""
    compute_type = AgentSettings().computes_with
    return WhisperModel(
        str(files.asr_dir), device="cpu", compute_type=compute_type, cpu_threads=cores, num_workers=1
    )


@pytest.fixture(scope="session")
def engine(whisper: WhisperModel, files: ModelFiles, cores: int) -> WhisperEngine:
    """Use that model with a context that fits."""
    return WhisperEngine(whisper, files.asr_name, cores, measured_fitting(files))


@pytest.fixture(scope="session")
def recognizer(engine: WhisperEngine, files: ModelFiles) -> Iterator[TranscriptionQueue]:
    """Batch what waits together, as the model host does."""
    recognizer = TranscriptionQueue(engine, HostMetrics(), fitting=measured_fitting(files))
    yield recognizer
    recognizer.close()


@pytest.fixture(scope="session")
def open_speaker() -> Iterator[Callable[[Path], SpeechStreams]]:
    """Give a function that loads a voice as the model host does."""
    opened: list[SpeechStreams] = []

    def load(voice: Path) -> SpeechStreams:
        opened.append(SpeechStreams(PiperEngine.load(voice)))
        return opened[-1]

    yield load
    for speaker in opened:
        speaker.close()


@pytest.fixture(scope="session")
def utterances(files: ModelFiles) -> list[Utterance]:
    """Give eight utterances of 1.6 to 3 s, in each of which a code is spoken."""
    knows_their_words = files.asr_name in (MICRO_NAME, REHEARSAL_NAME)
    codes = [clip for clip in read_manifest(CLIPS_FOLDER).clips if clip.code is not None]
    return [
        Utterance(decode_upload((CLIPS_FOLDER / str(clip.file)).read_bytes()), clip.text, knows_their_words)
        for clip in codes[:8]
    ]
