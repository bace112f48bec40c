"""What `calibrate` found about a model, in a file beside it: how it is fitted, or that it is not."""

import hashlib
import os
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from voicegate_agent.model_host.fitting import MEASURED, Fitting
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.records import ModelFilesError

FITTING_FILE = "fitting.json"
_END_BYTES = 1 << 20
_ELSEWHERE = "copy the model into a folder of yours and measure it there"


class KeptFitting(BaseModel):
    """The content of the file: of which model it is, by a checksum, and what was chosen, and why.

    `fitting` is None where the model hears worse in less than 30 s.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    model: str
    fitting: Fitting | None
    why: str

    @classmethod
    def of(cls, asr_dir: Path, fitting: Fitting | None, why: str) -> Self:
        """Note what was chosen for the model in this folder."""
        return cls(model=_checksum(asr_dir), fitting=fitting, why=why)


def measured_fitting(files: ModelFiles) -> Fitting | None:
    """Give how a model is fitted that somebody has measured: by the file beside it, else by its name.

    None where nobody has, or where it hears worse in less than 30 s. Raises ModelFilesError as `read_kept_fitting` does.
    """
    kept = read_kept_fitting(files.asr_dir)
    return kept.fitting if kept else MEASURED.get(files.asr_name)


def read_kept_fitting(asr_dir: Path) -> KeptFitting | None:
    """Read what was kept for the model in this folder; None where nothing was, or the model has been replaced since.

    Raises ModelFilesError when the file cannot be read.
    """
    path = asr_dir / FITTING_FILE
    try:
        kept = KeptFitting.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        message = f"{path} cannot be used: {error}. Delete it, or run `voicegate-agent calibrate` again."
        raise ModelFilesError(message) from error
    return kept if kept.model == _checksum(asr_dir) else None


def check_can_keep(asr_dir: Path) -> None:
    """See that something can be kept beside the model, before it is measured for minutes. Raises ModelFilesError."""
    if not os.access(asr_dir, os.W_OK):
        raise ModelFilesError(f"{asr_dir} cannot be written: {_ELSEWHERE}")


def keep_fitting(asr_dir: Path, fitting: Fitting | None, why: str) -> Path:
    """Write the file beside the model, and return its path. Raises ModelFilesError when it cannot be written."""
    path = asr_dir / FITTING_FILE
    unfinished = path.with_suffix(".part")
    try:
        unfinished.write_text(
            KeptFitting.of(asr_dir, fitting, why).model_dump_json(indent=1) + "\n", encoding="utf-8"
        )
        unfinished.replace(path)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}): {_ELSEWHERE}"
        raise ModelFilesError(message) from error
    return path


def _checksum(asr_dir: Path) -> str:
    """Tell weights from others at once: SHA-256 of their size and both ends, because a fine-tuned model has the same size."""
    with (asr_dir / "model.bin").open("rb") as file:
        size_bytes = file.seek(0, os.SEEK_END)
        file.seek(max(0, size_bytes - _END_BYTES))
        end = file.read()
        file.seek(0)
        return hashlib.sha256(b"%d" % size_bytes + file.read(_END_BYTES) + end).hexdigest()
