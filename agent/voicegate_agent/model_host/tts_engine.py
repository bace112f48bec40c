"""Piper, piece by piece: text to PCM with the first audio early and memory bounded."""

import collections
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Self

import onnxruntime
from piper import PiperVoice, SynthesisConfig
from piper.config import PiperConfig

from voicegate_agent.model_host.loudness import levelled, with_short_tail
from voicegate_agent.model_host.pieces import goes_on, split_text
from voicegate_agent.model_host.protocol import ModelLoadError
from voicegate_agent.model_host.spoken.text import spoken_text
from voicegate_agent.processors import usable_cores

MAX_THREADS = 2


class TtsEngine(Protocol):
    """What turns text into audio, in the thread that asks for the next piece of it."""

    @property
    def name(self) -> str:
        """What the log and the API call the voice."""
        ...

    @property
    def sample_rate_hz(self) -> int:
        """The rate of the audio."""
        ...

    def synthesize(self, text: str, speed: float) -> Iterator[bytes]:
        """Speak: mono signed 16-bit little-endian samples, piece by piece; nothing when there is no word."""
        ...


class PiperEngine:
    """A Piper voice on the CPU; safe to use from several threads.

    onnxruntime sessions are thread-safe, and piper locks espeak-ng, which is not.
    """

    def __init__(self, voice: PiperVoice, name: str, speaker_id: int | None = None) -> None:
        self._voice = voice
        self._name = name
        self._speaker_id = speaker_id

    @classmethod
    def load(cls, path: Path, speaker: str | None = None) -> Self:
        """Load a voice (`.onnx`, with its `.onnx.json` beside it), and try it on a word; `speaker` is one of several.

        Raises ModelLoadError naming the file.
        """
        config_path = path.with_name(f"{path.name}.json")
        for needed in (path, config_path):
            if not needed.is_file():
                message = f"the voice's file {needed} is missing"
                raise ModelLoadError(message)
        try:
            config = PiperConfig.from_dict(json.loads(config_path.read_text(encoding="utf-8")))
            session = onnxruntime.InferenceSession(
                str(path), sess_options=_session_options(), providers=["CPUExecutionProvider"]
            )
            engine = cls(PiperVoice(session=session, config=config), path.stem, _speaker_id(config, speaker))
            collections.deque(engine.synthesize("Ready.", 1.0), maxlen=0)
        except Exception as error:  # onnxruntime raises types that it does not export
            message = f"the voice {path} cannot be loaded: {error}"
            raise ModelLoadError(message) from error
        return engine

    @property
    def name(self) -> str:
        """What the log and the API call the voice."""
        return self._name

    @property
    def sample_rate_hz(self) -> int:
        """The rate of the audio."""
        return int(self._voice.config.sample_rate)

    def synthesize(self, text: str, speed: float) -> Iterator[bytes]:
        """Speak: mono signed 16-bit little-endian samples, piece by piece."""
        length_scale = self._voice.config.length_scale / speed
        options = SynthesisConfig(
            speaker_id=self._speaker_id, length_scale=length_scale, normalize_audio=False
        )
        pieces = split_text(spoken_text(text, self._voice.config.espeak_voice))
        for number, piece in enumerate(pieces, 1):
            if not any(character.isalnum() for character in piece):
                continue
            cut = self._voice.phonemize(piece)[-1:] if number < len(pieces) and goes_on(piece) else []
            for chunk in self._voice.synthesize(piece, options):
                samples = levelled(chunk.audio_float_array, self.sample_rate_hz)
                if chunk.phonemes in cut:  # of several sentences, only the last one goes on
                    samples = with_short_tail(samples, self.sample_rate_hz)
                yield (samples * 32767).astype("<i2").tobytes()


def _speaker_id(config: PiperConfig, wanted: str | None) -> int | None:
    """Find a speaker by name or number; raises ValueError saying who there is."""
    if wanted is None:
        return None
    if config.num_speakers <= 1:
        message = f"it has one speaker only, and no {wanted!r}"
        raise ValueError(message)
    if wanted in config.speaker_id_map:
        return config.speaker_id_map[wanted]
    if wanted.isdecimal() and int(wanted) < config.num_speakers:
        return int(wanted)
    names = ", ".join(config.speaker_id_map) or "none by name"
    message = (
        f"it has no speaker {wanted!r}; expected a number below {config.num_speakers}, or one of: {names}"
    )
    raise ValueError(message)


def _session_options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(MAX_THREADS, usable_cores())
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
