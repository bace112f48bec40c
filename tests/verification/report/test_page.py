"""The page and the summary."""

from dataclasses import replace

import pytest
from fakes.pages import Reader
from fakes.recordings import MB, Run, change_turn, cut_at, models_per_call
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import CallEvent, Recording
from voicegate.report.page import mark_differences, render_page, render_summary
from voicegate.report.verdict import Verdict, make_verdict

GOOD = Run().recording()
BROKEN = Run(lines=models_per_call, per_call_bytes=850 * MB).recording()
HOSTILE = '<script>alert("x")</script> | `a`'


def page_of(recording: Recording) -> str:
    """Judge a recording and render its page."""
    return render_page(_verdict(recording), recording, Rules())


def _verdict(recording: Recording) -> Verdict:
    return make_verdict(recording, [criterion(recording, Rules()) for criterion in CRITERIA])


@pytest.mark.parametrize("recording", [GOOD, BROKEN, cut_at(GOOD, 60), cut_at(GOOD, 0)])
def test_page_is_well_formed_and_self_contained(recording: Recording) -> None:
    """Tags close in order, nothing is fetched from elsewhere, and there is no script."""
    reader = Reader()
    reader.feed(page_of(recording))
    assert reader.open == []
    assert "script" not in reader.tags
    assert not any(link.startswith(("http:", "https:", "//", "javascript:")) for link in reader.links)


def test_texts_are_escaped_everywhere() -> None:
    """Whatever an agent says or logs stays text, on the page and in the summary's table."""
    recording = change_turn(GOOD, "call-04", transcript=HOSTILE, reply_text=HOSTILE, heard_text=HOSTILE)
    page = page_of(recording)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    summary = render_summary(make_verdict(recording, [one(recording, Rules()) for one in CRITERIA]))
    assert "<script" not in summary.replace("\\<", "")


def test_every_criterion_and_call_is_there() -> None:
    """All ids, all calls and the links to their audio are on the page."""
    page = page_of(BROKEN)
    for criterion in CRITERIA:
        assert f'id="{criterion.id}"' in page
    for number in range(1, 21):
        assert f"audio/call-{number:02d}-heard.wav" in page


def test_page_of_an_old_recording_links_to_its_audio() -> None:
    """A recording judged from elsewhere keeps its audio where it is."""
    verdict = make_verdict(GOOD, [], "../2026-11-22T13-00-00Z/recording.jsonl")
    page = render_page(verdict, GOOD, Rules())
    assert 'href="../2026-11-22T13-00-00Z/audio/call-01-said.wav"' in page


def test_what_is_wrong_with_a_call_is_there_and_whose_doing_it_was() -> None:
    """A turn without its reply text is the agent's, a call that never began perhaps the server's; a good call has nothing."""
    failed = CallEvent(300.0, "call-99", "dialed", "room-99", "quiet")
    recording = change_turn(GOOD, "call-04", reply_text=None)
    calls = (*GOOD.calls, failed, replace(failed, t=305.0, step="failed", detail="no room", fault="server"))
    page = page_of(replace(recording, calls=calls))
    assert page.count('class="flawed"') == 2
    assert 'title="agent: a turn got no reply text"' in page
    assert "no room" in page
    assert "(fault of the server)" in page


def test_summary_lists_criteria_and_reasons() -> None:
    """The summary has a row for each criterion and the evidence of what failed."""
    summary = render_summary(make_verdict(BROKEN, [one(BROKEN, Rules()) for one in CRITERIA]))
    assert summary.startswith(f"## FAIL: {len(CRITERIA) - 5} passed, 5 failed")
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
    ],
)
def test_differences_are_marked(text: str | None, reference: str, marked: str) -> None:
    """Words that differ as spoken are marked, missing ones struck, and everything is escaped."""
    assert str(mark_differences(text, reference)) == marked


def test_acts_are_on_the_page() -> None:
    """Each act has its timeline and says how its agent differed; sharing's saving is a fact."""
    page = page_of(GOOD)
    assert "Act forced-gc" in page
    assert "<code>SHARE_MODELS=false</code>" in page
    assert page.count('aria-label="Memory of the agent') == 3
    assert "sharing saves" in page
    assert "852.0 MB" in page


def test_act_that_was_not_played_says_why() -> None:
    """A skipped act is named with its reason and has no timeline."""
    act = replace(GOOD.acts["unshared"].act, skipped="too little memory")  # type: ignore[type-var]
    recording = replace(GOOD, acts={"unshared": Recording(GOOD.header, act=act)})
    page = page_of(recording)
    assert "too little memory" in page
    assert page.count('aria-label="Memory of the agent') == 1


def test_warning_of_a_pass_is_shown() -> None:
    """A criterion that passes with a warning says what to do, on the page and in the summary."""
    nearly_full = Run(free_bytes=(5_000_000_000, 4_900_000_000)).recording()
    assert "Warning, what to do:" in page_of(nearly_full)
    assert "Warning" not in page_of(GOOD)
    assert "**G8-disk PASS**: at least 4.9 % of the disk is free; warning" in render_summary(
        _verdict(nearly_full)
    )
