"""G3: every turn gets its reply as text, and the right one."""

from functools import partial

from voicegate.expected_reply import described
from voicegate.judge.criterion import Caveat, Conclusion, Criterion, NotMeasured, RulesFor
from voicegate.judge.finding import counted
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import TurnLimits
from voicegate.measure.assessment import assess_call, assess_turn
from voicegate.measure.calls import Call, by_turn, calls_in_order, failed_by_others, why_failed
from voicegate.quantity import number_of
from voicegate.record.events import Recording, Turn

_SHOWN = 8
_LEFT = "calls that the agent did not stay in"


def measure(recording: Recording, rules: RulesFor[TurnLimits]) -> Conclusion:
    """Compare every reply's text with the expected one; a turn that expects nothing in particular needs any."""
    calls = calls_in_order(recording)
    turns = list(by_turn(calls))
    others = failed_by_others(calls)
    mute = [call for call in calls if call.speaks_of_agent and assess_call(call, rules.limits).of("no turn")]
    if not turns and not mute:
        caveat = next(iter(others), Caveat("the recording stops before the first turn"))
        raise NotMeasured(caveat.reason, caveat.advice)
    left = (
        [] if recording.header.of_load else [call for call in calls if call.turns and call.fault == "agent"]
    )
    wrong = [
        (call, turn) for call, turn in turns if assess_turn(turn, rules.limits).of("no reply", "wrong reply")
    ]
    return Conclusion(
        measurements=(
            counted(
                "turns with the right reply text", len(turns) - len(wrong), len(turns), "turns", len(turns)
            ),
            counted("calls without a turn", len(mute), 0, "turns", len(calls)),
            *([] if recording.header.of_load else [counted(_LEFT, len(left), 0, "calls", len(calls))]),
        ),
        evidence=(
            *(_describe(call, turn) for call, turn in wrong[:_SHOWN]),
            *(
                f"{call.name} came to no turn{f': {call.failure}' if call.failure else ''}"
                for call in mute[:_SHOWN]
            ),
            *(f"{call.name}: {call.failure}" for call in left[:_SHOWN]),
        ),
        stability=f"{number_of(len(turns), 'turn')} in {number_of(len(calls), 'call')}, counted",
        caveats=others,
        met=f"all {len(turns)} turns got the reply that was expected",
        because=why_failed((*mute, *left)),
    )


judge = Criterion(
    id="G3-replies",
    title="every turn gets its reply",
    question="Is everything that a caller says answered?",
    passes="every turn gets its reply as text",
    formula="turns with the expected reply = turns; calls without a turn = 0",
    how=(
        "The text of every reply must be the expected one, word by word, or match the expected pattern, "
        "or contain the expected words. If nothing in particular is expected, any reply will do. A call "
        "without any turn is a failure too. So is a call that the agent left, or whose room it closed, "
        "before the caller hung up, unless the caller had said goodbye; in a load run, L1 judges that."
    ),
    when_it_fails="see in the agent's log whether the turn was transcribed and what the language model answered",
    limits=TurnLimits,
    measure=partial(measure_undisturbed, measure),
    owes=("turns with the right reply text", "calls without a turn"),
)


def _describe(call: Call, turn: Turn) -> str:
    understood, got = (repr(text) if text else "nothing" for text in (turn.transcript, turn.reply_text))
    return (
        f"{call.name} turn {turn.index + 1}: said {turn.said_text!r}, understood {understood};"
        f" expected {described(turn.expected_reply)}, got {got}"
    )
