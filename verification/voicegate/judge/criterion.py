"""What a criterion is: one object that says everything about itself, and judges recordings.

The checks that many criteria share are made here, around its measuring function: that the parts of the scenario it needs are there
and were played to their end, that the calls it looks at were answered, and that everything it owes was measured. The function
returns a `Conclusion`, or raises `NotMeasured` or `NotRun`; calling the criterion turns each into a `Finding`, so that every
criterion answers every recording. The gate file's comments, the tables in README and docs, and the large figures of the page are
made from these objects.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Generic, TypeVar

from voicegate.judge.finding import Finding, Measurement, Status
from voicegate.limits import CriterionLimits
from voicegate.log_contract import LogContract
from voicegate.measure.calls import Call, calls_in_order, check_first_call, lost_events, unanswered
from voicegate.measure.caveats import Caveat, NotMeasured, NotRun
from voicegate.measure.memory_levels import RESTLESS_ADVICE
from voicegate.measure.phases import Part, cut_off, missing_part
from voicegate.measure.taking_part import elsewhere
from voicegate.record.events import Recording, VariantName

__all__ = [
    "Caveat",
    "Conclusion",
    "Criterion",
    "CriterionLimits",
    "Figure",
    "Measure",
    "Need",
    "NotMeasured",
    "NotRun",
    "RulesFor",
    "short_id",
]

_SHOWN = 4
_UNSTEADY_ADVICE = (
    "run again with less other work on the machine: the whole interval must lie on one side of the limit"
)

L = TypeVar("L", bound=CriterionLimits)
L_co = TypeVar("L_co", bound=CriterionLimits, covariant=True)
L_contra = TypeVar("L_contra", bound=CriterionLimits, contravariant=True)


@dataclass(frozen=True, slots=True)
class RulesFor(Generic[L_co]):
    """What a recording is held against: the limits, the text of log and source, and which criteria are left out and why.

    A measuring function names the limits it looks at: `RulesFor[Limits]`. The rules it is given hold those of all criteria.
    """

    limits: L_co
    log: LogContract = field(default_factory=LogContract)
    disabled: Mapping[str, str] = field(default_factory=dict)
    lock: str = "(?i)lock|mutex"  # pattern of what a `with` around an assignment must be called


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What was measured for a criterion.

    With `caveats` a criterion does not pass even if all measurements are within their limits; with `warnings` it does,
    and says so. `met` says in a sentence what a PASS means, `advice` what to do about this FAIL, where that is not what the criterion
    says of each, and `blame` why nobody but the agent is to blame for it, where that is in question. `unowed` begins what the criterion owes and the gate file's log does not give. `because` tells what the logs say about calls that failed. `restless` names the processes that came or went while memory was measured,
    which explains an interval that is too wide to decide.
    """

    measurements: tuple[Measurement, ...]
    evidence: tuple[str, ...] = ()
    stability: str = ""
    caveats: tuple[Caveat, ...] = ()
    warnings: tuple[Caveat, ...] = ()
    met: str = ""
    advice: str = ""
    blame: str = ""
    because: Caveat | None = None
    unowed: tuple[str, ...] = ()
    restless: tuple[str, ...] = ()


class Need(Enum):
    """Something that a criterion looks at, and that not every agent, gate file or recording gives."""

    PROCESSES = "the agent's processes are watched"
    START = "the gate starts the agent"
    MODEL_LINES = "the log names the models"
    MODEL_IDS = "the log names their instances"
    MEMORY_REPORTS = "the log reports memory"
    TROUBLE_LINES = "the log is searched for trouble"
    FIRST_CALL = "the first call was answered"

    @property
    def is_in_log(self) -> bool:
        """Whether the agent's log must be read for it."""
        return self in (Need.MODEL_LINES, Need.MODEL_IDS, Need.MEMORY_REPORTS, Need.TROUBLE_LINES)


@dataclass(frozen=True, slots=True)
class Figure:
    """How a criterion's figure is shown large on the page: its first measurement, or its last."""

    name: str
    note: str = ""
    last: bool = False


