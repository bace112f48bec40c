"""The network: Whisper's encoder and decoder, small, as plain functions over named arrays.

Training computes here what CTranslate2 computes later from the exported parameters.
"""

import jax
import jax.numpy as jnp
from jax import Array

from recipes.micro.parameters import Shape

Parameters = dict[str, Array]

FULL_POSITIONS = 1500
"""Encoder positions of 30 s, to which `transcribe()` pads every clip."""

_NORM_EPSILON = 1e-5


def encode(parameters: Parameters, shape: Shape, features: Array, padding: Array) -> tuple[Array, Array]:
    """Encode features [batch, mels, frames] into [batch, frames / 2 + 1, width] and a key bias.

    `padding` [batch] counts the identical positions of zero features that follow each clip. All of
    them are worth one key whose attention logit is raised by log(count): the last position of the
    result, and the reason for the bias [batch, 1, 1, keys] that `decode` needs as well. That is
    exact for 2 × `shape.positions` frames; with fewer, real padding would still carry position
    vectors for a while, which training does not spend its time on.
    """
    hidden = _gelu(_convolve(parameters, "encoder/conv1", features.transpose(0, 2, 1), 1))
    hidden = _gelu(_convolve(parameters, "encoder/conv2", hidden, 2))
    batch, length, width = hidden.shape
    hidden = hidden + parameters["encoder/position_encodings/encodings"][None, :length]
    silent = jnp.broadcast_to(_silent_position(parameters), (batch, 1, width))
    hidden = jnp.concatenate([hidden, silent], axis=1)
    weight = jnp.where(padding > 0, jnp.log(jnp.maximum(padding, 1.0)), -1e9)
    bias = jnp.concatenate([jnp.zeros((batch, length)), weight[:, None]], axis=1)[:, None, None, :]
    for n in range(shape.encoder_layers):
        name = f"encoder/layer_{n}"
        hidden = hidden + _self_attention(parameters, name, hidden, bias, shape.heads)
        hidden = hidden + _feed_forward(parameters, name, hidden)
    return _norm(parameters, "encoder/layer_norm", hidden), bias


def decode(parameters: Parameters, shape: Shape, encoded: Array, bias: Array, ids: Array) -> Array:
    """Logits [batch, length, tokens] of the token after each of `ids` [batch, length]."""
    length = ids.shape[1]
    hidden = parameters["decoder/embeddings/weight"][ids]
    hidden = hidden + parameters["decoder/position_encodings/encodings"][None, :length]
    causal = jnp.where(jnp.tril(jnp.ones((length, length))) > 0, 0.0, -1e9)[None, None]
    for n in range(shape.decoder_layers):
        name = f"decoder/layer_{n}"
        hidden = hidden + _self_attention(parameters, name, hidden, causal, shape.heads)
        hidden = hidden + _cross_attention(parameters, name, hidden, encoded, bias, shape.heads)
        hidden = hidden + _feed_forward(parameters, name, hidden)
    hidden = _norm(parameters, "decoder/layer_norm", hidden)
    return hidden @ parameters["decoder/embeddings/weight"].T


def phoneme_logits(parameters: Parameters, encoded: Array) -> Array:
    """CTC logits [batch, positions, phonemes]."""
    return _linear(parameters, "ctc", encoded)


def _linear(parameters: Parameters, name: str, inputs: Array) -> Array:
    rows = inputs.reshape(-1, inputs.shape[-1])
    outputs = _affine(rows, parameters[f"{name}/weight"], parameters[f"{name}/bias"])
    return outputs.reshape(*inputs.shape[:-1], -1)


def _multiply_add(rows: Array, weight: Array, bias: Array) -> Array:
    """Multiply rows [n, in] by weight [out, in] and add bias [out]."""
    return rows @ weight.T + bias


def _forward(rows: Array, weight: Array, bias: Array) -> tuple[Array, tuple[Array, Array]]:
    return _multiply_add(rows, weight, bias), (rows, weight)


