"""Whether a step of a scripted call went as its script expects."""

from collections.abc import Iterator

from voicegate.expected_reply import described
from voicegate.limits import TurnLimits
from voicegate.measure.assessment import assess_turn
from voicegate.measure.played_steps import PlayedStep, Stretch, joined
from voicegate.quantity import format_quantity
from voicegate.record.events import Expected

GOES_ON_S = 0.8
"""Whoever is stopped by a sound is silent by then."""

_SPREAD_S = 0.15  # of how long replies to turns of a kind are


def wording(expected: Expected) -> str:
    """Say in a few words what is expected."""
    parts = [
        *((described(expected.answer),) if expected.answer is not None else ()),
        *((f"an answer within {expected.within_s:g} s",) if expected.within_s is not None else ()),
        *(("one answer",) if expected.once else ()),
        *(("no answer",) if expected.no_answer else ()),
        *(("the reply to go on",) if expected.keeps_talking else ()),
        *((f"silence within {expected.stops_within_s:g} s",) if expected.stops_within_s is not None else ()),
    ]
    return ", ".join(parts)


def unmet(step: PlayedStep, expected: Expected, limits: TurnLimits, resume_s: float) -> tuple[str, ...]:
    """Say what came in place of what was expected; empty when all is as it should be. A reply may be silent for `resume_s` because of a sound."""
    return (*_of_answer(step, expected, limits), *_of_reply(step, expected, resume_s))


def _of_answer(step: PlayedStep, expected: Expected, limits: TurnLimits) -> Iterator[str]:
    answers = step.answers(limits.sentence_pause_s)
    if expected.no_answer and answers:
        length = answers[0].end_t - answers[0].begin_t
        yield f"something was said for {format_quantity(length, 's')}"
    if expected.answer is not None and step.turn is not None:
        yield from (
            flaw.text for flaw in assess_turn(step.turn, limits).of("unheard", "no reply", "wrong reply")
        )
    if expected.within_s is not None:
        wait_s = answers[0].begin_t - step.spoke_until_t if answers else None
        if wait_s is None:
            yield "no answer was heard"
        elif wait_s > expected.within_s:
            yield f"answered after {format_quantity(wait_s, 's')}"
    if expected.once and len(answers) != 1:
        yield f"{len(answers)} answers"


def _of_reply(step: PlayedStep, expected: Expected, resume_s: float) -> Iterator[str]:
    if not expected.keeps_talking and expected.stops_within_s is None:
        return
    reply = step.spoken_over(resume_s)
    if reply is None:
        yield "the agent was not speaking any more"
        return
    stopped_s = step.stopped_after_s
    if expected.stops_within_s is not None and stopped_s > expected.stops_within_s:
        yield f"silent after {format_quantity(stopped_s, 's')}"
    if expected.keeps_talking:
        after = [one for one in step.heard if one.end_t > step.t and one.begin_t < step.step.over_t]
        heard_s = joined(after, resume_s)[0].end_t - step.t
        if heard_s < min(GOES_ON_S, _left_s(step, reply)):
            yield f"the reply was heard for {format_quantity(heard_s, 's')} more"


def _left_s(step: PlayedStep, reply: Stretch) -> float:
    """Tell how much of a reply is left at least when the step begins, as long as those are that nobody disturbs."""
    if step.usual_reply_s is None:
        return GOES_ON_S
    return step.usual_reply_s - (step.t - reply.begin_t) - _SPREAD_S
