"""Free disk is checked before anything large is written."""

from pathlib import Path

import pytest
from voicegate_agent.models.packaged.disk_space import DiskSpaceError, judge_space, require_space


@pytest.mark.parametrize(
    ("free_bytes", "warns"),
    [(201, False), (200, False), (199, True), (100, True)],
)
def test_warns_when_less_than_a_tenth_would_be_left(free_bytes: int, *, warns: bool) -> None:
    """What counts is what is free afterwards."""
    warning = judge_space(free_bytes, 1000, 100, "fetching")
    assert (warning is not None) is warns


def test_refuses_what_does_not_fit() -> None:
    """One byte too few is too few; the message gives both figures."""
    with pytest.raises(DiskSpaceError, match=r"fetching needs 2\.0 GB, but only 2\.0 GB of 9\.0 GB are free"):
        judge_space(1_999_999_999, 9_000_000_000, 2_000_000_000, "fetching")


def test_folder_need_not_exist_yet(tmp_path: Path) -> None:
    """The disk of the nearest existing folder is asked."""
    require_space(tmp_path / "a" / "b", 1, "writing", lambda _: None)


def test_impossible_amount_is_refused_on_a_real_disk(tmp_path: Path) -> None:
    """The check really looks at the disk."""
    with pytest.raises(DiskSpaceError):
        require_space(tmp_path, 10**18, "writing", lambda _: None)
