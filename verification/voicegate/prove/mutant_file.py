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
import shlex
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from voicegate.criteria_choice import rules_of
from voicegate.gate_file import GateFile, KeyProblem, explain, read_gate_file
from voicegate.judge.criterion import short_id
from voicegate.judge.registry import Rules, all_criteria
from voicegate.settings import GateSettings, SettingsError, load_settings, with_paths

_IDS = tuple(criterion.id for criterion in all_criteria())


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


def _whole_id(name: str) -> str:
    """Find a criterion by its id or the part of it before the hyphen."""
    found = [id_ for id_ in _IDS if name in (id_, short_id(id_))]
    if not found:
        raise ValueError(f"unknown criterion {name!r}; known: {', '.join(_IDS)}")
    return found[0]


_Ids = frozenset[Annotated[str, AfterValidator(_whole_id)]]
_Text = Annotated[str, Field(pattern=r"\S")]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class _Entry(BaseModel):
    """A mutant as the file has it; what else it says are sections of a gate file."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: _Name
    wrong: _Text
    fails: _Ids
    errors: _Ids = frozenset()
    beside: tuple[str, ...] = ()
    gate: _Text | None = None
    load: _Text | None = None

    @model_validator(mode="after")
    def _check_one_outcome(self) -> Self:
        if both := self.fails & self.errors:
            raise KeyProblem("errors", f"{min(both)} is among fails too: expected in one of the two")
        return self


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gate: _Text | None = None
    all: dict[str, dict[str, Any]] = {}
    mutants: tuple[_Entry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_names_and_control(self) -> Self:
        name, times = Counter(mutant.name for mutant in self.mutants).most_common(1)[0]
        if times > 1:
            raise KeyProblem("mutants", f"the name {name!r} is given twice; each needs its own")
        if all(mutant.fails or mutant.errors for mutant in self.mutants):
            reason = "a gate that fails everybody would pass as well"
            raise KeyProblem(
                "mutants", f"no control: one mutant must have fails = [] and no errors; {reason}"
            )
        return self


def read_mutants(
    path: Path, only: Collection[str] = (), environ: Mapping[str, str] | None = None
) -> tuple[Mutant, ...]:
    """Read and check a whole file, then take the mutants of these names, or all. Raises SettingsError."""
    file = read_gate_file(path.resolve(), "file of mutants")
    environ = os.environ if environ is None else environ
    try:
        whole = _File.model_validate(file.tables)
    except ValidationError as error:
        raise SettingsError(explain(file, error, _File)) from None
    mutants = [_mutant(file, whole, number, environ) for number in range(len(whole.mutants))]
    names = [mutant.name for mutant in mutants]
    if unknown := set(only) - set(names):
        raise SettingsError(f"{path}: no mutant is named {min(unknown)!r}; known: {', '.join(names)}")
    return tuple(mutant for mutant in mutants if not only or mutant.name in only)


def _mutant(file: GateFile, whole: _File, number: int, environ: Mapping[str, str]) -> Mutant:
    entry, location = whole.mutants[number], ("mutants", number)
    gate = entry.gate or whole.gate
    changes = [with_paths(file.path, change) for change in (whole.all, entry.model_extra or {})]
    try:
        settings = load_settings(
            file.path.parent / Path(gate).expanduser() if gate else None, environ, changes
        )
    except SettingsError as error:
        raise SettingsError(file.message(location, f"{entry.name}, over its gate file: {error}")) from error
    rules = rules_of(settings)
    if off := (entry.fails | entry.errors) & set(rules.disabled):
        why = f"{min(off)} cannot fail: {rules.disabled[min(off)]}"
        raise SettingsError(file.message((*location, "fails"), why))
    load = None if entry.load is None else tuple(shlex.split(entry.load))
    return Mutant(entry.name, entry.wrong, entry.fails, settings, rules, entry.errors, entry.beside, load)
