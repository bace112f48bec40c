"""What is exported is what was trained, in the format that the libraries read."""

import json
from pathlib import Path

import pytest

pytest.importorskip("jax", reason="needs requirements-recipe.lock")

import ctranslate2
import jax
import jax.numpy as jnp
import numpy as np
import voicegate_agent.models.micro
from faster_whisper import WhisperModel
from recipes.micro import export, network, tokens
from recipes.micro.parameters import Shape, Weights, initial_parameters

FRAMES = 240
SHAPE = Shape(width=32, heads=2, encoder_layers=2, decoder_layers=1, feed_forward=64, positions=FRAMES // 2)


@pytest.fixture(scope="module")
def weights() -> Weights:
    """Random parameters, with biases and norms that are not zeros and ones."""
    rng = np.random.default_rng(5)
    start = initial_parameters(SHAPE, len(tokens.TOKENS), phonemes=40, seed=1)
    return {
        name: (value + 0.1 * rng.standard_normal(value.shape)).astype(np.float16).astype(np.float32)
        for name, value in start.items()
    }


@pytest.fixture(scope="module")
def exported(weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the random parameters without quantization."""
    folder = tmp_path_factory.mktemp("exported")
    export.export(weights, SHAPE, folder, quantization=None)
    return folder


@pytest.mark.parametrize("whole_padding", [False, True])
def test_ctranslate2_encodes_what_training_encodes(
    weights: Weights, exported: Path, whole_padding: bool
) -> None:
    """Also when 30 s of padding are simulated by a single key."""
    features = np.random.default_rng(2).standard_normal((1, SHAPE.mels, FRAMES)).astype(np.float32)
    features[..., -80:] = 0
    count = network.FULL_POSITIONS - FRAMES // 2 if whole_padding else 0
    parameters = {name: jnp.asarray(value) for name, value in weights.items()}
    encode = jax.jit(network.encode, static_argnums=1)
    ours, _ = encode(parameters, SHAPE, jnp.asarray(features), jnp.full(1, count, float))
    if whole_padding:
        features = np.pad(features, ((0, 0), (0, 0), (0, 3000 - FRAMES)))
    model = ctranslate2.models.Whisper(str(exported), compute_type="float32", intra_threads=1)
    theirs = np.asarray(model.encode(ctranslate2.StorageView.from_array(features)))
    # 5e-4 is how far GELU's tanh form is off; the last positions touch the simulated padding.
    kept = FRAMES // 2 - 2
    np.testing.assert_allclose(ours[0, :kept], theirs[0, :kept], atol=1e-2)


def test_ctranslate2_decodes_what_training_decodes(weights: Weights, exported: Path) -> None:
    """The greedy tokens are those with the highest logits in training."""
    features = np.random.default_rng(3).standard_normal((1, SHAPE.mels, FRAMES)).astype(np.float32)
    prompt = [tokens.START, tokens.NO_TIMESTAMPS]
    model = ctranslate2.models.Whisper(str(exported), compute_type="float32", intra_threads=1)
    encoded = model.encode(ctranslate2.StorageView.from_array(features))
    (result,) = model.generate(encoded, [prompt], beam_size=1, max_length=8, suppress_blank=False)
    written = result.sequences_ids[0]
    assert written
    parameters = {name: jnp.asarray(value) for name, value in weights.items()}
    encode = jax.jit(network.encode, static_argnums=1)
    ours, bias = encode(parameters, SHAPE, jnp.asarray(features), jnp.zeros(1))
    decode = jax.jit(network.decode, static_argnums=1)
    logits = decode(parameters, SHAPE, ours, bias, jnp.asarray([[*prompt, *written]]))
    chosen = np.asarray(logits[0, len(prompt) - 1 : -1])
    for place, token in enumerate(written):
        assert chosen[place, token] > np.sort(chosen[place])[-2] - 1e-2


def test_faster_whisper_loads_what_was_exported(exported: Path) -> None:
    """Its tokenizer, feature sizes and special tokens come from the folder alone."""
    model = WhisperModel(str(exported), device="cpu", cpu_threads=1)
    assert model.hf_tokenizer.token_to_id("<|nospeech|>") == tokens.NO_SPEECH
    assert model.hf_tokenizer.decode(tokens.word_ids("my code is four")).strip() == "my code is four"
    assert model.feature_extractor.mel_filters.shape[0] == SHAPE.mels
    assert not model.model.is_multilingual


def test_the_weights_file_holds_every_exported_variable_in_half_precision(
    weights: Weights, exported: Path
) -> None:
    """All but the training head, unchanged by rounding to float16."""
    with np.load(exported / "weights.npz") as stored:
        assert set(stored.files) == {name for name in weights if not name.startswith("ctc/")}
        for name in stored.files:
            assert stored[name].dtype == np.float16
            np.testing.assert_array_equal(stored[name], weights[name])


def test_the_manifest_pins_every_shipped_file(exported: Path) -> None:
    """Names, sizes and SHA-256 of what is shipped."""
    pins = json.loads((exported / "manifest.json").read_text())["files"]
    assert set(pins) == set(export.SHIPPED_FILES)
    assert all(pins[name]["bytes"] == (exported / name).stat().st_size for name in pins)


def test_the_shipped_model_is_exported_from_the_shipped_weights(tmp_path: Path) -> None:
    """Byte for byte, so whatever is made from `weights.npz` is made from the same model."""
    shipped = Path(voicegate_agent.models.micro.__path__[0])
    with np.load(shipped / "weights.npz") as stored:
        weights = {name: stored[name].astype(np.float32) for name in stored.files}
    export.export(weights, Shape(), tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == (shipped / "model.bin").read_bytes()
    assert (tmp_path / "tokenizer.json").read_bytes() == (shipped / "tokenizer.json").read_bytes()
