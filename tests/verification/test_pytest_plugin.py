"""The plugin in suites of other teams: what they select, see and find out."""

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np  # noqa: F401 - pytester forgets what a run imported, and numpy refuses to be imported twice
import pytest
from fakes.conversations import SCRIPTED
from fakes.recordings import MB, Run, cut_at, models_per_call
from our_agent import EXTENDS_OURS
from voicegate.judge.registry import CRITERIA, LOAD_CRITERIA
from voicegate.pytest_run import SuiteRun
from voicegate.testing import Recording, write_recording

pytest_plugins = ["pytester"]
TESTS = Path(__file__).parents[1]

GOOD = Run().recording()
BROKEN = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()
EACH = """
def test_release(voicegate_finding):
    voicegate_finding.require()
"""
CONFTEST = """
import sys

import pytest

sys.path.append({tests!r})

from fakes.recordings import MB, Run, cut_at, models_per_call
from fakes.runs import FakeDrive
from voicegate import pytest_plugin
from voicegate.drive.errors import DriveError
from voicegate.pytest_run import SuiteRun

pytestmark = pytest.mark.usefixtures("undrawn")

GOOD = Run().recording()
BROKEN = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()
RUNS = []


class CountedDrive(FakeDrive):
    async def __call__(self, settings, out_dir, progress):
        RUNS.append(settings)
        return await super().__call__(settings, out_dir, progress)


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    config.stash[pytest_plugin._RUN] = SuiteRun(config, CountedDrive({drive}))


@pytest.fixture
def runs():
    return RUNS
"""


@pytest.fixture(autouse=True)
def few_plugins(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out plugins that have no part in this and take long to load."""
    options = (
        "-p no:locust -p no:benchmark -p no:pytest_memray -o asyncio_default_fixture_loop_scope=function"
    )
    monkeypatch.setenv("PYTEST_ADDOPTS", options)


@pytest.fixture
def recorded(pytester: pytest.Pytester) -> Path:
    """Have a recording of a broken agent, and a suite that asks for each criterion."""
    pytester.makepyfile(test_release=EACH)
    return write_recording(BROKEN, pytester.path / "broken.jsonl")


def drive_with(pytester: pytest.Pytester, drive: str, **tests: str) -> None:
    """Set up a suite whose drive is a fake, made of this expression, and a gate file for it."""
    pytester.makeconftest(CONFTEST.replace("{drive}", drive).replace("{tests!r}", repr(str(TESTS))))
    pytester.makefile(".toml", gate=EXTENDS_OURS)
    pytester.makepyfile(**(tests or {"test_release": EACH}))


def judge_in_suite(
    pytester: pytest.Pytester, recording: Recording, *arguments: str, test: str = EACH
) -> pytest.RunResult:
    """Run a suite on a recording that is there already."""
    path = write_recording(recording, pytester.path / "recording.jsonl")
    pytester.makepyfile(test_release=test)
    return pytester.runpytest_inprocess(f"--voicegate-recording={path}", *arguments)


def test_each_criterion_is_a_test(pytester: pytest.Pytester) -> None:
    """A good recording passes one test for each criterion, under the criterion's whole id."""
    result = judge_in_suite(pytester, GOOD, "-v")
    result.assert_outcomes(passed=len(CRITERIA) - len(SCRIPTED), skipped=len(SCRIPTED))
    shown = {True: "SKIPPED", False: "PASSED"}
    result.stdout.fnmatch_lines(
        [f"*::test_release[[]{one.id}[]] {shown[one.id.startswith(SCRIPTED)]}*" for one in CRITERIA]
    )


def test_criteria_are_those_of_the_recording(pytester: pytest.Pytester) -> None:
    """A recording of a load run has the criteria of load runs."""
    header = GOOD.header.__class__("", "", "", (), None, {"scenario": "load"})
    result = judge_in_suite(pytester, Recording(header), "--collect-only", "-q")
    result.stdout.fnmatch_lines([f"*[[]{criterion.id}[]]" for criterion in LOAD_CRITERIA])


def test_expression_selects_criteria(pytester: pytest.Pytester) -> None:
    """An expression for -k selects by id, as in any suite."""
    judge_in_suite(pytester, GOOD, "-k", "C5 or G3").assert_outcomes(passed=2, deselected=len(CRITERIA) - 2)


def test_outcomes_in_pytests_terms(pytester: pytest.Pytester) -> None:
    """FAIL fails, ERROR is an error of set-up, NOT_RUN skips; each says why, without a traceback."""
    junit = pytester.path / "junit.xml"
    pytester.makefile(".toml", gate='[criteria]\noff = ["C1"]\n')
    result = judge_in_suite(pytester, cut_at(BROKEN, 60), "-rs", f"--junit-xml={junit}")
    cases = ET.parse(junit).findall(".//testcase")
    counts = {
        tag: sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error", "skipped")
    }
    assert all(counts.values())
    result.assert_outcomes(
        failed=counts["failure"],
        errors=counts["error"],
        skipped=counts["skipped"],
        passed=len(CRITERIA) - sum(counts.values()),
    )
    result.stdout.fnmatch_lines(["*ERROR at setup of test_release*", "C*-* ERROR: *", "  what to do: *"])
    result.stdout.fnmatch_lines(["SKIPPED [[]1[]] *: turned off in the gate's configuration"])
    result.stdout.fnmatch_lines(["*_ test_release[[]C3-same-ids[]] _*", "C3-same-ids FAIL: *"])
    result.stdout.no_fnmatch_line("*.py:*: *Error*")
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_findings_by_id(pytester: pytest.Pytester) -> None:
    """The mapping answers to whole and short ids, and a typing mistake with the ids there are."""
    test = """
        import pytest
        from voicegate.testing import Findings, JudgedRun, Status, UnknownCriterionError

        def test_ids(voicegate_findings: Findings) -> None:
            assert voicegate_findings["C5"] is voicegate_findings["C5-extra-connection"]
            with pytest.raises(UnknownCriterionError, match="known: C1-first-initialises"):
                voicegate_findings["C55"]

        def test_run(voicegate_run: JudgedRun, voicegate_findings: Findings) -> None:
            assert voicegate_run.findings is voicegate_findings
            assert len(voicegate_run.recording.turns) > 10
            assert voicegate_run.path.name == "recording.jsonl"
            assert (voicegate_run.folder / "verdict.json").is_file()
    """
    judge_in_suite(pytester, GOOD, test=test).assert_outcomes(passed=2)


def test_error_inside_a_test_is_no_failure(pytester: pytest.Pytester) -> None:
    """What could not be measured is an error also where a test itself requires it."""
    test = """
        def test_memory(voicegate_findings):
            voicegate_findings["C7"].require()

        def test_memory_is_steady(voicegate_findings):
            voicegate_findings["C6"].require()
    """
    junit = pytester.path / "junit.xml"
    result = judge_in_suite(pytester, cut_at(GOOD, 20), f"--junit-xml={junit}", test=test)
    result.assert_outcomes(errors=2)
    assert len(ET.parse(junit).findall(".//testcase/error")) == 2


def test_one_drive_serves_all_tests(pytester: pytest.Pytester) -> None:
    """Agent and callers run once in a session, the steps are shown, and the report is where the ini key says."""
    once = "def test_once(voicegate_run, runs): assert len(runs) == 1"
    drive_with(pytester, "GOOD", test_release=EACH, test_a=once, test_z=once)
    pytester.makeini("[pytest]\nvoicegate_out = kept/reports\n")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=len(CRITERIA) + 2 - len(SCRIPTED), skipped=len(SCRIPTED))
    result.stdout.fnmatch_lines(["voicegate *0:0*  Recording what never took place"])
    report = pytester.path / "kept" / "reports" / "latest" / "report.html"
    result.stdout.fnmatch_lines(
        ["*= voicegate =*", "All criteria: PASS", f"Report: {report.parents[1]}/*/report.html"]
    )
    assert report.is_file()


