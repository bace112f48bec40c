"""The compiled graph, on diphones that are plain tones instead of speech."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

onnx = pytest.importorskip("onnx", reason="needs requirements-recipe.lock")
pytest.importorskip("scipy", reason="needs requirements-recipe.lock")

import onnxruntime  # noqa: E402
from recipes.voice.carriers import Pair, wanted_pairs  # noqa: E402
from recipes.voice.diphones import SAMPLE_RATE_HZ, DiphoneSet  # noqa: E402
from recipes.voice.phones import SILENCE  # noqa: E402
from recipes.voice.piper_config import phoneme_id_map  # noqa: E402
from recipes.voice.unit_table import UnitTable, build_unit_table  # noqa: E402
from recipes.voice.voice_graph import FLAT, Melody, build_voice_graph  # noqa: E402

PERIOD = 100
HOP = 800


def tone_set() -> DiphoneSet:
    """Make every diphone a stretch of one pulse train, so that any two join without a trace."""
    samples = np.cos(2 * np.pi * np.arange(HOP + PERIOD) / PERIOD) ** 15
    return DiphoneSet(PERIOD, {pair: samples * level(pair) for pair in wanted_pairs()}, ())


def level(pair: Pair) -> float:
    """Halve everything next to silence."""
    return 0.5 if SILENCE in pair else 1.0


def session(table: UnitTable, melody: Melody) -> onnxruntime.InferenceSession:
    """Compile a graph."""
    model = build_voice_graph(table, PERIOD, melody)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def speak(
    run: onnxruntime.InferenceSession, phonemes: Sequence[str], length_scale: float = 1.0
) -> npt.NDArray[np.float32]:
    """Have a graph speak phonemes, one per element or character."""
    ids = phoneme_id_map()
    numbers = [value for phoneme in phonemes for value in ids[phoneme]]
    (output,) = run.run(
        None,
        {
            "input": np.array([numbers], np.int64),
            "input_lengths": np.array([len(numbers)], np.int64),
            "scales": np.array([0.0, length_scale, 0.0], np.float32),
        },
    )
    assert output.shape[:2] == (1, 1)
    samples: npt.NDArray[np.float32] = output[0, 0]
    return samples


def pulse_distances(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """Return the samples between neighboring peaks."""
    inside = samples[1:-1]
    peaks = np.flatnonzero((inside > 0.3) & (inside >= samples[:-2]) & (inside > samples[2:]))
    return np.diff(peaks)


@pytest.fixture(scope="module")
def table() -> UnitTable:
    """Lay the tones out."""
    return build_unit_table(tone_set())


@pytest.fixture(scope="module")
def flat(table: UnitTable) -> onnxruntime.InferenceSession:
    """Compile the graph without melody."""
    return session(table, FLAT)


def test_joined_units_are_one_unbroken_tone(flat: onnxruntime.InferenceSession) -> None:
    """Without melody, five phones are their units end to end: the joins leave no trace."""
    samples = speak(flat, "sɪmpl")
    begin = (
        round(0.05 * SAMPLE_RATE_HZ) + HOP + PERIOD
    )  # after the leading silence and the first, half-loud unit
    inside = samples[begin : begin + 3 * HOP]
    expected = 0.7 * np.cos(2 * np.pi * (begin + np.arange(len(inside))) / PERIOD) ** 15
    np.testing.assert_allclose(inside, expected, atol=0.02)


def test_every_pair_of_phones_is_spoken(table: UnitTable) -> None:
    """No pair of classes is left without a unit."""
    assert (table.pair_units[:, 0] >= 0).all()
    assert table.pair_units.max() == len(table.hops) - 1


def test_length_follows_the_scale(flat: onnxruntime.InferenceSession) -> None:
    """Twice the length scale is twice the samples, to a period."""
    plain, slow = speak(flat, "tɛst"), speak(flat, "tɛst", 2.0)
    assert len(slow) == pytest.approx(2 * len(plain), abs=3 * PERIOD)


def test_absurd_length_scales_are_limited(flat: onnxruntime.InferenceSession) -> None:
    """A scale of zero or a hundred is taken for the nearest sensible one."""
    assert len(speak(flat, "tɛst", 0.0)) == len(speak(flat, "tɛst", 0.3))
    assert len(speak(flat, "tɛst", 100.0)) == len(speak(flat, "tɛst", 4.0))


def test_nothing_to_say_is_a_short_silence(flat: onnxruntime.InferenceSession) -> None:
    """Ids that speak nothing still give a sound of some length: silence."""
    samples = speak(flat, "^_$")
    assert 0 < len(samples) < 0.5 * SAMPLE_RATE_HZ
    assert np.abs(samples).max() < 1e-3


def test_unknown_ids_do_not_fail(flat: onnxruntime.InferenceSession) -> None:
    """An id beyond the table is taken for the last one."""
    ids = np.array([[999_999]], np.int64)
    scales = np.array([0, 1, 0], np.float32)
    (output,) = flat.run(None, {"input": ids, "input_lengths": np.array([1], np.int64), "scales": scales})
    assert np.isfinite(output).all()


def test_declination_stretches_the_last_periods(table: UnitTable) -> None:
    """With a falling melody, pulses are closer together at the start than at the end."""
    melody = Melody(declination=0.3, accent=0, fall=0, rise=0)
    distances = pulse_distances(speak(session(table, melody), "sɪmpl" * 4))
    assert np.median(distances[-20:]) > 1.1 * np.median(distances[:20])


def test_only_a_question_rises(table: UnitTable) -> None:
    """The pulses at the end of a question are closer together than those of a statement."""
    run = session(table, Melody(declination=0, accent=0, fall=0, rise=0.3, tail_s=1.0))
    question, statement = (pulse_distances(speak(run, "sɪmpl" + mark))[-5:].mean() for mark in "?.")
    assert statement == pytest.approx(PERIOD, rel=0.02)
    assert question < 0.9 * PERIOD


def test_stressed_vowels_are_lifted(table: UnitTable) -> None:
    """The pulses in a stressed vowel are closer together than those around it."""
    run = session(table, Melody(declination=0, accent=0.3, fall=0, rise=0))
    distances = pulse_distances(speak(run, [*"mmmm", "s", "ˈɪ", *"mmmmm"]))
    assert distances.min() < 0.8 * PERIOD
    assert np.median(distances) == pytest.approx(PERIOD, rel=0.02)
