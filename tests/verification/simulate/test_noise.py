"""The noise of simulated runs is that of the recordings that are kept."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import pytest
from fakes.recordings import MB
from mutants.kept_recordings import FOLDER
from numpy.typing import NDArray
from voicegate.judge.fitting import theil_sen
from voicegate.judge.registry import Limits
from voicegate.measure.calls import by_turn, calls_in_order
from voicegate.measure.memory_levels import Level, level_of, samples_between, tree_pss
from voicegate.measure.phases import AFTER_CYCLE, CYCLE, spans
from voicegate.measure.stalls import stalls
from voicegate.record.events import Recording
from voicegate.record.recording import read_recording
from voicegate.simulate.noise import AS_MEASURED, following, lateness
from voicegate.simulate.rates import ALARM_RATE
from voicegate.simulate.runs import full, full_run, memory_run

LIMITS = Limits()
HEALTHY = ("healthy-cycles", "slower-and-slower")  # the second one is slow; its memory is healthy
BESIDE_OTHER_WORK = frozenset(
    {
        *(
            "careless",
            "early-and-late",
            "elsewhere",
            "floods-its-log",
            "forgets-and-floods",
        ),
        *("greedy-in-crowds", "silent-and-greedy", "slow-answers", "unlocked-and-crossed"),
    }
)
"""Recordings that were made on a busy machine: the noise is that of a machine that has nothing else to do."""

Values = NDArray[np.float64]


@cache
def kept(name: str) -> Recording:
    """Read a kept recording."""
    return read_recording(FOLDER / f"{name}.jsonl.gz")


@cache
def made(number: int) -> Recording:
    """Draw the memory of a simulated run."""
    return memory_run(np.random.default_rng(number))


def every_part() -> Iterator[Recording]:
    """Walk over the kept scenarios that had the machine for themselves, and their variants."""
    for path in sorted(FOLDER.iterdir()):
        recording = read_recording(path)
        if recording.header.of_load or path.name.partition(".")[0] in BESIDE_OTHER_WORK:
            continue
        yield recording
        yield from (variant for variant in recording.variants.values() if variant.memory)


def level_noise(recording: Recording) -> float:
    """Measure the standard deviation of the settled levels after the cycles about their line, in bytes."""
    rests = [span for span in spans(recording) if span.name.startswith(AFTER_CYCLE)]
    levels = [level.pss_bytes for span in rests if (level := level_of(recording, span, LIMITS))]
    at = np.arange(len(levels))
    return float((np.array(levels) - theil_sen(list(at), levels).slope * at).std(ddof=2))


def within_phases(recording: Recording, *, calls: bool) -> float:
    """Measure the standard deviation of samples about the level of their phase, with calls or without, in bytes."""
    found: list[float] = []
    for span in spans(recording):
        if (span.concurrent_calls > 0) is calls and (level := level_of(recording, span, LIMITS)):
            found += [one - level.pss_bytes for one in _window(recording, level)]
    return float(np.std(found))


def _window(recording: Recording, level: Level) -> Sequence[int]:
    return [tree_pss(one) for one in samples_between(recording, level.begin_t, level.end_t)]


def cycle_waits(recording: Recording) -> tuple[Values, Values]:
    """List the joins and the waits for replies of the cycles, as logarithms."""
    calls = [call for call in calls_in_order(recording) if call.phase.startswith(CYCLE)]
    joins = [call.audio_t - call.dialed_t for call in calls if call.audio_t is not None]
    return np.log(joins), np.log([turn.latency_s for _, turn in by_turn(calls) if turn.latency_s is not None])


def test_levels_scatter_as_on_real_runs() -> None:
    """Those of simulated runs scatter as much as those of healthy agents."""
    real = [level_noise(kept(name)) for name in HEALTHY]
    simulated = np.mean([level_noise(made(number)) for number in range(20)])
    assert 0.9 * min(real) <= simulated <= 1.25 * max(real)


@pytest.mark.parametrize("calls", [False, True], ids=["rests", "calls"])
def test_samples_scatter_as_on_real_runs(calls: bool) -> None:
    """Within the settled windows, while somebody calls and while nobody does."""
    real = [within_phases(kept(name), calls=calls) for name in HEALTHY]
    simulated = np.mean([within_phases(made(number), calls=calls) for number in range(20)])
    assert 0.7 * min(real) <= simulated <= 1.3 * max(real)


def test_samples_are_late_as_on_real_runs() -> None:
    """As many samples show a stall, and their lateness is as large on average."""
    parts = list(every_part())
    real = [one.late_s for part in parts for one in stalls(part, LIMITS)]
    share = len(real) / sum(len(part.memory) for part in parts)
    assert pytest.approx(share, rel=0.1) == AS_MEASURED.late_chance
    assert pytest.approx(np.mean(real), abs=0.05) == 0.2 + AS_MEASURED.late_s
    assert pytest.approx(max(real), abs=0.05) == AS_MEASURED.latest_s
    simulated = np.mean(
        [len(stalls(made(number), LIMITS)) / len(made(number).memory) for number in range(20)]
    )
    assert simulated == pytest.approx(share, rel=0.3)


def test_waits_scatter_as_on_real_runs() -> None:
    """Joins and replies of simulated cycles scatter at least as much as those of the healthy run, about the same medians."""
    real, simulated = cycle_waits(kept("healthy-cycles")), cycle_waits(full_run(np.random.default_rng(1)))
    for seen, drawn in zip(real, simulated, strict=True):
        assert np.std(drawn) >= 0.8 * np.std(seen)
        assert np.median(drawn) == pytest.approx(np.median(seen), abs=0.15)


def test_words_that_are_misheard_make_few_alarms() -> None:
    """One code of thirty is enough for G2 and G3, so the chance of each is a small part of what a good agent is granted."""
    alarms = 1 - (1 - AS_MEASURED.misheard_chance) ** full().calls
    assert alarms < ALARM_RATE / 5


def test_drawn_values_follow_one_another_as_asked() -> None:
    """By their lag-1 autocorrelation, with the standard deviation that was asked for."""
    values = following(np.random.default_rng(1), 2 * MB, 0.5, 20_000)
    assert np.std(values) == pytest.approx(2 * MB, rel=0.05)
    assert np.corrcoef(values[1:], values[:-1])[0, 1] == pytest.approx(0.5, abs=0.03)


def test_no_sample_is_early() -> None:
    """Lateness is never negative, and has its upper end."""
    late_s = lateness(np.random.default_rng(1), AS_MEASURED, 10_000)
    assert late_s.min() >= 0
    assert late_s.max() <= AS_MEASURED.latest_s
