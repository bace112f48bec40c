"""The gate's run in a pytest session: what was asked for, made once, and what was found."""

import io
import os
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import cast, get_args

import pytest
from rich.console import Console

from voicegate.criteria_choice import rules_of, without_unjudged_variants
from voicegate.exit_codes import MeasuringError
from voicegate.gate_checks import check_agent_is_named, check_before_run
from voicegate.judge.finding import Finding, Status
from voicegate.judge.findings import Findings
from voicegate.judge.registry import CRITERIA, criteria_for
from voicegate.judge.unmet import CouldNotMeasureError
from voicegate.measure.turns import measured
from voicegate.names import GATE_FILE, ScenarioName
from voicegate.own_process import drive_in_own_process
from voicegate.progress import stamped
from voicegate.record.events import Recording
from voicegate.record.recording import RecordingError, read_recording
from voicegate.report.folder import PAGE, RECORDING
from voicegate.reported_run import Drive, Gate, Interrupted, run_folder
from voicegate.settings import DEFAULTS, GateSettings, SettingsError, load_settings
from voicegate.testing import JudgedRun
from voicegate.workflow import Verified, judge_into, read_for_judging, verify_into

_OUT = Path("reports/out")
_ONE_PER_WORKER = (
    "voicegate does not drive an agent from a worker of pytest-xdist: each worker would drive one of its own, and the"
    " tests beside it would disturb what is measured. Run these tests in a pytest of their own, without -n (or with"
    " -n0), or give --voicegate-recording FILE to judge a recording that is there already"
)


