"""What is made into the cache is whole, or its absence is explained."""

import errno
import os
from pathlib import Path

import pytest
from voicegate_agent.models.packaged.cache import have_folder
from voicegate_agent.models.packaged.records import ModelFilesError


def refuse(_: int, __: int) -> None:
    """Have no locks, as some network file systems."""
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def test_a_file_system_without_locks_is_told(tmp_path: Path) -> None:
    """The message names the file, what the system said and the setting to change; nothing is made without a lock."""
    folder = tmp_path / "models" / "model"
    with pytest.raises(ModelFilesError, match=r"model\.lock cannot be locked: .*VOICEGATE_CACHE_DIR"):
        have_folder(folder, Path.mkdir, lock=refuse)
    assert [path.name for path in folder.parent.iterdir()] == ["model.lock"]


def test_what_is_there_needs_no_lock(tmp_path: Path) -> None:
    """A cache that is ready may be on a file system without them."""
    folder = tmp_path / "model"
    folder.mkdir()
    have_folder(folder, Path.rmdir, lock=refuse)
    assert folder.is_dir()
