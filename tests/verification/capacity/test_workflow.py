"""Searches with both kinds of isolation, with drives that only write recordings."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.runs import ReadableGate
from fakes.searches import MadeLevel, search_recording
from our_agent import our_settings
from voicegate.capacity.search import Search
from voicegate.capacity.workflow import Plan, announced, find_capacity, isolations_of
from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode
from voicegate.history.history_file import read_history
from voicegate.history.past import Past
from voicegate.record.events import End, Recording
from voicegate.settings import GateSettings, SettingsError, load_settings
from voicegate.testing import write_recording

pytestmark = pytest.mark.usefixtures("undrawn")

SETTINGS = our_settings()
BOTH = Plan(("process", "thread"), Search(4))
ONE = Plan(("process",), Search(4))
GOOD = search_recording([MadeLevel(1), MadeLevel(2), MadeLevel(4)])
THREE = search_recording([MadeLevel(1), MadeLevel(2), MadeLevel(4, waits_s=(7.0,)), MadeLevel(3)])
CUT = search_recording([MadeLevel(1), MadeLevel(2, ends=False)], End(99.0, "interrupted"))


class Drives:
    """Plays one search after the other: a recording, and perhaps an error after it."""

    def __init__(self, *played: tuple[Recording | None, BaseException | None]) -> None:
        self._played = iter(played)
        self.isolations: list[str] = []

    async def __call__(self, settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        """Record what never took place."""
        recording, error = next(self._played)
        self.isolations.append(settings.agent.isolation)
        progress("Recording what never took place")
        out_dir.mkdir()
        if recording is not None:
            write_recording(recording, out_dir / "recording.jsonl")
        if error is not None:
            raise error
        return out_dir / "recording.jsonl"


@pytest.fixture
def readable(tmp_path: Path) -> ReadableGate:
    """Set up a gate that reports into a folder of its own."""
    return ReadableGate(tmp_path / "out")


def test_both_kinds_are_searched_and_reported_together(readable: ReadableGate) -> None:
    """Each in a folder of its own, the report on both beside."""
    drives = Drives((GOOD, None), (THREE, None))
    assert find_capacity(readable.gate, SETTINGS, BOTH, drives) is ExitCode.PASS
    assert drives.isolations == ["process", "thread"]
    found = readable.report("capacity.json")
    assert [(one["isolation"], one["capacity"], one["broken_at"]) for one in found["results"]] == [
        ("process", 4, None),
        ("thread", 3, 4),
    ]
    names = sorted(path.name for path in (readable.out_dir / "latest").iterdir())
    assert names == ["capacity.json", "process", "report.html", "summary.md", "thread"]
    shown = readable.screen.getvalue()
    assert "thread: Recording what never took place" in shown
    assert "\nprocess: 4 calls hold, more were not tried; 4.4 calls per agent core\n" in shown
    assert "\nthread: 3 calls hold, 4 do not (wait for a reply" in shown


def test_each_search_becomes_part_of_the_history(readable: ReadableGate, tmp_path: Path) -> None:
    """Apart from searches with other isolation or another reach; one that broke off is known as such."""
    file = tmp_path / "history.jsonl"
    gate = replace(readable.gate, past=Past(file, file))
    find_capacity(gate, SETTINGS, BOTH, Drives((GOOD, None), (THREE, None)))
    find_capacity(gate, SETTINGS, BOTH, Drives((CUT, KeyboardInterrupt())))
    process, thread, cut = read_history(file).entries
    assert [one.setting.isolation for one in (process, thread, cut)] == ["process", "thread", "process"]
    assert {one.setting.scenario for one in (process, thread, cut)} == {"capacity 4 calls at most"}
    assert [one.is_whole for one in (process, thread, cut)] == [True, True, False]
    known = {one.what: (one.value, one.side) for one in thread.figures}
    assert known["calls that hold"] == (3, "≥")
    assert known["wait with 4 at once, p95"] == (7.0, "≤")
    assert {"calls per agent core", "wait with 1 at once, p95"} <= set(known)


def test_a_history_that_cannot_be_written_is_told_and_hides_nothing(
    readable: ReadableGate, tmp_path: Path
) -> None:
    """A search that found enough did not do all that was asked for; its report is there."""
    gate = replace(readable.gate, past=Past(tmp_path, tmp_path))
    assert find_capacity(gate, SETTINGS, ONE, Drives((GOOD, None))) is ExitCode.NOT_MEASURED
    assert "cannot write the history" in readable.screen.getvalue()
    assert readable.report("capacity.json")["verdict"] == "pass"


@pytest.mark.parametrize(("at_least", "code"), [(3, ExitCode.PASS), (4, ExitCode.FAIL)])
def test_fewer_than_asked_for_fails(readable: ReadableGate, at_least: int, code: ExitCode) -> None:
    """At the edge it passes."""
    plan = Plan(("process",), Search(4), at_least)
    assert find_capacity(readable.gate, SETTINGS, plan, Drives((THREE, None))) is code


def test_ctrl_c_reports_what_was_measured(readable: ReadableGate) -> None:
    """The level that was cut off counts for nothing, and no other search is begun."""
    drives = Drives((CUT, KeyboardInterrupt()), (GOOD, None))
    assert find_capacity(readable.gate, SETTINGS, BOTH, drives) is ExitCode.NOT_MEASURED
    assert drives.isolations == ["process"]
    assert readable.report("capacity.json")["verdict"] == "error"
    assert "process: 1 call holds, more were not tried" in readable.screen.getvalue()
    assert "broken off: interrupted" in readable.screen.getvalue()


def test_a_search_that_is_missing_is_not_measured(readable: ReadableGate) -> None:
    """What the other found is still reported."""
    drives = Drives((GOOD, None), (None, DriveError("no agent")))
    assert find_capacity(readable.gate, SETTINGS, BOTH, drives) is ExitCode.NOT_MEASURED
    assert readable.report("capacity.json")["results"][1]["problem"] == "no agent"


def test_an_agent_that_died_is_told_with_the_level(readable: ReadableGate) -> None:
    """How many called when it happened."""
    end = End(99.0, "failed", "The agent died with exit code -9.")
    died = search_recording([MadeLevel(1), MadeLevel(2, ends=False)], end)
    assert find_capacity(readable.gate, SETTINGS, ONE, Drives((died, None))) is ExitCode.NOT_MEASURED
    assert "broken off: with 2 calls: The agent died with exit code -9." in readable.screen.getvalue()


def test_a_level_that_could_not_be_judged_is_not_measured(readable: ReadableGate) -> None:
    """And what to do about it is said."""
    short = search_recording([MadeLevel(1, for_s=3.0)])
    assert find_capacity(readable.gate, SETTINGS, ONE, Drives((short, None))) is ExitCode.NOT_MEASURED
    assert "with 1: no caller came to say anything: let levels last longer" in readable.screen.getvalue()


def test_a_first_search_that_cannot_begin_ends_it(readable: ReadableGate) -> None:
    """What keeps it from beginning would keep the other too."""
    with pytest.raises(DriveError, match="no server"):
        find_capacity(readable.gate, SETTINGS, BOTH, Drives((None, DriveError("no server"))))


def test_how_long_it_takes_is_said_beforehand() -> None:
    """For all kinds of isolation together."""
    assert announced(BOTH).startswith("Up to 4 calls at once, isolation process and thread: ")
    assert "minutes" in announced(ONE)


def test_kinds_of_isolation_are_those_the_agent_can_be_told(tmp_path: Path) -> None:
    """Both for ours; what was asked for; and what it is, if nothing in the gate file tells it."""
    assert isolations_of(SETTINGS, None) == ("process", "thread")
    assert isolations_of(SETTINGS, "thread") == ("thread",)
    gate = tmp_path / "gate.toml"
    gate.write_text("[agent]\ncommand = ['agent']\nisolation = 'thread'\n")
    assert isolations_of(load_settings(gate, {}), None) == ("thread",)


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "..", "", "a/b", "a\\b", "a b", "x\n"])
def test_isolation_that_is_no_plain_name_is_refused(name: str, tmp_path: Path) -> None:
    """Its folder stays within the report's, whether it comes from the command line or from the gate file."""
    with pytest.raises(SettingsError, match=r"isolation .* expected letters, digits"):
        isolations_of(SETTINGS, name)
    gate = tmp_path / "gate.toml"
    gate.write_text(f"[agent]\ncommand = ['agent']\nisolation = {json.dumps(name)}\n")
    with pytest.raises(SettingsError, match="within the report's"):
        isolations_of(load_settings(gate, {}), None)
