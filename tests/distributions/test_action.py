"""The action's own shell commands, run with a stand-in for the gate."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from distributions.building import ROOT

STAND_IN = """#!/bin/sh
for word in "$@"; do echo "$word" >> told; done
[ "$CODE" = 2 ] && exit 2
mkdir -p reports/out/now && echo "## $CODE" > reports/out/now/summary.md && ln -sfn now reports/out/latest
exit "$CODE"
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What the step did: its exit code, outputs, what it added to the job's page, and the gate's arguments."""

    code: int
    outputs: dict[str, str]
    page: str
    told: list[str]


def verify(folder: Path, *, code: int = 0, gate: str = "gate.toml", arguments: str = "") -> Done:
    """Run the step `verify` as a runner does, with a gate that ends with `code`."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    (step,) = [step for step in action["runs"]["steps"] if step.get("id") == "verify"]
    program = folder / "temp" / "voicegate" / "bin" / "voicegate"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(STAND_IN, encoding="utf-8")
    program.chmod(0o755)
    outputs, page, told = (folder / name for name in ("outputs", "page", "told"))
    for path in (outputs, page, told):
        path.write_text("", encoding="utf-8")
    set_here = {"GATE": gate, "SCENARIO": "short", "ARGUMENTS": arguments}
    assert step["env"].keys() == set_here.keys()
    runner = {"RUNNER_TEMP": folder / "temp", "GITHUB_OUTPUT": outputs, "GITHUB_STEP_SUMMARY": page}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "CODE": str(code),
            **set_here,
            **{name: str(path) for name, path in runner.items()},
        },
        check=False,
    )
    lines = outputs.read_text("utf-8").splitlines()
    said = {name: value for name, _, value in (line.partition("=") for line in lines)}
    return Done(done.returncode, said, page.read_text("utf-8"), told.read_text("utf-8").splitlines())


@pytest.mark.parametrize(("code", "verdict"), [(0, "pass"), (1, "fail"), (3, "error"), (137, "error")])
def test_the_verdict(tmp_path: Path, code: int, verdict: str) -> None:
    """The step ends as the gate did, after it has said where the report is and put the summary on the job's page."""
    done = verify(tmp_path, code=code)
    report = str(tmp_path / "reports" / "out" / "now")
    assert done.code == code
    assert done.outputs == {"verdict": verdict, "exit-code": str(code), "report": report}
    assert done.page == f"## {code}\n"


def test_wrong_usage_has_no_report(tmp_path: Path) -> None:
    """Also where an earlier run left one."""
    verify(tmp_path)
    done = verify(tmp_path, code=2)
    assert done.outputs == {"verdict": "usage", "exit-code": "2", "report": ""}
    assert done.page == ""


def test_one_word_a_line(tmp_path: Path) -> None:
    """Spaces belong to a word, empty lines are none."""
    done = verify(tmp_path, arguments="-k\nC5 or C6\n\n--isolation\nthread\n")
    expected = ["verify", "--gate", "gate.toml", "--scenario", "short", "--out", "reports/out"]
    assert done.told == [*expected, "-k", "C5 or C6", "--isolation", "thread"]


@pytest.mark.parametrize("evil", ['"; touch broken-in; "', "$(touch broken-in)", "`touch broken-in`", "* ?"])
def test_inputs_are_no_commands(tmp_path: Path, evil: str) -> None:
    """They reach the gate as they are."""
    done = verify(tmp_path, gate=evil, arguments=evil)
    assert [done.told[2], done.told[-1]] == [evil, evil]
    assert not (tmp_path / "broken-in").exists()
