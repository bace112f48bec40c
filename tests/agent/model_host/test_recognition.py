"""What looks wrong about a recognition, and what is none."""

from dataclasses import replace

from voicegate_agent.model_host.fitting import LOG_PROBABILITY_THRESHOLD
from voicegate_agent.model_host.recognition import (
    COMPRESSION_RATIO_THRESHOLD,
    NO_SPEECH_THRESHOLD,
    SPEECH_THRESHOLD,
    Recognition,
    token_limit,
)

A_LITTLE = 1e-6


def recognition(*, logprob: float = -0.1, no_speech: float = 0.0, compression: float = 1.0) -> Recognition:
    """Give a recognition with these figures."""
    return Recognition("seven", "en", logprob, no_speech, compression, fitted=True)


def test_tokens_are_bounded_by_the_duration() -> None:
    """A loop ends early in a short utterance, and never later than the decoder's positions allow."""
    assert token_limit(2) == 64
    assert token_limit(1_000) == 440


def test_an_improbable_text_looks_wrong() -> None:
    """Below faster-whisper's threshold, not at it."""
    assert not recognition(logprob=LOG_PROBABILITY_THRESHOLD).looks_wrong()
    assert recognition(logprob=LOG_PROBABILITY_THRESHOLD - A_LITTLE).looks_wrong()


def test_a_repetitive_text_looks_wrong() -> None:
    """Above faster-whisper's threshold, not at it."""
    assert not recognition(compression=COMPRESSION_RATIO_THRESHOLD).looks_wrong()
    assert recognition(compression=COMPRESSION_RATIO_THRESHOLD + A_LITTLE).looks_wrong()


def test_no_loop_is_left_in_what_was_spoken() -> None:
    """One turn of it is, and nothing of what has no words to count."""
    heard = recognition(compression=9.0)
    assert replace(heard, text="My code is 7. " * 30).spoken_text == "My code is 7."
    assert replace(heard, text="哈" * 400).spoken_text == "哈"
    assert replace(heard, text="ha" * 400).spoken_text == ""


def test_what_a_caller_repeats_is_no_loop() -> None:
    """It compresses as well as one, and all of it was said; a phrase that comes twice is heard again where that costs little."""
    heard = replace(recognition(compression=2.7), text="operator " * 5 + "operator")
    assert heard.spoken_text == heard.text
    assert not heard.repeats
    twice = replace(recognition(), text="My code is 7. My code is 7.")
    assert (twice.loops, twice.repeats) == (False, True)


def test_silence_is_improbable_speech_over_probable_silence() -> None:
    """Both together are silence; either alone is not."""
    silence = recognition(logprob=-1.5, no_speech=NO_SPEECH_THRESHOLD + A_LITTLE)
    assert (silence.spoken_text, silence.looks_wrong()) == ("", False)
    assert recognition(logprob=-1.5, no_speech=NO_SPEECH_THRESHOLD).spoken_text == "seven"
    assert recognition(logprob=-0.5, no_speech=0.99).spoken_text == "seven"


def test_where_the_detector_hears_nobody_there_is_no_text() -> None:
    """However sure the model is of what it wrote; and that is not heard again."""
    heard = recognition(logprob=-0.8, no_speech=0.7)
    assert heard.may_be_no_speech
    assert heard.spoken_text == "seven"
    nobody = replace(heard, speech_prob=SPEECH_THRESHOLD - A_LITTLE)
    assert (nobody.spoken_text, nobody.looks_wrong(-0.7)) == ("", False)
    assert replace(heard, speech_prob=SPEECH_THRESHOLD).spoken_text == "seven"


def test_the_detector_is_asked_only_in_doubt() -> None:
    """A text that the model is sure of is nobody's to drop."""
    assert not recognition(logprob=-0.3, no_speech=0.1).may_be_no_speech
    assert recognition(logprob=-0.8, no_speech=0.1).may_be_no_speech
    assert recognition(logprob=-0.3, no_speech=0.5).may_be_no_speech
