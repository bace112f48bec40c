"""What a benchmark measured: our time against that of something else beside it, as a ratio with its spread.

pytest-benchmark keeps it among the `extra_info` of a benchmark in its JSON files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError
from pytest_benchmark.stats import Stats

EXTRA_INFO = "side_by_side"
"""The key of `extra_info` that holds a `Pair`."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the middle half of some values lies: their median, the quartiles around it, how many they are."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Summarize one value or more."""
        stats = Stats()
        for value in values:
            stats.update(value)
        return cls(stats.median, stats.q1, stats.q3, stats.rounds)

    def is_apart_from(self, other: "Spread") -> bool:
        """Whether the middle halves have no value in common."""
        return self.low > other.high or self.high < other.low


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ways of doing the same, measured in turns: seconds per `unit`, and the ratio of ours to the other.

    `beside` says what the other way is. `conditions` are what a ratio depends on, such as the models; only ratios
    under equal conditions are compared. `others_share` of the cores was used by other programs meanwhile.
    `wrong_words` are the word error rates of ours and of the other, where words were heard.
    """

    unit: str
    beside: str
    ours_s: float
    beside_s: float
    ratio: Spread
    conditions: Mapping[str, str]
    others_share: float = 0.0
    wrong_words: tuple[float, float] | None = None

    def to_extra_info(self) -> dict[str, Any]:
        """Give what goes into a benchmark's `extra_info`."""
        return {EXTRA_INFO: asdict(self)}


@dataclass(frozen=True, slots=True)
class Measured:
    """One benchmark of a run: its pytest id, its group, what it measured."""

    id: str
    group: str
    pair: Pair

    @property
    def name(self) -> str:
        """What people call it: `waiting together, 4` for `bench_asr.py::bench_waiting_together[4]`."""
        function, _, parameters = self.id.rpartition("::")[2].removesuffix("]").partition("[")
        words = function.removeprefix("bench_").replace("_", " ")
        return f"{words}, {parameters}" if parameters else words

    @property
    def conditions(self) -> dict[str, str]:
        """Everything that must be equal for two ratios to be compared."""
        return {**self.pair.conditions, "what it is held against": self.pair.beside, "unit": self.pair.unit}


@dataclass(frozen=True, slots=True)
class BenchmarkRun:
    """All that one run measured; `file` is what it was saved as, empty for the one that is under way."""

    file: str
    saved_at: str  # ISO 8601, UTC
    measured: tuple[Measured, ...]


_PAIR: TypeAdapter[Pair] = TypeAdapter(Pair)


def read_run(saved: Mapping[str, Any], file: str = "") -> BenchmarkRun:
    """Take a run out of pytest-benchmark's JSON; benchmarks that are no pairs are left out.

    The machine is a condition of every ratio.
    """
    machine = machine_conditions(saved.get("machine_info", {}))
    found = [_measured(one, machine) for one in saved["benchmarks"]]
    return BenchmarkRun(file, saved.get("datetime", ""), tuple(one for one in found if one is not None))


def machine_conditions(machine_info: Mapping[str, Any]) -> dict[str, str]:
    """Say on what kind of machine ratios are comparable: its processor, the cores that may be used, the Python.

    Not its name: CI has another one every time. Not its clock: both ways run on the same.
    """
    python = ".".join(str(machine_info.get("python_version", "")).split(".")[:2])
    return {
        "processor": str(machine_info.get("cpu", {}).get("brand_raw", "unknown")),
        "cores": str(machine_info.get("usable_cores", "unknown")),
        "system": f"{machine_info.get('system', '')} {machine_info.get('machine', '')}".strip(),
        "Python": f"{machine_info.get('python_implementation', '')} {python}".strip(),
    }


def in_order(runs: Iterable[BenchmarkRun]) -> list[BenchmarkRun]:
    """Sort runs by the time they were saved; the last one is the newest."""
    return sorted(runs, key=lambda run: run.saved_at)


def _measured(saved: Mapping[str, Any], machine: Mapping[str, str]) -> Measured | None:
    try:
        pair = _PAIR.validate_python(saved["extra_info"][EXTRA_INFO])
    except (KeyError, ValidationError):
        return None
    pair = replace(pair, conditions={**machine, **pair.conditions})
    return Measured(saved["fullname"], saved.get("group") or "", pair)
