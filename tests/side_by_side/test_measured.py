"""What is kept in pytest-benchmark's files, and what is read back from them."""

import json
from typing import Any

import pytest
from side_by_side.measured import BenchmarkRun, Measured, Pair, Spread, in_order, machine_conditions, read_run

PAIR = Pair("utterance", "something else", 0.1, 0.4, Spread(0.25, 0.24, 0.26, 7), {"model": "micro"})
MACHINE: dict[str, Any] = {
    "node": "some-host",
    "cpu": {"brand_raw": "Some CPU", "count": 4},
    "usable_cores": 2,
    "system": "Linux",
    "machine": "x86_64",
    "python_implementation": "CPython",
    "python_version": "3.11.7",
}


def saved(extra_info: dict[str, Any]) -> dict[str, Any]:
    """Give a file's content with one benchmark, as it comes back from the disk."""
    benchmark = {"fullname": "bench_asr.py::bench_x", "group": "asr", "extra_info": extra_info}
    content = {"machine_info": MACHINE, "datetime": "2026-11-25T01:00:00", "benchmarks": [benchmark]}
    return dict(json.loads(json.dumps(content)))


def test_a_pair_comes_back_with_its_machine() -> None:
    """What was measured is read as it was written; the machine joins its conditions."""
    run = read_run(saved(PAIR.to_extra_info()), "0001_x.json")
    assert (run.file, run.saved_at) == ("0001_x.json", "2026-11-25T01:00:00")
    (one,) = run.measured
    assert (one.id, one.group, one.pair.ratio) == ("bench_asr.py::bench_x", "asr", PAIR.ratio)
    assert one.pair.conditions == {
        "processor": "Some CPU",
        "cores": "2",
        "system": "Linux x86_64",
        "Python": "CPython 3.11",
        "model": "micro",
    }


@pytest.mark.parametrize("extra_info", [{}, {"side_by_side": {}}, {"side_by_side": {"ratio": 1}}])
def test_benchmarks_of_others_are_left_out(extra_info: dict[str, Any]) -> None:
    """One without a ratio, or with one of another shape, is no error."""
    assert read_run(saved(extra_info)).measured == ()


def test_a_file_that_knows_no_machine_is_read() -> None:
    """Its machine is like no other."""
    run = read_run({"benchmarks": saved(PAIR.to_extra_info())["benchmarks"]})
    assert run.measured[0].pair.conditions["processor"] == "unknown"


def test_the_name_and_the_clock_of_a_machine_do_not_count() -> None:
    """CI has another name every time, and clock rates change by themselves."""
    other = MACHINE | {
        "node": "other",
        "cpu": MACHINE["cpu"] | {"hz_actual": [1, 0]},
        "python_version": "3.11.9",
    }
    assert machine_conditions(other) == machine_conditions(MACHINE)


def test_the_middle_half_of_some_values() -> None:
    """Quartiles are within the values, and one value is its own spread."""
    spread = Spread.of([5.0, 1.0, 2.0, 4.0, 3.0])
    assert (spread.median, spread.count) == (3.0, 5)
    assert 1.0 < spread.low < 3.0 < spread.high < 5.0
    assert Spread.of([2.0]) == Spread(2.0, 2.0, 2.0, 1)


def test_spreads_that_touch_are_not_apart() -> None:
    """A value in common is enough."""
    low, touching, above = Spread(1, 0.9, 1.1, 7), Spread(1.2, 1.1, 1.3, 7), Spread(1.3, 1.2, 1.4, 7)
    assert not low.is_apart_from(touching)
    assert low.is_apart_from(above)
    assert above.is_apart_from(low)


@pytest.mark.parametrize(
    ("id_", "name"),
    [
        ("bench_asr.py::bench_utterances[4 together]", "utterances, 4 together"),
        ("bench_tts.py::bench_first_audio", "first audio"),
    ],
)
def test_names_for_people(id_: str, name: str) -> None:
    """A function's name becomes words."""
    assert Measured(id_, "", PAIR).name == name


def test_runs_are_ordered_by_their_time() -> None:
    """Their files are numbered for each version of Python by itself."""
    newer, older = BenchmarkRun("0001_a", "2026-11-25", ()), BenchmarkRun("0002_b", "2026-11-24", ())
    assert in_order([newer, older]) == [older, newer]
