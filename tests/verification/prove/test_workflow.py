"""Trying mutants, with a drive that only writes recordings."""

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psutil
import pytest
from fakes.recordings import MB, Run, cut_at, models_per_call
from fakes.runs import FakeDrive
from live import until
from rich.console import Console
from voicegate.drive.errors import DriveError
from voicegate.exit_codes import ExitCode
from voicegate.judge.registry import Rules
from voicegate.prove.mutant_file import Mutant, read_mutants
from voicegate.prove.workflow import prove
from voicegate.reported_run import Gate
from voicegate.settings import GateSettings

pytestmark = pytest.mark.usefixtures("undrawn")

GOOD = Run().recording()
LEAKING = Run(leak_bytes=20 * MB).recording()
PER_CALL = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()
WHOLE = {
    "healthy": FakeDrive(GOOD),
    "leaking": FakeDrive(LEAKING),
    "per-call": FakeDrive(PER_CALL),
}


class Drives:
    """Drives each mutant, known by its command, as it is told to."""

    def __init__(self, drives: Mapping[str, FakeDrive]) -> None:
        self.drives = drives
        self.driven: list[str] = []

    async def __call__(self, settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        """Record what belongs to this mutant."""
        (name,) = settings.agent.command
        self.driven.append(name)
        return await self.drives[name](settings, out_dir, progress)


class Room:
    """A gate whose terminal and report can be read."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.screen = io.StringIO()
        seconds = count()
        self.gate = Gate(
            self.out,
            Console(file=self.screen, width=160, highlight=False),
            Rules(),
            now=lambda: datetime(2026, 11, 22, 13, 0, tzinfo=UTC),
            monotonic=lambda: float(next(seconds)),
        )
        self.mutants = self.write(
            folder, {"healthy": [], "leaking": ["C6"], "per-call": ["C2", "C3", "C5", "C7", "G10"]}
        )

    def write(self, folder: Path, fails: Mapping[str, list[str]]) -> tuple[Mutant, ...]:
        """Write a file of mutants that are known by their command, and read it."""
        entries = [
            f"[[mutants]]\nname = '{name}'\nwrong = 'it is {name}'\nfails = {ids}\nagent.command = ['{name}']\n"
            for name, ids in fails.items()
        ]
        path = folder / "prove.toml"
        path.write_text("".join(entries))
        return read_mutants(path, environ={})

    def prove(self, drives: Mapping[str, FakeDrive], mutants: tuple[Mutant, ...] | None = None) -> ExitCode:
        """Try the mutants."""
        return prove(self.gate, self.mutants if mutants is None else mutants, lambda _: Drives(drives))

    def read(self, name: str) -> str:
        """Read a file of the newest proof."""
        return (self.out / "latest" / name).read_text(encoding="utf-8")

    def outcomes(self) -> dict[str, str]:
        """Tell how each mutant came out, according to prove.json."""
        return {one["name"]: one["outcome"] for one in json.loads(self.read("prove.json"))["mutants"]}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Set up a gate and three mutants."""
    return Room(tmp_path)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Prove a gate once, for all that only read what came of it."""
    room = Room(tmp_path_factory.mktemp("proof"))
    assert room.prove(WHOLE) is ExitCode.PASS
    return room


def test_all_as_expected_is_a_pass(proved: Room) -> None:
    """Mutants that fail exactly their criteria, and a control that fails none, prove the gate."""
    assert set(proved.outcomes().values()) == {"expected"}
    assert "PASS: 3 as expected" in proved.screen.getvalue()


def test_report_holds_everything(proved: Room) -> None:
    """The data names its version; every mutant has its own report beside its recording, and the page links to it."""
    proof = json.loads(proved.read("prove.json"))
    assert (proof["schema"], proof["version"], proof["outcome"]) == ("voicegate.proof", 1, "pass")
    leaking = proof["mutants"][1]
    assert leaking["fails"] == ["C6-stabilises"]
    assert leaking["statuses"]["C6-stabilises"] == "fail"
    assert leaking["duration_s"] > 0
    folder = (proved.out / "latest" / leaking["report"]).parent
    assert {"recording.jsonl", "verdict.json", "report.html"} <= {path.name for path in folder.iterdir()}
    page = proved.read("report.html")
    assert f'href="{leaking["report"]}"' in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert re.search(r"^\| leaking \|.* ✗ \|.*\| \d+ s \|$", proved.read("summary.md"), re.MULTILINE)


def test_a_program_runs_beside_the_trial_of_a_mutant(room: Room, tmp_path: Path) -> None:
    """It is there while the gate drives, in the agent's folder, and gone afterwards."""
    up, (healthy, *_) = tmp_path / "up", room.mutants
    program = (
        f"import pathlib, os, time; pathlib.Path({str(up)!r}).write_text(str(os.getpid())); time.sleep(600)"
    )
    mutant = replace(healthy, beside=("{python}", "-c", program))
    seen: list[bool] = []

    async def drive(settings: GateSettings, out_dir: Path, progress: Callable[[str], None]) -> Path:
        await until(lambda: up.is_file() and up.read_text() != "", 20, "the program beside")
        seen.append(psutil.pid_exists(int(up.read_text())))
        return await WHOLE["healthy"](settings, out_dir, progress)

    assert prove(room.gate, (mutant,), lambda _: drive) is ExitCode.PASS
    assert seen == [True]
    assert not psutil.pid_exists(int(up.read_text()))


def test_own_terminal_text_is_kept_apart(proved: Room) -> None:
    """What the gate says of a mutant is in its folder; the proof's terminal shows steps and the table."""
    assert "C6-stabilises FAIL" in proved.read("leaking/terminal.txt")
    screen = proved.screen.getvalue()
    assert "C6-stabilises FAIL" not in screen
    assert "2/3 leaking: Recording what never took place" in screen
    assert re.search(r"2/3 leaking: failed C6, as it must, \d+ s", screen)


def test_a_mutant_that_is_not_caught_fails_the_proof(room: Room) -> None:
    """A gate that passes a broken agent is not proved."""
    assert room.prove(WHOLE | {"leaking": FakeDrive(GOOD)}, room.mutants[1:2]) is ExitCode.FAIL
    assert room.outcomes()["leaking"] == "unexpected"
    assert "leaking: not caught by C6" in room.screen.getvalue()
    assert "MISSED" in room.read("report.html")
    assert "not caught by C6" in room.read("summary.md")


def test_a_control_that_fails_fails_the_proof(room: Room) -> None:
    """A gate that fails a healthy agent is not proved either."""
    assert room.prove(WHOLE | {"healthy": FakeDrive(LEAKING)}, room.mutants[:1]) is ExitCode.FAIL
    assert "healthy: C6 failed without a reason" in room.screen.getvalue()


def test_what_could_not_be_measured_is_said(room: Room) -> None:
    """A run that broke off proves nothing; the others are tried all the same."""
    broken_off = FakeDrive(cut_at(LEAKING, 60), DriveError("the server died"))
    assert room.prove(WHOLE | {"leaking": broken_off}) is ExitCode.NOT_MEASURED
    assert room.outcomes() == {"healthy": "expected", "leaking": "not_measured", "per-call": "expected"}
    assert "leaking: the server died" in room.screen.getvalue()


def test_a_run_that_never_began_has_no_report(room: Room) -> None:
    """A mutant of which nothing was recorded is in the table all the same."""
    drive = FakeDrive(None, DriveError("no server"))
    assert room.prove(WHOLE | {"leaking": drive}) is ExitCode.NOT_MEASURED
    leaking = json.loads(room.read("prove.json"))["mutants"][1]
    assert leaking["report"] is None
    assert leaking["statuses"] == {}
    assert "no server" in room.read("report.html")


def test_ctrl_c_reports_what_was_done(room: Room) -> None:
    """What was tried stays, the mutant that was being tried is judged as far as it went, the rest is named."""
    interrupted = FakeDrive(cut_at(LEAKING, 60), KeyboardInterrupt())
    drives = Drives(WHOLE | {"leaking": interrupted})
    assert prove(room.gate, room.mutants, lambda _: drives) is ExitCode.NOT_MEASURED
    assert drives.driven == ["healthy", "leaking"]
    assert room.outcomes() == {"healthy": "expected", "leaking": "not_measured"}
    assert json.loads(room.read("prove.json"))["left_out"] == ["per-call"]
    assert "Not tried: per-call" in room.screen.getvalue()


def test_ctrl_c_does_not_hide_a_failure(room: Room) -> None:
    """What was found wrong before the interruption counts."""
    drives = {"healthy": FakeDrive(LEAKING), "leaking": FakeDrive(cut_at(LEAKING, 60), KeyboardInterrupt())}
    assert room.prove(drives) is ExitCode.FAIL
