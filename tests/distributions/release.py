"""Whether a tag may be released: both distributions have its version, and the changelog has a dated section for it."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

PROJECTS = ("verification/pyproject.toml", "agent/pyproject.toml")
CHANGELOG = "CHANGELOG.md"


def problems_of_tag(tag: str, root: Path) -> list[str]:
    """Hold the tag against the files of a checkout."""
    versions = {name: version_of((root / name).read_text(encoding="utf-8")) for name in PROJECTS}
    return [
        *problems_of_versions(tag, versions),
        *problems_of_changelog(tag, (root / CHANGELOG).read_text(encoding="utf-8")),
    ]


def version_of(pyproject: str) -> str:
    """Read the version from a pyproject.toml."""
    return str(tomllib.loads(pyproject)["project"]["version"])


def problems_of_versions(tag: str, versions: Mapping[str, str]) -> list[str]:
    """Name the projects whose version is not the tag's."""
    return [
        f"the tag is {tag}, but {name} has version {version}: expected the tag v{version}"
        for name, version in versions.items()
        if tag != f"v{version}"
    ]


def problems_of_changelog(tag: str, changelog: str) -> list[str]:
    """Say whether the changelog lacks a section of the tag's version with its date."""
    version = tag.removeprefix("v")
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d{{2}}-\d{{2}}$"
    if re.search(heading, changelog, flags=re.MULTILINE):
        return []
    return [
        f"{CHANGELOG} has no heading `## [{version}] - YYYY-MM-DD`: move what is released there from [Unreleased]"
    ]
