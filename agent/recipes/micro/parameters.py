"""The network's parameters: their names, their sizes, and random values to start from.

Parameters are one flat dict whose names are those of CTranslate2's model variables
("encoder/layer_0/self_attention/linear_0/weight"), so exporting is copying. Linear weights are
[out, in], with query, key and value in one; convolutions are [out, in, 3]. The one name that
CTranslate2 does not know is "ctc/...", a head over the encoder that only training uses.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, NDArray[np.float32]]

_RESIDUAL_GAIN = 0.3


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network.

    `width` must divide 1280 and `feed_forward` 5120, so that the weights can be tiled into the
    shape of distil-large-v3. Encoder positions beyond `positions` carry a zero vector: clips are
    shorter than that, and everything later is padding.
    """

    width: int = 160
    heads: int = 4
    encoder_layers: int = 3
    decoder_layers: int = 2
    feed_forward: int = 640
    mels: int = 80
    positions: int = 400
    text_positions: int = 448


def initial_parameters(shape: Shape, tokens: int, phonemes: int, seed: int) -> Weights:
    """Draw random parameters; the outputs of residual branches start small."""
    rng = np.random.default_rng(seed)
    width = shape.width
    embeddings = (0.05 * rng.standard_normal((tokens, width))).astype(np.float32)
    parameters = {
        **_convolution("encoder/conv1", width, shape.mels, rng),
        **_convolution("encoder/conv2", width, width, rng),
        "encoder/position_encodings/encodings": 0.5 * _sinusoids(shape.positions, width),
        **_norm("encoder/layer_norm", width),
        **_linear("ctc", phonemes, width, rng),
        "decoder/embeddings/weight": embeddings,
        "decoder/position_encodings/encodings": 0.1 * _sinusoids(shape.text_positions, width),
        **_norm("decoder/layer_norm", width),
    }
    for number in range(shape.encoder_layers):
        parameters |= _layer(f"encoder/layer_{number}", shape, rng)
    for number in range(shape.decoder_layers):
        parameters |= _layer(f"decoder/layer_{number}", shape, rng)
        parameters |= _cross_attention(f"decoder/layer_{number}/attention", width, rng)
    return parameters


def _layer(name: str, shape: Shape, rng: np.random.Generator) -> Weights:
    """Self-attention and feed-forward, which encoder and decoder layers have in common."""
    width, inner = shape.width, shape.feed_forward
    attention, feed_forward = f"{name}/self_attention", f"{name}/ffn"
    return {
        **_norm(f"{attention}/layer_norm", width),
        **_linear(f"{attention}/linear_0", 3 * width, width, rng),
        **_linear(f"{attention}/linear_1", width, width, rng, _RESIDUAL_GAIN),
        **_norm(f"{feed_forward}/layer_norm", width),
        **_linear(f"{feed_forward}/linear_0", inner, width, rng),
        **_linear(f"{feed_forward}/linear_1", width, inner, rng, _RESIDUAL_GAIN),
    }


def _cross_attention(name: str, width: int, rng: np.random.Generator) -> Weights:
    return {
        **_norm(f"{name}/layer_norm", width),
        **_linear(f"{name}/linear_0", width, width, rng),
        **_linear(f"{name}/linear_1", 2 * width, width, rng),
        **_linear(f"{name}/linear_2", width, width, rng, _RESIDUAL_GAIN),
    }


def _linear(name: str, outputs: int, inputs: int, rng: np.random.Generator, gain: float = 1.0) -> Weights:
    weight = rng.standard_normal((outputs, inputs)) * gain / np.sqrt(inputs)
    bias = np.zeros(outputs, np.float32)
    return {f"{name}/weight": weight.astype(np.float32), f"{name}/bias": bias}


def _convolution(name: str, outputs: int, inputs: int, rng: np.random.Generator) -> Weights:
    flat = _linear(name, outputs, 3 * inputs, rng)
    return {**flat, f"{name}/weight": flat[f"{name}/weight"].reshape(outputs, inputs, 3)}


def _norm(name: str, width: int) -> Weights:
    return {f"{name}/gamma": np.ones(width, np.float32), f"{name}/beta": np.zeros(width, np.float32)}


def _sinusoids(length: int, width: int) -> NDArray[np.float32]:
    """Compute Whisper's sine and cosine position vectors [length, width]."""
    rates = np.exp(-np.log(10_000) / (width // 2 - 1) * np.arange(width // 2))
    angles = np.arange(length)[:, None] * rates[None]
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)
