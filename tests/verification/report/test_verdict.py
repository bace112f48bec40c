"""The verdict as data."""

import json
from typing import Any

import pytest
from criteria_pages import VERDICT_SCHEMA
from fakes.json_schema import mistakes
from fakes.recordings import MB, Run, cut_at, models_per_call
from voicegate.judge.finding import Finding, Status
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import Recording
from voicegate.report.verdict import CriterionResult, Regression, Verdict, make_verdict

GOOD = Run().recording()


def verdict_of(recording: Recording) -> Verdict:
    """Judge a recording by all criteria."""
    return make_verdict(recording, [criterion(recording, Rules()) for criterion in CRITERIA])


def test_json_names_its_schema_and_reads_back() -> None:
    """The file says what it is, and is read back as the same verdict."""
    verdict = verdict_of(GOOD)
    data = json.loads(verdict.to_json())
    assert (data["schema"], data["version"], data["verdict"]) == ("voicegate.verdict", 1, "pass")
    assert Verdict.model_validate(data) == verdict


def test_each_criterion_carries_what_was_measured() -> None:
    """Status, observed value, unit, limit, margin and evidence stand beside each other, in one unit."""
    data = json.loads(verdict_of(GOOD).to_json())
    dear = next(one for one in data["criteria"] if one["id"] == "C5-extra-connection")
    assert dear["status"] == "pass"
    assert dear["unit"] == "bytes/call"
    assert dear["observed"] == pytest.approx(40 * MB)
    assert (dear["side"], dear["limit"]) == ("<", 100 * MB)
    assert dear["margin"] == pytest.approx(60 * MB)
    assert dear["evidence"]
    assert len(dear["measurements"]) == 4


def test_counts_and_headline_of_a_broken_agent() -> None:
    """A broken agent's verdict says how many criteria failed."""
    verdict = verdict_of(Run(lines=models_per_call, per_call_bytes=850 * MB, conversation=True).recording())
    assert verdict.verdict == "fail"
    assert verdict.headline() == f"FAIL: 5 failed (C2, C3, C5, C7, G10), {len(CRITERIA) - 5} passed"


def test_cut_recording_is_an_error() -> None:
    """What could not be measured is neither a pass nor a failure."""
    verdict = verdict_of(cut_at(GOOD, 60))
    assert verdict.verdict == "error"
    assert verdict.outcome == "cut off"
    assert verdict.counts["fail"] == 0


def test_unmeasured_criterion_has_no_values() -> None:
    """A criterion without a measurement has nulls, not zeros."""
    (one,) = make_verdict(GOOD, [Finding("X", "title", Status.ERROR, "no data")]).criteria
    assert (one.observed, one.limit, one.margin, one.unit) == (None, None, None, None)


def test_acts_are_named() -> None:
    """Each variant says how its agent differed and how it ended."""
    forced, unshared = verdict_of(GOOD).variants
    assert (forced.name, forced.outcome, forced.calls) == ("forced-gc", "complete", 3)
    assert unshared.env == {"SHARE_MODELS": "false"}
    assert unshared.duration_s == pytest.approx(41)


def by_schema(verdict: Verdict | dict[str, Any]) -> list[str]:
    """Hold a verdict against the published schema."""
    schema = json.loads(VERDICT_SCHEMA.read_text("utf-8"))
    data = json.loads(verdict.to_json()) if isinstance(verdict, Verdict) else verdict
    return list(mistakes(data, schema, schema))


WORSE = Regression(
    criterion="T1-response", what="wait", unit="s", before=1.0, now=float("inf"), since="then", runs=9
)


@pytest.mark.parametrize(
    "verdict",
    [
        verdict_of(GOOD),
        verdict_of(cut_at(GOOD, 0)),
        verdict_of(Run(lines=models_per_call, conversation=True).recording()),
        verdict_of(GOOD).model_copy(update={"regressions": (WORSE,)}),
    ],
    ids=["pass", "error", "fail", "worse"],
)
def test_every_verdict_is_as_the_published_schema_says(verdict: Verdict) -> None:
    """Also one that measured nothing, and one with an infinite wait."""
    assert by_schema(verdict) == []


def test_what_is_not_as_the_schema_says_is_found() -> None:
    """A status that there is not, a key that is missing, a number that is a text."""
    data = json.loads(verdict_of(GOOD).to_json())
    assert by_schema(data | {"verdict": "maybe"}) == [
        ".verdict: 'maybe' is none of ['pass', 'fail', 'error']"
    ]
    assert by_schema({name: value for name, value in data.items() if name != "criteria"}) == [
        ": lacks criteria"
    ]
    assert by_schema(data | {"duration_s": "long"}) == [".duration_s: 'long' is none of what it may be"]
    one = CriterionResult(id="C1", title="first", status="pass", reason="").model_dump(mode="json") | {
        "samples": True
    }
    assert by_schema(data | {"criteria": [one]}) == [".criteria[0].samples: True is none of what it may be"]
