"""The doctor's answers as lines of text and as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence

from voicegate.doctor.checks import CheckResult, CheckStatus
from voicegate.doctor.facts import Plan
from voicegate.doctor.work import Work
from voicegate.quantity import format_bytes

SCHEMA, VERSION = "voicegate.doctor", 1


def is_ready(answers: Iterable[CheckResult]) -> bool:
    """Whether nothing keeps a run from being measured."""
    return all(answer.status is not CheckStatus.PROBLEM for answer in answers)


def as_text(answers: Sequence[CheckResult], work: Sequence[Work], plan: Plan) -> str:
    """Write a line per check, what to do below those that need it, then what a run would do first, and the outcome."""
    lines = [line for answer in answers for line in _lines(answer)]
    more = (
        f", up to {_minutes(plan.longer_s)} more where the agent leaves its rooms open"
        if plan.longer_s
        else ""
    )
    lines += [
        "",
        *_work_lines(work),
        f"The scenario {plan.scenario} takes about {_minutes(plan.expected_s)}{more}.",
    ]
    counts = {status: sum(answer.status is status for answer in answers) for status in CheckStatus}
    outcome = "Ready" if is_ready(answers) else "Not ready"
    bad = {
        status.value: counts[status]
        for status in (CheckStatus.PROBLEM, CheckStatus.WARNING)
        if counts[status]
    }
    said = [f"{number} {what}{'s' if number != 1 else ''}" for what, number in bad.items()]
    return "\n".join([*lines, f"{outcome}: {', '.join(said)}." if said else f"{outcome}."])


def as_json(answers: Sequence[CheckResult], work: Sequence[Work], plan: Plan) -> str:
    """Write everything as one JSON object; bytes and seconds."""
    listed = {
        "schema": SCHEMA,
        "version": VERSION,
        "ready": is_ready(answers),
        "scenario": plan.scenario,
        "expected_s": plan.expected_s,
        "longer_s": plan.longer_s,
        "checks": [
            {"what": one.what, "status": one.status.value, "seen": one.seen, "advice": one.advice}
            for one in answers
        ],
        "work": [{"what": one.what, "bytes": one.bytes, "about_s": one.about_s} for one in work],
    }
    return json.dumps(listed, indent=2, ensure_ascii=False)


def _lines(answer: CheckResult) -> Iterator[str]:
    yield f"{answer.status.value:8}{answer.what:12}{answer.seen}"
    if answer.advice:
        first, *others = answer.advice.splitlines()
        yield f"{'':20}What to do: {first}"
        yield from (f"{'':20}{line}" for line in others)


def _work_lines(work: Sequence[Work]) -> Iterator[str]:
    if not work:
        yield "Nothing has to be built or downloaded first."
    for one in work:
        takes = "as long as the network takes" if one.about_s is None else f"about {_minutes(one.about_s)}"
        yield f"First, once: {one.what}: {format_bytes(one.bytes)}, {takes}."


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"
