"""The page and the summary."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from fakes.pages import Reader
from fakes.recordings import MB, Run, change_turn, cut_at, models_per_call
from markupsafe import escape
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import AudioGap, CallerProcessSample, CallEvent, Recording, ReportedWait
from voicegate.report.contents import Report
from voicegate.report.html import page_of
from voicegate.report.markdown import markdown_of
from voicegate.report.verdict import CriterionResult, MeasurementResult, make_verdict
from voicegate.report.verdict_report import gauge, mark_differences, verdict_report

GOOD = Run().recording()
BROKEN = Run(lines=models_per_call, per_call_bytes=850 * MB, conversation=True).recording()
MOST_PAGE_BYTES = 500_000
HOSTILE = '<script>alert("x")</script> | `a`'


def report_of(recording: Recording, file: str = "recording.jsonl") -> Report:
    """Judge a recording and report on it."""
    findings = [criterion(recording, Rules()) for criterion in CRITERIA]
    return verdict_report(make_verdict(recording, findings, file), recording, Rules())


def page(recording: Recording) -> str:
    """Judge a recording and write its page."""
    return page_of(report_of(recording))


@cache
def good_page() -> str:
    """Write the page of the good run, once."""
    return page(GOOD)


@cache
def broken_page() -> str:
    """Write that of the broken one."""
    return page(BROKEN)


@pytest.mark.parametrize(
    "make", [good_page, broken_page, lambda: page(cut_at(GOOD, 60)), lambda: page(cut_at(GOOD, 0))]
)
def test_page_is_well_formed_and_self_contained(make: Callable[[], str]) -> None:
    """Tags close in order, nothing is fetched from elsewhere, and there is no script."""
    reader = Reader()
    reader.feed(make())
    assert reader.open == []
    assert "script" not in reader.tags
    assert not any(link.startswith(("http:", "https:", "//", "javascript:")) for link in reader.links)


def test_texts_are_escaped_everywhere() -> None:
    """Whatever an agent says or logs, and what names, files and failures are called, stays text, on the page and in the summary's table."""
    recording = change_turn(GOOD, "call-04", transcript=HOSTILE, reply_text=HOSTILE, heard_text=HOSTILE)
    named = {"call": HOSTILE, "said_audio": HOSTILE, "heard_audio": HOSTILE}
    turns = tuple(replace(one, **named) if one.call == "call-05" else one for one in recording.turns)  # type: ignore[arg-type]
    calls = [replace(one, call=HOSTILE) if one.call == "call-05" else one for one in recording.calls]
    failed = replace(calls[-1], call="call-99", step="failed", detail=HOSTILE, phase=HOSTILE)
    environment = {HOSTILE: HOSTILE}
    header = replace(recording.header, environment=environment, profile=HOSTILE, agent_command=(HOSTILE,))
    phases = tuple(replace(one, name=one.name.replace("quiet", HOSTILE)) for one in recording.phases)
    recording = replace(recording, turns=turns, calls=(*calls, failed), header=header, phases=phases)
    shown = page(recording)
    reader = Reader()
    reader.feed(shown)
    assert reader.open == []
    assert "script" not in reader.tags
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") > 10
    summary = markdown_of(report_of(recording))
    assert "<script" not in summary.replace("\\<", "")


@pytest.mark.slow
def test_a_page_without_sound_is_small() -> None:
    """Also that of a long soak, and of an agent that writes down a book; its sound is bounded by itself."""
    soak = Run(cycles=300, variants=(), sample_interval_s=4.0).recording()
    bare = verdict_report(make_verdict(soak, ()), soak, Rules())
    assert len(page_of(bare).encode()) < MOST_PAGE_BYTES
    book = change_turn(GOOD, "call-04", transcript="word " * 200_000)
    told = make_verdict(book, [criterion(GOOD, Rules()) for criterion in CRITERIA])
    shown = page_of(verdict_report(told, replace(book, memory=(), variants={}), Rules()))
    assert len(shown.encode()) < MOST_PAGE_BYTES


def test_every_criterion_and_call_is_there() -> None:
    """All ids, all calls and the links to their audio are on the page."""
    shown = broken_page()
    for criterion in CRITERIA:
        assert f'id="{criterion.id}"' in shown
    for number in range(1, 21):
        assert f"audio/call-{number:02d}-heard.wav" in shown


