"""`voicegate-agent calibrate`: measure a profile's speech-to-text model, and keep how it is fitted beside it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from voicegate_agent.calibration.choice import CANDIDATES, FULL, Choice, choose
from voicegate_agent.calibration.clips import Clip, ClipsError, read_clips, spoken_clips
from voicegate_agent.calibration.hearing import Hear, Heard, hear_all, table
from voicegate_agent.host_settings import HostSettings
from voicegate_agent.languages import AUTO
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.decoding import Samples, decode_upload
from voicegate_agent.model_host.fitting import Fitting
from voicegate_agent.model_host.kept_fitting import check_can_keep, keep_fitting
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.model_host.tts_engine import PiperEngine
from voicegate_agent.model_host.wav import wav_from_pcm
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.disk_space import Progress
from voicegate_agent.models.profiles import resolve

_SPOKEN_LANGUAGE = "en"
_TELL_EVERY = 5


def calibrate(settings: HostSettings, folder: Path | None, progress: Progress) -> str:
    """Measure all ways to fit the model, keep the one chosen, and return the table and the choice as text.

    Raises ClipsError, and what having and loading models raises.
    """
    if folder is None and settings.language not in (_SPOKEN_LANGUAGE, AUTO):
        message = f"the clips spoken by the agent's voice are English, and the language is {settings.language}: name a folder of your own"
        raise ClipsError(message)
    files = resolve(settings, progress)
    check_can_keep(files.asr_dir)
    clips = read_clips(folder) if folder else _spoken(files, settings, progress)
    found = _heard(clips, files, settings, progress)
    choice = choose(found)
    path = keep_fitting(files.asr_dir, choice.fitting, choice.why)
    return f"{table(found)}\n\n{_said(choice, path)}"


def _spoken(files: ModelFiles, settings: HostSettings, progress: Progress) -> list[Clip]:
    """Have the agent's voice say what callers say."""
    progress(f"speaking with {files.voice.stem}")
    voice = PiperEngine.load(files.voice, settings.speaker)

    def say(text: str) -> Samples:
        pcm = b"".join(voice.synthesize(text, 1.0))
        return decode_upload(wav_from_pcm(pcm, voice.sample_rate_hz))

    return spoken_clips(say)


def _heard(
    clips: Sequence[Clip], files: ModelFiles, settings: HostSettings, progress: Progress
) -> Mapping[str, Sequence[Heard]]:
    """Hear all clips in 30 s and in every shorter way, with weights that are loaded once, on one thread."""
    one_thread = settings.model_copy(update={"cpu_threads": 1})
    engine = WhisperEngine.load(files.asr_dir, files.asr_name, one_thread, None)
    ways: dict[str, Fitting | None] = {FULL: None, **CANDIDATES}
    recognizers = {
        way: TranscriptionQueue(engine.with_fitting(fitting), HostMetrics(), fitting=fitting)
        for way, fitting in ways.items()
    }
    language = None if settings.language == AUTO else settings.language

    def way_of(recognizer: TranscriptionQueue) -> Hear:
        async def hear(samples: Samples) -> str:
            return (await recognizer.transcribe(samples, language)).text

        return hear

    def done(number: int) -> None:
        if number % _TELL_EVERY == 0 or number == len(clips):
            progress(f"heard {number} of {len(clips)} clips, each in {len(ways)} ways")

    try:
        return asyncio.run(hear_all(clips, {way: way_of(one) for way, one in recognizers.items()}, done))
    finally:
        for recognizer in recognizers.values():
            recognizer.close()


def _said(choice: Choice, path: Path) -> str:
    kept = f"Kept in {path}: `auto` goes by it from the next start."
    if choice.way is None:
        return f"Left alone: {choice.why}. {kept}"
    return f"Fitted: {choice.why}. {kept}"
