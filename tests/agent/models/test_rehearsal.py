"""The rehearsal model hears what the shipped micro model hears."""

from pathlib import Path

import numpy as np
import pytest
from voicegate.drive.clips.library import Clip, load_library
from voicegate_agent.host_settings import HostSettings
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.recognition import Recognition, Utterance
from voicegate_agent.models.embedding import Shape
from voicegate_agent.models.profiles import MICRO_DIR
from voicegate_agent.models.rehearsal import DISTIL_LARGE_V3, generate

MEDIUM = Shape(width=640, heads=10, encoder_layers=4, decoder_layers=2, feed_forward=1280, tokens=4000)

pytestmark = pytest.mark.skipif(
    not (MICRO_DIR / "model.bin").is_file(), reason="this checkout has no trained micro model"
)


def recognized(folder: Path, clips: tuple[Clip, ...]) -> list[Recognition]:
    """Have the model in `folder` listen to each clip by itself, as in a call."""
    engine = WhisperEngine.load(folder, folder.name, HostSettings(cpu_threads=2))
    utterances = [Utterance((np.pad(clip.samples, 4000) / 32768).astype(np.float32)) for clip in clips]
    return [engine.recognize([utterance])[0] for utterance in utterances]


def check_alike(target: Path, clips: tuple[Clip, ...]) -> None:
    """Assert that the model in `target` hears what the micro model hears, as sure of it."""
    for big, small in zip(recognized(target, clips), recognized(MICRO_DIR, clips), strict=True):
        assert big.text == small.text
        assert big.avg_logprob == pytest.approx(small.avg_logprob, abs=0.05)


def test_a_medium_shape_hears_the_same(tmp_path: Path) -> None:
    """Four times the width and more layers and heads leave the transcripts as they are."""
    generate(MICRO_DIR, tmp_path / "medium", lambda _: None, MEDIUM)
    library = load_library()
    check_alike(tmp_path / "medium", (*library.codes[:4], *library.sentences[:2]))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_full_shape_hears_the_same(tmp_path: Path) -> None:
    """At the size of distil-large-v3, every sixth clip of the gate is transcribed as by the micro model.

    `nox -s verify` calls with it, and judges what it understands of all of them.
    """
    generate(MICRO_DIR, tmp_path / "full", lambda _: None, DISTIL_LARGE_V3)
    check_alike(tmp_path / "full", load_library().clips[::6])