def test_page_of_an_old_recording_links_to_its_audio() -> None:
    """A recording judged from elsewhere keeps its audio where it is."""
    shown = page_of(report_of(GOOD, "../2026-11-22T13-00-00Z/recording.jsonl"))
    assert 'href="../2026-11-22T13-00-00Z/audio/call-01-said.wav"' in shown


def test_what_is_wrong_with_a_call_is_there_and_whose_doing_it_was() -> None:
    """A turn without its reply text is the agent's, a call that never began perhaps the server's; a good call has nothing."""
    failed = CallEvent(300.0, "call-99", "dialed", "room-99", "quiet")
    recording = change_turn(GOOD, "call-04", reply_text=None)
    calls = (*GOOD.calls, failed, replace(failed, t=305.0, step="failed", detail="no room", fault="server"))
    shown = page(replace(recording, calls=calls))
    assert shown.count("WENT WRONG") == 2
    assert shown.index('id="call-04"') < shown.index('id="call-99"') < shown.index('id="call-01"')
    assert "a turn got no reply text" in shown
    assert "no room" in shown
    assert "(fault of the server)" in shown


@pytest.mark.parametrize(("lag_s", "whose"), [(0.01, "agent"), (0.3, "machine")])
def test_what_late_callers_heard_is_not_the_agents_doing(lag_s: float, whose: str) -> None:
    """The page excuses what the criteria excuse."""
    recording = change_turn(GOOD, "call-04", gaps=(AudioGap(0.8, 0.5),))
    (turn,) = [turn for turn in recording.turns if turn.call == "call-04"][:1]
    notes = [CallerProcessSample(t / 2, "gate", 1, 0.5, 0.01) for t in range(900)]
    late = [replace(one, lag_s=lag_s) if 0 <= one.t - turn.speech_end_t < 0.5 else one for one in notes]
    shown = page(replace(recording, callers=tuple(late)))
    assert shown.count("WENT WRONG") == 1
    assert ("(fault of the machine)" in shown) is (whose == "machine")


def test_what_has_to_be_looked_at_comes_first() -> None:
    """Failures stand above everything else, and all criteria with their outcomes stand at the top, in their own order."""
    shown = broken_page()
    rows = re.findall(r'<tbody id="([^"]+)" class="([a-z_]+)"', shown)
    assert [status for _, status in rows[:5]] == ["fail"] * 5
    assert "fail" not in {status for _, status in rows[5:]}
    glance = re.findall(r'<a class="([a-z_]+)" href="#([^"]+)"', shown)
    assert [id_ for _, id_ in glance] == [criterion.id for criterion in CRITERIA]
    assert {(status, id_) for id_, status in rows} == set(glance)


def test_what_was_not_run_says_how_to_have_it_run() -> None:
    """On the page, in its row; the terminal and the summary name it in one line only."""
    report = report_of(Run().recording())
    shown = page_of(report)
    row = shown.partition('<tbody id="T2-barge-in"')[2].partition("</tbody>")[0]
    assert "To have it run:</b> play a scenario that has it: voicegate verify --scenario conversation" in row
    assert "voicegate verify --scenario conversation" not in markdown_of(report)


def test_each_row_asks_its_question_and_says_how_stable_it_is() -> None:
    """Beside what was observed, the limit and the margin."""
    shown = good_page()
    for criterion in CRITERIA:
        assert str(escape(criterion.question)) in shown
    assert "How stable: PSS moved by at most" in shown
    assert shown.count('class="gauge pass"') >= 8


@pytest.mark.parametrize(
    ("observed", "side", "limit", "value"),
    [
        (50.0, "≤", 100.0, 40.0),
        (100.0, "≤", 100.0, 80.0),
        (500.0, "≤", 100.0, 100.0),
        (-5.0, "<", 100.0, 0.0),
        (90.0, "≥", 100.0, 72.0),
        (float("inf"), "≤", 5.0, 100.0),
        (1.0, "=", 1.0, None),
        (0.0, "≤", 0.0, None),
    ],
)
def test_a_value_is_seen_beside_its_limit(
    observed: float, side: str, limit: float, value: float | None
) -> None:
    """The limit is always at the same place; what is beyond it goes on beyond it."""
    measured = MeasurementResult(
        what="wait",
        status="pass",
        observed=observed,
        low=observed - 10,
        high=observed + 10,
        unit="s",
        metric="sound",
        limit=limit,
        side=side,  # type: ignore[arg-type]
        margin=0.0,
        samples=3,
    )
    flat = measured.model_dump(exclude={"low", "high"})
    found = gauge(CriterionResult(id="T1", title="", reason="", measurements=(measured,), **flat))
    assert (found.value if found else None) == value
    if found:
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high
        assert (found.fails_from, found.fails_to) == ((0.0, 80.0) if side == "≥" else (80.0, 100.0))
        assert f"limit {side} {limit:.2f} s"[:9] in found.said


