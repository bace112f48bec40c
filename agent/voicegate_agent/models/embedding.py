"""A small Whisper's weights as part of a big one, computing the same.

Every width of the small model is repeated `k` times in the big one (zero-padding would not do: layer norms
would see another mean and variance). What reads a repeated width carries 1/k, attention heads are laid into
the wider heads of the big shape, and a scale on the queries makes up for their width. All that is left over is
random, of the real size and cost, and cannot reach the result: unused heads have no values, further layers add
exact zeros, unused tokens are never probable.

Weights are quantized first and laid out then, so the integers are those of the small model in 8 bits.
Names are CTranslate2's variable names.
"""

import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]

NEVER = -1e4
"""A bias that silences what it is added to: GELU gives exactly 0, softmax a probability of 0."""

_ORDINARY_SCALE = np.float32(127 / 0.06)  # of random rows: a weight's magnitude in real models
_SEED = 1


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a Whisper model; `tokens` is the size of its vocabulary."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    feed_forward: int
    tokens: int
    positions: int = 1500

    @property
    def head_width(self) -> int:
        """Width of one attention head."""
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class Quantized:
    """An int8 matrix [rows, columns], or a convolution [rows, columns, taps]; a row's weights are values / scale."""

    values: Bytes
    scale: Floats

    def stacked(self, *others: "Quantized") -> "Quantized":
        """Return the rows of this and `others` one below the other."""
        return Quantized(
            np.concatenate([self.values, *(other.values for other in others)]),
            np.concatenate([self.scale, *(other.scale for other in others)]),
        )


Variable = Quantized | Floats


class EmbeddingError(ValueError):
    """The small shape does not fit into the big one; the message says which size is in the way."""


def quantize(weight: Floats) -> Quantized:
    """Quantize row by row, as CTranslate2 does."""
    rows = weight.reshape(len(weight), -1)
    largest = np.abs(rows).max(axis=1)
    largest[largest == 0] = 127
    scale = (127 / largest).astype(np.float32)
    values = np.rint(rows * scale[:, None]).astype(np.int8)
    return Quantized(values.reshape(weight.shape), scale)


