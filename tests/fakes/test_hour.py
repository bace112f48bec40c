"""The made-up hour is like a real one: as many events, as large, and of a healthy agent."""

from collections import Counter
from pathlib import Path

import pytest
from fakes.conversations import SCRIPTED
from fakes.hour import hour, written_events
from voicegate.judge.finding import Status
from voicegate.judge.registry import CRITERIA, Rules
from voicegate.record.events import CallEvent, Recording
from voicegate.record.recording import read_recording

REAL = Path(__file__).parents[1] / "verification" / "judge" / "failed_runs" / "healthy-cycles.jsonl.gz"
MADE = hour()


def rates(recording: Recording) -> dict[str, float]:
    """Count what a recording holds by what it should depend on."""
    calls = len({event.call for event in recording.calls})
    samples = recording.memory
    assert recording.end is not None
    return {
        "samples per second": len(samples) / recording.end.t,
        "processes per sample": sum(len(sample.processes) for sample in samples) / len(samples),
        "steps per call": len(recording.calls) / calls,
        "turns per call": len(recording.turns) / calls,
        "phases per call": len(recording.phases) / calls,
    }


def test_it_has_the_rates_of_a_real_run() -> None:
    """Within a fifth: the real run is short, so that its first phases count for more."""
    assert rates(MADE) == pytest.approx(rates(read_recording(REAL)), rel=0.2)


def test_it_lasts_an_hour() -> None:
    """Every kind of event is in it; log lines are those of a real call, of which recordings kept as data have few."""
    events = written_events(MADE)
    assert events[-1].t == pytest.approx(3600, abs=12)
    counts = Counter(event.kind for event in events)
    assert len(counts) == 14
    calls = len({event.call for event in events if isinstance(event, CallEvent)})
    assert counts["log"] / calls == pytest.approx(13, abs=0.5)
    assert counts["turn"] == 2 * calls


def test_it_passes() -> None:
    """All criteria but those of scripted calls have what they need, so that judging it is all the work there is."""
    found = {criterion.short_id: criterion(MADE, Rules()).status for criterion in CRITERIA}
    assert {found.pop(one) for one in SCRIPTED} == {Status.NOT_RUN}
    assert set(found.values()) == {Status.PASS}
