"""A verdict as Prometheus text."""

import re
from collections import Counter

import pytest
from fakes.recordings import MB, Run, models_per_call
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import Recording
from voicegate.report.prometheus import prometheus_of
from voicegate.report.verdict import Verdict, make_verdict

GOOD = Run(conversation=True).recording()
BROKEN = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()
_LINE = re.compile(r'^(voicegate_[a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (\S+)$')


def verdict_of(recording: Recording) -> Verdict:
    """Judge a recording by all criteria."""
    return make_verdict(recording, [criterion(recording, Rules()) for criterion in CRITERIA])


def samples(text: str) -> dict[tuple[str, str], float]:
    """Read the lines as a collector does: each is one, none comes twice."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found = [_LINE.match(line) for line in lines]
    assert all(found), [line for line, one in zip(lines, found, strict=True) if one is None][:1]
    keys = Counter((one[1], one[2] or "") for one in found if one)
    assert max(keys.values()) == 1
    return {(one[1], one[2] or ""): float(one[3]) for one in found if one}


def test_the_verdict_and_each_outcome_are_there() -> None:
    """As numbers that can be alerted on."""
    good, broken = samples(prometheus_of(verdict_of(GOOD))), samples(prometheus_of(verdict_of(BROKEN)))
    assert good["voicegate_run_passed", ""] == 1
    assert broken["voicegate_run_passed", ""] == 0
    assert broken["voicegate_criterion_status", 'criterion="C5-extra-connection",status="fail"'] == 1
    assert broken["voicegate_criterion_status", 'criterion="C5-extra-connection",status="pass"'] == 0
    assert good["voicegate_run_start_time_seconds", ""] == 1795352400


def test_figures_have_their_unit_in_their_name_and_the_same_name_in_every_run() -> None:
    """What differs from run to run, as the phase of the worst step, is no part of it."""
    good = samples(prometheus_of(verdict_of(GOOD)))
    assert (
        good["voicegate_measured_bytes_per_call", 'criterion="C5-extra-connection",what="worst step"']
        == 40 * MB
    )
    assert good["voicegate_measured_seconds", 'criterion="T1-response",what="wait for an answer, p50"'] == 0.5
    limit = 'criterion="C5-extra-connection",what="worst step",side="<"'
    assert good["voicegate_limit_bytes_per_call", limit] == 100 * MB
    assert good["voicegate_reply_wait_seconds", 'quantile="0.95"'] == 0.5


def test_every_metric_is_explained_once() -> None:
    """Before its first line."""
    text = prometheus_of(verdict_of(BROKEN))
    names = dict.fromkeys(name for name, _ in samples(text))
    assert re.findall(r"^# TYPE (\S+) gauge$", text, re.MULTILINE) == list(names)
    assert len(re.findall(r"^# HELP ", text, re.MULTILINE)) == len(names)


def test_what_others_wrote_stays_a_value() -> None:
    """Quotes, line ends and halves of emojis make no line of their own."""
    hostile = 'a"} 1\nvoicegate_run_passed 1\\ \ud83d'
    text = prometheus_of(verdict_of(GOOD).model_copy(update={"profile": hostile}))
    assert [line for line in text.splitlines() if line.startswith("voicegate_run_passed")] == [
        "voicegate_run_passed 1.0"
    ]
    assert len(samples(text)) == len(samples(prometheus_of(verdict_of(GOOD))))
    text.encode()


@pytest.mark.parametrize(("value", "written"), [(float("inf"), "+Inf"), (float("nan"), "NaN")])
def test_what_is_no_number_has_its_name(value: float, written: str) -> None:
    """As a wait that never ended."""
    text = prometheus_of(verdict_of(GOOD).model_copy(update={"duration_s": value}))
    assert f"voicegate_run_duration_seconds {written}\n" in text
