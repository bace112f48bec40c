"""Wheels and source archives of this checkout: what they hold, and that they come out the same each time."""

from pathlib import Path

import pytest
from distributions.building import ROOT, build
from distributions.contents import problems_of_folder

PROJECTS = {"verification": "voicegate", "agent": "voicegate_agent"}


@pytest.mark.slow
def test_what_is_published_holds_what_it_must(dist: Path) -> None:
    """By the rules of each distribution."""
    assert problems_of_folder(dist) == []


@pytest.mark.slow
@pytest.mark.parametrize("project", PROJECTS)
def test_built_again_it_is_the_same(dist: Path, tmp_path: Path, project: str) -> None:
    """Byte by byte, so that anybody can check what was published; the wheel was made from the source archive."""
    build(project, tmp_path)
    built = sorted(tmp_path.iterdir())
    assert [path.suffix for path in built] == [".whl", ".gz"]
    assert all(path.read_bytes() == (dist / path.name).read_bytes() for path in built)


@pytest.mark.parametrize("project", PROJECTS)
def test_the_licence_is_a_file(project: str) -> None:
    """A link to the one above would lead nowhere in a source archive, and its wheel would have no licence."""
    licence = ROOT / project / "LICENSE"
    assert not licence.is_symlink()
    assert licence.read_bytes() == (ROOT / "LICENSE").read_bytes()
