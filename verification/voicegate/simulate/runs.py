"""Simulated runs of the scenario `full`: made up once, then drawn again and again with noise and what is wrong with the agent."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from voicegate.drive.more_cycles import going_on
from voicegate.drive.scenario import SCENARIOS
from voicegate.judge.registry import Rules
from voicegate.judge.stabilizes import undecided
from voicegate.measure.memory_levels import tree_pss
from voicegate.record.events import AudioGap, CallEvent, LogLine, MemorySample, Recording, Turn, VariantName
from voicegate.simulate.canvas import Canvas, Kept
from voicegate.simulate.kinds import Draw, Values
from voicegate.simulate.noise import AS_MEASURED, Noise, waits
from voicegate.testing.agent_lines import report_line
from voicegate.testing.made_up import MadeUpRun

CYCLES = 20
"""Of the scenario `full`, as planned."""

_POOL = 100
FIRST_REPORT_S, REPORT_INTERVAL_S = 55.0, 60.0

Maker = Callable[[Draw], Recording]
ChangeTurn = Callable[[int, Turn], Turn]


@cache
def full(cycles: int = CYCLES) -> Canvas:
    """Make the scenario `full` of a healthy agent, with both variants, once."""
    return Canvas(MadeUpRun(cycles=cycles, monitor_interval_s=0).recording())


@cache
def variant(name: VariantName) -> Canvas:
    """Take a variant of it."""
    return Canvas(full().part.variants[name])


@lru_cache(maxsize=_POOL)
def _pooled_memory(number: int, noise: Noise) -> tuple[MemorySample, ...]:
    return full().memory(np.random.default_rng(number), noise)


def report_times(draw: Draw, noise: Noise = AS_MEASURED) -> Values:
    """Draw the times of a healthy monitor's reports in a whole run."""
    end_t = full().spans[-1].end_t or 0.0
    count = int((end_t - FIRST_REPORT_S) // REPORT_INTERVAL_S) + 1
    return (
        FIRST_REPORT_S + REPORT_INTERVAL_S * np.arange(count) + draw.normal(0, noise.report_jitter_s, count)
    )


def full_run(
    draw: Draw,
    noise: Noise = AS_MEASURED,
    *,
    fresh_memory: bool = False,
    reports_t: Values | None = None,
    reported: float = 1.0,
    slower: Values | None = None,
    change: ChangeTurn | None = None,
) -> Recording:
    """Draw a whole run.

    Its memory is one of 100 that were drawn before, unless it is to be fresh; the agent reports it at `reports_t`, `reported` times the
    truth. `slower` multiplies the waits to join and for the reply of each call; `change` changes the turn of a call, by its number from 0.
    """
    canvas = full()
    memory = canvas.memory(draw, noise) if fresh_memory else _pooled_memory(int(draw.integers(_POOL)), noise)
    calls, turns = _with_waits(draw, noise, canvas, slower)
    if change is not None:
        turns = tuple(change(number, turn) for number, turn in enumerate(turns))
    times = report_times(draw, noise) if reports_t is None else reports_t
    run = replace(canvas.part, memory=memory, calls=calls, turns=turns)
    return with_lines(run, _report_lines(memory, times, reported))


def memory_run(
    draw: Draw, extra_bytes: Values | None = None, kept: Kept | None = None, canvas: Canvas | None = None
) -> Recording:
    """Draw the memory of a whole run, of which nothing else is judged.

    `extra_bytes` lies on top of each sample; `kept` is what calls left behind, by phase.
    """
    canvas = canvas or full()
    return replace(canvas.part, memory=canvas.memory(draw, AS_MEASURED, extra_bytes, kept))


def until_decided(drawn: Recording, further: int) -> Recording:
    """Keep of a drawn run the phases that a real run plays: of the further cycles one at a time, while C6 is undecided.

    Samples and calls of the others stay, of which C6 sees nothing but what they left in the level of the last rest.
    """
    played: set[str] = set()

    def so_far() -> Recording:
        return replace(drawn, phases=tuple(phase for phase in drawn.phases if phase.name in played))

    steps = SCENARIOS["full"].steps
    for step in going_on(steps, steps, further, lambda: undecided(so_far(), Rules())):
        played.add(step.phase)
    return so_far()


def with_variant(
    recording: Recording, name: VariantName, draw: Draw, extra_bytes: Values | None = None
) -> Recording:
    """Draw a variant of a run again, with noise."""
    memory = variant(name).memory(draw, AS_MEASURED, extra_bytes)
    return replace(
        recording, variants={**recording.variants, name: replace(variant(name).part, memory=memory)}
    )


def with_lines(recording: Recording, lines: Sequence[LogLine]) -> Recording:
    """Let the agent write more log lines."""
    return replace(recording, log=tuple(sorted((*recording.log, *lines), key=lambda line: line.t)))


def _report_lines(memory: Sequence[MemorySample], times: Values, reported: float) -> Sequence[LogLine]:
    near = np.minimum(np.searchsorted([sample.t for sample in memory], times), len(memory) - 1)
    return [
        LogLine(t, report_line(tree_pss(memory[at]) * reported), pid=10)
        for t, at in zip(times.tolist(), near.tolist(), strict=True)
    ]


def _with_waits(
    draw: Draw, noise: Noise, canvas: Canvas, slower: Values | None
) -> tuple[tuple[CallEvent, ...], tuple[Turn, ...]]:
    """Draw the waits of all calls, and now and then a word that is misheard."""
    factor = np.ones(canvas.calls) if slower is None else slower
    joins = factor * waits(draw, noise, noise.join_s, noise.join_spread, canvas.calls)
    replies = factor * waits(draw, noise, noise.reply_s, noise.reply_spread, canvas.calls)
    join_of = {turn.call: join_s for turn, join_s in zip(canvas.part.turns, joins.tolist(), strict=True)}
    calls = tuple(
        replace(event, t=event.t - 0.9 + join_of[event.call]) if event.step == "agent_audio" else event
        for event in canvas.part.calls
    )
    misheard = draw.random(canvas.calls) < noise.misheard_chance
    turns = tuple(
        _waiting(mishear(turn, {len(turn.said_text.split()) - 1}) if slip else turn, wait_s)
        for turn, slip, wait_s in zip(canvas.part.turns, misheard.tolist(), replies.tolist(), strict=True)
    )
    return tuple(sorted(calls, key=lambda event: event.t)), turns


def _waiting(turn: Turn, wait_s: float) -> Turn:
    start_t = turn.speech_end_t + wait_s
    return replace(turn, latency_s=wait_s, reply_start_t=start_t, reply_end_t=start_t + 2.5)


def mishear(turn: Turn, wrong: Collection[int]) -> Turn:
    """Mishear the words at these places, and answer what was understood; the code is the last four."""
    heard = ["banana" if at in wrong else word for at, word in enumerate(turn.said_text.split())]
    reply = f"thank you your code is {' '.join(heard[-4:])}"
    return replace(turn, transcript=" ".join(heard), reply_text=reply, heard_text=reply)


def silent(turn: Turn) -> Turn:
    """Leave out the reply of a turn: text and sound."""
    turn = replace(turn, reply_text=None, heard_text=None, reply_audio_s=0.0)
    return replace(turn, reply_start_t=None, reply_end_t=None, latency_s=None)


def with_gap(turn: Turn, gap_s: float) -> Turn:
    """Put a hole into the sound of a reply."""
    return replace(turn, gaps=(AudioGap(0.8, gap_s),))
