"""The process of callers as Locust's greenlets see it; they run in a program of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from with_locust import RunProgram

PROGRAM = Path(__file__).with_name("greenlets.py")
Greenlets = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def greenlets(run_program: RunProgram) -> Greenlets:
    """Give a function that runs the program and returns what it told."""

    def told(*arguments: str, **variables: str) -> list[dict[str, Any]]:
        done = run_program(str(PROGRAM), *arguments, environment=variables)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return told


def during(told: list[dict[str, Any]], call: str) -> list[str]:
    """List what came of a call: steps, outcomes, an error."""
    own = [one for one in told if one.get("during") == call]
    return [one.get("error") or one["line"].get("step") or one["line"]["kind"] for one in own]


def test_a_call_yields_its_lines_until_it_is_over(greenlets: Greenlets, tmp_path: Path) -> None:
    """What the process says about itself comes apart from them. A long path for temporary files is no hindrance."""
    long = tmp_path / ("long" * 30)
    long.mkdir()
    told = greenlets("good", TMPDIR=str(long))
    assert during(told, "good") == ["dialed", "outcome", "hung_up"]
    assert {"apart": {"kind": "callers", "calls": 0}} in told


def test_a_process_that_died_is_told_of_and_started_again(greenlets: Greenlets) -> None:
    """The call it took along fails, the next one goes well."""
    told = greenlets("dies", "good")
    assert during(told, "dies") == ["dialed", "the process of its caller died"]
    assert [one["death"] for one in told if "death" in one] == [
        "the process of callers ended with exit code 9"
    ]
    assert during(told, "good") == ["dialed", "outcome", "hung_up"]


def test_a_line_that_was_torn_is_a_death_too(greenlets: Greenlets) -> None:
    """Half a line says nothing."""
    assert during(greenlets("torn"), "torn")[-1] == "the process of its caller died"


def test_a_user_who_is_stopped_hangs_up_and_the_last_steps_are_kept(greenlets: Greenlets) -> None:
    """They go to the recording; an outcome would count a call that Locust itself broke off."""
    told = greenlets("--kill")
    assert during(told, "long") == ["dialed"]
    apart = [one["apart"].get("step") for one in told if "apart" in one and one["apart"]["kind"] == "call"]
    assert apart == ["failed", "hung_up"]
    assert not any(one.get("apart", {}).get("kind") in ("outcome", "over") for one in told)


def test_closing_ends_the_process(greenlets: Greenlets) -> None:
    """Nothing is left when Locust goes."""
    greenlets("good")
    command = "fakes/participants.py"
    assert not [p for p in psutil.process_iter(["cmdline"]) if command in " ".join(p.info["cmdline"] or ())]
