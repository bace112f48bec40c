"""What the wheels and source archives of both distributions must hold, and what they must not: literal rules."""

import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from email.parser import Parser
from email.policy import EmailPolicy
from fnmatch import fnmatchcase
from pathlib import Path

from packaging.requirements import Requirement

MB = 1_000_000
WITHOUT_FOLDING = EmailPolicy(refold_source="none")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one distribution; patterns are matched with the paths inside its package. `fetched` is what only what is published must hold."""

    package: str
    holds: tuple[str, ...]
    never_holds: tuple[str, ...]
    never_requires: tuple[str, ...]
    least_bytes: int
    most_bytes: int
    fetched: tuple[str, ...] = ()


NOBODYS = ("*.pyc", "*__pycache__*", "*.orig", "*.jsonl", "*.jsonl.gz", "*/test_*.py", "*conftest.py")
RULES = {
    "voicegate": Rules(
        package="voicegate",
        holds=(
            "py.typed",
            "defaults.toml",
            "__main__.py",
            "drive/clips/clips.json",
            "drive/clips/hello.flac",
            "drive/clips/code-*.flac",
            "drive/livekit_server/go.mod",
            "drive/livekit_server/go.sum",
            "drive/livekit_server/tools.go",
            "drive/page/probe.js",
            "loadtests/callers.py",
            "loadtests/_shapes.py",
            "record/recognizer_model/manifest.json",
            "record/recognizer_model/model.bin",
            "record/recognizer_model/tokenizer.json",
            "record/recognizer_model/vocabulary.json",
            "record/packaged/locks/whisper-base.lock",
            "report/templates/report.html",
            "report/templates/style.css",
            "report/templates/base.html",
        ),
        never_holds=(*NOBODYS, "*.npz", "*recipe*", "record/recognizer_model/*.py"),
        never_requires=("livekit-agents", "piper-tts", "voicegate-agent"),
        least_bytes=3 * MB,
        most_bytes=8 * MB,
    ),
    "voicegate-agent": Rules(
        package="voicegate_agent",
        holds=(
            "py.typed",
            "gate.toml",
            "__main__.py",
            "model_host/__main__.py",
            "models/micro/manifest.json",
            "models/micro/model.bin",
            "models/micro/weights.npz",  # the rehearsal profile is generated from it
            "models/voice/manifest.json",
            "models/voice/voice.onnx",
            "models/voice/voice.onnx.json",
            "models/packaged/locks/whisper-base.lock",
            "models/packaged/locks/whisper-tiny.en.lock",
            "models/packaged/locks/en_US-joe-medium.lock",
            "page/client/package-lock.json",
            "page/static/index.html",
            "page/static/page.js",
        ),
        never_holds=(*NOBODYS, "*recipe*"),
        never_requires=("jinja2", "locust", "pytest", "voicegate"),
        least_bytes=7 * MB,
        most_bytes=15 * MB,
        fetched=("page/built/*/livekit-client.js", "page/built/*/licences.txt"),
    ),
}


def problems_of_folder(folder: Path, *, to_publish: bool = False) -> list[str]:
    """Check that the folder has one wheel and one source archive of each distribution, and their contents."""
    problems = []
    for name, rules in RULES.items():
        if to_publish:
            rules = replace(rules, holds=(*rules.holds, *rules.fetched))  # noqa: PLW2901 - the same, and more
        wheels = sorted(folder.glob(f"{rules.package}-*.whl"))
        archives = sorted(folder.glob(f"{rules.package}-*.tar.gz"))
        if len(wheels) != 1 or len(archives) != 1:
            found = ", ".join(path.name for path in (*wheels, *archives)) or "none"
            problems.append(
                f"{folder}: {found}; expected one wheel and one .tar.gz of {name}: remove them and build"
            )
        problems += [problem for wheel in wheels for problem in problems_of_wheel(wheel, rules)]
        problems += [problem for archive in archives for problem in problems_of_archive(archive, rules)]
    return problems


def problems_of_wheel(path: Path, rules: Rules) -> list[str]:
    """Check one wheel: top level, files, licence, requirements, size."""
    with zipfile.ZipFile(path) as wheel:
        names = [name for name in wheel.namelist() if not name.endswith("/")]
        about = "-".join(path.name.split("-")[:2]) + ".dist-info"
        metadata = wheel.read(f"{about}/METADATA").decode() if f"{about}/METADATA" in names else ""
        licence = f"{about}/licenses/LICENSE"
        licence_bytes = len(wheel.read(licence)) if licence in names else 0
    problems = [
        *unexpected_tops(names, {rules.package, about}),
        *problems_of_files(inside(names, rules.package), rules),
        *problems_of_requirements(metadata, rules),
        *problems_of_size(path.stat().st_size, rules),
    ]
    if licence_bytes < 1000:
        problems.append(f"{licence} has {licence_bytes} bytes; expected the whole licence")
    return [f"{path.name}: {problem}" for problem in problems]


def problems_of_archive(path: Path, rules: Rules) -> list[str]:
    """Check one source archive: top level, no links, files, licence, size."""
    with tarfile.open(path) as archive:
        members = archive.getmembers()
    top = path.name.removesuffix(".tar.gz")
    links = [member.name for member in members if not (member.isfile() or member.isdir())]
    files = inside([member.name for member in members if member.isfile()], top)
    allowed = {rules.package, "PKG-INFO", "pyproject.toml", "README.md", "LICENSE", ".gitignore"}
    problems = [
        *unexpected_tops(files, allowed),
        *problems_of_files(inside(files, rules.package), rules),
        *problems_of_size(path.stat().st_size, rules),
        *(f"{link} is a link, which leads nowhere after unpacking: ship a file" for link in links),
        *(f"no {name}" for name in ("LICENSE", "README.md", "pyproject.toml") if name not in files),
    ]
    return [f"{path.name}: {problem}" for problem in problems]


def unexpected_tops(names: Iterable[str], expected: set[str]) -> list[str]:
    """Name what lies at the top level and would land beside other people's packages."""
    tops = sorted({name.split("/")[0] for name in names} - expected)
    return [f"{top} is at the top level; expected only {', '.join(sorted(expected))}" for top in tops]


def inside(names: Iterable[str], folder: str) -> list[str]:
    """Return the paths in a folder, without its name."""
    return [name.removeprefix(f"{folder}/") for name in names if name.startswith(f"{folder}/")]


def problems_of_files(names: list[str], rules: Rules) -> list[str]:
    """Name files that lack and files that must not be there."""
    lacking = [
        f"no {rules.package}/{pattern}"
        for pattern in rules.holds
        if not any(fnmatchcase(name, pattern) for name in names)
    ]
    unwanted = [
        f"{rules.package}/{name} must not be shipped ({pattern})"
        for name in names
        for pattern in rules.never_holds
        if fnmatchcase(name, pattern)
    ]
    return lacking + unwanted


def problems_of_requirements(metadata: str, rules: Rules) -> list[str]:
    """Name requirements, of extras too, that this distribution must do without."""
    headers = Parser(policy=WITHOUT_FOLDING).parsestr(metadata, headersonly=True)
    required = {Requirement(line).name.lower() for line in headers.get_all("Requires-Dist", [])}
    return [f"requires {name}, which it must not need" for name in rules.never_requires if name in required]


def problems_of_size(size_bytes: int, rules: Rules) -> list[str]:
    """Hold the size against its bounds, both inclusive."""
    if rules.least_bytes <= size_bytes <= rules.most_bytes:
        return []
    return [f"has {size_bytes:,} bytes; expected {rules.least_bytes:,} to {rules.most_bytes:,}"]
