"""G11: no error, no traceback and no leak warning in the agent's log.

What the agent writes during a stall of the machine counts neither as a failure nor as a pass: connections break
then, and their libraries say so as errors. The same holds for what is written after somebody interrupted the run: the gate ends the agent in the middle of its calls.
"""

import math
import re
from collections.abc import Sequence

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, Need, RulesFor
from voicegate.judge.finding import counted
from voicegate.judge.forced_collection import VARIANT
from voicegate.judge.log_texts import log_texts
from voicegate.limits import StallLimits
from voicegate.log_contract import LogContract
from voicegate.measure.copies import without_copies
from voicegate.measure.stalls import stalls
from voicegate.measure.tracebacks import is_header, with_exceptions
from voicegate.quantity import number_of
from voicegate.record.events import LogLine, Recording

_SHOWN = 6
_LONGEST = 240
_LATE_S = 0.001  # a line is a moment, and a stall a stretch


def measure(recording: Recording, rules: RulesFor[StallLimits]) -> Conclusion:
    """Count the lines that say trouble, over the main run and the variant of the forced collection."""
    parts = [
        recording,
        *(variant for name, variant in recording.variants.items() if name == VARIANT and variant.log),
    ]
    read = [(part, with_exceptions(without_copies(log_texts(part)))) for part in parts]
    copies = sum(len(part.log) - len(lines) for part, lines in read)
    lines = [line for part, lines in read for line in lines if line.t <= _interrupted_t(part)]
    held_up = [one for part in parts for one in stalls(part, rules.limits)]
    trouble = _trouble(lines, rules.log)
    own = [line for line in trouble if not any(one.overlaps(line.t, line.t + _LATE_S) for one in held_up)]
    shown = own or trouble
    more = len(shown) - _SHOWN
    return Conclusion(
        measurements=(counted("lines that say trouble", len(own), 0, "log lines", len(lines)),),
        evidence=(*map(_describe, shown[:_SHOWN]), *([f"and {more} more"] if more > 0 else [])),
        stability=f"all {len(lines)} lines read, {sum(line.level is not None for line in lines)} with a level"
        + (f"; {copies} more are parts or second copies of them" if copies else ""),
        caveats=_disturbed(len(trouble) - len(own)),
        met=f"no error, traceback or leak warning in {number_of(len(lines), 'line')}",
    )


judge = Criterion(
    id="G11-logs-clean",
    title="the agent's log is clean",
    question="Does the agent's log say that anything went wrong?",
    passes="no error, traceback or leak warning in the agent's log",
    formula="lines of trouble that are not tolerated = 0",
    how=(
        "Trouble is a line of level error, critical or fatal, or a line that matches a `[log] trouble` "
        "pattern, in the main run or in the variant `forced-gc`. `[log] tolerated` names harmless lines. "
        "Trouble during a stall of the machine is an ERROR, because connections break then and their "
        "libraries log errors. So is trouble after somebody interrupted the run."
    ),
    when_it_fails="see agent.log beside the report; name lines that are harmless as [log] tolerated in the gate file",
    limits=StallLimits,
    measure=measure,
    owes=("lines that say trouble",),
    needs=(Need.TROUBLE_LINES,),
)


def _interrupted_t(recording: Recording) -> float:
    """Tell when somebody interrupted the run, which ended its last phase."""
    if recording.end is None or recording.end.outcome != "interrupted":
        return math.inf
    return max((phase.t for phase in recording.phases if phase.edge == "end"), default=math.inf)


def _trouble(lines: Sequence[LogLine], contract: LogContract) -> Sequence[LogLine]:
    patterns = [re.compile(pattern) for pattern in contract.trouble]
    tolerated = [re.compile(pattern) for pattern in contract.tolerated]
    levels = {level.casefold() for level in contract.trouble_levels}
    said = re.compile(contract.trouble_words) if contract.trouble_words else None

    def is_trouble(line: LogLine) -> bool:
        if any(pattern.search(line.message) for pattern in tolerated):
            return False
        if line.level is not None and line.level.casefold() in levels:
            return True
        if line.level is None and said is not None and said.search(line.message):
            return True
        return any(pattern.search(line.message) for pattern in patterns)

    return [line for line in lines if is_trouble(line)]


def _disturbed(count: int) -> tuple[Caveat, ...]:
    if not count:
        return ()
    reason = (
        f"{count} lines report trouble, written while the machine stalled (the gate's own sampling was late)"
    )
    return (Caveat(reason, "run again with less other work on the machine, or on more cores"),)


def _describe(line: LogLine) -> str:
    level = f"{line.level} " if line.level else ""
    process = f" (process {line.pid})" if line.pid is not None else ""
    said = line.message
    if line.exception and (is_header(line) or line.exception not in said):
        said = line.exception if is_header(line) else f"{said}: {line.exception}"
    message = " ".join(said.split())
    return f"{line.t:.1f} s: {level}{message[:_LONGEST]}{'…' if len(message) > _LONGEST else ''}{process}"
