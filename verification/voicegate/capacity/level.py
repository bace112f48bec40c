"""Judging a level: the stretch of a recording in which the same number of callers talked, by the criteria of a load run; pure.

Judged are turns that began when all callers were in a call, until they were told to stop: coming and going is no talking. Calls
count from the first to the last. A turn is recorded when it is over, and callers finish what they have begun, so that a slow reply
is not lost because the level ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from voicegate.capacity.bottleneck import Bottleneck, Signs, find_bottleneck
from voicegate.capacity.result import LevelResult
from voicegate.judge.criterion import short_id
from voicegate.judge.finding import Finding, Status
from voicegate.judge.load import calls, joins, memory, turns
from voicegate.judge.load.callers import late_callers
from voicegate.judge.registry import Rules
from voicegate.measure.calls import Call, calls_in_order, failed_by_others
from voicegate.measure.memory_levels import tree_pss
from voicegate.measure.phases import Span, spans
from voicegate.measure.processor_usage import usage_between, usage_during
from voicegate.measure.turns import measured
from voicegate.measure.waits import percentile, wait_of
from voicegate.record.events import CallEvent, End, Recording, Turn

LEVEL = "level-"
"""How the phase of a level is called, with the number of its calls."""

_LONGER = "let levels last longer"


@dataclass(frozen=True, slots=True)
class _Level:
    """A level with all that happened in it, and the stretch in which all of its callers were there."""

    recording: Recording
    calls: tuple[Call, ...]
    callers: int
    begin_t: float
    end_t: float

    def steady(self) -> Recording:
        """Return what happened in the stretch; calls last from its begin to its end. A call that the end broke off is none to leave turns out of."""
        own, within = self.recording, self._within
        return replace(
            own,
            calls=tuple(self._clipped(event) for event in own.calls),
            turns=tuple(turn for turn in own.turns if within(turn.speech_start_t)),
            memory=tuple(sample for sample in own.memory if within(sample.t)),
            callers=tuple(look for look in own.callers if within(look.t)),
        )

    def talking(self) -> Recording:
        """Return what happened in the stretch, without the calls that had nothing to say in it: they spoke only outside, or the end came first."""
        steady = self.steady()
        elsewhere = {turn.call for turn in self.recording.turns} | {
            call.name for call in self.calls if call.broken_off
        }
        silent = elsewhere - {turn.call for turn in steady.turns}
        return replace(steady, calls=tuple(event for event in steady.calls if event.call not in silent))

    def _clipped(self, event: CallEvent) -> CallEvent:
        at = replace(event, t=min(max(event.t, self.begin_t), self.end_t))
        return replace(at, step="hung_up", fault=None) if event.fault == "run" else at

    def later_calls(self) -> Recording:
        """Return the calls that began in the stretch, all if none did; one that the end broke off as it began is no such call."""
        begun = [call for call in self.calls if call.audio_t is not None or not call.broken_off]
        names = {call.name for call in begun if self._within(call.dialed_t)}
        events = tuple(event for event in self.recording.calls if event.call in names)
        return replace(self.recording, calls=events or self.recording.calls)

    def _within(self, t: float) -> bool:
        return self.begin_t <= t < self.end_t


def judged_levels(recording: Recording, rules: Rules) -> tuple[LevelResult, ...]:
    """Judge every level that came to its end, in the order they were tried."""
    recording = measured(recording, rules.limits)
    ended = [span for span in spans(recording) if span.name.startswith(LEVEL) and span.end_t is not None]
    return tuple(judge_level(recording, span, rules) for span in ended)


def judge_level(recording: Recording, span: Span, rules: Rules) -> LevelResult:
    """Judge one level, a phase that has ended: whether it held, why not, and what was used."""
    callers = span.concurrent_calls
    own = _happened_in(recording, span)
    made = calls_in_order(own) if own.calls else ()
    lost = sum(call.fault == "caller-process" for call in made)
    if lost:
        reason = f"calls that were lost with the process that their callers lived in: {lost}; run again"
        return LevelResult(calls=callers, held=None, reasons=(reason,))
    full_t = _full_t(made[:callers]) if len(made) >= callers else None
    stop_t = _stop_t(recording, span)
    if full_t is None or full_t >= stop_t:
        reason = f"the callers ({callers}) were not all in a call before it ended: {_LONGER}"
        return LevelResult(calls=callers, held=None, reasons=(reason,))
    level = _Level(own, made, callers, full_t, stop_t)
    steady = level.steady()
    spoken = turns.judge(_whoever_made_it(level.talking()), rules)
    findings = (
        calls.judge(_whoever_made_it(own), rules),
        spoken,
        joins.judge(_whoever_made_it(level.later_calls()), rules),
        memory.total(steady, rules),
    )
    broken = [finding for finding in findings if finding.status is Status.FAIL]
    own_faults = _own_faults(made, rules)
    result = _measured(level, steady)
    if not (broken or own_faults) and (unknown := _unknown(steady, findings)):
        return result.model_copy(update={"reasons": unknown})
    verdict: dict[str, Any] = {
        "held": not (broken or own_faults),
        "reasons": (*(finding.reason for finding in broken), *own_faults),
        "notes": (*_warnings(spoken), *(caveat.reason for caveat in late_callers(steady, rules.limits))),
    }
    if not verdict["held"]:
        verdict["bottleneck"] = _bottleneck(level, steady, broken, rules)
    return result.model_copy(update=verdict)


def _whoever_made_it(recording: Recording) -> Recording:
    """Leave out what excuses an agent: a level holds or does not, whoever is to blame, and its bottleneck says who that was."""
    return replace(recording, memory=(), callers=())


def _unknown(steady: Recording, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Say what could not be measured of a level that nothing broke.

    L1 is not asked: calls that others failed are counted by `_own_faults`, and those that the end broke off stayed up until then.
    """
    if not steady.turns:
        return (f"no caller came to say anything: {_LONGER}",)
    return tuple(
        f"{short_id(one.id)} could not be measured: {one.reason}"
        for one in findings
        if one.status is Status.ERROR and one.id != calls.judge.id
    )


