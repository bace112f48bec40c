"""Wheels from a Python package index, by pip's own client, which knows the user's index, proxy and cache."""

import importlib.util
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OPTIONS = ("--require-hashes", "--no-deps", "--only-binary=:all:")
_QUIETLY = ("--quiet", "--no-input", "--progress-bar=off", "--disable-pip-version-check")
_WRONG_HASHES = "DO NOT MATCH THE HASHES"


class PipError(Exception):
    """The packages could not be had; the message is what pip said."""


class WrongHashesError(PipError):
    """The index has other files under these names than those that the lock means."""


class PipClient:
    """pip, in a process of its own: that of this environment, or if it has none, one in a passing environment."""

    def __init__(self, *, has_pip: bool | None = None) -> None:
        """Look whether this environment has a pip, unless that is told."""
        self._has_pip = importlib.util.find_spec("pip") is not None if has_pip is None else has_pip

    def download(self, lock: Path, folder: Path) -> None:
        """Download the wheels of a lock file, a requirements file with hashes, into a folder; nothing of them is run.

        Raises PipError.
        """
        with _pip(has_pip=self._has_pip) as command:
            done = subprocess.run(
                [*command, "download", *_OPTIONS, *_QUIETLY, f"--dest={folder}", f"--requirement={lock}"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode != 0:
            kind = WrongHashesError if _WRONG_HASHES in done.stderr else PipError
            raise kind(what_pip_said(done.stderr))


def what_pip_said(stderr: str) -> str:
    """Give pip's errors in one line, behind the reason why it could not connect, if that is why."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    broken = [line for line in lines if "connection broken by" in line][-1:]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR:")]
    return " ".join(dict.fromkeys([*broken, *(errors or lines[-1:])])) or "nothing"


def why_no_pip(error: subprocess.CalledProcessError | OSError) -> str:
    """Say why `python -m venv` made no pip, in the words of what it ran, and what to do."""
    output = error.output if isinstance(error, subprocess.CalledProcessError) else None
    said = (what_pip_said(output.decode(errors="replace")) if output else str(error)).rstrip(".")
    return (
        f"there is no pip, and none could be made by `python -m venv`: {said}. Install pip, or what venv needs "
        "(python3-venv on Debian)"
    )


@contextmanager
def _pip(*, has_pip: bool) -> Iterator[list[str]]:
    """Give the command that runs pip. Raises PipError when Python has none and cannot install one."""
    if has_pip:
        yield [sys.executable, "-m", "pip"]
        return
    with tempfile.TemporaryDirectory(prefix="voicegate-pip-") as folder:
        try:
            venv.create(folder, with_pip=True, symlinks=True)
        except (subprocess.CalledProcessError, OSError) as error:
            raise PipError(why_no_pip(error)) from error
        yield [str(Path(folder) / "bin" / "python"), "-m", "pip"]
