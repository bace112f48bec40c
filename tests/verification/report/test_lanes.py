"""One call on its own time axis."""

from dataclasses import replace
from xml.etree.ElementTree import fromstring

from fakes.conversations import INTERRUPTION, conversation
from fakes.recordings import Run, change_turn, with_failed_call
from voicegate.measure.calls import Call, calls_in_order
from voicegate.record.events import AudioGap, Recording
from voicegate.report.lanes import LanePart, draw_lane, lane_parts

GOOD = Run().recording()


def parts_of(recording: Recording, name: str) -> tuple[LanePart, ...]:
    """List the parts of a call of this name."""
    call: Call = next(one for one in calls_in_order(recording) if one.name == name)
    turns = [turn for turn in (*recording.turns, *recording.scripted) if turn.call == name]
    assert call.left_t is not None
    return lane_parts(call, turns, recording.steps, call.left_t)


def kinds(recording: Recording, name: str) -> list[str]:
    """List the kinds of its parts."""
    return [part.kind for part in parts_of(recording, name)]


def test_a_good_call_is_joined_speaks_waits_and_hears() -> None:
    """In seconds of its sound, which begins when it is dialed."""
    parts = {part.kind: part for part in parts_of(GOOD, "call-01")}
    assert list(parts) == ["joining", "joined", "speaking", "waiting", "hearing"]
    assert parts["joining"].begin_s == 0
    assert parts["speaking"].end_s == parts["waiting"].begin_s
    assert parts["waiting"].end_s == parts["hearing"].begin_s
    assert parts["waiting"].title == f"waits {GOOD.turns[0].latency_s:.2f} s"


def test_gaps_lie_in_the_reply() -> None:
    """Where they were heard."""
    parts = parts_of(change_turn(GOOD, "call-01", gaps=(AudioGap(0.5, 0.25),)), "call-01")
    gap, hearing = parts[-1], next(part for part in parts if part.kind == "hearing")
    assert (gap.kind, gap.title) == ("gap", "gap of 250 ms")
    assert gap.begin_s == hearing.begin_s + 0.5


def test_a_turn_without_a_reply_is_waited_for_until_the_next() -> None:
    """Or until the call ends."""
    recording = change_turn(GOOD, "call-01", reply_start_t=None, reply_end_t=None, latency_s=None)
    assert kinds(recording, "call-01") == ["joining", "joined", "speaking", "unanswered"]


def test_an_interruption_is_seen() -> None:
    """It is no plain speaking."""
    recording = conversation()
    (part,) = (part for part in parts_of(recording, recording.steps[0].call) if part.kind == "interrupting")
    assert recording.steps[INTERRUPTION].what in part.title


def test_a_call_that_failed_ends_visibly() -> None:
    """With the reason."""
    (ended,) = (part for part in parts_of(with_failed_call(GOOD, "agent"), "call-99") if part.kind == "ended")
    assert ended.title == "it stopped"


def test_the_drawing_says_everything_and_runs_nothing() -> None:
    """It is well-formed, in percent, and hostile texts are titles."""
    hostile = '<script>alert("x")</script>\x00'
    recording = change_turn(GOOD, "call-01", said_text=hostile, heard_text=hostile)
    parts = parts_of(recording, "call-01")
    root = fromstring(str(draw_lane(hostile, parts, 12.0)))
    titles = [title.text for title in root.iter("title")]
    assert sum('<script>alert("x")</script>' in str(title) for title in titles) == 2
    assert {child.tag for child in root.iter()} == {"svg", "rect", "text", "title"}
    lefts = [float(one.attrib["x"].removesuffix("%")) for one in root.iter("rect")]
    assert all(0 <= left <= 100 for left in lefts)


def test_a_call_of_no_length_is_drawn() -> None:
    """One that failed as it was dialed."""
    assert "0 s" in draw_lane("call-01", [replace(parts_of(GOOD, "call-01")[0], end_s=0.0)], 0.0)
