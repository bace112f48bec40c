"""Model files on disk: what belongs to a model, and whether it is all there and unaltered."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voicegate_agent.models.weight_formats import loaded_bytes

MANIFEST_NAME = "manifest.json"
_CHUNK_BYTES = 1 << 20


class ModelFilesError(Exception):
    """Model files that cannot be used; the message names the file, what is wrong and the setting to change."""


class ModelsUnavailableError(ModelFilesError):
    """Models that are elsewhere and cannot be had from there: no network, or they were withdrawn."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a model file must be: its SHA-256 in hex and its size."""

    sha256: str
    bytes: int


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


def digest(path: Path) -> FileRecord:
    """Read a file once for its SHA-256 and size."""
    sha256 = hashlib.sha256()
    size_bytes = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            sha256.update(chunk)
            size_bytes += len(chunk)
    return FileRecord(sha256.hexdigest(), size_bytes)


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


def verify(folder: Path, expected: Mapping[str, FileRecord], advice: str) -> None:
    """Compare the files of a folder with their records, sizes first because they cost nothing.

    Raises ModelFilesError naming the first file that is missing, truncated or altered, ending in the advice.
    """
    for name, record in expected.items():
        path = folder / name
        require_file(path, advice)
        found_bytes = path.stat().st_size
        if found_bytes < record.bytes:
            raise ModelFilesError(f"{path} is truncated: {found_bytes} of {record.bytes} bytes. {advice}")
        if found_bytes > record.bytes:
            raise ModelFilesError(
                f"{path} is altered: {found_bytes} bytes, expected {record.bytes}. {advice}"
            )
    for name, record in expected.items():
        found = digest(folder / name)
        if found.sha256 != record.sha256:
            message = f"{folder / name} is altered: sha256 {found.sha256}, expected {record.sha256}. {advice}"
            raise ModelFilesError(message)


def require_file(path: Path, advice: str) -> None:
    """Raise ModelFilesError, ending in the advice, unless the path is a file."""
    if not path.is_file():
        raise ModelFilesError(f"{path} is missing. {advice}")
