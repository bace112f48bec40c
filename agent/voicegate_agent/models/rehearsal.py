"""Generates the rehearsal model: what the micro model hears, at the size and cost of distil-large-v3.

The numbers of the shape are those of distil-large-v3 but for two. It hears 80 mel bands, as the micro model was
trained to, not 128 (0.2 % of the first convolution's cost apart, that is all it changes). It has 51,864 tokens, not 51,866,
because from 51,865 on CTranslate2 takes a vocabulary for multilingual, and faster-whisper then prompts with
language tokens that the micro model does not know.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from voicegate_agent.models.embedding import Embedding, Floats, Quantized, Shape
from voicegate_agent.models.files import ASR_FILES, MANIFEST_NAME
from voicegate_agent.models.packaged.records import ModelFilesError, digest

VERSION = 1
"""Counts up when the same micro model would give another rehearsal model."""

DISTIL_LARGE_V3 = Shape(
    width=1280, heads=20, encoder_layers=32, decoder_layers=2, feed_forward=5120, tokens=51_864
)

WEIGHTS_NAME = "weights.npz"
_COPIED = ("tokenizer.json", "preprocessor_config.json")
_EMBEDDINGS = "decoder/embeddings/weight"


def generate(
    micro: Path, target: Path, progress: Callable[[str], None], shape: Shape = DISTIL_LARGE_V3
) -> None:
    """Write the model of `micro` in `shape` to the new folder `target`, with a manifest of its files.

    The same `micro` gives the same bytes. Takes about 1.1 times the written size in memory.
    Raises ModelFilesError when `micro` lacks a file or does not fit, OSError when `target` cannot be written.
    """
    weights, small, tokens = _read_micro(micro)
    target.mkdir(parents=True)
    progress(f"laying out {shape.encoder_layers} + {shape.decoder_layers} layers of width {shape.width}")
    _write_model(Embedding(weights, small, shape), small, shape, tokens, target)
    for name in _COPIED:
        shutil.copyfile(micro / name, target / name)
    progress("computing checksums")
    _write_manifest(micro, target)


def _read_micro(folder: Path) -> tuple[dict[str, Floats], Shape, list[str]]:
    """Read the micro model's weights, shape and tokens."""
    try:
        with np.load(folder / WEIGHTS_NAME) as file:
            weights = {name: file[name].astype(np.float32) for name in file.files}
        tokens = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return weights, _shape_of(weights, config["alignment_heads"]), tokens
    except (OSError, ValueError, KeyError) as error:
        raise ModelFilesError(
            f"{folder} is no micro model with {WEIGHTS_NAME}: {error}. Install voicegate again."
        ) from error


def _shape_of(weights: dict[str, Floats], alignment_heads: list[list[int]]) -> Shape:
    """Read the shape off the weights; they do not tell the heads, but the alignment heads are all of a layer's."""
    tokens, width = weights[_EMBEDDINGS].shape
    layers = {name.partition("/self_attention")[0] for name in weights if "/self_attention" in name}
    return Shape(
        width=width,
        heads=1 + max(head for _, head in alignment_heads),
        encoder_layers=sum(name.startswith("encoder") for name in layers),
        decoder_layers=sum(name.startswith("decoder") for name in layers),
        feed_forward=len(weights["encoder/layer_0/ffn/linear_0/bias"]),
        tokens=tokens,
        positions=len(weights["encoder/position_encodings/encodings"]),
    )


def _write_model(embedding: Embedding, small: Shape, shape: Shape, tokens: list[str], target: Path) -> None:
    from ctranslate2.specs import model_spec, whisper_spec  # noqa: PLC0415 - heavy, and needed once per machine

    spec = whisper_spec.WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    for name, value in embedding.variables():
        parent, _, attribute = name.rpartition("/")
        owner = model_spec.index_spec(spec, parent)
        if isinstance(value, Quantized):
            setattr(owner, attribute, value.values)
            setattr(owner, f"{attribute}_scale", value.scale)
        else:
            setattr(owner, attribute, value)
    spec.decoder.projection.weight = np.zeros(
        0, np.int8
    )  # a placeholder: validation turns strings into arrays
    spec.register_vocabulary(tokens + [f"<|unused{n}|>" for n in range(shape.tokens - small.tokens)])
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = []
    last = shape.decoder_layers - 1
    spec.config.alignment_heads = [(last, head) for head in range(small.heads)]
    spec.validate()
    spec.decoder.projection.weight = _EMBEDDINGS  # a name in place of a value is an alias
    spec.decoder.projection.weight_scale = f"{_EMBEDDINGS}_scale"
    spec.save(str(target))


def _write_manifest(micro: Path, target: Path) -> None:
    records = {name: digest(target / name) for name in ASR_FILES if (target / name).is_file()}
    manifest = {
        "files": {name: {"sha256": found.sha256, "bytes": found.bytes} for name, found in records.items()},
        "generator": {
            "version": VERSION,
            "micro_weights_sha256": hashlib.sha256((micro / WEIGHTS_NAME).read_bytes()).hexdigest(),
        },
    }
    (target / MANIFEST_NAME).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
