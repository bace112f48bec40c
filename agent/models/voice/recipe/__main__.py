"""Command line of the recipe: `python -m agent.models.voice.recipe --out DIR`."""

import argparse
import sys
from pathlib import Path

from agent.models.voice.recipe.build import build_voice
from agent.models.voice.recipe.espeak import EspeakError
from agent.models.voice.recipe.voice_graph import FLAT, Melody

_DESCRIPTION = """\
Build the project's Piper-format voice.

espeak-ng speaks some 4,000 pseudo-words in a monotone, each with one pair of neighboring phones (a diphone)
in it; the pairs are cut out, stored in 8 bits, and compiled with their lookup tables into an ONNX graph that
has Piper's inputs and output. The result speaks any English text, in the unmodified piper.PiperVoice.

Needs the system package espeak-ng and the Python packages onnx, scipy and piper-tts. Takes about two minutes.
The same versions of these give the same bytes.
"""


def main() -> int:
    """Build the voice and say what was built; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m agent.models.voice.recipe",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the voice's files")
    parser.add_argument("--flat", action="store_true", help="no melody (to hear the joins by themselves)")
    arguments = parser.parse_args()
    try:
        summary = build_voice(arguments.out, FLAT if arguments.flat else Melody(), _progress)
    except EspeakError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    print(
        f"{arguments.out}: {summary.diphones} diphones, {summary.voice_bytes / 1e6:.2f} MB, "
        f"pitch period {summary.period_samples} samples; {summary.substituted} pairs spoken by a neighbor, "
        f"{summary.split} by two units, {summary.missing} diphones left out"
    )
    return 0


def _progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
