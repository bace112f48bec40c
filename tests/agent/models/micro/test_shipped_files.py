"""The micro model as shipped: whole, consistent with its recipe, and able to hear."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import voicegate_agent.models.micro
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from numpy.typing import NDArray
from recipes.micro.tokens import TOKENS

FOLDER = Path(voicegate_agent.models.micro.__path__[0])
CLIPS = sorted((Path(__file__).parent / "clips").glob("*.flac"))
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["files"]


@pytest.fixture(scope="module")
def model() -> WhisperModel:
    """Load the shipped model as any faster-whisper user would."""
    return WhisperModel(str(FOLDER), device="cpu", compute_type="int8", cpu_threads=1)


def _transcribe(model: WhisperModel, audio: NDArray[np.float32]) -> str:
    segments, _ = model.transcribe(audio, language="en")
    return " ".join("".join(segment.text for segment in segments).split())


@pytest.mark.parametrize("name", MANIFEST)
def test_a_shipped_file_is_the_one_that_was_pinned(name: str) -> None:
    """Size and SHA-256 are those that the export wrote down."""
    content = (FOLDER / name).read_bytes()
    assert len(content) == MANIFEST[name]["bytes"]
    assert hashlib.sha256(content).hexdigest() == MANIFEST[name]["sha256"]


def test_the_model_writes_the_recipes_vocabulary() -> None:
    """A changed word list needs a new training: the numbers would mean other words."""
    assert tuple(json.loads((FOLDER / "vocabulary.json").read_text(encoding="utf-8"))) == TOKENS


def test_the_weights_are_half_precision_and_complete() -> None:
    """The rehearsal model is made from them; 2.2 million parameters, none of them broken."""
    with np.load(FOLDER / "weights.npz") as weights:
        assert all(weights[name].dtype == np.float16 for name in weights.files)
        assert all(np.isfinite(weights[name]).all() for name in weights.files)
        assert weights["decoder/embeddings/weight"].shape == (len(TOKENS), 160)
        assert sum(weights[name].size for name in weights.files) > 2_000_000


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_a_checked_clip_is_understood(model: WhisperModel, path: Path) -> None:
    """Clips of several voices, some through Opus; the file's name is what it says."""
    heard = _transcribe(model, decode_audio(str(path)))
    assert heard == path.stem.split(".")[0].replace("_", " ")


@pytest.mark.parametrize("level", [0.0, 0.001, 0.03])
def test_silence_and_noise_give_no_text(model: WhisperModel, level: float) -> None:
    """From digital silence to noise as loud as quiet speech."""
    noise = np.random.default_rng(9).standard_normal(2 * 16_000).astype(np.float32)
    assert _transcribe(model, level * noise) == ""


def test_there_are_checked_clips() -> None:
    """An empty folder would make the test above pass on nothing."""
    assert len(CLIPS) >= 6
