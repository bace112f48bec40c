"""docs/gate.md and the packaged gate file, held to the models that read gate files."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from voicegate.judge.registry import Limits
from voicegate.log_contract import LogContract
from voicegate.settings import DEFAULTS, GateSettings
from voicegate.toml_lines import KeyPath

PAGE = Path(__file__).parents[2] / "docs" / "gate.md"
NOT_IN_A_FILE = {"path", "environment", "lines"}


def keys(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """List every key that a gate file may have, with the names of its tables."""
    for name, info in model.model_fields.items():
        if not above and name in NOT_IN_A_FILE:
            continue
        below = section_in(info.annotation)
        if below is None:
            yield (*above, name)
        else:
            yield from keys(below, (*above, name))


def section_in(annotation: object) -> type[BaseModel] | None:
    """Find the model in a type such as `Section | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := section_in(part))), None)


def chapters(text: str) -> dict[str, str]:
    """Cut the page by its second-level headings, by the tables that these name."""
    cut: dict[str, str] = {}
    for chapter in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = chapter.partition("\n")
        for table in re.findall(r"`\[+([a-z_.]+)\]+`", heading):
            cut[table] = body
    return cut


def with_comments() -> str:
    """Return the packaged file with every commented key in force."""
    text = DEFAULTS.read_text(encoding="utf-8")
    return re.sub(r"^# (?=\[|[a-z_0-9]+ = )", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("key", list(keys(GateSettings)), ids=".".join)
def test_every_key_is_explained(key: KeyPath) -> None:
    """In the first column of a row of its table's chapter."""
    chapter = chapters(PAGE.read_text(encoding="utf-8"))[".".join(map(str, key[:-1]))]
    rows = [row.split("|")[1] for row in chapter.splitlines() if row.startswith("|")]
    assert any(f"`{key[-1]}`" in first for first in rows)


def test_the_packaged_file_shows_every_key() -> None:
    """In force or in a comment; a key of an optional variant in either variant is enough."""
    shown: set[tuple[str, ...]] = set()

    def walk(value: object, above: tuple[str, ...] = ()) -> None:
        shown.add(above)
        if isinstance(value, dict):
            for name, below in value.items():
                walk(below, (*above, name))
        if isinstance(value, list):
            for below in value:
                walk(below, above)

    walk(tomllib.loads(with_comments()))
    missing = [key for key in keys(GateSettings) if key not in shown]
    assert [key for key in missing if key[0] != "variants"] == []


@pytest.mark.parametrize(("table", "model"), [("limits", Limits), ("log", LogContract)])
def test_the_packaged_file_shows_the_defaults(table: str, model: type[BaseModel]) -> None:
    """What a comment shows is what holds without it."""
    assert tomllib.loads(with_comments())[table] == model().model_dump(mode="json")


@pytest.mark.parametrize("name", list(Limits.model_fields))
def test_the_page_shows_the_limits(name: str) -> None:
    """With their defaults."""
    default = Limits.model_fields[name].default
    (row,) = re.findall(rf"^\| `{name}` \| `([^`]+)`", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert float(row) == default
