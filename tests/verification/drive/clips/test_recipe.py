"""The recipe's parts that need no synthesizer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from clip_recipe import make
from clip_recipe.listener import CarefulListener, through_opus
from clip_recipe.pauses import note_pauses, pause_of
from clip_recipe.texts import FRAGILE_CODES, codes, lines
from clip_recipe.voices import SynthesisError, Voice, trimmed
from voicegate.drive.clips.library import Clip, load_library, read_audio
from voicegate.record.ears import Ears
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples


class ScriptedListener:
    """Understands everything but the samples of given lengths."""

    def __init__(self, deaf_to: Sequence[int] = ()) -> None:
        self._deaf_to = deaf_to

    def mistakes(self, text: str, samples: Samples) -> tuple[str, ...]:
        """Pretend to hear nothing in samples of an unloved length."""
        return ("nothing",) if len(samples) in self._deaf_to else ()


class ScriptedRecognizer:
    """Answers in turn."""

    ears = Ears("scripted")

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)

    def transcribe(self, samples: Samples) -> str:
        """Give the next answer."""
        return next(self._answers)


def tone(seconds: float) -> Samples:
    """Make a tone at half of full scale."""
    return (16_384 * np.sin(2 * np.pi * 300 * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def test_codes_are_the_same_each_time_and_have_no_digit_twice() -> None:
    """Codes are drawn from a fixed seed, each of four different digits."""
    assert codes() == codes()
    assert all(len(set(code)) == 4 for code in codes())


def test_every_line_has_a_name_of_its_own() -> None:
    """Names become file names: no two are equal."""
    names = [line.name for line in lines()]
    assert len(set(names)) == len(names)


def test_trimming_keeps_the_sound_and_sets_the_peak() -> None:
    """Silence around goes but for a short margin; the peak ends at 0.9 of full scale."""
    padded = np.pad(tone(1.0), (RATE, 2 * RATE))
    kept = trimmed(padded)
    assert len(kept) / RATE == pytest.approx(1.04, abs=0.01)
    assert np.abs(kept).max() == round(0.9 * 32767)


def test_silence_is_not_a_clip() -> None:
    """A synthesizer that produces silence is an error, not an empty clip."""
    with pytest.raises(SynthesisError):
        trimmed(np.zeros(RATE, np.int16))


def test_a_missing_synthesizer_is_named() -> None:
    """The error names the program to install."""
    with pytest.raises(SynthesisError, match="no-such-synthesizer"):
        Voice("nobody", ("no-such-synthesizer", "{text}", "{path}")).speak("hello")


def test_flac_gives_the_samples_back(tmp_path: Path) -> None:
    """Writing and reading a clip loses nothing."""
    make.write_flac(tmp_path / "tone.flac", tone(0.5))
    assert np.array_equal(read_audio(tmp_path / "tone.flac"), tone(0.5))


def test_opus_keeps_the_speech_and_its_length() -> None:
    """What comes out of the codec is about as long and as loud as what went in."""
    heard = through_opus(tone(1.0))
    assert len(heard) / RATE == pytest.approx(1.0, abs=0.05)
    assert np.std(heard) == pytest.approx(np.std(tone(1.0)), rel=0.1)


def test_a_listener_says_in_which_way_a_clip_was_misheard() -> None:
    """Case and punctuation do not matter; another word does, and the message says how the clip was played."""
    listener = CarefulListener(
        ScriptedRecognizer("My code is 1.", "my code is five", *["my code is one"] * 16)
    )
    assert listener.mistakes("my code is one", tone(0.5)) == ("through Opus: 'my code is five'",)


def _voice_of(seconds: float, folder: Path) -> Voice:
    source = folder / f"{seconds}.flac"
    make.write_flac(source, tone(seconds))
    return Voice(f"tone {seconds}", ("cp", str(source), "{path}"))


def test_a_voice_that_is_misunderstood_is_passed_over(
    tmp_path: Path,
) -> None:
    """Each line goes to the next voice until the listener understands one; the manifest says which."""
    garbled, clear = _voice_of(1.0, tmp_path), _voice_of(1.5, tmp_path)
    listener = ScriptedListener(deaf_to=(len(garbled.speak("")),))
    said: list[str] = []
    manifest = make.make_clips(tmp_path / "clips", (garbled, clear), listener, said.append)
    assert {record.voice for record in manifest.clips} == {"tone 1.5"}
    assert any("tone 1.0 misunderstood" in message for message in said)
    shipped = [line.name for line in lines() if line.code not in FRAGILE_CODES]
    assert [clip.name for clip in load_library(tmp_path / "clips").clips] == shipped
    assert list(make.misunderstood(tmp_path / "clips", listener)) == []


def test_a_line_that_no_voice_says_well_is_an_error(tmp_path: Path) -> None:
    """When every voice takes too long, the recipe says so instead of shipping a bad clip."""
    with pytest.raises(SynthesisError, match="no voice"):
        make.make_clips(tmp_path / "clips", (_voice_of(4.5, tmp_path),), None, lambda _: None)


class WordPerHalfSecond:
    """Hears a word of "a b c d" for each half second that it is given of a clip of two seconds, from its begin or its end."""

    ears = Ears("counting")

    def transcribe(self, samples: Samples) -> str:
        """Tell by the first sample which end it is."""
        count = round((len(samples) / RATE - 0.6) / 0.5)
        text = ["a", "b", "c", "d"]
        return " ".join(text[:count] if samples[RATE // 5] == 1 else text[len(text) - count :])


def _two_seconds() -> Samples:
    """Make four sounds with a quiet place after each, the first sample marked."""
    samples = np.full(2 * RATE, 5000, np.int16)
    for second in (0.5, 1.0, 1.5):
        samples[round((second - 0.03) * RATE) : round((second + 0.03) * RATE)] = 2
    samples[0] = 1
    return samples


def test_a_pause_is_put_between_two_words() -> None:
    """Where those before it and those after it are understood: in the middle of a sentence."""
    clip = Clip("a", "a b c d", None, "", _two_seconds())
    assert pause_of(clip, WordPerHalfSecond()) == pytest.approx(1.0, abs=0.1)
    assert pause_of(Clip("a", "e f", None, "", _two_seconds()), WordPerHalfSecond()) is None


def test_pauses_are_noted_in_the_manifest(tmp_path: Path) -> None:
    """Those that were found; everything else stays."""
    make.write_flac(tmp_path / "a.flac", _two_seconds())
    (tmp_path / "clips.json").write_text('{"clips": [{"name": "a", "file": "a.flac", "text": "a b c d"}]}')
    assert note_pauses(tmp_path, WordPerHalfSecond()) == 1
    (clip,) = load_library(tmp_path).clips
    assert clip.pause_s == pytest.approx(1.0, abs=0.1)