Measure = Callable[[Recording, RulesFor[L]], Conclusion]
ChooseCalls = Callable[[Sequence[Call]], Iterable[Call]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Generic[L_contra]):
    """One criterion of the gate; call it with a recording and rules to get its finding.

    `question` is what it answers, `passes` when it is met, `how` how that is measured, in plain sentences, and `formula` the same in
    one line, where one helps; `when_it_fails` says what to do then. `limits` are those that `measure` looks at. `needs` and `parts` (of the scenario) must be there, `variant` must have
    been played, each call that `answered` chooses must have been answered, the run must have come to its end unless
    `whole_run` is false, and each of `owes` must begin the name of a measurement: what is missing makes an ERROR.
    `figure` shows it large on the page; `profiled` says that a memory profile explains a failure.
    """

    id: str
    title: str
    question: str
    passes: str
    how: str
    when_it_fails: str
    limits: type[L_contra]
    measure: Measure[L_contra]
    formula: str = ""
    owes: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    parts: tuple[Part, ...] = ()
    variant: VariantName | None = None
    answered: ChooseCalls | None = None
    whole_run: bool = True
    figure: Figure | None = None
    profiled: bool = False

    @property
    def short_id(self) -> str:
        """What people say: `C5` of `C5-extra-connection`."""
        return short_id(self.id)

    def __call__(self, recording: Recording, rules: RulesFor[L_contra]) -> Finding:
        """Judge a recording. Never raises: what goes wrong is a finding too."""
        if self.id in rules.disabled:
            return Finding(self.id, self.title, Status.NOT_RUN, rules.disabled[self.id])
        try:
            others = elsewhere(recording) if Need.PROCESSES in self.needs else ()
            self._check(recording, rules.log)
            conclusion = self.measure(recording, rules)
            conclusion = replace(
                conclusion, caveats=(*conclusion.caveats, *self._caveats(recording, conclusion))
            )
        except NotRun as answer:
            return Finding(self.id, self.title, Status.NOT_RUN, answer.reason, advice=answer.advice)
        except NotMeasured as answer:
            return self._not_measured(others[0] if others else answer)
        except Exception as error:  # noqa: BLE001 - a judge that breaks must not vanish from the verdict
            reason = f"the judge itself broke: {error!r}"
            return Finding(
                self.id, self.title, Status.ERROR, reason, advice="report this as a bug of the gate"
            )
        return self._not_measured(others[0]) if others else self._conclude(conclusion)

    def _not_measured(self, answer: NotMeasured | Caveat) -> Finding:
        return Finding(self.id, self.title, Status.ERROR, answer.reason, advice=answer.advice)

    def _check(self, recording: Recording, log: LogContract) -> None:
        """Raise NotRun or NotMeasured where something is missing without which nothing can be measured."""
        for need in self.needs:
            if reason := _not_in_log(need, log):
                raise NotRun(f"{reason}, says the gate's configuration")
        for part in self.parts:
            if not part.is_in(recording):
                raise missing_part(recording, part.name, part.is_planned)
        if self.variant is not None:
            check_variant(recording, self.variant)
        if Need.FIRST_CALL in self.needs:
            check_first_call(recording)

    def _caveats(self, recording: Recording, conclusion: Conclusion) -> Iterable[Caveat]:
        """List the caveats: calls that were not answered, a run that broke off, and owed measurements that are missing."""
        caveats = [
            *(unanswered(self.answered(calls_in_order(recording))) if self.answered else ()),
            *((*cut_off(recording), *lost_events(recording)) if self.whole_run else ()),
        ]
        if caveats or conclusion.caveats:
            return caveats
        measured = [one.what for one in conclusion.measurements]
        return [
            Caveat(f"not measured: {owed}", "report this as a bug of the gate")
            for owed in self.owes
            if not owed.startswith(conclusion.unowed) and not any(what.startswith(owed) for what in measured)
        ]

    def _conclude(self, conclusion: Conclusion) -> Finding:
        status, reason, advice = _decide(replace(conclusion, advice=conclusion.advice or self.when_it_fails))
        restless = conclusion.restless[:_SHOWN] if status is Status.FAIL else ()
        return Finding(
            self.id,
            self.title,
            status,
            reason,
            measurements=conclusion.measurements,
            evidence=(*conclusion.evidence, *restless),
            stability=conclusion.stability,
            advice=advice,
        )


