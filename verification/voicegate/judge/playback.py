"""G4: every reply is heard: it sounds, without holes or clipping, and can be understood."""

from collections.abc import Sequence
from functools import partial

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side, counted
from voicegate.judge.transcripts import word_error_rate
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import TurnLimits
from voicegate.measure.assessment import SOUND, assess_turn, is_beyond_ears
from voicegate.measure.calls import Call, by_turn, calls_in_order, nobody_spoke, untold
from voicegate.measure.spoken_words import WordErrors, word_errors
from voicegate.measure.turns import unrecorded_gaps
from voicegate.record.events import EARS, Recording, Turn

_SHOWN = 8
_AS_HEARD = "word error rate of the replies as heard"
_OTHER_EARS = (
    'set [recognizer] model to "packaged" (Whisper base) or to the folder of a Whisper model, or have G4 judge gaps and clipping alone:'
    " [limits] heard_wer = 10.0"
)
_Turns = Sequence[tuple[Call, Turn]]


def measure(recording: Recording, rules: RulesFor[TurnLimits]) -> Conclusion:
    """Judge the sound of every reply and what the gate's own recognizer made of it."""
    calls = calls_in_order(recording)
    turns = list(by_turn(calls))
    if not turns:
        raise nobody_spoke(calls)
    heard = [(call, turn) for call, turn in turns if not assess_turn(turn, rules.limits).of("unheard")]
    listened = [(call, turn) for call, turn in heard if turn.heard_text is not None]
    beyond = [(call, turn) for call, turn in listened if is_beyond_ears(turn, rules.limits)]
    within = [turn for _, turn in listened if not is_beyond_ears(turn, rules.limits)]
    understood = sum(map(_heard_errors, within), start=WordErrors(0, 0))
    return Conclusion(
        measurements=(
            counted("turns whose reply is heard", len(heard), len(turns), "reply audio", len(turns)),
            *(_sound(heard, rules.limits) if heard else ()),
            *([word_error_rate(_AS_HEARD, understood, rules.limits.heard_wer)] if within else []),
        ),
        evidence=(*_flaws(turns, rules.limits)[: 2 * _SHOWN], *_beyond(beyond)),
        stability=f"{sum(turn.reply_audio_s for _, turn in heard):.1f} s of speech in {len(heard)} replies",
        caveats=_unheard(len(heard) - len(listened), len(heard))
        + _unknown(beyond, len(heard), str(recording.header.environment.get(EARS, "not named")))
        + unrecorded_gaps(recording.turns, rules.limits)
        + untold(calls),
        met=f"all {len(heard)} replies were heard without gaps or clipping, and understood",
    )


judge = Criterion(
    id="G4-playback",
    title="every reply is heard",
    question="Does the caller hear every reply, whole and clear?",
    passes="every reply is heard, without gaps or clipping, and can be understood",
    formula="longest silence inside a sentence; clipped samples = 0; words misheard / words of the reply",
    how=(
        "The gate measures the sound of every reply as the caller hears it: there must be sound, no "
        "silence inside a sentence may be longer than the limit, and no sample may be clipped. Pauses "
        "between sentences, and at a comma, a colon or a dash, may be longer. The gate's own recognizer "
        "must understand the words. If it does not, and the reply has words that this recognizer cannot "
        "write, the result is an ERROR, because it says nothing about the reply."
    ),
    when_it_fails="listen to these replies in audio/ beside the report: gaps come from a lack of processor time or from the network, wrong words from the voice or its text",
    limits=TurnLimits,
    measure=partial(measure_undisturbed, measure),
    owes=(
        "turns whose reply is heard",
        "longest gap inside a sentence",
        "clipped samples in a reply",
        _AS_HEARD,
    ),
)


def _unheard(deaf: int, heard: int) -> tuple[Caveat, ...]:
    if not deaf:
        return ()
    reason = f"the gate's recognizer did not hear {deaf} of {heard} replies"
    return (Caveat(reason, "see that the model named as [recognizer] model in the gate file is there"),)


def _unknown(beyond: _Turns, heard: int, ears: str) -> tuple[Caveat, ...]:
    if not beyond:
        return ()
    words = tuple(dict.fromkeys(word.lower() for _, turn in beyond for word in turn.unknown_words))
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    reason = (
        f"the gate's recognizer ({ears}) misheard {len(beyond)} of {heard} replies, which have words that it"
        f" does not know: {', '.join(words[:_SHOWN])}{more}"
    )
    return (Caveat(reason, _OTHER_EARS),)


def _beyond(beyond: _Turns) -> tuple[str, ...]:
    return tuple(
        f"{call.name} turn {turn.index + 1}: spoken {turn.spoken_text!r}, heard {turn.heard_text!r},"
        f" by a recognizer that does not know {', '.join(turn.unknown_words)}"
        for call, turn in beyond[:_SHOWN]
    )


def _sound(heard: _Turns, limits: TurnLimits) -> tuple[Measurement, ...]:
    longest_s = max((gap.duration_s for _, turn in heard for gap in turn.gaps), default=0.0)
    clipped = max(turn.clipped_samples for _, turn in heard)
    gap, none = Bound(Side.AT_MOST, limits.gap_s), Bound(Side.AT_MOST, 0)
    return (
        Measurement("longest gap inside a sentence", longest_s, "s", "reply audio", gap, len(heard)),
        Measurement("clipped samples in a reply", clipped, "count", "reply audio", none, len(heard)),
    )


def _heard_errors(turn: Turn) -> WordErrors:
    return word_errors(turn.spoken_text, turn.heard_text, turn.language)


def _flaws(turns: _Turns, limits: TurnLimits) -> tuple[str, ...]:
    """Describe each thing that is wrong with the sound of a reply."""
    return tuple(
        f"{call.name} turn {turn.index + 1}: {flaw.text}"
        for call, turn in turns
        for flaw in assess_turn(turn, limits).of("unheard", *SOUND)
    )
