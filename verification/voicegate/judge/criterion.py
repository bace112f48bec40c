"""What a criterion is: an identifier, a title and a pure function that measures.

A measuring function returns a `Conclusion`, or raises `NotMeasured` or `NotRun`; calling the criterion turns
either into a `Finding`, so that every criterion answers every recording.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from voicegate.judge.finding import Finding, Measurement, Status
from voicegate.limits import Limits
from voicegate.log_contract import LogContract
from voicegate.measure.doubts import Doubt, NotMeasured, NotRun
from voicegate.measure.taking_part import elsewhere
from voicegate.record.events import Recording

__all__ = [
    "NEED_PROCESSES",
    "Conclusion",
    "Criterion",
    "Doubt",
    "Measure",
    "NotMeasured",
    "NotRun",
    "Rules",
    "criterion",
    "short_id",
]

NEED_PROCESSES = ("C4", "C5", "C6", "C7", "C8", "G6", "G7", "G10", "L4", "L5")
"""Criteria about memory and processes, by the beginning of their ids: they judge no processes that are not the agent's."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a recording is held against: the limits, the text of log and source, and which criteria are left out and why."""

    limits: Limits = field(default_factory=Limits)
    log: LogContract = field(default_factory=LogContract)
    disabled: Mapping[str, str] = field(default_factory=dict)
    lock: str = "(?i)lock|mutex"  # pattern of what a `with` around an assignment must be called


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What was measured for a criterion.

    With `doubts` a criterion does not pass even if all measurements are within their limits; with `warnings` it does,
    and says so. `met` says in a sentence what a PASS means, `advice` what to do about a FAIL, and `blame` why nobody but the
    agent is to blame for it, where that is in question.
    """

    measurements: tuple[Measurement, ...]
    evidence: tuple[str, ...] = ()
    stability: str = ""
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[Doubt, ...] = ()
    met: str = ""
    advice: str = ""
    blame: str = ""


Measure = Callable[[Recording, Rules], Conclusion]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of the gate; call it with a recording and rules to get its finding."""

    id: str
    title: str
    measure: Measure

    def __call__(self, recording: Recording, rules: Rules) -> Finding:
        """Judge a recording. Never raises: what goes wrong is a finding too."""
        if self.id in rules.disabled:
            return Finding(self.id, self.title, Status.NOT_RUN, rules.disabled[self.id])
        try:
            others = elsewhere(recording) if short_id(self.id) in NEED_PROCESSES else ()
            conclusion = self.measure(recording, rules)
        except NotRun as answer:
            return Finding(self.id, self.title, Status.NOT_RUN, str(answer))
        except NotMeasured as answer:
            return self._not_measured(others[0] if others else answer)
        except Exception as error:  # noqa: BLE001 - a judge that breaks must not vanish from the verdict
            reason = f"the judge itself broke: {error!r}"
            return Finding(
                self.id, self.title, Status.ERROR, reason, advice="report this as a bug of the gate"
            )
        return self._not_measured(others[0]) if others else self._conclude(conclusion)

    def _not_measured(self, answer: NotMeasured | Doubt) -> Finding:
        return Finding(self.id, self.title, Status.ERROR, answer.reason, advice=answer.advice)

    def _conclude(self, conclusion: Conclusion) -> Finding:
        status, reason, advice = _decide(conclusion)
        return Finding(
            self.id,
            self.title,
            status,
            reason,
            measurements=conclusion.measurements,
            evidence=conclusion.evidence,
            stability=conclusion.stability,
            advice=advice,
        )


def short_id(id_: str) -> str:
    """Give the part of a criterion's id that people say: `C5` of `C5-extra-connection`."""
    return id_.partition("-")[0]


def criterion(id_: str, title: str) -> Callable[[Measure], Criterion]:
    """Make a criterion of a measuring function. Registers nothing: `registry.CRITERIA` lists them all."""

    def wrap(measure: Measure) -> Criterion:
        return Criterion(id_, title, measure)

    return wrap


def _decide(conclusion: Conclusion) -> tuple[Status, str, str]:
    by_status = {
        status: [measurement for measurement in conclusion.measurements if measurement.status is status]
        for status in (Status.FAIL, Status.ERROR)
    }
    if failed := by_status[Status.FAIL]:
        reasons = [*map(_against, failed), *([conclusion.blame] if conclusion.blame else [])]
        return Status.FAIL, "; ".join(reasons), conclusion.advice
    if unsure := by_status[Status.ERROR]:
        reason = "; ".join(f"too unstable to decide: {_against(measurement)}" for measurement in unsure)
        return Status.ERROR, reason, "run again on a quieter machine; the interval must clear the limit"
    if conclusion.doubts:
        return Status.ERROR, _reasons(conclusion.doubts), _advice(conclusion.doubts)
    if conclusion.warnings:
        warning = f"warning: {_reasons(conclusion.warnings)}"
        met = f"{conclusion.met}; {warning}" if conclusion.met else warning
        return Status.PASS, met, _advice(conclusion.warnings)
    return Status.PASS, conclusion.met, ""


def _reasons(doubts: tuple[Doubt, ...]) -> str:
    return "; ".join(doubt.reason for doubt in doubts)


def _advice(doubts: tuple[Doubt, ...]) -> str:
    return "; ".join(dict.fromkeys(doubt.advice for doubt in doubts))


def _against(measurement: Measurement) -> str:
    interval = f" [{measurement.interval_text}]" if measurement.interval_text else ""
    limit = measurement.limit_text.removeprefix("= ")
    return f"{measurement.what}: {measurement.value_text}{interval}, must be {limit}"
