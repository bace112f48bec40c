"""Flame graphs, drawn by memray's own command."""

from pathlib import Path

import pytest
from fakes.captures import capture
from voicegate.profiling.flame_graphs import draw

pytestmark = pytest.mark.slow


def test_a_capture_is_drawn_twice(tmp_path: Path) -> None:
    """At its peak, and what was never freed, named by the role."""
    path = tmp_path / "job-1.bin"
    capture(path, "keep(2)")
    graphs = draw({"job": path}, tmp_path)
    assert [(one.view, one.path.name, one.problem) for one in graphs] == [
        ("at the peak", "job-peak.html", None),
        ("never freed", "job-kept.html", None),
    ]
    assert all("keep" in one.path.read_text(encoding="utf-8") for one in graphs)


@pytest.mark.parametrize("content", [b"", b"no capture"])
def test_what_cannot_be_drawn_has_a_reason(tmp_path: Path, content: bytes) -> None:
    """The words of memray, and nothing on the disk."""
    path = tmp_path / "job-1.bin"
    path.write_bytes(content)
    graphs = draw({"job": path}, tmp_path)
    assert all(one.problem and "does not look like a binary" in one.problem for one in graphs)
    assert [one.name for one in tmp_path.iterdir()] == ["job-1.bin"]
