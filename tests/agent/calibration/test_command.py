"""The command `calibrate`, with the micro model."""

import json
import shutil
from pathlib import Path

import pytest
from voicegate_agent.__main__ import EXIT_OK, EXIT_USAGE, main
from voicegate_agent.calibration.clips import INDEX, ClipsError
from voicegate_agent.calibration.command import calibrate
from voicegate_agent.host_settings import HostSettings
from voicegate_agent.model_host.kept_fitting import FITTING_FILE, read_kept_fitting
from voicegate_agent.model_host.tts_engine import PiperEngine
from voicegate_agent.model_host.wav import wav_from_pcm
from voicegate_agent.models.profiles import MICRO_DIR, locate


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Copy the micro model, so that something can be kept beside it."""
    return Path(shutil.copytree(MICRO_DIR, tmp_path / "model"))


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Make a folder with what the micro model's own voice says."""
    texts = ("my code is two four one six", "hello")
    voice = PiperEngine.load(locate(HostSettings()).voice)
    folder = tmp_path / "clips"
    folder.mkdir()
    for number, text in enumerate(texts):
        pcm = b"".join(voice.synthesize(text, 1.0))
        (folder / f"{number}.wav").write_bytes(wav_from_pcm(pcm, voice.sample_rate_hz))
    index = [{"file": f"{number}.wav", "text": text} for number, text in enumerate(texts)]
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")
    return folder


def test_a_model_is_measured_and_the_choice_is_kept(model: Path, clips: Path) -> None:
    """The micro model was trained on short speech: a short context hears as well, for a part of the time."""
    steps: list[str] = []
    text = calibrate(HostSettings(asr_model=model), clips, steps.append)
    kept = read_kept_fitting(model)
    assert kept is not None
    assert kept.fitting is not None
    assert kept.why in text
    assert "| 30 s | 0.0 % |" in text
    assert "heard 2 of 2 clips, each in 6 ways" in steps


def test_our_own_clips_are_english() -> None:
    """Who speaks another language needs recordings."""
    with pytest.raises(ClipsError, match="name a folder of your own"):
        calibrate(HostSettings(language="de"), None, lambda _: None)


def test_a_folder_without_clips_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], model: Path, tmp_path: Path
) -> None:
    """Nothing is kept."""
    monkeypatch.setenv("VOICEGATE_ASR_MODEL", str(model))
    assert main(["calibrate", str(tmp_path)]) == EXIT_USAGE
    assert INDEX in capsys.readouterr().err
    assert not (model / FITTING_FILE).exists()


def test_the_command_prints_table_and_choice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], model: Path, clips: Path
) -> None:
    """Progress goes to standard error."""
    monkeypatch.setenv("VOICEGATE_ASR_MODEL", str(model))
    assert main(["calibrate", str(clips)]) == EXIT_OK
    output = capsys.readouterr()
    assert "| way | all |" in output.out
    assert FITTING_FILE in output.out
    assert "heard 2 of 2 clips" in output.err
