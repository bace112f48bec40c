"""Each rule on what is published can be broken."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from distributions.__main__ import main
from distributions.contents import Rules, problems_of_archive, problems_of_folder, problems_of_wheel

RULES = Rules(
    package="our_package",
    holds=("py.typed", "data/*.toml"),
    never_holds=("*.npz", "*recipe*"),
    never_requires=("piper-tts",),
    least_bytes=100,
    most_bytes=100_000,
)
ABOUT = "our_package-1.0.dist-info"
GOOD = {
    "our_package/py.typed": "",
    "our_package/data/a.toml": "",
    f"{ABOUT}/METADATA": "Name: our-package\nRequires-Dist: piper-phonemize\n\nRequires-Dist: piper-tts\n",
    f"{ABOUT}/licenses/LICENSE": "x" * 2000,
}
GOOD_ARCHIVE = {
    **{name: text for name, text in GOOD.items() if not name.startswith(ABOUT)},
    "LICENSE": "x" * 2000,
    "README.md": "",
    "pyproject.toml": "",
    "PKG-INFO": "",
}


def wheel_of(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a wheel with these files."""
    path = folder / "our_package-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return path


def archive_of(folder: Path, files: Mapping[str, str], links: Mapping[str, str]) -> Path:
    """Write a source archive with these files and links."""
    path = folder / "our_package-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"our_package-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        for name, target in links.items():
            member = tarfile.TarInfo(f"our_package-1.0/{name}")
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return path


def test_a_good_wheel(tmp_path: Path) -> None:
    """Nothing to say; a requirement of nearly the same name is none, nor is a word of the description."""
    assert problems_of_wheel(wheel_of(tmp_path, GOOD), RULES) == []


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"agent/__init__.py": ""}, "agent is at the top level"),
        ({"our_package.pth": ""}, "our_package.pth is at the top level"),
        ({"our_package/weights.npz": ""}, "our_package/weights.npz must not be shipped"),
        ({"our_package/deep/clip_recipe/make.py": ""}, "must not be shipped (*recipe*)"),
        ({f"{ABOUT}/METADATA": "Requires-Dist: Piper-TTS~=1.0 ; extra == 'x'\n"}, "requires piper-tts"),
        ({f"{ABOUT}/licenses/LICENSE": "see above"}, "has 9 bytes"),
    ],
)
def test_something_too_much(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    """One problem, and the file's name in front."""
    (found,) = problems_of_wheel(wheel_of(tmp_path, GOOD | files), RULES)
    assert found.startswith("our_package-1.0-py3-none-any.whl: ")
    assert problem in found


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("our_package/py.typed", "no our_package/py.typed"),
        ("our_package/data/a.toml", "no our_package/data/*.toml"),
        (f"{ABOUT}/licenses/LICENSE", "LICENSE has 0 bytes"),
    ],
)
def test_something_lacks(tmp_path: Path, name: str, problem: str) -> None:
    """A file that is needed is not there."""
    files = {file: text for file, text in GOOD.items() if file != name}
    (found,) = problems_of_wheel(wheel_of(tmp_path, files), RULES)
    assert problem in found


@pytest.mark.parametrize(("more", "problems"), [(-1, 1), (0, 0), (1, 1)])
def test_the_size(tmp_path: Path, more: int, problems: int) -> None:
    """Both bounds belong to what is allowed."""
    wheel = wheel_of(tmp_path, GOOD)
    bound = wheel.stat().st_size - more
    assert len(problems_of_wheel(wheel, replace(RULES, least_bytes=bound, most_bytes=bound))) == problems


def test_a_good_archive(tmp_path: Path) -> None:
    """Nothing to say."""
    assert problems_of_archive(archive_of(tmp_path, GOOD_ARCHIVE, {}), RULES) == []


def test_a_link_in_an_archive(tmp_path: Path) -> None:
    """That is how the licence once was lost between source archive and wheel."""
    files = {name: text for name, text in GOOD_ARCHIVE.items() if name != "LICENSE"}
    found = problems_of_archive(archive_of(tmp_path, files, {"LICENSE": "../LICENSE"}), RULES)
    assert len(found) == 2
    assert "is a link" in found[0]
    assert found[1].endswith("no LICENSE")


def test_tests_in_an_archive(tmp_path: Path) -> None:
    """Nothing beside the package, what describes it, and its licence."""
    (found,) = problems_of_archive(archive_of(tmp_path, GOOD_ARCHIVE | {"tests/a.py": ""}, {}), RULES)
    assert "tests is at the top level" in found


def test_what_is_published_has_the_client_of_the_voice_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its licences; a wheel that is built for a test need not have what npm fetches."""
    files = {name.replace("our_package", "voicegate_agent"): text for name, text in GOOD.items()}
    with zipfile.ZipFile(tmp_path / "voicegate_agent-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    assert not any("page/built" in problem for problem in problems_of_folder(tmp_path))
    main(["contents", str(tmp_path)])
    told = capsys.readouterr().err
    assert "no voicegate_agent/page/built/*/livekit-client.js" in told
    assert "no voicegate_agent/page/built/*/licences.txt" in told


def test_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each distribution that was not built is named, and the exit code says that there are problems."""
    assert len(problems_of_folder(tmp_path)) == 2
    assert main(["contents", str(tmp_path)]) == 1
    assert "expected one wheel and one .tar.gz of voicegate-agent" in capsys.readouterr().err
