"""Command line of the recipe: `python -m recipes.voice --out DIR`."""

# ruff: noqa: PLC0415 - each step imports what it needs, so that --help works without the extra

import argparse
import sys
from pathlib import Path

_DESCRIPTION = """\
Build the project's Piper-format voice, or measure one.

espeak-ng speaks some 3,700 pseudo-words in a monotone, each with one pair of neighboring phones (a diphone)
in it; the pairs are cut out, stored in 8 bits, and compiled with their lookup tables into an ONNX graph that
has Piper's inputs and output. The result speaks any English text, in the unmodified piper.PiperVoice.

Needs the system package espeak-ng and the extra: pip install '.[recipe]'. Takes half a minute.
The same versions of these give the same bytes.

  python -m recipes.voice --out agent/voicegate_agent/models/voice
  python -m recipes.voice --measure agent/voicegate_agent/models/voice/voice.onnx

Exit codes: 0 done, 2 usage, 3 could not be done.
"""


def main() -> int:
    """Build or measure the voice and say what came of it; return the exit code."""
    options = _parser().parse_args()
    try:
        return _measure(options.measure) if options.measure else _build(options.out, flat=options.flat)
    except ModuleNotFoundError as error:
        print(f"error: {error.name} is not installed: pip install '.[recipe]'", file=sys.stderr)
    except (OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
    return 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m recipes.voice",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    step = parser.add_mutually_exclusive_group(required=True)
    step.add_argument("--out", type=Path, metavar="DIR", help="build, and write the voice's files here")
    step.add_argument("--measure", type=Path, metavar="ONNX", help="measure this voice: size, time, memory")
    parser.add_argument("--flat", action="store_true", help="build without melody, to hear the joins")
    return parser


def _build(out: Path, *, flat: bool) -> int:
    from recipes.voice.build import build_voice
    from recipes.voice.voice_graph import FLAT, Melody

    summary = build_voice(out, FLAT if flat else Melody(), _progress)
    print(
        f"{out}: {summary.diphones} diphones, {summary.voice_bytes / 1e6:.2f} MB, "
        f"pitch period {summary.period_samples} samples; {summary.substituted} pairs spoken by a neighbor, "
        f"{summary.split} by two units, {summary.missing} diphones left out"
    )
    return 0


def _measure(voice: Path) -> int:
    from recipes.voice.measure import measure_voice

    print(measure_voice(voice))
    return 0


def _progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
