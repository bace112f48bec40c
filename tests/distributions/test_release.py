"""Which tags may be released."""

from pathlib import Path

import pytest
from distributions.building import ROOT
from distributions.release import (
    PROJECTS,
    problems_of_changelog,
    problems_of_tag,
    problems_of_versions,
    version_of,
)

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2030-01-31\n- Something.\n"


@pytest.mark.parametrize(("tag", "problems"), [("v0.2.0", 0), ("0.2.0", 2), ("v0.2", 2), ("v0.2.1", 2)])
def test_the_tag_has_the_versions(tag: str, problems: int) -> None:
    """Both of them, and a v in front."""
    assert len(problems_of_versions(tag, {"a": "0.2.0", "b": "0.2.0"})) == problems


def test_one_version_is_another() -> None:
    """The message names file, version and the tag that would fit."""
    (problem,) = problems_of_versions("v0.2.0", {"a": "0.2.0", "b": "0.1.9"})
    assert problem == "the tag is v0.2.0, but b has version 0.1.9: expected the tag v0.1.9"


@pytest.mark.parametrize(
    ("tag", "problems"),
    [("v0.2.0", 0), ("v0.2.1", 1), ("v0x2.0", 1), ("v2.0", 1)],
    ids=["there", "later", "dot", "part"],
)
def test_the_changelog_has_the_version(tag: str, problems: int) -> None:
    """A heading of its own, with a date."""
    assert len(problems_of_changelog(tag, CHANGELOG)) == problems


def test_a_section_without_a_date() -> None:
    """It is not released yet."""
    assert problems_of_changelog("v0.2.0", "## [0.2.0] - unreleased\n") != []


def test_both_projects_have_one_version() -> None:
    """In this checkout, and a tag that nobody would set is refused by each of them."""
    assert len({version_of((ROOT / name).read_text(encoding="utf-8")) for name in PROJECTS}) == 1
    assert len(problems_of_tag("v999", ROOT)) == 3


def test_a_checkout_to_be_released(tmp_path: Path) -> None:
    """The files are found from the root."""
    for name in PROJECTS:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text('[project]\nversion = "0.2.0"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    assert problems_of_tag("v0.2.0", tmp_path) == []
