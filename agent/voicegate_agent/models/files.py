"""Model files on disk: what belongs to a model, and whether it is all there and unaltered."""

import json
from dataclasses import dataclass
from pathlib import Path

from voicegate_agent.models.packaged.records import FileRecord, ModelFilesError
from voicegate_agent.models.weight_formats import loaded_bytes

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files of one profile, checked and ready to load."""

    profile: str
    asr_dir: Path  # folder in CTranslate2's Whisper format
    asr_name: str  # what the log calls the speech-to-text model
    voice: Path  # Piper voice, NAME.onnx with NAME.onnx.json beside it

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file of both models, in a stable order."""
        speech = sorted(path for path in self.asr_dir.iterdir() if path.name in ASR_FILES)
        return (*speech, self.voice, voice_config(self.voice))

    def weights_bytes(self, bytes_per_weight: int) -> int:
        """Size of the weights alone, as they are loaded: what memory must at least grow by when both models are."""
        return loaded_bytes(self.asr_dir / "model.bin", bytes_per_weight) + self.voice.stat().st_size


ASR_FILES = (
    "config.json",
    "model.bin",
    "preprocessor_config.json",
    "tokenizer.json",
    "vocabulary.json",
    "vocabulary.txt",
)
ASR_REQUIRED = ("config.json", "model.bin", "tokenizer.json")


def voice_config(voice: Path) -> Path:
    """Where Piper looks for a voice's configuration."""
    return voice.with_name(f"{voice.name}.json")


def read_manifest(folder: Path, advice: str) -> dict[str, FileRecord]:
    """Read `manifest.json` of a model folder: file name to record.

    Raises ModelFilesError, ending in the advice, when it is missing or not a manifest.
    """
    path = folder / MANIFEST_NAME
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {name: FileRecord(entry["sha256"], entry["bytes"]) for name, entry in files.items()}
    except FileNotFoundError:
        raise ModelFilesError(f"{path} is missing. {advice}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFilesError(f"{path} is not a manifest of model files ({error}). {advice}") from None
