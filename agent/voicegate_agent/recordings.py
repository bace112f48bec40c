"""Phrases in the agent's own voice, kept as sound: they can be spoken while the model host is down."""

import hashlib
import os
import wave
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from livekit import rtc

from voicegate_agent.host_settings import HostSettings
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.protocol import ModelKind
from voicegate_agent.model_host.wav import wav_from_pcm
from voicegate_agent.phrases import BY_LANGUAGE


@dataclass(frozen=True, slots=True)
class Recordings:
    """Mono signed 16-bit samples by the text that was spoken."""

    rate_hz: int = 0
    sounds: Mapping[str, bytes] = field(default_factory=dict)

    async def frames(self, text: str) -> AsyncGenerator[rtc.AudioFrame, None]:
        """Give a phrase as LiveKit takes sound; nothing if it was not recorded."""
        if pcm := self.sounds.get(text):
            yield rtc.AudioFrame(pcm, self.rate_hz, 1, len(pcm) // 2)


def recordings_folder(settings: HostSettings, voice: Path | str) -> Path:
    """Say where the phrases of a voice are kept, which is a file or a host's address: each speaker and speed has its own."""
    file = voice.stat() if isinstance(voice, Path) else None
    version = (file.st_size, file.st_mtime_ns) if file else ()
    parts = (str(voice), *version, settings.speaker, settings.speed)
    name = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    return settings.cache_dir / "phrases" / name


def record_phrases(settings: HostSettings, voice: Path) -> None:
    """Have a voice speak the phrases of every language, as a call may be in another one, and keep them; raises ModelLoadError and OSError."""
    folder = recordings_folder(settings, voice)
    if not (missing := _missing(folder)):
        return
    from voicegate_agent.model_host.tts_engine import PiperEngine  # noqa: PLC0415 - seconds of imports

    engine = PiperEngine.load(voice, settings.speaker)
    for text in missing:
        _keep(folder, text, b"".join(engine.synthesize(text, settings.speed)), engine.sample_rate_hz)


async def record_phrases_of_host(settings: HostSettings, folder: Path, client: ModelHostClient) -> None:
    """Have somebody else's host speak them; raises ModelHostError and OSError."""
    if not (missing := _missing(folder)):
        return
    rate_hz = (await client.load(ModelKind.TTS)).sample_rate_hz
    for text in missing:
        pieces = [piece async for piece in client.speak(text, rate_hz, settings.speed)]
        _keep(folder, text, b"".join(pieces), rate_hz)


def read_phrases(folder: Path, texts: Iterable[str]) -> Recordings:
    """Read what there is of these phrases; what was not recorded, or cannot be read, is spoken by the model."""
    sounds, rate_hz = {}, 0
    for text in texts:
        try:
            with wave.open(str(_path(folder, text)), "rb") as file:
                sounds[text], rate_hz = file.readframes(file.getnframes()), file.getframerate()
        except (OSError, wave.Error, EOFError):
            continue
    return Recordings(rate_hz, sounds)


def _missing(folder: Path) -> list[str]:
    wanted = [text for phrases in BY_LANGUAGE.values() for text in phrases.all]
    there = read_phrases(folder, wanted).sounds
    return [text for text in wanted if text not in there]


def _path(folder: Path, text: str) -> Path:
    return folder / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.wav"


def _keep(folder: Path, text: str, pcm: bytes, rate_hz: int) -> None:
    """Write a phrase at once or not at all: calls may be reading."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{os.getpid()}.part"
    try:
        aside.write_bytes(wav_from_pcm(pcm, rate_hz))
        aside.replace(_path(folder, text))
    finally:
        aside.unlink(missing_ok=True)
