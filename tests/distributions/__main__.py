"""Checks before a release: `python -m distributions contents dist`, `licences NAME REPORT`, `tag v1.2.3`.

Exit codes: 0 nothing to say, 1 problems, one a line, 2 wrong usage.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from distributions.contents import RULES, problems_of_folder
from distributions.licences import ONLY_HERE, problems_of_licences, read_report
from distributions.release import problems_of_tag


def problems_of(options: argparse.Namespace) -> list[str]:
    """Run the check that was asked for."""
    match options.check:
        case "contents":
            return problems_of_folder(options.folder, to_publish=True)
        case "licences":
            packages = read_report(options.report.read_text(encoding="utf-8"))
            return problems_of_licences(options.distribution, packages)
        case _:
            return problems_of_tag(options.tag, Path.cwd())


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    described = argparse.ArgumentParser(prog="python -m distributions", description=__doc__)
    checks = described.add_subparsers(dest="check", required=True)
    contents = checks.add_parser("contents", help="what wheels and source archives hold")
    contents.add_argument("folder", type=Path)
    licences = checks.add_parser("licences", help="which licences came with an installed distribution")
    licences.add_argument("distribution", choices=sorted(set(RULES) & set(ONLY_HERE)))
    licences.add_argument("report", type=Path, help="of pip-licenses --from=mixed --format=json")
    tag = checks.add_parser("tag", help="whether versions and changelog are those of the tag")
    tag.add_argument("tag")
    return described


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each problem; returns the exit code."""
    problems = problems_of(parser().parse_args(arguments))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
