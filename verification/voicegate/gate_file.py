"""The text of a gate file: read, laid over defaults, and quoted by line in what is said about its mistakes."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from voicegate.exit_codes import UsageError
from voicegate.toml_lines import KeyPath, key_lines

_SECRET = "api_secret"  # noqa: S105 - the name of a key


class SettingsError(UsageError):
    """Settings that cannot be used; the message names the file, the line, the key and what was expected."""


class KeyProblem(ValueError):  # noqa: N818 - an answer about a key, not a fault
    """What a validator of a whole section says about one of its keys; `key` may lead to one below, as in "steps.2.say"."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


class KeyedSection(BaseModel):
    """A table that once had other keys: `former_keys` says what holds in place of each, `renamed_keys` its new name."""

    former_keys: ClassVar[Mapping[str, str]] = {}
    renamed_keys: ClassVar[Mapping[str, str]] = {}


Place = tuple[Path, int]
"""A file, and a line in it, from 1."""


@dataclass(frozen=True, slots=True)
class GateFile:
    """One gate file: its path, its tables, and where each of its keys stands."""

    path: Path
    tables: dict[str, Any] = field(default_factory=dict)
    lines: Mapping[KeyPath, Place] = field(default_factory=dict)

    def message(self, location: KeyPath, text: str) -> str:
        """Say something about a key, with its line or, where it is left out, that of the table it would be in."""
        return message(self.path, self.lines, location, text)


def message(path: Path, lines: Mapping[KeyPath, Place], location: KeyPath, text: str) -> str:
    """Put file, line and key in front of a text."""
    place = _place(lines, location)
    where = f"{path}" if place is None else f"{place[0]}:{place[1]}"
    key = ".".join(str(part) for part in location)
    return f"{where}: {key}: {text}"


def _place(lines: Mapping[KeyPath, Place], location: KeyPath) -> Place | None:
    """Find where a key stands or, where it is left out, the table it would be in."""
    known = (location[:length] for length in range(len(location), 0, -1))
    return next((lines[part] for part in known if part in lines), None)


def read_gate_file(path: Path, what: str = "gate file") -> GateFile:
    """Read a gate file, or another one that is called `what` in messages. Raises SettingsError when it cannot be read or is no TOML."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot read the {what}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: not UTF-8: {error.reason}") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = found[1] if found else text.count("\n") + 1
        raise SettingsError(f"{path}:{line}: not valid TOML: {error}") from error
    return GateFile(path, tables, {key: (path, line) for key, line in key_lines(text).items()})


def explain(file: GateFile, error: ValidationError, root: type[BaseModel]) -> str:
    """Say everything that is wrong with a file, one line each, in the order of the file."""
    said = []
    for problem in error.errors(include_url=False):
        location, text = _problem(problem, root)
        said.append((_place(file.lines, location) or (file.path, 0), file.message(location, text)))
    return "\n".join(text for _, text in sorted(said))


def _problem(problem: ErrorDetails, root: type[BaseModel]) -> tuple[KeyPath, str]:
    location: KeyPath = tuple(part for part in problem["loc"] if part != "[key]")
    cause = problem.get("ctx", {}).get("error")
    if problem["type"] == "extra_forbidden":
        return location, _unknown(location, root)
    if isinstance(cause, KeyProblem):
        below = (int(part) if part.isdigit() else part for part in cause.key.split("."))
        return (*location, *below), str(cause)
    if isinstance(cause, ValueError):
        return location, str(cause)
    return location, problem["msg"] + _found(location, problem["input"])


def _found(location: KeyPath, value: object) -> str:
    """Quote a value that is short enough to be read and may be shown."""
    if _SECRET in location or not isinstance(value, str | int | float):
        return ""
    return f"; found {value!r}"


def _unknown(location: KeyPath, root: type[BaseModel]) -> str:
    section, key = _section_at(location[:-1], root), str(location[-1])
    if issubclass(section, KeyedSection):
        if key in section.former_keys:
            return f"this can no longer be set: {section.former_keys[key]}. Take the key out"
        if key in section.renamed_keys:
            return f"this key has a new name: write {section.renamed_keys[key]}"
    known = sorted(known_keys(location[:-1], root))
    close = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"unknown key; {hint}known here: {', '.join(known)}"


def known_keys(location: KeyPath, root: type[BaseModel]) -> tuple[str, ...]:
    """List the keys that the section at `location` may have."""
    fields = _section_at(location, root).model_fields
    return tuple(name for name, info in fields.items() if not info.exclude and name != "path")


def _section_at(location: KeyPath, root: type[BaseModel]) -> type[BaseModel]:
    model = root
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Find the section in a type such as `Section | None` or `tuple[Section, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
