"""Command line of the micro model's recipe."""

# ruff: noqa: PLC0415 - each step imports what it needs, so that --help works without the extra

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import voicegate_agent.models

_MODELS = Path(voicegate_agent.models.__path__[0])

_TEACHING = """\
The steps, in order (times on 2 cores):

  corpus     speak and disturb sentences: about 40 s and 50 MB a shard
  train      train from scratch, or go on from the checkpoint, for --minutes
  export     write the checkpoint's moving average as the files the project ships
  evaluate   measure word error rates on held-out texts, codes and voices

From nothing to the shipped model:

  python -m recipes.micro corpus --work DIR --shards 60
  python -m recipes.micro train --work DIR --minutes 95
  python -m recipes.micro export --work DIR
  python -m recipes.micro evaluate

Corpus and training can run side by side: training reads new shards as they appear. Either can be
interrupted and started again. Needs espeak-ng, flite, and the extra: pip install '.[recipe]'.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step of the recipe; 0 when done, 2 for wrong usage, 3 when it could not run."""
    options = _parser().parse_args(arguments)
    try:
        _STEPS[options.step](options)
    except ModuleNotFoundError as error:
        print(f"error: {error.name} is not installed: pip install '.[recipe]'", file=sys.stderr)
    except (FileNotFoundError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
    else:
        return 0
    return 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m recipes.micro",
        description="Make the micro speech model from scratch, or measure it.",
        epilog=_TEACHING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    voice = argparse.ArgumentParser(add_help=False)
    voice.add_argument(
        "--project-voice",
        type=Path,
        default=_MODELS / "voice" / "voice.onnx",
        metavar="ONNX",
        help="the Piper-format voice whose speech must be understood (default: the project's)",
    )
    work = argparse.ArgumentParser(add_help=False)
    work.add_argument("--work", type=Path, required=True, help="folder of corpus and checkpoint")

    corpus = steps.add_parser("corpus", parents=[work, voice], help="make training shards")
    corpus.add_argument("--shards", type=int, default=60, help="how many (default: 60)")
    corpus.add_argument("--first", type=int, default=0, help="number of the first (default: 0)")
    corpus.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    corpus.add_argument(
        "--project-voice-share",
        type=float,
        default=0.28,
        help="share of texts in the project's voice (default: 0.28; 0 needs no voice)",
    )

    train = steps.add_parser("train", parents=[work], help="train for a fixed time")
    train.add_argument("--minutes", type=float, default=95, help="whole budget (default: 95)")
    train.add_argument("--learning-rate", type=float, default=1.5e-3, help="peak (default: 1.5e-3)")

    export = steps.add_parser("export", parents=[work], help="write the shipped files")
    export.add_argument("--to", type=Path, default=_MODELS / "micro", help="folder to write into")

    evaluate = steps.add_parser("evaluate", parents=[voice], help="measure on held-out sets")
    evaluate.add_argument("--model", type=Path, default=_MODELS / "micro", help="model folder")
    evaluate.add_argument("--compute-type", default="int8", help="CTranslate2's (default: int8)")
    evaluate.add_argument("--scale", type=float, default=1.0, help="size of the sets (default: 1)")
    evaluate.add_argument("--json", type=Path, help="write scores and mistakes to this file, too")
    return parser


def _corpus(options: argparse.Namespace) -> None:
    from recipes.micro.corpus import CorpusPlan, make_corpus

    voice = options.project_voice if options.project_voice_share > 0 else None
    plan = CorpusPlan(
        folder=options.work / "corpus",
        first=options.first,
        count=options.shards,
        project_voice=voice,
        project_voice_share=options.project_voice_share,
    )
    for path in make_corpus(plan, options.workers):
        print(path, flush=True)


def _train(options: argparse.Namespace) -> None:
    from recipes.micro.training import TrainingPlan, train

    plan = TrainingPlan(
        corpus=options.work / "corpus",
        checkpoint=options.work / "checkpoint.npz",
        budget_s=60 * options.minutes,
        learning_rate=options.learning_rate,
    )
    for now in train(plan):
        print(
            f"{now.spent_s / 60:6.1f} min  step {now.step}  {now.step_s:.2f} s/step"
            f"  {now.shards} shards  tokens {now.loss:.3f}  phonemes {now.phoneme_loss:.3f}"
            f"  right {100 * now.accuracy:.1f} %",
            flush=True,
        )


def _export(options: argparse.Namespace) -> None:
    from recipes.micro.export import export
    from recipes.micro.training import trained_weights

    checkpoint = options.work / "checkpoint.npz"
    if not checkpoint.exists():
        raise FileNotFoundError(f"{checkpoint} does not exist: train first")
    weights, shape = trained_weights(checkpoint)
    export(weights, shape, options.to)
    print(f"wrote {options.to}")


def _evaluate(options: argparse.Namespace) -> None:
    from recipes.micro.evaluation import evaluate, markdown_table
    from recipes.micro.held_out import held_out_sets

    sets = held_out_sets(options.project_voice, options.scale)
    scores = list(evaluate(options.model, sets, options.compute_type))
    if options.json:
        listed = [dataclasses.asdict(score) for score in scores]
        options.json.write_text(json.dumps(listed, indent=1) + "\n")
    print(markdown_table(scores))


_STEPS = {"corpus": _corpus, "train": _train, "export": _export, "evaluate": _evaluate}


if __name__ == "__main__":
    sys.exit(main())