def _backward(kept: tuple[Array, Array], gradient: Array) -> tuple[Array, Array, Array]:
    """Give the gradients, with the operands in the order that is fastest on a CPU: a quarter off a layer's time."""
    rows, weight = kept
    return gradient @ weight, (rows.T @ gradient).T, gradient.sum(0)


_affine = jax.custom_vjp(_multiply_add)
_affine.defvjp(_forward, _backward)


def _norm(parameters: Parameters, name: str, inputs: Array) -> Array:
    centered = inputs - inputs.mean(-1, keepdims=True)
    variance = (centered**2).mean(-1, keepdims=True)
    scaled = centered * jax.lax.rsqrt(variance + _NORM_EPSILON)
    return scaled * parameters[f"{name}/gamma"] + parameters[f"{name}/beta"]


def _gelu(inputs: Array) -> Array:
    """GELU by its tanh form: within 5e-4 of the exact one that CTranslate2 runs, and faster."""
    return jax.nn.gelu(inputs, approximate=True)


def _convolve(parameters: Parameters, name: str, inputs: Array, stride: int) -> Array:
    """Kernel 3, padding 1, over [batch, length, channels], as one product of matrices.

    Twice as fast on a CPU as XLA's own convolution and its gradient.
    """
    weight = parameters[f"{name}/weight"]
    outputs, channels, _ = weight.shape
    padded = jnp.pad(inputs, ((0, 0), (1, 1), (0, 0)))
    length = inputs.shape[1]
    taps = [padded[:, tap : tap + length : stride] for tap in range(3)]
    rows = jnp.concatenate(taps, axis=-1).reshape(-1, 3 * channels)
    matrix = weight.transpose(0, 2, 1).reshape(outputs, 3 * channels)
    bias = parameters[f"{name}/bias"]
    return _affine(rows, matrix, bias).reshape(inputs.shape[0], -1, outputs)


def _silent_position(parameters: Parameters) -> Array:
    """Compute what both convolutions make of zero features, away from any edge: [width]."""
    hidden = _gelu(parameters["encoder/conv1/bias"])
    weight = parameters["encoder/conv2/weight"].sum(-1)
    return _gelu(weight @ hidden + parameters["encoder/conv2/bias"])


def _self_attention(parameters: Parameters, layer: str, hidden: Array, bias: Array, heads: int) -> Array:
    name = f"{layer}/self_attention"
    normed = _norm(parameters, f"{name}/layer_norm", hidden)
    projected = _linear(parameters, f"{name}/linear_0", normed)
    query, key, value = jnp.split(projected, 3, axis=-1)
    return _linear(parameters, f"{name}/linear_1", _attend(query, key, value, bias, heads))


def _cross_attention(
    parameters: Parameters, layer: str, hidden: Array, encoded: Array, bias: Array, heads: int
) -> Array:
    name = f"{layer}/attention"
    normed = _norm(parameters, f"{name}/layer_norm", hidden)
    query = _linear(parameters, f"{name}/linear_0", normed)
    key, value = jnp.split(_linear(parameters, f"{name}/linear_1", encoded), 2, axis=-1)
    return _linear(parameters, f"{name}/linear_2", _attend(query, key, value, bias, heads))


def _feed_forward(parameters: Parameters, layer: str, hidden: Array) -> Array:
    normed = _norm(parameters, f"{layer}/ffn/layer_norm", hidden)
    inner = _gelu(_linear(parameters, f"{layer}/ffn/linear_0", normed))
    return _linear(parameters, f"{layer}/ffn/linear_1", inner)


def _attend(query: Array, key: Array, value: Array, bias: Array, heads: int) -> Array:
    batch, queries, width = query.shape
    size = width // heads

    def split(array: Array) -> Array:
        return array.reshape(batch, -1, heads, size).transpose(0, 2, 1, 3)

    logits = split(query) * size**-0.5 @ split(key).transpose(0, 1, 3, 2) + bias
    mixed = jax.nn.softmax(logits, axis=-1) @ split(value)
    return mixed.transpose(0, 2, 1, 3).reshape(batch, queries, width)
