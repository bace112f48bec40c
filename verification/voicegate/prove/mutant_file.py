"""The file of mutants: broken agents, and the criteria each must fail, as data.

```toml
gate = "my-agent.toml"           # the agent that is broken; left out: gate.toml in the folder the gate is started in

[all]                            # sections of a gate file, laid over it for every mutant
scenario.name = "pair"

[[mutants]]
name = "healthy"
wrong = "nothing"
fails = []                       # the control: at least one mutant must fail nothing

[[mutants]]
name = "monitor-silent"
wrong = "the memory monitor never says a word"
fails = ["C8"]
agent.command = ["{python}", "monitor_silent.py"]   # whatever else a gate file may say, laid over [all]
limits.monitor_interval_s = 10

[[mutants]]
name = "elsewhere"
wrong = "the agent runs below a daemon, not below the command"
fails = []
errors = ["C5", "C7"]            # criteria that must say that they could not be measured
beside = ["{python}", "daemon.py"]   # a program that runs beside the gate during the trial
agent.command = ["{python}", "client.py"]

[[mutants]]
name = "answers-late"
wrong = "every reply comes after 5 s"
fails = ["L2"]
load = "-u 2 -t 20s"             # a load run in place of a scenario, with these options of Locust's
agent.command = ["{python}", "answers_late.py"]
```

Relative paths are relative to the file they stand in.
"""

import os
import re
import shlex
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicegate.criteria_choice import rules_of
from voicegate.judge.criterion import short_id
from voicegate.judge.registry import Rules, all_criteria
from voicegate.settings import GateSettings, SettingsError, load_settings, with_paths

_TOP = ("gate", "all", "mutants")
_OWN = ("name", "wrong", "fails", "errors", "beside", "gate", "load")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_IDS = tuple(criterion.id for criterion in all_criteria())


class MutantFileError(SettingsError):
    """A file of mutants that cannot be used; the message names the file, the key and what was expected."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken agent: how it is run, and the ids of the criteria it must fail.

    `errors` are those that must be an ERROR; `beside` is the command of a program that runs during the trial, if there is one.
    With `load`, options for Locust, it is judged under load; without, by the scenario of its settings.
    """

    name: str
    wrong: str
    fails: frozenset[str]
    settings: GateSettings
    rules: Rules
    errors: frozenset[str] = frozenset()
    beside: tuple[str, ...] = ()
    load: tuple[str, ...] | None = None


def read_mutants(
    path: Path, only: Collection[str] = (), environ: Mapping[str, str] | None = None
) -> tuple[Mutant, ...]:
    """Read and check a whole file, then take the mutants of these names, or all. Raises SettingsError."""
    path = path.resolve()
    environ = os.environ if environ is None else environ
    table = _read(path)
    if unknown := set(table) - set(_TOP):
        raise MutantFileError(f"{path}: {min(unknown)}: unknown key; known here: {', '.join(_TOP)}")
    entries = _entries(path, table.get("mutants"))
    shared = _table(f"{path}: all", table.get("all", {}))
    mutants = [_mutant(path, where, entry, table.get("gate"), shared, environ) for where, entry in entries]
    _check_whole(path, mutants)
    return _chosen(path, mutants, only)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MutantFileError(f"{path}: cannot read the file of mutants: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MutantFileError(f"{path}: not valid TOML: {error}") from error


def _entries(path: Path, value: object) -> Sequence[tuple[str, dict[str, Any]]]:
    """List the entries, each with what messages call it: its name, or its place where it has none."""
    if not isinstance(value, list) or not value:
        raise MutantFileError(f"{path}: mutants: expected a list of tables, one [[mutants]] for each mutant")
    entries = [_table(f"{path}: mutants.{place}", entry) for place, entry in enumerate(value)]
    return [(f"{path}: mutants.{entry.get('name', place)}", entry) for place, entry in enumerate(entries)]


def _mutant(
    path: Path,
    where: str,
    entry: dict[str, Any],
    gate: object,
    shared: Mapping[str, Any],
    environ: Mapping[str, str],
) -> Mutant:
    name = _text(f"{where}.name", entry.get("name"))
    if not _NAME.fullmatch(name):
        raise MutantFileError(f"{where}.name: {name!r}: expected small letters, digits and single hyphens")
    sections = {key: value for key, value in entry.items() if key not in _OWN}
    settings = _settings(path, where, entry.get("gate", gate), (shared, sections), environ)
    fails = _ids(f"{where}.fails", entry.get("fails"))
    errors = _ids(f"{where}.errors", entry.get("errors", []))
    rules = rules_of(settings)
    if off := (fails | errors) & set(rules.disabled):
        raise MutantFileError(f"{where}.fails: {min(off)} cannot fail: {rules.disabled[min(off)]}")
    if both := fails & errors:
        raise MutantFileError(f"{where}.errors: {min(both)} is among fails too: expected in one of the two")
    wrong, beside = _text(f"{where}.wrong", entry.get("wrong")), entry.get("beside", [])
    if not isinstance(beside, list):
        raise MutantFileError(f"{where}.beside: expected a command as a list of words, found {beside!r}")
    load = tuple(shlex.split(_text(f"{where}.load", entry["load"]))) if "load" in entry else None
    return Mutant(name, wrong, fails, settings, rules, errors, tuple(map(str, beside)), load)


def _settings(
    path: Path,
    where: str,
    gate: object,
    changes: Sequence[Mapping[str, Any]],
    environ: Mapping[str, str],
) -> GateSettings:
    gate_path = None if gate is None else path.parent / Path(_text(f"{where}.gate", gate)).expanduser()
    try:
        return load_settings(gate_path, environ, [with_paths(path, change) for change in changes])
    except SettingsError as error:
        raise MutantFileError(f"{where}, over its gate file: {error}") from error


def _ids(where: str, value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise MutantFileError(
            f'{where}: expected a list of criteria such as ["C2", "C3"], or [] for a control'
        )
    return frozenset(_id(where, short) for short in value)


def _id(where: str, short: str) -> str:
    """Find a criterion by its id or the part of it before the hyphen."""
    found = [id_ for id_ in _IDS if short in (id_, short_id(id_))]
    if not found:
        raise MutantFileError(f"{where}: unknown criterion {short!r}; known: {', '.join(_IDS)}")
    return found[0]


def _text(where: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise MutantFileError(f"{where}: expected a text, found {value!r}")
    return value


def _table(where: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MutantFileError(f"{where}: expected a table, found {value!r}")
    return value


def _check_whole(path: Path, mutants: Sequence[Mutant]) -> None:
    names = [mutant.name for mutant in mutants]
    if twice := {name for name in names if names.count(name) > 1}:
        raise MutantFileError(f"{path}: mutants: the name {min(twice)!r} is given twice; each needs its own")
    if all(mutant.fails or mutant.errors for mutant in mutants):
        reason = "a gate that fails everybody would pass as well"
        raise MutantFileError(
            f"{path}: mutants: no control: one mutant must have fails = [] and no errors; {reason}"
        )


def _chosen(path: Path, mutants: Sequence[Mutant], only: Collection[str]) -> tuple[Mutant, ...]:
    names = [mutant.name for mutant in mutants]
    if unknown := set(only) - set(names):
        raise MutantFileError(f"{path}: no mutant is named {min(unknown)!r}; known: {', '.join(names)}")
    return tuple(mutant for mutant in mutants if not only or mutant.name in only)
