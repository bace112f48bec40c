"""The memory timeline."""

from dataclasses import replace

from fakes.drawings import Seen, seen
from fakes.recordings import Run, change_turn, cut_at
from voicegate.judge.registry import Rules
from voicegate.record.events import Recording
from voicegate.report.timeline import Moment, Timeline, make_heap_timeline, make_timeline

GOOD = Run().recording()


def made(recording: Recording) -> tuple[Timeline, Seen]:
    """Draw a recording that can be drawn, and look at it."""
    timeline = make_timeline(recording, Rules())
    assert timeline is not None
    return timeline, seen(timeline.svg)


def test_everything_is_drawn() -> None:
    """Roles, phases, limits, the agent's reports and the calls are on it."""
    timeline, drawn = made(GOOD)
    assert list(timeline.peaks) == ["main", "model-host", "job"]
    assert len(drawn.titled(": at most ")) == 3
    assert {"C7 limit 3.00 GB", "calls", "baseline", "10 cycles", "quiet"} <= drawn.texts.keys()
    assert any(text.startswith("level after the first call ") for text in drawn.texts)
    assert len(drawn.titled("the agent reports ")) == 4
    assert len(drawn.titled(" says: ")) == len(drawn.titled(" hears: ")) == 20
    assert len(drawn.titled("call-")) == 20 * 3
    assert len(drawn.titled(" calls, ")) == len(GOOD.phases) / 2


def test_steps_of_a_scripted_call_are_drawn() -> None:
    """What was said and heard in them, and the sounds that are no speech."""
    recording = Run(conversation=True).recording()
    _, drawn = made(recording)
    assert len(drawn.titled(" says: ")) == len(recording.turns) + len(recording.scripted)
    assert len(drawn.titled(", step ")) == 3
    assert drawn.titled("call-03, step 2: cough")


def test_calls_at_once_lie_below_each_other() -> None:
    """Five calls at once take five lanes, which make the drawing higher."""
    alone = replace(GOOD, calls=tuple(event for event in GOOD.calls if event.call == "call-01"))
    heights = [
        float(made(one)[0].svg.partition('viewBox="0 0 1000 ')[2].split('"')[0]) for one in (GOOD, alone)
    ]
    assert heights[0] - heights[1] == 4 * 12


def test_long_recordings_are_thinned() -> None:
    """An hour of samples is drawn with as many points as can be seen."""
    assert len(made(Run(cycles=200).recording())[0].svg) < 350_000


def test_texts_from_the_recording_are_escaped() -> None:
    """What a caller heard and what a phase is called is no markup."""
    hostile = "<script>alert(1)</script>"
    phases = tuple(replace(phase, name=phase.name.replace("quiet", hostile)) for phase in GOOD.phases)
    timeline, drawn = made(change_turn(replace(GOOD, phases=phases), "call-04", heard_text=hostile))
    assert "<script" not in timeline.svg
    assert drawn.titled(f"call-04 hears: {hostile}")
    assert drawn.titled(f"{hostile}: 0 calls")


def test_cut_recordings_are_drawn_as_far_as_they_go() -> None:
    """A cut-off recording has a timeline, and one that lacks its cycles; one without memory has none."""
    rests = tuple(phase for phase in GOOD.phases if not phase.name.startswith("cycle-"))
    assert not [text for text in made(replace(GOOD, phases=rests))[1].texts if "cycles" in text]
    assert make_timeline(cut_at(GOOD, 60), Rules()) is not None
    assert make_timeline(cut_at(GOOD, 5), Rules()) is not None
    assert make_timeline(replace(GOOD, memory=()), Rules()) is None


def test_unknown_roles_are_drawn_as_other() -> None:
    """Memory of a process with a role of its own is not left out."""
    odd = tuple(
        replace(sample, processes=tuple(replace(one, role="sidecar") for one in sample.processes))
        for sample in GOOD.memory
    )
    assert list(made(replace(GOOD, memory=odd))[0].peaks) == ["other"]


def test_acts_are_drawn_on_their_own_clock() -> None:
    """The timeline of a variant begins with the variant, and no limit is drawn into it."""
    variant = GOOD.variants["unshared"]
    timeline, drawn = made(variant)
    assert variant.variant is not None
    assert "aria-label=\"Memory of the agent's process tree in variant unshared over " in timeline.svg
    seconds = [float(text.removesuffix(" s")) for text in drawn.texts if text.endswith(" s")]
    assert min(seconds) >= variant.variant.t
    assert not [text for text in drawn.texts if "limit" in text or "level" in text]


def test_allocated_memory_is_drawn_without_limits() -> None:
    """Roles are stacked, calls are shown, and nothing says what is too much."""
    moments = [Moment(float(t), {"main": 10_000_000, "job": 5_000_000 * (t % 2)}) for t in range(100)]
    timeline = make_heap_timeline(GOOD, moments)
    assert timeline is not None
    assert timeline.peaks == {"main": "10.0 MB", "job": "5.0 MB"}
    assert seen(timeline.svg).titled("call-01 says")
    assert "limit" not in timeline.svg
    assert 'aria-label="Allocated memory of the agent over' in timeline.svg
    assert make_heap_timeline(GOOD, []) is None