class SuiteRun:
    """The one run of a session, as options and ini keys ask for it; `drive` is for tests of this class."""

    def __init__(self, config: pytest.Config, drive: Drive | None = None) -> None:
        self._config = config
        self._drive = drive or drive_in_own_process
        self._recorded_at = _path(config, "recording")
        self._judged: JudgedRun | None = None

    def criterion_ids(self) -> tuple[str, ...]:
        """List the ids of the criteria that will have a finding."""
        try:
            known = CRITERIA if self._recording is None else criteria_for(self._recording)
        except RecordingError:
            known = CRITERIA  # `check` says what is wrong with it
        return tuple(criterion.id for criterion in known)

    def check(self) -> None:
        """See that the run can be made, without beginning it. Raises pytest.UsageError."""
        try:
            rules_of(self._settings)
            if self._recording is None:
                self._check_drive()
        except (SettingsError, RecordingError) as error:
            raise pytest.UsageError(f"voicegate: {error}") from None

    def judged(self) -> JudgedRun:
        """Drive and record, or read the recording that was named; judge and report.

        Raises CouldNotMeasureError when nothing could be judged, KeyboardInterrupt once an interrupted run is reported.
        """
        try:
            self.check()
            self._judged, broken_off = self._make()
        except pytest.UsageError as error:
            raise CouldNotMeasureError(str(error)) from None
        except MeasuringError as error:
            raise CouldNotMeasureError(f"voicegate: nothing could be judged: {error}") from error
        if isinstance(broken_off, Interrupted):
            raise KeyboardInterrupt
        return self._judged

    def summary(self) -> list[str]:
        """Say in lines how it came out and where the report is; nothing if no run was made."""
        if self._judged is None:
            return []
        overall = self._judged.findings.overall
        return [f"All criteria: {overall.name}", f"Report: {self._judged.folder / PAGE}"]

    @cached_property
    def _settings(self) -> GateSettings:
        """The gate file's settings. The agent is not told that it runs under pytest: no release will be."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        usual = self._config.rootpath / GATE_FILE
        gate = _path(self._config, "gate") or (usual if usual.is_file() else DEFAULTS)
        settings, scenario = load_settings(gate, environ), _text(self._config, "scenario")
        if scenario is not None and scenario not in get_args(ScenarioName):
            known = ", ".join(get_args(ScenarioName))
            raise SettingsError(f"unknown scenario {scenario!r}; known: {known}")
        recorded = self._recording
        return settings.changed(
            profile=_text(self._config, "profile") if recorded is None else recorded.header.profile,
            isolation=_text(self._config, "isolation"),
            scenario=cast("ScenarioName | None", scenario),
        )

    @cached_property
    def _recording(self) -> Recording | None:
        """The recording that was named, if one was."""
        return None if self._recorded_at is None else read_for_judging(self._recorded_at)

    def _check_drive(self) -> None:
        if hasattr(self._config, "workerinput"):
            raise pytest.UsageError(_ONE_PER_WORKER)
        if self._settings.path == DEFAULTS:
            raise SettingsError(
                f"no gate file: expected {GATE_FILE} in {self._config.rootpath}, the ini key voicegate_gate or"
                " --voicegate-gate FILE. `voicegate init` writes one for your agent"
            )
        check_agent_is_named(self._settings)
        check_before_run(self._settings)

    def _make(self) -> tuple[JudgedRun, Exception | None]:
        """Make the run and its report; return what kept it from its end as well."""
        silent, tell = Console(file=io.StringIO()), _ProgressLines(self._config)
        out = _path(self._config, "out") or self._config.rootpath / _OUT
        gate = Gate(out, silent, rules_of(self._settings), tell=tell)
        with run_folder(gate) as folder:
            if self._recording is None or self._recorded_at is None:
                path = folder / RECORDING
                verified = verify_into(folder, gate, without_unjudged_variants(self._settings), self._drive)
                recording = measured(read_recording(path), gate.rules.limits)
            else:
                path, recording = self._recorded_at, measured(self._recording, gate.rules.limits)
                verified = judge_into(folder, gate, path, recording)
        findings = Findings(_with_caveat_if_broken_off(verified))
        return JudgedRun(recording, path, folder, findings), verified.broken_off


class _ProgressLines:
    """Writes each step to the terminal, past pytest's capture; -q keeps it quiet."""

    def __init__(self, config: pytest.Config) -> None:
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        self._reporter: pytest.TerminalReporter | None = reporter if config.get_verbosity() >= 0 else None
        self._capture = config.pluginmanager.get_plugin("capturemanager")
        self._began = time.monotonic()

    def __call__(self, step: str) -> None:
        if self._reporter is None:
            return
        line = stamped(time.monotonic() - self._began, step)
        with self._uncaptured():
            self._reporter.ensure_newline()
            self._reporter.write_line(f"voicegate {line}", flush=True)

    def _uncaptured(self) -> AbstractContextManager[None]:
        if self._capture is None:
            return nullcontext()
        block: AbstractContextManager[None] = self._capture.global_and_fixture_disabled()
        return block


def _with_caveat_if_broken_off(verified: Verified) -> list[Finding]:
    """Keep what failed in a run that broke off, and take nothing in it for a PASS."""
    if verified.broken_off is None:
        return list(verified.findings)
    reason = f"the run broke off: {verified.broken_off}"
    return [
        replace(finding, status=Status.ERROR, reason=reason) if finding.status is Status.PASS else finding
        for finding in verified.findings
    ]


def _text(config: pytest.Config, name: str) -> str | None:
    """Take what was asked for from an option, else from the ini key; None where nothing was, so that the gate file decides."""
    return config.getoption(f"voicegate_{name}") or config.getini(f"voicegate_{name}") or None


def _path(config: pytest.Config, name: str) -> Path | None:
    """Take an option's path from where pytest was started, an ini key's from the ini file's folder, or the root."""
    if given := config.getoption(f"voicegate_{name}"):
        return (config.invocation_params.dir / Path(given).expanduser()).resolve()
    if given := config.getini(f"voicegate_{name}"):
        base = config.inipath.parent if config.inipath else config.rootpath
        return (base / Path(given).expanduser()).resolve()
    return None
