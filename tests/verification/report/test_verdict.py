"""The verdict as data."""

import json

import pytest
from fakes.recordings import MB, Run, cut_at, models_per_call
from voicegate.judge.finding import Finding, Status
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import Recording
from voicegate.report.verdict import Verdict, make_verdict

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
    assert verdict.headline() == f"FAIL: {len(CRITERIA) - 5} passed, 5 failed"


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
    """Each act says how its agent differed and how it ended."""
    forced, unshared = verdict_of(GOOD).acts
    assert (forced.name, forced.outcome, forced.calls) == ("forced-gc", "complete", 3)
    assert unshared.env == {"SHARE_MODELS": "false"}
    assert unshared.duration_s == pytest.approx(41)
