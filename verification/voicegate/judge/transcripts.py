"""G2: speech is transcribed, and each call gets its own: no cross-talk."""

from collections.abc import Sequence
from functools import partial

from pydantic import Field

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side, counted
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import TurnLimits
from voicegate.measure.assessment import assess_call
from voicegate.measure.calls import Call, by_turn, calls_in_order, nobody_spoke, untold
from voicegate.measure.spoken_words import WordErrors, by_words, codes_in, word_errors, words
from voicegate.quantity import format_quantity, number_of
from voicegate.record.events import Recording

_SHOWN = 8
_SPARE_WORDS = 3
"""So many words may be wrong in any call: in a call of seven words two are over its limit, whoever listens."""
_STRAYED = "codes in somebody else's call"


_NO_CODE = "play a scenario whose callers say codes, such as short, or give clips that have codes"


class Limits(TurnLimits):
    """How many words may be misunderstood."""

    total_wer: float = Field(default=0.1, ge=0, description="word error rate allowed over all calls")


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Compare what was understood with what was said, and follow each spoken code."""
    every = calls_in_order(recording)
    calls = [call for call in every if call.turns]
    if not calls:
        raise nobody_spoke(every)
    errors = {call: _errors_of(call) for call in calls}
    total = sum(errors.values(), start=WordErrors(0, 0))
    lost = [call for call in calls if assess_call(call, rules.limits).of("code lost")]
    strayed = _strayed(calls)
    with_code = sum(bool(_codes(call)) for call in calls)
    codes = (
        counted("calls whose code came back", with_code - len(lost), with_code, "spoken codes", with_code),
        counted(_STRAYED, len(strayed), 0, "spoken codes", with_code),
    )
    return Conclusion(
        measurements=(*_rates(errors, total, rules.limits), *(codes if with_code else ())),
        evidence=(
            *(f"{call.name}: code {', '.join(_codes(call))} did not come back" for call in lost[:_SHOWN]),
            *strayed[:_SHOWN],
            *_misheard(calls)[:_SHOWN],
        ),
        stability=f"{number_of(total.expected, 'word')} in {number_of(len(calls), 'call')}",
        caveats=untold(every) + (() if with_code else (Caveat("no caller said a code", _NO_CODE),)),
        met=f"{with_code} codes came back, each in its own call; word error rate {format_quantity(total.rate, 'fraction')}",
    )


judge = Criterion(
    id="G2-transcripts",
    title="speech is transcribed, call by call",
    question="Is each caller understood, and does each call get its own words?",
    passes="what was said was understood; each caller's spoken code comes back in that call and in no other",
    how=(
        "The transcript of each turn is compared with what the caller said, word by word. Case, "
        "punctuation and spelling do not count, and a number is the same however it is written or said "
        "(`4719`, `four seven one nine`, `forty-seven nineteen`). The code that a caller says must come "
        "back in the reply of that call, and in no other call. A busy machine is no excuse for a code in "
        "another call. In a short call, three words may be wrong if they are not part of the code."
    ),
    formula="word error rate = (words put in + left out + replaced) / words said",
    when_it_fails="listen to audio/ beside the report: is it the sound, the recognizer, or the wrong call's text?",
    limits=Limits,
    measure=partial(measure_undisturbed, measure, never_excused=_STRAYED),
    owes=("word error rate over all calls", "worst call", "calls whose code came back", _STRAYED),
)


def _errors_of(call: Call) -> WordErrors:
    counted = (word_errors(turn.said_text, turn.transcript, turn.language) for turn in call.turns)
    return sum(counted, start=WordErrors(0, 0))


def _spare_rate(words: int) -> float:
    """Give what the spare words are of a call with so many; one word must be right, whatever is said."""
    return min(_SPARE_WORDS, words - 1) / words if words else 0.0


def _rates(errors: dict[Call, WordErrors], total: WordErrors, limits: Limits) -> tuple[Measurement, ...]:
    allowed = {call: max(limits.call_wer, _spare_rate(errors[call].expected)) for call in errors}
    worst = max(errors, key=lambda call: errors[call].rate / allowed[call])
    return (
        word_error_rate("word error rate over all calls", total, limits.total_wer),
        word_error_rate(f"worst call, {worst.name}", errors[worst], allowed[worst]),
    )


def word_error_rate(what: str, errors: WordErrors, most: float) -> Measurement:
    """Measure a word error rate, of which so much is allowed."""
    return Measurement(what, errors.rate, "fraction", "WER", Bound(Side.AT_MOST, most), errors.expected)


def _codes(call: Call) -> Sequence[str]:
    return sorted({turn.said_code for turn in call.turns if turn.said_code})


def _strayed(calls: Sequence[Call]) -> Sequence[str]:
    """Name each code that turned up in a call in which nobody spoke it."""
    language = calls[0].turns[0].language
    codes = by_words((code for call in calls for code in _codes(call)), language)
    found = []
    for call in calls:
        texts = [text for turn in call.turns for text in (turn.transcript, turn.reply_text, turn.heard_text)]
        own = _codes(call)
        foreign = {code for text in texts for code in _foreign(codes_in([text], codes, language), own)}
        found += [
            f"code {code} turned up in {call.name}, in which nobody spoke it" for code in sorted(foreign)
        ]
    return found


def _foreign(present: set[str], own: Sequence[str]) -> set[str]:
    """Choose of the codes in a text those that are somebody else's, but for what comes out of one that is said twice: "1048, 1048" holds 0481."""
    said = [code for code in own if code in present]
    return {code for code in present - set(own) if not any(code in one + one for one in said)}


def _misheard(calls: Sequence[Call]) -> Sequence[str]:
    return [
        f"{call.name}: said {turn.said_text!r}, understood {'nothing' if turn.transcript is None else repr(turn.transcript)}"
        for call, turn in by_turn(calls)
        if words(turn.said_text, turn.language) != words(turn.transcript, turn.language)
    ]
