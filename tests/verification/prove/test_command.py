"""`prove` on the command line, as far as nothing is driven."""

from pathlib import Path

import pytest
from voicegate.__main__ import run
from voicegate.exit_codes import ExitCode

MUTANTS = Path(__file__).parents[2] / "mutants" / "prove.toml"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.toml"], "absent.toml: cannot read the file of mutants"),
        ([str(MUTANTS), "--only", "nobody"], "no mutant is named 'nobody'; known: healthy, "),
    ],
)
def test_wrong_usage_is_said_before_anything_runs(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A file or a name that does not exist is exit code 2, and leaves no folder."""
    assert run(["prove", *arguments, "--out", str(tmp_path / "out")]) is ExitCode.USAGE
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
