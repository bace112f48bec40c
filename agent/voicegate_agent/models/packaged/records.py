"""What the files of a model must be, and whether they are."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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


def digest(path: Path) -> FileRecord:
    """Read a file once for its SHA-256 and size."""
    sha256 = hashlib.sha256()
    size_bytes = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            sha256.update(chunk)
            size_bytes += len(chunk)
    return FileRecord(sha256.hexdigest(), size_bytes)


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
