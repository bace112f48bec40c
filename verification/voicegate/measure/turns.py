"""When caller and agent spoke in a turn, and where the reply has gaps: measured from what was recorded, by the limits."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from voicegate.limits import SpeechLimits
from voicegate.measure.caveats import Caveat
from voicegate.record.events import Recording, Turn, VariantName

_GAPS_OF_OLD_RECORDINGS_S = 0.2


def measured(recording: Recording, limits: SpeechLimits) -> Recording:
    """Return the recording, its variants too, with the turns as these limits measure them."""
    variants: Mapping[VariantName, Recording] = {
        name: measured(variant, limits) for name, variant in recording.variants.items()
    }
    return replace(
        recording,
        turns=tuple(measured_turn(turn, limits) for turn in recording.turns),
        scripted=tuple(measured_turn(turn, limits) for turn in recording.scripted),
        variants=variants,
    )


def unrecorded_gaps(turns: Iterable[Turn], limits: SpeechLimits) -> tuple[Caveat, ...]:
    """Return a caveat on a limit for gaps that were not recorded: until schema version 4 they were measured by a limit of 0.2 s."""
    if limits.gap_s >= _GAPS_OF_OLD_RECORDINGS_S or all(turn.heard_loudness is not None for turn in turns):
        return ()
    reason = (
        f"gaps shorter than {_GAPS_OF_OLD_RECORDINGS_S:g} s are not in this recording of an older version"
    )
    return (Caveat(reason),)


def measured_turn(turn: Turn, limits: SpeechLimits) -> Turn:
    """Return a turn with its times and gaps; one without loudness, of an older recording, is as it was recorded.

    The latency is negative when the agent spoke before the caller had ended.
    """
    if turn.said_loudness is None or turn.heard_loudness is None:
        return turn
    from voicegate.measure.speech import later, measure_speech  # noqa: PLC0415 - numpy, which every command would wait for

    caller = measure_speech(turn.said_loudness, limits)
    heard = (
        turn.heard_loudness
        if turn.reply_from_t is None
        else later(turn.heard_loudness, turn.reply_from_t - turn.t)
    )
    reply = measure_speech(heard, limits, turn.spoken_text)
    if caller is not None:
        turn = replace(turn, speech_start_t=turn.t + caller.start_s, speech_end_t=turn.t + caller.end_s)
    if reply is None:
        return replace(turn, reply_start_t=None, reply_end_t=None, latency_s=None, reply_audio_s=0.0, gaps=())
    start_t = turn.t + reply.start_s
    return replace(
        turn,
        reply_start_t=start_t,
        reply_end_t=turn.t + reply.end_s,
        latency_s=start_t - turn.speech_end_t,
        reply_audio_s=reply.sounding_s,
        gaps=reply.gaps,
    )
