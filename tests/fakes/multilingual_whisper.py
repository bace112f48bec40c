"""A tiny Whisper model of many languages that has learned nothing, in the format of the real ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from ctranslate2.specs import model_spec, whisper_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

WIDTH, HEADS, FEED_FORWARD, MELS = 16, 2, 32, 80
LANGUAGES = [f"<|{code}|>" for code in _LANGUAGE_CODES]
SPECIAL_TOKENS = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    *LANGUAGES,
    *(
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
    ),
    *(f"<|{step * 0.02:.2f}|>" for step in range(1501)),
]
TOKENS = [*(f"word{number}" for number in range(99)), "", *SPECIAL_TOKENS]
"""An empty token among them makes CTranslate2 take a vocabulary for the multilingual one."""


def write_model(folder: Path, quantization: str | None = None) -> None:
    """Write the model with its tokenizer; `quantization` is what it is stored in, float32 if None."""
    random = np.random.default_rng(0)
    spec = whisper_spec.WhisperSpec(1, HEADS, 1, HEADS)

    def fill(owner: model_spec.LayerSpec, name: str) -> None:
        for attribute, value in list(vars(owner).items()):
            if value is None or attribute == "encodings":
                shape = _shape(f"{name}/{attribute}")
                setattr(owner, attribute, random.standard_normal(shape, dtype=np.float32))

    _walk(spec, "", fill)
    spec.register_vocabulary(TOKENS)
    ids = {token: number for number, token in enumerate(TOKENS)}
    spec.config.lang_ids = [ids[language] for language in LANGUAGES]
    spec.config.suppress_ids, spec.config.suppress_ids_begin, spec.config.alignment_heads = [], [], [(0, 0)]
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(folder))
    tokenizer = Tokenizer(WordLevel(ids, unk_token="word0"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL_TOKENS])
    tokenizer.save(str(folder / "tokenizer.json"))


def _walk(spec: model_spec.LayerSpec, name: str, fill: Callable[[model_spec.LayerSpec, str], None]) -> None:
    fill(spec, name)
    for attribute, value in vars(spec).items():
        for index, part in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(part, model_spec.LayerSpec):
                suffix = f"_{index}" if isinstance(value, list) else ""
                _walk(part, f"{name}/{attribute}{suffix}", fill)


def _shape(name: str) -> tuple[int, ...]:
    shapes = {
        "conv1/weight": (WIDTH, MELS, 3),
        "conv2/weight": (WIDTH, WIDTH, 3),
        "encoder/position_encodings/encodings": (1500, WIDTH),
        "decoder/position_encodings/encodings": (448, WIDTH),
        "embeddings/weight": (len(TOKENS), WIDTH),
        "projection/weight": (len(TOKENS), WIDTH),
        "self_attention/linear_0/weight": (3 * WIDTH, WIDTH),
        "attention/linear_1/weight": (2 * WIDTH, WIDTH),
        "ffn/linear_0/weight": (FEED_FORWARD, WIDTH),
        "ffn/linear_1/weight": (WIDTH, FEED_FORWARD),
        "gamma": (WIDTH,),
        "beta": (WIDTH,),
    }
    if name.endswith("self_attention/linear_1/weight"):
        return (WIDTH, WIDTH)
    return next((shape for ending, shape in shapes.items() if name.endswith(ending)), (WIDTH, WIDTH))
