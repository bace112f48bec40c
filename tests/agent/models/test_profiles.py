"""From a profile to checked files."""

import json
import shutil
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from voicegate_agent.host_settings import Profile
from voicegate_agent.models import profiles, rehearsal
from voicegate_agent.models.packaged.records import ModelFilesError, digest
from voicegate_agent.settings import AgentSettings

ASR_CONTENT = {
    "model.bin": struct.pack("<IH", 6, 2) + b"W\0" + struct.pack("<III", 1, 0, 0),
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.json": b"[]",
}
VOICE_CONTENT = {"voice.onnx": b"\x3a\x03" + bytes(3), "voice.onnx.json": b"{}"}


def write_model(folder: Path, content: dict[str, bytes]) -> Path:
    """Write a model folder with its manifest."""
    folder.mkdir(parents=True)
    for name, data in content.items():
        (folder / name).write_bytes(data)
    files = {
        name: {"sha256": digest(folder / name).sha256, "bytes": len(data)} for name, data in content.items()
    }
    (folder / "manifest.json").write_text(json.dumps({"files": files}))
    return folder


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand small folders in for the packaged models; return the folder that holds both."""
    monkeypatch.setattr(profiles, "MICRO_DIR", write_model(tmp_path / "micro", ASR_CONTENT))
    monkeypatch.setattr(profiles, "VOICE_DIR", write_model(tmp_path / "voice", VOICE_CONTENT))
    return tmp_path


def settings(folder: Path, profile: Profile = Profile.MICRO, **fields: Any) -> AgentSettings:
    """Make settings with a cache of their own."""
    return AgentSettings(profile=profile, cache_dir=folder / "cache", **fields)


def ignore(_: str) -> None:
    """Take progress and do nothing with it."""


def test_micro_profile_is_packaged(packaged: Path) -> None:
    """The packaged models are found, named and measured."""
    files = profiles.resolve(settings(packaged), ignore)
    assert (files.asr_dir, files.voice) == (packaged / "micro", packaged / "voice" / "voice.onnx")
    assert files.asr_name == profiles.MICRO_NAME
    assert files.weights_bytes(1) == len(ASR_CONTENT["model.bin"]) + len(VOICE_CONTENT["voice.onnx"])
    assert profiles.locate(settings(packaged)) == files


@pytest.mark.parametrize(
    ("name", "setting"),
    [("micro/model.bin", "VOICEGATE_ASR_MODEL"), ("voice/voice.onnx", "VOICEGATE_TTS_VOICE")],
)
@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "is truncated"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"!"), "is altered"),
    ],
)
def test_damaged_package_names_file_and_setting(
    packaged: Path, name: str, setting: str, damage: Callable[[Path], object], problem: str
) -> None:
    """Nothing damaged is loaded; the error says what to install or to set."""
    damage(packaged / name)
    with pytest.raises(ModelFilesError) as error:
        profiles.resolve(settings(packaged), ignore)
    assert f"{packaged / name} {problem}" in str(error.value)
    assert setting in str(error.value)


def test_own_folders_replace_the_profile(packaged: Path, tmp_path: Path) -> None:
    """A user's models need no manifest, and give their path as their name."""
    own = write_model(tmp_path / "own", ASR_CONTENT | VOICE_CONTENT)
    (own / "manifest.json").unlink()
    chosen = settings(packaged, Profile.PRODUCTION, asr_model=own, tts_voice=own / "voice.onnx")
    files = profiles.resolve(chosen, ignore)
    assert (files.asr_dir, files.voice, files.asr_name) == (own, own / "voice.onnx", str(own))
    assert profiles.locate(chosen) == files


@pytest.mark.parametrize("name", ["config.json", "model.bin", "tokenizer.json", "vocabulary.json"])
def test_own_model_must_be_whole(packaged: Path, tmp_path: Path, name: str) -> None:
    """Each file that faster-whisper needs is asked for by name."""
    own = write_model(tmp_path / "own", ASR_CONTENT)
    (own / name).unlink()
    with pytest.raises(ModelFilesError, match=rf"{name} is missing\. VOICEGATE_ASR_MODEL must be a folder"):
        profiles.resolve(settings(packaged, asr_model=own), ignore)