def check_variant(recording: Recording, name: VariantName) -> None:
    """Raise NotRun when the scenario has no such variant, NotMeasured when it was not played to its end.

    A call that nobody answered is no part of what a variant is to show: then it was not measured either.
    """
    variant = recording.variants.get(name)
    if variant is None:
        say = f"say in the gate file how the agent is started for it, [variants.{name.replace('-', '_')}], and play the scenario full"
        raise missing_part(recording, f"variant {name}", lambda planned: name in planned.variants, say)
    if variant.variant is not None and variant.variant.skipped:
        raise NotMeasured(
            f"variant {name} was not played: {variant.variant.skipped}",
            "make what it needs available and run again",
        )
    if (
        caveats := cut_off(variant)
        or lost_events(variant)
        or unanswered(calls_in_order(variant))
        or elsewhere(variant)
    ):
        raise NotMeasured(f"variant {name}: {caveats[0].reason}", caveats[0].advice)


def short_id(id_: str) -> str:
    """Give the part of a criterion's id that people say: `C5` of `C5-extra-connection`."""
    return id_.partition("-")[0]


def _not_in_log(need: Need, log: LogContract) -> str:
    """Say that the log is not said to have what is needed; empty where it is."""
    if need is Need.MODEL_LINES and not log.names_models:
        return "the agent's log does not name its models"
    if need is Need.MODEL_IDS and not log.names_instances:
        return "asr_initialized and tts_initialized of [log] do not both capture (?P<id>…), the instance"
    if need is Need.MEMORY_REPORTS and not log.reports_memory:
        return "the agent's log does not report memory"
    if need is Need.TROUBLE_LINES and not log.names_trouble:
        return "no line of the agent's log is trouble"
    return ""


def _decide(conclusion: Conclusion) -> tuple[Status, str, str]:
    by_status = {
        status: [measurement for measurement in conclusion.measurements if measurement.status is status]
        for status in (Status.FAIL, Status.ERROR)
    }
    if failed := by_status[Status.FAIL]:
        because = conclusion.because
        told = (because.reason if because else "", conclusion.blame)
        reasons = [*map(_against, failed), *(text for text in told if text)]
        return Status.FAIL, "; ".join(reasons), (because and because.advice) or conclusion.advice
    if unsure := by_status[Status.ERROR]:
        reasons = [f"too unstable to decide: {_against(measurement)}" for measurement in unsure]
        reason = "; ".join([*reasons, *conclusion.restless[:_SHOWN]])
        return Status.ERROR, reason, RESTLESS_ADVICE if conclusion.restless else _UNSTEADY_ADVICE
    if conclusion.caveats:
        return Status.ERROR, _reasons(conclusion.caveats), _advice(conclusion.caveats)
    if conclusion.warnings:
        warning = f"warning: {_reasons(conclusion.warnings)}"
        met = f"{conclusion.met}; {warning}" if conclusion.met else warning
        return Status.PASS, met, _advice(conclusion.warnings)
    return Status.PASS, conclusion.met, ""


def _reasons(caveats: tuple[Caveat, ...]) -> str:
    return "; ".join(caveat.reason for caveat in caveats)


def _advice(caveats: tuple[Caveat, ...]) -> str:
    return "; ".join(dict.fromkeys(caveat.advice for caveat in caveats))


def _against(measurement: Measurement) -> str:
    interval = f" [{measurement.interval_text}]" if measurement.interval_text else ""
    limit = measurement.limit_text.removeprefix("= ")
    return f"{measurement.what}: {measurement.value_text}{interval}, must be {limit}"
