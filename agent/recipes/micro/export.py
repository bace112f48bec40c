"""Writes a trained checkpoint as the files the project ships.

`model.bin` (CTranslate2, int8) with its vocabulary and configuration, `tokenizer.json` and
`preprocessor_config.json` for faster-whisper, `weights.npz` (the same weights in float16, for the
rehearsal model), and `manifest.json` with the SHA-256 and size of each.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from recipes.micro.features import MELS
from recipes.micro.network import FULL_POSITIONS
from recipes.micro.parameters import Shape, Weights
from recipes.micro.tokens import IDS, SPECIAL_TOKENS, TOKENS

SHIPPED_FILES = (
    "model.bin",
    "config.json",
    "vocabulary.json",
    "tokenizer.json",
    "preprocessor_config.json",
    "weights.npz",
)

_TRAINING_ONLY = "ctc/"
_ENCODER_POSITIONS = "encoder/position_encodings/encodings"


def export(weights: Weights, shape: Shape, folder: Path, quantization: str | None = "int8") -> None:
    """Write every shipped file and the manifest into `folder`.

    `weights` maps CTranslate2 variable names to arrays; those of the CTC head are left out. They
    are rounded to float16 first, so that `weights.npz` and `model.bin` agree exactly.
    """
    folder.mkdir(parents=True, exist_ok=True)
    halves = {
        name: np.asarray(value, np.float16)
        for name, value in weights.items()
        if not name.startswith(_TRAINING_ONLY)
    }
    np.savez(folder / "weights.npz", allow_pickle=False, **halves)
    rounded = {name: value.astype(np.float32) for name, value in halves.items()}
    write_ctranslate2(rounded, shape, folder, quantization)
    write_tokenizer(folder / "tokenizer.json")
    write_manifest(folder, SHIPPED_FILES)


def write_ctranslate2(weights: Weights, shape: Shape, folder: Path, quantization: str | None) -> None:
    """Write `model.bin`, `config.json`, `vocabulary.json` and `preprocessor_config.json`."""
    spec = whisper_spec.WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    for name, value in _full_positions(weights).items():
        owner, attribute = _find(spec, name)
        setattr(owner, attribute, np.array(value, np.float32, order="C"))
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.register_vocabulary(list(TOKENS))
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = []
    last = shape.decoder_layers - 1
    spec.config.alignment_heads = [(last, head) for head in range(shape.heads)]
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(folder))
    features = {
        "feature_size": MELS,
        "sampling_rate": 16_000,
        "hop_length": 160,
        "chunk_length": 30,
        "n_fft": 400,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(features) + "\n")


def write_tokenizer(path: Path) -> None:
    """Write the word-level tokenizer in the format of the tokenizers library."""
    tokenizer = Tokenizer(models.WordLevel(IDS, unk_token="<unk>"))  # noqa: S106 - a token of the vocabulary
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL_TOKENS])
    tokenizer.save(str(path), pretty=False)


def write_manifest(folder: Path, names: tuple[str, ...]) -> None:
    """Write `manifest.json`: the SHA-256 and size in bytes of each named file."""
    files = {
        name: {
            "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
            "bytes": (folder / name).stat().st_size,
        }
        for name in names
    }
    (folder / "manifest.json").write_text(json.dumps({"files": files}, indent=2) + "\n")


def _full_positions(weights: Weights) -> Weights:
    """Pad the encoder positions by zero vectors to Whisper's 30 s."""
    trained = weights[_ENCODER_POSITIONS]
    missing = FULL_POSITIONS - trained.shape[0]
    return {**weights, _ENCODER_POSITIONS: np.pad(trained, ((0, missing), (0, 0)))}


def _find(spec: object, name: str) -> tuple[object, str]:
    """Find the object and attribute that a variable name stands for; "linear_0" is linear[0]."""
    *steps, attribute = name.split("/")
    owner: Any = spec
    for step in steps:
        stem, _, number = step.rpartition("_")
        if number.isdigit() and isinstance(getattr(owner, stem, None), list):
            owner = getattr(owner, stem)[int(number)]
        else:
            owner = getattr(owner, step)
    return owner, attribute
