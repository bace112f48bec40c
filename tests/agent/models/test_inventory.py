"""What having the models would take, found without having them."""

from pathlib import Path

import pytest
from voicegate_agent.host_settings import Profile
from voicegate_agent.models import production, profiles
from voicegate_agent.models.inventory import REHEARSAL_BYTES, PlannedFile, take_inventory
from voicegate_agent.models.packaged.records import FileRecord
from voicegate_agent.settings import AgentSettings, load_settings


def states(files: tuple[PlannedFile, ...]) -> dict[str, str]:
    """Name the state of each file."""
    return {file.path.name: file.state for file in files}


def test_the_packaged_models_are_ready() -> None:
    """As they are in a checkout; their weights are those that `models` reports."""
    files = take_inventory(AgentSettings(profile=Profile.MICRO))
    assert set(states(files).values()) == {"ready"}
    resolved = profiles.resolve(AgentSettings(profile=Profile.MICRO), lambda _: None)
    assert sum(file.weights_bytes(1) for file in files) == resolved.weights_bytes(1)


def test_the_rehearsal_model_is_generated_once(tmp_path: Path) -> None:
    """Until its manifest is there; then its files are compared with it."""
    settings = AgentSettings(profile=Profile.REHEARSAL, cache_dir=tmp_path)
    assert states(take_inventory(settings))["model.bin"] == "generate"
    folder = profiles.rehearsal_dir(tmp_path)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"files": {"model.bin": {"sha256": "", "bytes": 3}}}')
    assert states(take_inventory(settings))["model.bin"] == "missing"
    (folder / "model.bin").write_bytes(b"abc")
    assert states(take_inventory(settings))["model.bin"] == "ready"
    (folder / "model.bin").write_bytes(b"ab")
    assert states(take_inventory(settings))["model.bin"] == "altered"


def test_production_models_are_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File by file, with the size that is pinned; what is there already is ready."""
    settings = AgentSettings(profile=Profile.PRODUCTION, cache_dir=tmp_path)
    files = take_inventory(settings)
    assert set(states(files).values()) == {"download"}
    records = {**production.ASR_RECORDS, **production.VOICE_RECORDS}
    assert {file.path.name: file.bytes for file in files} == {
        name: one.bytes for name, one in records.items()
    }
    monkeypatch.setattr(production, "ASR_RECORDS", {"config.json": FileRecord("", 2)})
    config = take_inventory(settings)[0].path
    config.parent.mkdir(parents=True)
    config.write_bytes(b"{}")
    assert states(take_inventory(settings))["config.json"] == "ready"


def test_own_models_must_be_there(tmp_path: Path) -> None:
    """Required files that are missing are named; optional ones are listed where they are."""
    (tmp_path / "model.bin").write_bytes(b"1234")
    settings = AgentSettings(asr_model=tmp_path, tts_voice=tmp_path / "my.onnx")
    files = take_inventory(settings)
    assert states(files) == {
        "config.json": "missing",
        "model.bin": "ready",
        "tokenizer.json": "missing",
        "my.onnx": "missing",
        "my.onnx.json": "missing",
    }
    assert [file.path.name for file in files if not file.is_usable] == [
        "config.json",
        "tokenizer.json",
        "my.onnx",
        "my.onnx.json",
    ]


@pytest.mark.skipif(
    not profiles.rehearsal_dir(load_settings().cache_dir).is_dir(), reason="not generated on this machine"
)
def test_announced_sizes_are_those_generated() -> None:
    """What `--check` says before is what lies there after."""
    folder = profiles.rehearsal_dir(load_settings().cache_dir)
    assert {name: (folder / name).stat().st_size for name in REHEARSAL_BYTES} == REHEARSAL_BYTES
