"""A small model laid out in a big one computes the same, in CTranslate2 itself."""

import json
from dataclasses import replace
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
from voicegate_agent.models.embedding import Embedding, EmbeddingError, Floats, Quantized, Shape, quantize
from voicegate_agent.models.files import read_manifest
from voicegate_agent.models.packaged.records import ModelFilesError, verify
from voicegate_agent.models.rehearsal import DISTIL_LARGE_V3, WEIGHTS_NAME, generate

MELS = 80
SPECIAL = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
TOKENS = ["<unk>", *(f"Ġword{n}" for n in range(40)), *SPECIAL]
SMALL = Shape(
    width=40,
    heads=4,
    encoder_layers=2,
    decoder_layers=1,
    feed_forward=80,
    tokens=len(TOKENS),
    positions=100,
)
GAIN = 2.0
"""Above that of trained weights, so that attention is far from uniform and a mistake in it shows."""
BIG = Shape(width=160, heads=10, encoder_layers=4, decoder_layers=2, feed_forward=320, tokens=200)


def random_weights() -> dict[str, Floats]:
    """Draw weights of shape SMALL under CTranslate2's names, lively enough for results to differ."""
    rng = np.random.default_rng(5)
    width, inner = SMALL.width, SMALL.feed_forward

    def draw(*shape: int) -> Floats:
        values = rng.standard_normal(shape) * GAIN / np.sqrt(shape[-1])
        drawn: Floats = values.astype(np.float16).astype(np.float32)
        return drawn

    weights = {
        "encoder/conv1/weight": draw(width, MELS, 3),
        "encoder/conv2/weight": draw(width, width, 3),
        "encoder/position_encodings/encodings": draw(SMALL.positions, width),
        "decoder/embeddings/weight": 3 * draw(SMALL.tokens, width),
        "decoder/position_encodings/encodings": draw(448, width),
    }
    weights |= {f"encoder/conv{n}/bias": draw(width) for n in (1, 2)}
    names = [f"encoder/layer_{n}/self_attention" for n in range(SMALL.encoder_layers)]
    names += [f"decoder/layer_{n}/self_attention" for n in range(SMALL.decoder_layers)]
    sizes: dict[str, tuple[int, int]] = {}
    for name in names:
        layer = name.removesuffix("/self_attention")
        sizes |= {f"{name}/linear_0": (3 * width, width), f"{name}/linear_1": (width, width)}
        sizes |= {f"{layer}/ffn/linear_0": (inner, width), f"{layer}/ffn/linear_1": (width, inner)}
        if name.startswith("decoder"):
            cross = f"{layer}/attention"
            sizes |= {f"{cross}/linear_0": (width, width), f"{cross}/linear_1": (2 * width, width)}
            sizes |= {f"{cross}/linear_2": (width, width)}
    for name, size in sizes.items():
        weights |= {f"{name}/weight": draw(*size), f"{name}/bias": draw(size[0])}
    norms = {name.rsplit("/", 1)[0] + "/layer_norm" for name in sizes}
    for name in (*norms, "encoder/layer_norm", "decoder/layer_norm"):
        weights |= {f"{name}/gamma": 1 + draw(width), f"{name}/beta": draw(width)}
    return weights


