"""Command line of the clips' recipe: `python -m clip_recipe make|pauses|check`."""

import argparse
import sys
from pathlib import Path

from voicegate.drive.clips.library import CLIPS_FOLDER
from voicegate.drive.errors import ClipError
from voicegate.record.recognizer import RecognizerError, WhisperRecognizer

from clip_recipe.listener import CarefulListener
from clip_recipe.make import make_clips, misunderstood
from clip_recipe.pauses import note_pauses
from clip_recipe.voices import VOICES, SynthesisError

_DESCRIPTION = """\
The clips that the gate's callers say: 38 with a spoken four-digit code of their own, 8 sentences.

  make    speak every line with flite and espeak-ng voices in turn, and write FLAC files and clips.json.
          With --model, a voice that the recognizer misunderstands is passed over for the next one;
          with --real-model, one that a real Whisper model misunderstands too.
          Clips that are there and understood stay.
  pauses  find where in each clip a speaker could pause, and note it in clips.json.
  check   have the recognizer listen to the clips that are there, as they are and through Opus, loud and soft.

Needs the system packages espeak-ng and flite to make clips; nothing but the recognizer to check them.
Exit codes: 0 all understood, 1 some misunderstood, 2 usage, 3 could not be made or read.
"""


def main() -> int:
    """Make or check clips; return the exit code."""
    options = _parser().parse_args()
    try:
        if options.step == "pauses":
            found = note_pauses(options.clips, WhisperRecognizer(options.model))
            print(f"{options.clips}: a place to pause in {found} clips")
            return 0
        others = [WhisperRecognizer(model) for model in options.real_model]
        listener = CarefulListener(WhisperRecognizer(options.model), others) if options.model else None
        if options.step == "make":
            manifest = make_clips(options.out, VOICES, listener, _progress)
            total_bytes = sum(path.stat().st_size for path in options.out.glob("*.flac"))
            print(f"{options.out}: {len(manifest.clips)} clips, {total_bytes / 1e6:.2f} MB")
            return 0
        failures = tuple(misunderstood(options.clips, listener)) if listener else ()
    except (ClipError, RecognizerError, SynthesisError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    for failure in failures:
        print(failure)
    print(f"{len(failures)} clips misunderstood")
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m clip_recipe",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    make = steps.add_parser("make", help="make the clips")
    make.add_argument("--out", type=Path, default=CLIPS_FOLDER, metavar="DIR", help="default: the package")
    make.add_argument("--model", type=Path, metavar="DIR", help="recognizer that must understand the clips")
    for name, about in (("pauses", "find where to pause in the clips"), ("check", "check the clips")):
        step = steps.add_parser(name, help=about)
        step.add_argument(
            "--clips", type=Path, default=CLIPS_FOLDER, metavar="DIR", help="default: the package"
        )
        step.add_argument(
            "--model", type=Path, required=True, metavar="DIR", help="Whisper model, CTranslate2 format"
        )
    for step in (make, steps.choices["check"]):
        step.add_argument(
            "--real-model", type=Path, action="append", default=[], metavar="DIR",
            help="another recognizer that must understand them, though not in noise; needs --model",
        )  # fmt: skip
    return parser


def _progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