@pytest.mark.parametrize(("name", "field"), [("model.bin", "asr_model"), ("voice.onnx", "tts_voice")])
def test_own_truncated_weights_are_noticed_without_a_manifest(
    packaged: Path, tmp_path: Path, name: str, field: str
) -> None:
    """The weights' own format tells that they end too early."""
    own = write_model(tmp_path / "own", ASR_CONTENT | VOICE_CONTENT)
    (own / "manifest.json").unlink()
    (own / name).write_bytes((own / name).read_bytes()[:-1])
    chosen: dict[str, Any] = {field: own if field == "asr_model" else own / name}
    with pytest.raises(ModelFilesError, match=rf"{name}: it is truncated.* VOICEGATE_{field.upper()}"):
        profiles.resolve(settings(packaged, **chosen), ignore)


def test_own_voice_needs_its_configuration(packaged: Path, tmp_path: Path) -> None:
    """A voice alone cannot be spoken with."""
    own = write_model(tmp_path / "own", VOICE_CONTENT)
    (own / "voice.onnx.json").unlink()
    with pytest.raises(ModelFilesError, match=r"voice\.onnx\.json is missing"):
        profiles.resolve(settings(packaged, tts_voice=own / "voice.onnx"), ignore)


class FakeGenerator:
    """Stands in for the rehearsal generator; counts its runs and may fail half-way."""

    def __init__(self) -> None:
        self.runs = 0
        self.error: Exception | None = None

    def generate(self, micro: Path, target: Path, progress: Callable[[str], None]) -> None:
        """Copy the micro model instead of blowing it up."""
        self.runs += 1
        progress("generating")
        shutil.copytree(micro, target)
        if self.error:
            raise self.error


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> FakeGenerator:
    """Put the fake in the generator's place."""
    fake = FakeGenerator()
    monkeypatch.setattr(rehearsal, "generate", fake.generate)
    return fake


def test_rehearsal_is_generated_once(packaged: Path, generator: FakeGenerator) -> None:
    """The second start finds it in the cache."""
    chosen = settings(packaged, Profile.REHEARSAL)
    files = [profiles.resolve(chosen, ignore) for _ in range(2)]
    assert generator.runs == 1
    assert files[0] == files[1] == profiles.locate(chosen)
    assert files[0].asr_name == profiles.REHEARSAL_NAME


def test_rehearsal_follows_the_micro_model(packaged: Path, generator: FakeGenerator) -> None:
    """Another micro model is another rehearsal model."""
    first = profiles.resolve(settings(packaged, Profile.REHEARSAL), ignore)
    shutil.rmtree(packaged / "micro")
    write_model(packaged / "micro", ASR_CONTENT | {"config.json": b'{"new": 1}'})
    assert profiles.resolve(settings(packaged, Profile.REHEARSAL), ignore).asr_dir != first.asr_dir


def test_two_starts_at_once_generate_once(packaged: Path, generator: FakeGenerator) -> None:
    """The second waits for the first instead of writing into the same folder."""
    chosen = settings(packaged, Profile.REHEARSAL)
    threads = [threading.Thread(target=profiles.resolve, args=(chosen, ignore)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert generator.runs == 1


def test_interrupted_generation_leaves_nothing(packaged: Path, generator: FakeGenerator) -> None:
    """Half a model is never found by the next start."""
    chosen = settings(packaged, Profile.REHEARSAL)
    generator.error = OSError("no space left on device")
    with pytest.raises(ModelFilesError, match=r"no space left on device.* VOICEGATE_CACHE_DIR"):
        profiles.resolve(chosen, ignore)
    generator.error = None
    profiles.resolve(chosen, ignore)
    assert generator.runs == 2


def test_damaged_rehearsal_says_what_to_delete(packaged: Path, generator: FakeGenerator) -> None:
    """A cache that rotted is not generated over silently."""
    chosen = settings(packaged, Profile.REHEARSAL)
    weights = profiles.resolve(chosen, ignore).asr_dir / "model.bin"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelFilesError, match=r"is altered.*Delete .* to have it generated again"):
        profiles.resolve(chosen, ignore)


def test_cache_that_cannot_be_written_names_its_setting(packaged: Path, generator: FakeGenerator) -> None:
    """A cache folder that is a file cannot hold models."""
    (packaged / "cache").write_text("")
    with pytest.raises(ModelFilesError, match="VOICEGATE_CACHE_DIR"):
        profiles.resolve(settings(packaged, Profile.REHEARSAL), ignore)


def test_locate_asks_for_preparation(packaged: Path) -> None:
    """What was never generated or fetched is not invented."""
    for profile in (Profile.REHEARSAL, Profile.PRODUCTION):
        with pytest.raises(ModelFilesError, match=f"VOICEGATE_PROFILE={profile} first"):
            profiles.locate(settings(packaged, profile))
