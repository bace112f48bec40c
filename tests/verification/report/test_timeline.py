"""The memory timeline."""

from dataclasses import replace

from fakes.recordings import Run, cut_at
from voicegate.judge.registry import Rules
from voicegate.report.timeline import Moment, make_heap_timeline, make_timeline

GOOD = Run().recording()


def test_everything_is_drawn() -> None:
    """Roles, phases, limits, the agent's reports and the calls are on it."""
    timeline = make_timeline(GOOD, Rules())
    assert timeline is not None
    assert [area.role for area in timeline.areas] == ["main", "model-host", "job"]
    assert [line.kind for line in timeline.lines] == ["limit", "level"]
    assert len(timeline.marks) == 4
    assert sum(bar.kind == "call" for bar in timeline.bars) == 20
    assert sum(bar.kind == "said" for bar in timeline.bars) == 20
    assert [band.label for band in timeline.bands if band.label][-2:] == ["10 cycles", "quiet"]


def test_nothing_leaves_the_picture() -> None:
    """Every point lies between the axes, and the limit is always in view."""
    timeline = make_timeline(GOOD, Rules())
    assert timeline is not None
    for area in timeline.areas:
        for point in area.points.split():
            x, y = map(float, point.split(","))
            assert timeline.left <= x <= timeline.right
            assert timeline.top <= y <= timeline.bottom
    assert all(timeline.top <= line.y <= timeline.bottom for line in timeline.lines)


def test_calls_at_once_lie_below_each_other() -> None:
    """Five calls at once take five lanes."""
    timeline = make_timeline(GOOD, Rules())
    assert timeline is not None
    assert len({bar.y for bar in timeline.bars if bar.kind == "call"}) == 5


def test_long_recordings_are_thinned() -> None:
    """An hour of samples is drawn with as many points as can be seen."""
    timeline = make_timeline(Run(cycles=200).recording(), Rules())
    assert timeline is not None
    assert len(timeline.areas[0].points.split()) <= 2 * 1100


def test_cut_recordings_are_drawn_as_far_as_they_go() -> None:
    """A cut-off recording has a timeline, one without memory has none."""
    assert make_timeline(cut_at(GOOD, 60), Rules()) is not None
    assert make_timeline(cut_at(GOOD, 5), Rules()) is not None
    assert make_timeline(replace(GOOD, memory=()), Rules()) is None


def test_unknown_roles_are_drawn_as_other() -> None:
    """Memory of a process with a role of its own is not left out."""
    odd = tuple(
        replace(sample, processes=tuple(replace(one, role="sidecar") for one in sample.processes))
        for sample in GOOD.memory
    )
    timeline = make_timeline(replace(GOOD, memory=odd), Rules())
    assert timeline is not None
    assert [area.role for area in timeline.areas] == ["other"]


def test_rests_without_their_cycles_are_drawn() -> None:
    """Phases after cycles are drawn also where the cycles themselves are missing."""
    rests = tuple(phase for phase in GOOD.phases if not phase.name.startswith("cycle-"))
    timeline = make_timeline(replace(GOOD, phases=rests), Rules())
    assert timeline is not None
    assert not any("cycles" in band.label for band in timeline.bands)


def test_acts_are_drawn_on_their_own_clock() -> None:
    """The timeline of an act begins with the act, and no limit is drawn into it."""
    act = GOOD.acts["unshared"]
    timeline = make_timeline(act, Rules())
    assert timeline is not None
    assert act.act is not None
    assert all(tick.at >= timeline.left for tick in timeline.x_ticks)
    assert timeline.bands[0].x < timeline.left + 40
    assert timeline.lines == ()
    assert "in act unshared" in timeline.description


def test_allocated_memory_is_drawn_without_limits() -> None:
    """Roles are stacked, calls are shown, and nothing says what is too much."""
    moments = [Moment(float(t), {"main": 10_000_000, "job": 5_000_000 * (t % 2)}) for t in range(100)]
    timeline = make_heap_timeline(GOOD, moments)
    assert timeline is not None
    assert [(area.role, area.peak_text) for area in timeline.areas] == [
        ("main", "10.0 MB"),
        ("job", "5.0 MB"),
    ]
    assert (timeline.lines, timeline.marks) == ((), ())
    assert timeline.bars
    assert timeline.description.startswith("Allocated memory of the agent over")
    assert make_heap_timeline(GOOD, []) is None
