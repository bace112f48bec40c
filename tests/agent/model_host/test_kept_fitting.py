"""What was measured of a model, kept beside it."""

from pathlib import Path

import pytest
from voicegate_agent.model_host.fitting import BASE, TRAINED_SHORT, Fitting
from voicegate_agent.model_host.host_process import fitting_of
from voicegate_agent.model_host.kept_fitting import (
    FITTING_FILE,
    keep_fitting,
    measured_fitting,
    read_kept_fitting,
)
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.records import ModelFilesError
from voicegate_agent.models.profiles import MICRO_NAME


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the folder of a model."""
    (tmp_path / "model.bin").write_bytes(b"weights")
    return tmp_path


def files(folder: Path, name: str) -> ModelFiles:
    """Give the files of a profile with this model."""
    return ModelFiles("production", folder, name, folder / "voice.onnx")


@pytest.mark.parametrize("fitting", [BASE, TRAINED_SHORT, None])
def test_what_was_kept_is_read(folder: Path, fitting: Fitting | None) -> None:
    """Also that a model is left alone, and why."""
    path = keep_fitting(folder, fitting, "measured")
    kept = read_kept_fitting(folder)
    assert path == folder / FITTING_FILE
    assert kept is not None
    assert (kept.fitting, kept.why) == (fitting, "measured")


def test_what_was_kept_goes_before_the_name(folder: Path) -> None:
    """A model that has a fitting by its name has another after it was measured, or none."""
    assert measured_fitting(files(folder, MICRO_NAME)) is TRAINED_SHORT
    assert measured_fitting(files(folder, "somebody/else")) is None
    keep_fitting(folder, None, "worse")
    assert measured_fitting(files(folder, MICRO_NAME)) is None
    keep_fitting(folder, BASE, "better")
    assert measured_fitting(files(folder, "somebody/else")) == BASE


def test_another_model_in_the_same_folder_was_not_measured(folder: Path) -> None:
    """Also where it has the same size, as a fine-tuned one has."""
    keep_fitting(folder, BASE, "measured")
    (folder / "model.bin").write_bytes(b"Weights")
    assert read_kept_fitting(folder) is None


@pytest.mark.parametrize("content", ["{", "{}", '{"version": 2, "model": "7", "fitting": null, "why": ""}'])
def test_a_file_that_cannot_be_read_is_named(folder: Path, content: str) -> None:
    """With what to do about it."""
    (folder / FITTING_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(ModelFilesError, match="run `voicegate-agent calibrate` again"):
        read_kept_fitting(folder)


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    """Packages and shared caches are often somebody else's."""
    (folder / FITTING_FILE).mkdir()
    with pytest.raises(ModelFilesError, match="copy the model into a folder of yours"):
        keep_fitting(folder, BASE, "measured")


def test_a_host_starts_beside_a_broken_file(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It says what is wrong, and gives the model 30 s, whatever the model is called."""
    (folder / FITTING_FILE).write_text("{", encoding="utf-8")
    assert fitting_of(files(folder, MICRO_NAME)) is None
    assert "calibrate` again. Until then the model is given 30 s" in caplog.text