def _happened_in(recording: Recording, span: Span) -> Recording:
    """Leave only what belongs to the calls that were dialed in a phase, and to its time; usage looks back a little."""
    names = {event.call for event in recording.calls if event.step == "dialed" and span.has(event.t)}
    return replace(
        recording,
        calls=tuple(event for event in recording.calls if event.call in names),
        turns=tuple(turn for turn in recording.turns if turn.call in names),
        callers=tuple(look for look in recording.callers if span.has(look.t)),
        end=End(span.until_t, "complete"),
    )


def _full_t(first: Sequence[Call]) -> float | None:
    """Tell when every caller's first call had connected or failed; None when one was still dialing in the end."""
    settled = [call.left_t if call.audio_t is None else call.audio_t for call in first]
    broken_off = any(call.audio_t is None and call.broken_off for call in first)
    known = [t for t in settled if t is not None]
    return max(known) if len(known) == len(settled) and not broken_off else None


def _stop_t(recording: Recording, span: Span) -> float:
    """Tell when Locust told the callers to stop: it ends a phase of its own then. Otherwise the end of the level."""
    others = [one for one in spans(recording) if one.name != span.name and one.end_t is not None]
    inner = [one.until_t for one in others if span.begin_t <= one.begin_t and one.until_t <= span.until_t]
    return max(inner, default=span.until_t)


def _own_faults(made: Sequence[Call], rules: Rules) -> tuple[str, ...]:
    """Say what more calls failed for than may fail at all, when it was the server's or their callers' doing."""
    ours = [call.failure for call in made if call.failed_by_others]
    if len(ours) <= rules.limits.load_failed_calls * len(made):
        return ()
    return tuple(caveat.reason for caveat in failed_by_others(made))


def _warnings(finding: Finding) -> tuple[str, ...]:
    """Say what is doubtful about a criterion that passed."""
    warning = finding.reason.partition("warning: ")[2] if finding.status is Status.PASS else ""
    return (warning,) if warning else ()


def _measured(level: _Level, steady: Recording) -> LevelResult:
    waits_s = [wait_of(turn) for turn in steady.turns]
    p50_s, p95_s, p99_s = (_finite(percentile(waits_s, one)) if waits_s else None for one in (50, 95, 99))
    joined_s = [
        call.audio_t - call.dialed_t
        for call in calls_in_order(level.later_calls())
        if call.audio_t is not None
    ]
    usage = usage_between(level.recording, level.begin_t, level.end_t)
    return LevelResult(
        calls=level.callers,
        held=None,
        judged_s=level.end_t - level.begin_t,
        turns=len(steady.turns),
        p50_s=p50_s,
        p95_s=p95_s,
        p99_s=p99_s,
        calls_made=len(level.calls),
        calls_failed=len(_failed(level.calls)),
        join_p95_s=percentile(joined_s, 95) if joined_s else None,
        peak_bytes=max((tree_pss(sample) for sample in steady.memory if sample.complete), default=None),
        agent_cores=dict(usage.agent),
        other_cores=dict(usage.others),
        cores=usage.available,
    )


def _finite(seconds: float) -> float | None:
    """Return None for a percentile that falls among the turns without a reply."""
    return seconds if isfinite(seconds) else None


def _bottleneck(level: _Level, steady: Recording, broken: Sequence[Finding], rules: Rules) -> Bottleneck:
    failed = _failed(level.calls)
    late = late_callers(steady, rules.limits)
    return find_bottleneck(
        Signs(
            broken=frozenset(short_id(one.id) for one in broken),
            usage=usage_during(level.recording, [_wait(turn) for turn in steady.turns]),
            looks=steady.callers,
            late=late[0].reason if late else None,
            failed=len(failed),
            unanswered=sum(call.answered_t is None for call in failed),
            own_fault=sum(call.failed_by_others for call in failed),
        )
    )


def _wait(turn: Turn) -> tuple[float, float]:
    """Tell when a caller waited for a reply; one who got none waited to the end of the turn."""
    return turn.speech_end_t, turn.t if turn.reply_start_t is None else turn.reply_start_t


def _failed(made: Sequence[Call]) -> list[Call]:
    return [call for call in made if call.failure is not None and not call.broken_off]