@pytest.fixture(scope="module")
def micro(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a folder with the files of a micro model that `generate` reads."""
    folder = tmp_path_factory.mktemp("micro")
    np.savez(
        folder / WEIGHTS_NAME,
        allow_pickle=False,
        **{name: value.astype(np.float16) for name, value in random_weights().items()},
    )
    (folder / "vocabulary.json").write_text(json.dumps(TOKENS))
    heads = [[0, head] for head in range(SMALL.heads)]
    (folder / "config.json").write_text(json.dumps({"alignment_heads": heads}))
    for name in ("tokenizer.json", "preprocessor_config.json"):
        (folder / name).write_text("{}")
    return folder


@pytest.fixture(scope="module")
def small_and_big(
    micro: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ctranslate2.models.Whisper, ctranslate2.models.Whisper]:
    """Load the same weights in their own shape and in the big one."""
    folder = tmp_path_factory.mktemp("models")
    own = replace(SMALL, positions=1500)
    generate(micro, folder / "small", lambda _: None, own)
    generate(micro, folder / "big", lambda _: None, BIG)
    # Computing in float32 leaves out the rounding of activations to 8 bits, which differs from run to run.
    small, big = (
        ctranslate2.models.Whisper(str(folder / name), compute_type="float32") for name in ("small", "big")
    )
    return small, big


def features(batch: int = 1) -> ctranslate2.StorageView:
    """Make noise that looks like mel features, [batch, mels, frames]."""
    noise = np.random.default_rng(3).standard_normal((batch, MELS, 160)).astype(np.float32)
    return ctranslate2.StorageView.from_array(noise)


def test_the_big_encoder_repeats_what_the_small_one_says(
    small_and_big: tuple[ctranslate2.models.Whisper, ctranslate2.models.Whisper],
) -> None:
    """Each of the copies of the width in the encoder's output is the small model's output."""
    small, big = (np.array(model.encode(features())) for model in small_and_big)
    copies = np.split(big, BIG.width // SMALL.width, axis=-1)
    assert big.shape == (1, 80, BIG.width)
    assert np.std(small) > 0.1
    for copy in copies:
        # 1e-5 as measured; ten times that when the queries are 10 % off.
        assert np.sqrt(np.mean((copy - small) ** 2)) < 5e-5


def test_the_big_model_writes_what_the_small_one_writes(
    small_and_big: tuple[ctranslate2.models.Whisper, ctranslate2.models.Whisper],
) -> None:
    """Greedy decoding gives the same tokens with the same probabilities, silence included."""
    prompt = [TOKENS.index("<|startoftranscript|>"), TOKENS.index("<|notimestamps|>")]
    results = [
        model.generate(
            features(4),
            [prompt] * 4,
            beam_size=1,
            max_length=24,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=[],
        )
        for model in small_and_big
    ]
    for small, big in zip(*results, strict=True):
        assert len(small.sequences_ids[0]) > 2
        assert big.sequences_ids == small.sequences_ids
        assert big.scores[0] == pytest.approx(small.scores[0], abs=1e-3)
        assert big.no_speech_prob == pytest.approx(small.no_speech_prob, rel=1e-2)


def test_two_generations_are_equal_and_complete(micro: Path, tmp_path: Path) -> None:
    """The same micro model gives the same bytes, and the manifest describes them."""
    for name in ("first", "second"):
        generate(micro, tmp_path / name, lambda _: None, BIG)
    records = read_manifest(tmp_path / "first", "")
    assert records == read_manifest(tmp_path / "second", "")
    assert "model.bin" in records
    verify(tmp_path / "first", records, "")


def test_a_folder_that_is_no_micro_model_is_named(tmp_path: Path) -> None:
    """Missing weights are an error that names the folder, before anything is written."""
    with pytest.raises(ModelFilesError, match=str(tmp_path)):
        generate(tmp_path, tmp_path / "target", lambda _: None)
    assert not (tmp_path / "target").exists()


def test_the_full_shape_is_that_of_distil_large_v3() -> None:
    """The numbers of the rehearsal model are those of the model that it stands for."""
    assert Shape(1280, 20, 32, 2, 5120, 51_864, 1500) == DISTIL_LARGE_V3
    assert DISTIL_LARGE_V3.head_width == 64


def test_the_full_shape_is_not_taken_for_multilingual() -> None:
    """CTranslate2 takes 51,865 tokens or more for multilingual, whose prompts the micro model does not know."""
    assert DISTIL_LARGE_V3.tokens < 51_865


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 100},
        {"heads": 2},
        {"feed_forward": 100},
        {"encoder_layers": 1},
        {"decoder_layers": 0},
        {"tokens": 3},
    ],
)
def test_a_shape_that_cannot_hold_the_small_one_is_refused(wrong: dict[str, int]) -> None:
    """Sizes that are too small or no multiples are an error that names the size."""
    with pytest.raises(EmbeddingError, match=next(iter(wrong))):
        Embedding(random_weights(), SMALL, replace(BIG, **wrong))


def test_no_two_big_matrices_are_equal() -> None:
    """Equal matrices would be stored once, and the model would be smaller than the one it stands for."""
    variables = dict(Embedding(random_weights(), SMALL, BIG).variables())
    matrices = [value.values for value in variables.values() if isinstance(value, Quantized)]
    assert len({matrix.tobytes() for matrix in matrices}) == len(matrices)


def test_quantizing_keeps_a_row_of_zeros() -> None:
    """A row without any weight stays zero instead of dividing by it."""
    quantized = quantize(np.array([[0.0, 0.0], [1.0, -0.5]], np.float32))
    assert quantized.values.tolist() == [[0, 0], [127, -64]]
    assert quantized.scale.tolist() == [1.0, 127.0]
