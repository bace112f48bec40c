"""What `calibrate` found about a model, in a file beside it: how it is fitted, or that it is not."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from voicegate_agent.model_host.fitting import MEASURED, Fitting
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.records import ModelFilesError

FITTING_FILE = "fitting.json"


class KeptFitting(BaseModel):
    """The content of the file: of which model it is, by the size of its weights, and what was chosen, and why.

    `fitting` is None where the model hears worse in less than 30 s.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    model_bytes: int
    fitting: Fitting | None
    why: str

    @classmethod
    def of(cls, asr_dir: Path, fitting: Fitting | None, why: str) -> Self:
        """Note what was chosen for the model in this folder."""
        return cls(model_bytes=_model_bytes(asr_dir), fitting=fitting, why=why)


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
    return kept if kept.model_bytes == _model_bytes(asr_dir) else None


def keep_fitting(asr_dir: Path, fitting: Fitting | None, why: str) -> Path:
    """Write the file beside the model, and return its path. Raises ModelFilesError when it cannot be written."""
    path = asr_dir / FITTING_FILE
    try:
        path.write_text(
            KeptFitting.of(asr_dir, fitting, why).model_dump_json(indent=1) + "\n", encoding="utf-8"
        )
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}): copy the model into a folder of yours and measure it there"
        raise ModelFilesError(message) from error
    return path


def _model_bytes(asr_dir: Path) -> int:
    return (asr_dir / "model.bin").stat().st_size