def test_summary_lists_criteria_and_reasons() -> None:
    """The summary has a row for each criterion and the evidence of what failed."""
    summary = markdown_of(report_of(BROKEN))
    assert summary.startswith(f"## FAIL: 5 failed (C2, C3, C5, C7, G10), {len(CRITERIA) - 5} passed")
    assert sum(summary.count(f"\n| {one.id}") for one in CRITERIA) == len(CRITERIA)
    assert "**C5-extra-connection FAIL**" in summary


@pytest.mark.parametrize(
    ("text", "reference", "marked"),
    [
        ("my code is one", "my code is one", "my code is one"),
        ("my coat is one", "my code is one", "my <del>code</del> <mark>coat</mark> is one"),
        ("my code", "my code is", "my code <del>is</del>"),
        ("My code, 1!", "my code one", "My code, 1!"),
        (None, "my code", '<em class="none">nothing</em>'),
        ("<b>", "b", "&lt;b&gt;"),
        ("It costs $5.", "it costs five dollars", "It costs $5."),
    ],
)
def test_differences_are_marked(text: str | None, reference: str, marked: str) -> None:
    """Words that differ as spoken are marked, missing ones struck, and everything is escaped."""
    assert str(mark_differences(text, reference)) == marked


def test_the_report_says_who_heard_the_replies() -> None:
    """In the summary and on the terminal in a sentence, on the page among what is known of the run."""
    header = replace(GOOD.header, environment=GOOD.header.environment | {"ears": "my ears"})
    report = report_of(replace(GOOD, header=header))
    assert "The replies were heard by my ears." in report.remarks
    assert "The replies were heard by my ears." in markdown_of(report)
    assert "my ears" in page_of(report)
    assert not any("heard by" in remark for remark in report_of(GOOD).remarks)


def test_scripted_calls_and_explained_waits_are_shown() -> None:
    """The steps of a call one by one, and a bar under each wait of which the agent tells, with the medians in a sentence."""
    short = Run(cycles=0, conversation=True).recording()
    told = ReportedWait(0.4, transcription_s=0.1, end_of_turn_s=0.2)
    turns = (replace(short.turns[0], reported=told), *short.turns[1:])
    recording = replace(short, turns=turns, memory=())
    report = verdict_report(make_verdict(recording, ()), recording, Rules())
    shown, summary = page_of(report), markdown_of(report)
    assert shown.count('class="parts"') == 1
    assert shown.count(">Steps of call-") == 1
    assert "transcription 0.10 s, end of turn 0.10 s, language model 0.00 s" in shown
    assert "What the wait was spent on, as the agent reports it, medians: transcription 0.10 s" in summary
    assert "| step | at | the caller | expected | came | outcome |" in summary
    assert "silence within 0.50 s, and an answer" in summary


def test_acts_are_on_the_page() -> None:
    """Each variant has its timeline and says how its agent differed; sharing's saving is a fact."""
    shown = good_page()
    assert "After the run, variant forced-gc" in shown
    assert "<code>SHARE_MODELS=false</code>" in shown
    assert shown.count('aria-label="Memory of the agent') == 3
    assert "sharing saves" in shown
    assert "852.0 MB" in shown


def test_act_that_was_not_played_says_why() -> None:
    """A skipped variant is named with its reason and has no timeline."""
    variant = replace(GOOD.variants["unshared"].variant, skipped="too little memory")  # type: ignore[type-var]
    recording = replace(GOOD, variants={"unshared": Recording(GOOD.header, variant=variant)})
    shown = page(recording)
    assert "too little memory" in shown
    assert shown.count('aria-label="Memory of the agent') == 1


def test_warning_of_a_pass_is_shown() -> None:
    """A criterion that passes with a warning says what to do, on the page and in the summary."""
    nearly_full = Run(free_bytes=(5_000_000_000, 4_900_000_000)).recording()
    assert "Warning, what to do:" in page(nearly_full)
    assert "Warning" not in good_page()
    summary = markdown_of(report_of(nearly_full))
    assert "**G8-disk PASS**: at least 4.9 % of the disk is free; warning" in summary