class Embedding:
    """Lays the variables of a model of shape `small` out in a model of shape `big`.

    `weights` are the small model's, float32, under CTranslate2's names. Raises EmbeddingError when sizes of `big`
    are no multiples of those of `small`, or too few.
    """

    def __init__(self, weights: Mapping[str, Floats], small: Shape, big: Shape) -> None:
        for name in ("width", "feed_forward"):
            if getattr(big, name) % getattr(small, name):
                raise EmbeddingError(f"{name} {getattr(small, name)} does not divide {getattr(big, name)}")
        for name in ("heads", "head_width", "encoder_layers", "decoder_layers", "tokens", "positions"):
            if getattr(big, name) < getattr(small, name):
                raise EmbeddingError(f"{name} {getattr(small, name)} is more than {getattr(big, name)}")
        self._weights = weights
        self._small, self._big = small, big
        self._copies = big.width // small.width

    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Yield every variable of the big model but the output projection, whose weight is the embeddings'."""
        yield from self._stem()
        for number in range(self._big.encoder_layers):
            yield from self._layer(f"encoder/layer_{number}", number < self._small.encoder_layers)
        yield from self._token_variables()
        for number in range(self._big.decoder_layers):
            used = number < self._small.decoder_layers
            yield from self._layer(f"decoder/layer_{number}", used)
            yield from self._cross_attention(f"decoder/layer_{number}/attention", used)

    def _stem(self) -> Iterator[tuple[str, Variable]]:
        first, second = (quantize(self._weights[f"encoder/conv{n}/weight"]) for n in (1, 2))
        yield "encoder/conv1/weight", self._to_width(first)
        yield "encoder/conv1/bias", self._tiled("encoder/conv1/bias")
        yield "encoder/conv2/weight", self._to_width(self._from_width(second))
        yield "encoder/conv2/bias", self._tiled("encoder/conv2/bias")
        positions = self._tiled("encoder/position_encodings/encodings")
        missing = self._big.positions - len(positions)
        yield "encoder/position_encodings/encodings", np.pad(positions, ((0, missing), (0, 0)))
        yield from self._norm("encoder/layer_norm")

    def _token_variables(self) -> Iterator[tuple[str, Variable]]:
        unused = self._big.tokens - self._small.tokens
        known = quantize(self._weights["decoder/embeddings/weight"])
        known = Quantized(np.tile(known.values, (1, self._copies)), known.scale)
        yield "decoder/embeddings/weight", known.stacked(self._random("tokens", unused, self._big.width))
        never = np.full(unused, NEVER, np.float32)
        yield "decoder/projection/bias", np.concatenate([np.zeros(self._small.tokens, np.float32), never])
        yield "decoder/position_encodings/encodings", self._tiled("decoder/position_encodings/encodings")
        # The projection reads the width through the embeddings, which must not carry the 1/k: the norm does.
        for name, value in self._norm("decoder/layer_norm"):
            yield name, value / np.float32(self._copies)

    def _layer(self, name: str, used: bool) -> Iterator[tuple[str, Variable]]:
        yield from self._self_attention(f"{name}/self_attention", used)
        yield from self._feed_forward(f"{name}/ffn", used)

    def _self_attention(self, name: str, used: bool) -> Iterator[tuple[str, Variable]]:
        yield from self._norm(f"{name}/layer_norm", used)
        if used:
            query, key, value = np.split(self._weights[f"{name}/linear_0/weight"], 3)
            biases = np.split(self._weights[f"{name}/linear_0/bias"], 3)
            parts = (
                self._into_heads(f"{name}/query", query, biases[0], self._query_scale),
                self._into_heads(f"{name}/key", key, biases[1]),
                self._into_heads(f"{name}/value", value, biases[2], fill=False),
            )
        else:
            parts = (self._idle(f"{name}/query"), self._idle(f"{name}/key"), self._silent())
        yield from _joined(f"{name}/linear_0", *parts)
        yield from self._out_of_heads(f"{name}/linear_1", used)

    def _cross_attention(self, name: str, used: bool) -> Iterator[tuple[str, Variable]]:
        yield from self._norm(f"{name}/layer_norm", used)
        if used:
            query, query_bias = (
                self._weights[f"{name}/linear_0/weight"],
                self._weights[f"{name}/linear_0/bias"],
            )
            key, value = np.split(self._weights[f"{name}/linear_1/weight"], 2)
            biases = np.split(self._weights[f"{name}/linear_1/bias"], 2)
            asking = self._into_heads(f"{name}/query", query, query_bias, self._query_scale)
            answering = (
                self._into_heads(f"{name}/key", key, biases[0]),
                self._into_heads(f"{name}/value", value, biases[1], fill=False),
            )
        else:
            asking = self._idle(f"{name}/query")
            answering = (self._idle(f"{name}/key"), self._silent())
        yield from _joined(f"{name}/linear_0", asking)
        yield from _joined(f"{name}/linear_1", *answering)
        yield from self._out_of_heads(f"{name}/linear_2", used)

    def _feed_forward(self, name: str, used: bool) -> Iterator[tuple[str, Variable]]:
        inner = self._big.feed_forward
        yield from self._norm(f"{name}/layer_norm", used)
        if not used:
            # Nothing passes the GELU, so whatever the second matrix holds, it adds zeros.
            yield f"{name}/linear_0/weight", self._random(f"{name}/linear_0", inner, self._big.width)
            yield f"{name}/linear_0/bias", np.full(inner, NEVER, np.float32)
            yield f"{name}/linear_1/weight", self._random(f"{name}/linear_1", self._big.width, inner)
            yield f"{name}/linear_1/bias", np.zeros(self._big.width, np.float32)
            return
        copies = inner // self._small.feed_forward
        widened = self._from_width(quantize(self._weights[f"{name}/linear_0/weight"]))
        yield (
            f"{name}/linear_0/weight",
            Quantized(np.tile(widened.values, (copies, 1)), np.tile(widened.scale, copies)),
        )
        yield f"{name}/linear_0/bias", np.tile(self._weights[f"{name}/linear_0/bias"], copies)
        narrowed = quantize(self._weights[f"{name}/linear_1/weight"])
        narrowed = Quantized(np.tile(narrowed.values, (1, copies)), narrowed.scale * np.float32(copies))
        yield f"{name}/linear_1/weight", self._to_width(narrowed)
        yield f"{name}/linear_1/bias", self._tiled(f"{name}/linear_1/bias")

    def _norm(self, name: str, used: bool = True) -> Iterator[tuple[str, Floats]]:
        if used:
            yield f"{name}/gamma", self._tiled(f"{name}/gamma")
            yield f"{name}/beta", self._tiled(f"{name}/beta")
        else:
            yield f"{name}/gamma", np.ones(self._big.width, np.float32)
            yield f"{name}/beta", np.zeros(self._big.width, np.float32)

    @property
    def _query_scale(self) -> float:
        """Make up for the 1/sqrt(head width) of the big shape."""
        return math.sqrt(self._big.head_width / self._small.head_width)

    def _into_heads(
        self, name: str, weight: Floats, bias: Floats, factor: float = 1.0, fill: bool = True
    ) -> tuple[Quantized, Floats]:
        """Return a projection [big width, big width] whose first heads are the small model's, times `factor`.

        The other heads are random with `fill`, else silent.
        """
        inside = self._from_width(quantize(weight))
        rows = self._head_rows()
        result, biases = self._idle(name) if fill else self._silent()
        used = self._small.heads * self._big.head_width
        result.values[:used] = 0
        result.values[rows] = inside.values
        result.scale[rows] = inside.scale / np.float32(factor)
        biases[rows] = bias * np.float32(factor)
        return result, biases

    def _out_of_heads(self, name: str, used: bool) -> Iterator[tuple[str, Variable]]:
        """Yield the projection that reads the heads: the small model's only, or none when they are all silent."""
        if not used:
            yield f"{name}/weight", self._random(name, self._big.width, self._big.width)
            yield f"{name}/bias", np.zeros(self._big.width, np.float32)
            return
        narrow = quantize(self._weights[f"{name}/weight"])
        values = self._random(name, self._small.width, self._big.width).values
        values[:, : self._small.heads * self._big.head_width] = 0
        values[:, self._head_rows()] = narrow.values
        yield f"{name}/weight", self._to_width(Quantized(values, narrow.scale))
        yield f"{name}/bias", self._tiled(f"{name}/bias")

    def _head_rows(self) -> npt.NDArray[np.intp]:
        """Return where each dimension of the small model's heads is in the big model's."""
        dimension = np.arange(self._small.width)
        head, inside = np.divmod(dimension, self._small.head_width)
        return head * self._big.head_width + inside

    def _idle(self, name: str) -> tuple[Quantized, Floats]:
        return self._random(name, self._big.width, self._big.width), np.zeros(self._big.width, np.float32)

    def _silent(self) -> tuple[Quantized, Floats]:
        width = self._big.width
        nothing = Quantized(np.zeros((width, width), np.int8), np.ones(width, np.float32))
        return nothing, np.zeros(width, np.float32)

    def _tiled(self, name: str) -> Floats:
        """Repeat the last axis, which is the width."""
        value = self._weights[name]
        return np.tile(value, (*(1,) * (value.ndim - 1), self._copies))

    def _from_width(self, weight: Quantized) -> Quantized:
        """Have a matrix or convolution read the repeated width: its columns repeat, each carrying 1/k."""
        repeats = (1, self._copies, *(1,) * (weight.values.ndim - 2))
        return Quantized(np.tile(weight.values, repeats), weight.scale * np.float32(self._copies))

    def _to_width(self, weight: Quantized) -> Quantized:
        """Have a matrix or convolution write the repeated width: its rows repeat."""
        repeats = (self._copies, *(1,) * (weight.values.ndim - 1))
        return Quantized(np.tile(weight.values, repeats), np.tile(weight.scale, self._copies))

    def _random(self, name: str, rows: int, columns: int) -> Quantized:
        """Return random weights that are the same for a name each time."""
        draw = np.random.default_rng([_SEED, zlib.crc32(name.encode())])
        values = draw.integers(-127, 128, (rows, columns), np.int8)
        return Quantized(values, np.full(rows, _ORDINARY_SCALE, np.float32))


def _joined(name: str, *parts: tuple[Quantized, Floats]) -> Iterator[tuple[str, Variable]]:
    first, *others = (weight for weight, _ in parts)
    yield f"{name}/weight", first.stacked(*others)
    yield f"{name}/bias", np.concatenate([bias for _, bias in parts])
