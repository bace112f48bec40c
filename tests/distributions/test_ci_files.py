"""Workflows, the action and the GitLab example: what actionlint and zizmor do not know about them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from distributions.building import ROOT
from distributions.release import version_of
from voicegate.command_line import parse

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"
GITLAB = ROOT / "docs" / "examples" / "gitlab-ci.yml"
PAGE = ROOT / "docs" / "ci.md"
PINNED = re.compile(r"uses: ([\w.-]+/[\w.-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+")
VERSION = version_of((ROOT / "verification" / "pyproject.toml").read_text("utf-8"))
# What GitLab's reference of keywords lists, as far as the example needs it.
GITLAB_JOB = {
    *("stage", "image", "timeout", "interruptible", "variables", "cache", "before_script", "script"),
    *("after_script", "artifacts", "retry", "rules"),
}
GITLAB_PARTS = {
    "cache": {"key", "paths"},
    "artifacts": {"when", "expire_in", "paths", "reports"},
    "retry": {"max", "exit_codes"},
}


def read(path: Path) -> Any:
    """Read a YAML file; `on` keeps its name, which YAML 1.1 takes for a truth."""
    return yaml.safe_load(re.sub(r"^on:", '"on":', path.read_text("utf-8"), flags=re.MULTILINE))


def steps_of(path: Path) -> Iterator[dict[str, Any]]:
    """Go through the steps of a workflow or of the action."""
    content = read(path)
    if path == ACTION:
        yield from content["runs"]["steps"]
    else:
        for job in content["jobs"].values():
            yield from job["steps"]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_actions_are_pinned(path: Path) -> None:
    """Each by a commit, with its version as a comment."""
    lines = [line for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert [line for line in lines if not PINNED.search(line)] == []


def test_one_commit_for_each_action() -> None:
    """All files use the same version of an action, the page too."""
    texts = [path.read_text("utf-8") for path in (*WORKFLOWS, ACTION, PAGE)]
    pins = {pin for text in texts for pin in PINNED.findall(text)}
    assert len(pins) == len({action for action, _ in pins})


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_nothing_is_pasted_into_a_shell(path: Path) -> None:
    """What comes from outside reaches commands through the environment."""
    assert [step["run"] for step in steps_of(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_least_rights(path: Path) -> None:
    """Nothing for the whole workflow, reading at most for a job; only publishing may say who we are."""
    content = read(path)
    assert content["permissions"] == {}
    rights = {name: job["permissions"] for name, job in content["jobs"].items()}
    publishing = rights.pop("publish", {})
    assert publishing in ({}, {"id-token": "write", "attestations": "write"})
    assert all(job == {"contents": "read"} for job in rights.values())
    checkouts = [step for step in steps_of(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_a_release_is_checked_before_it_is_published() -> None:
    """Publishing waits for the job that runs every check, and takes the very files that were checked."""
    jobs = read(ROOT / ".github" / "workflows" / "release.yml")["jobs"]
    commands = " ".join(step.get("run", "") for step in jobs["build"]["steps"])
    assert jobs["publish"]["needs"] == "build"
    assert jobs["publish"]["environment"]["name"] == "pypi"
    assert all(f"nox -s {session}" in commands for session in ("release_tag", "build", "release_files"))


def test_versions_are_ours() -> None:
    """The action, the example and the page install the version of this checkout."""
    assert read(ACTION)["inputs"]["version"]["default"] == VERSION
    texts = [path.read_text("utf-8") for path in (GITLAB, PAGE)]
    named = [
        found for text in texts for found in re.findall(r"voicegate(?:\[\w+\])?(?:==|-)(\d+\.\d+\.\d+)", text)
    ]
    assert set(named) == {VERSION}


@pytest.mark.parametrize(
    "path", [ROOT / ".github" / "workflows" / "ci.yml", ACTION], ids=lambda path: path.name
)
def test_the_history_goes_from_run_to_run(path: Path) -> None:
    """Each run leaves a new one, and finds the newest."""
    caches = [step["with"] for step in steps_of(path) if step.get("uses", "").startswith("actions/cache@")]
    (history,) = [one for one in caches if one["path"].endswith("reports/out/history.jsonl")]
    assert "github.run_id" in history["key"]
    assert history["key"].startswith(history["restore-keys"])
    assert "reports/out/history.jsonl" in read(GITLAB)["voicegate"]["cache"]["paths"]


def test_the_page_names_every_input_and_output() -> None:
    """In a table of its own each."""
    action, page = read(ACTION), PAGE.read_text("utf-8")
    names = [*action["inputs"], *action["outputs"]]
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_the_gitlab_example() -> None:
    """It has the keywords that GitLab knows, and commands that the gate understands."""
    (job,) = read(GITLAB).values()
    assert job.keys() <= GITLAB_JOB
    assert {part: job[part].keys() - known for part, known in GITLAB_PARTS.items()} == {
        part: set() for part in GITLAB_PARTS
    }
    commands = [line.split() for line in job["script"]]
    assert [parse(command[1:]).command for command in commands] == ["doctor", "verify"]
    assert job["artifacts"]["reports"]["junit"] in " ".join(job["after_script"])