def test_async_tests_may_ask_as_well(pytester: pytest.Pytester) -> None:
    """A test that runs in an event loop gets a run that was driven in another one."""
    test = """
        import asyncio

        async def test_before():
            await asyncio.sleep(0)

        async def test_release(voicegate_finding):
            await asyncio.sleep(0)
            voicegate_finding.require()

        async def test_after():
            await asyncio.sleep(0)
    """
    drive_with(pytester, "GOOD", test_release=test)
    pytester.runpytest_inprocess("-o", "asyncio_mode=auto").assert_outcomes(
        passed=len(CRITERIA) + 2 - len(SCRIPTED), skipped=len(SCRIPTED)
    )


def test_agent_does_not_know_of_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent's environment has none of pytest's variables, because no release will have them."""
    monkeypatch.setenv("OF_THE_TEAM", "1")
    test = """
        def test_environment(voicegate_run, runs):
            assert runs[0].environment["OF_THE_TEAM"] == "1"
            assert not [name for name in runs[0].environment if name.startswith("PYTEST_")]
    """
    drive_with(pytester, "GOOD", test_release=test)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_run_that_never_began_is_an_error_of_every_test(pytester: pytest.Pytester) -> None:
    """When nothing was recorded, each test says why in one line, and nobody drives again."""
    drive_with(pytester, 'None, DriveError("no server")')
    result = pytester.runpytest_inprocess("-k", "C5 or C6")
    result.assert_outcomes(errors=2, deselected=len(CRITERIA) - 2)
    result.stdout.fnmatch_lines(["voicegate: nothing could be judged: no server"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_run_that_broke_off_passes_nothing(pytester: pytest.Pytester) -> None:
    """What failed before a run broke off has failed; nothing else is taken for a PASS."""
    drive_with(pytester, 'BROKEN, DriveError("the agent died")')
    result = pytester.runpytest_inprocess("-k", "C3 or G2")
    result.assert_outcomes(failed=1, errors=1, deselected=len(CRITERIA) - 2)
    result.stdout.fnmatch_lines(["G2-transcripts ERROR: the run broke off: the agent died"])


def test_interrupted_run_is_reported_and_ends_the_session(pytester: pytest.Pytester) -> None:
    """Ctrl-C during the drive ends pytest as it always does, after the report."""
    drive_with(pytester, "cut_at(GOOD, 60), KeyboardInterrupt()")
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert (pytester.path / "reports" / "out" / "latest" / "report.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no gate file: expected gate.toml in "),
        (("--voicegate-gate=none.toml",), "none.toml"),
        (("--voicegate-gate=wrong.toml",), "wrong.toml:2"),
        (
            ("--voicegate-gate=ours.toml", "--voicegate-scenario=long"),
            "unknown scenario 'long'; known: full, short",
        ),
        (("--voicegate-recording=none.jsonl",), "none.jsonl: cannot read the recording: No such file"),
        (("--voicegate-recording=wrong.toml",), "wrong.toml:1: not a recording"),
    ],
)
def test_wrong_usage_is_said_before_any_test(
    pytester: pytest.Pytester, arguments: tuple[str, ...], words: str
) -> None:
    """A mistake ends pytest with its exit code for wrong usage and one clear line, before the first test."""
    pytester.makefile(".toml", wrong="[limits]\nextra_bytes = 1\n", ours=EXTENDS_OURS)
    pytester.makepyfile(test_first="def test_first(): pass", test_release=EACH)
    result = pytester.runpytest_inprocess(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert words in result.stderr.str()
    assert "ERROR: voicegate: " in result.stderr.str()
    result.stdout.no_fnmatch_line("*test_first.py*")


def test_mistake_does_not_matter_to_tests_that_do_not_ask(pytester: pytest.Pytester) -> None:
    """Deselected tests need no gate file."""
    pytester.makepyfile(test_other="def test_other(): pass", test_release=EACH)
    pytester.runpytest_inprocess("-k", "other").assert_outcomes(passed=1, deselected=len(CRITERIA))


@pytest.mark.parametrize(
    ("arguments", "ini", "scenario"),
    [
        ((), "", "full"),
        ((), "voicegate_scenario = short", "short"),
        (("--voicegate-scenario=pair",), "voicegate_scenario = short", "pair"),
    ],
)
def test_option_goes_before_ini_key_before_gate_file(
    pytester: pytest.Pytester, arguments: tuple[str, ...], ini: str, scenario: str
) -> None:
    """What is given more closely counts."""
    test = f"def test_scenario(voicegate_run, runs): assert runs[0].scenario.name == {scenario!r}"
    drive_with(pytester, "GOOD", test_release=test)
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.runpytest_inprocess(*arguments).assert_outcomes(passed=1)


def test_ini_paths_are_the_ini_files_and_options_the_callers(pytester: pytest.Pytester) -> None:
    """An ini key's path is relative to the ini file, an option's to where pytest was started."""
    below = pytester.mkdir("below")
    (below / "mine.toml").write_text(EXTENDS_OURS)
    pytester.makefile(".toml", theirs=EXTENDS_OURS)
    pytester.makeini("[pytest]\nvoicegate_gate = theirs.toml\n")
    pytester.chdir()
    config = pytester.parseconfig()
    assert SuiteRun(config)._settings.path == pytester.path / "theirs.toml"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(below)
        config = pytester.parseconfig("--voicegate-gate=mine.toml")
        assert SuiteRun(config)._settings.path == below / "mine.toml"


@pytest.mark.slow
def test_workers_of_xdist_do_not_drive(pytester: pytest.Pytester) -> None:
    """Under -n each test says why no agent is driven, and what to do."""
    drive_with(pytester, "GOOD")
    result = pytester.runpytest_subprocess("-n1", "-k", "C5")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["voicegate does not drive an agent from a worker of pytest-xdist*"])


@pytest.mark.slow
def test_workers_of_xdist_judge_recordings(pytester: pytest.Pytester, recorded: Path) -> None:
    """A recording that is there already can be judged under -n."""
    result = pytester.runpytest_subprocess("-n1", f"--voicegate-recording={recorded}", "-k", "C3 or G2")
    result.assert_outcomes(failed=1, passed=1)


def test_suite_that_does_not_ask_pays_nothing(pytester: pytest.Pytester) -> None:
    """Where nobody asks for the fixtures, the plugin imports five small modules."""
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            assert "voicegate.pytest_plugin" in sys.modules
            ours = {name for name in sys.modules if name.partition(".")[0] == "voicegate"}
            assert ours == {
                "voicegate",
                "voicegate.judge",
                "voicegate.judge.unmet",
                "voicegate.pytest_outcomes",
                "voicegate.pytest_plugin",
            }
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*= voicegate =*")
