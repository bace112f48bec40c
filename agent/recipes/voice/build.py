"""From espeak-ng to the voice's files."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recipes.voice.carriers import wanted_pairs
from recipes.voice.diphones import SAMPLE_RATE_HZ, record_diphones
from recipes.voice.espeak import open_speaker
from recipes.voice.piper_config import voice_config
from recipes.voice.unit_table import build_unit_table
from recipes.voice.voice_graph import Melody, build_voice_graph

VOICE_FILE = "voice.onnx"
CONFIG_FILE = "voice.onnx.json"
MANIFEST_FILE = "manifest.json"
MAX_UNIT_SAMPLES = 5_750_000


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What was built: counts of diphones and of phone pairs that others speak, and the size of the voice."""

    diphones: int
    missing: int
    substituted: int
    split: int
    period_samples: int
    voice_bytes: int


def build_voice(out: Path, melody: Melody, progress: Callable[[str], None]) -> BuildSummary:
    """Write `voice.onnx`, `voice.onnx.json` and `manifest.json` to the folder `out`.

    Raises EspeakError when espeak-ng is missing.
    """
    with open_speaker() as speaker:
        diphones = record_diphones(speaker, wanted_pairs(), MAX_UNIT_SAMPLES, progress)
    progress("compiling the graph")
    table = build_unit_table(diphones)
    model = build_voice_graph(table, diphones.period, melody)
    voice = model.SerializeToString(deterministic=True)
    config = json.dumps(voice_config(diphones.period, SAMPLE_RATE_HZ), ensure_ascii=False, indent=1) + "\n"
    out.mkdir(parents=True, exist_ok=True)
    files = {VOICE_FILE: voice, CONFIG_FILE: config.encode()}
    for name, content in files.items():
        (out / name).write_bytes(content)
    (out / MANIFEST_FILE).write_text(json.dumps(_manifest(files), indent=2) + "\n", encoding="utf-8")
    return BuildSummary(
        diphones=len(diphones.units),
        missing=len(diphones.missing),
        substituted=table.substituted,
        split=table.split,
        period_samples=diphones.period,
        voice_bytes=len(voice),
    )


def _manifest(files: dict[str, bytes]) -> dict[str, object]:
    return {
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in files.items()
        }
    }
