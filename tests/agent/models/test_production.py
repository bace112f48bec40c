"""The production models are fetched once, checked always, and their absence explained."""

import hashlib
from pathlib import Path

import pytest
from voicegate_agent.models import production
from voicegate_agent.models.hub import HubError
from voicegate_agent.models.packaged.records import FileRecord, ModelFilesError

CONTENT = b"content of "


@pytest.fixture(autouse=True)
def small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pin files of a few bytes instead of the 1.6 GB of the real ones."""
    for table in ("ASR_RECORDS", "VOICE_RECORDS"):
        records = {
            name: FileRecord(hashlib.sha256(CONTENT + name.encode()).hexdigest(), len(CONTENT) + len(name))
            for name in getattr(production, table)
        }
        monkeypatch.setattr(production, table, records)


class FakeHub:
    """A hub in a folder; `fetched` counts what was asked of it, `damage` alters what it gives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fetched: list[str] = []
        self.error: HubError | None = None
        self.damage = b""

    def snapshot(self, repository: str, revision: str) -> Path:
        """Where files are kept."""
        return self.folder / repository / revision

    def fetch_whisper(self, repository: str, revision: str) -> Path:
        """Write every file of the model."""
        for name in production.ASR_RECORDS:
            self._write(repository, revision, name)
        return self.snapshot(repository, revision)

    def fetch_file(self, repository: str, revision: str, path: str) -> Path:
        """Write one file."""
        return self._write(repository, revision, path)

    def _write(self, repository: str, revision: str, path: str) -> Path:
        if self.error:
            raise self.error
        self.fetched.append(path)
        target = self.snapshot(repository, revision) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(CONTENT + target.name.encode() + self.damage)
        return target


@pytest.fixture
def hub(tmp_path: Path) -> FakeHub:
    """Give an empty hub."""
    return FakeHub(tmp_path)


def ignore(_: str) -> None:
    """Take progress and do nothing with it."""


def test_models_are_fetched_once(hub: FakeHub) -> None:
    """The second start asks the hub for nothing."""
    for _ in range(2):
        assert (production.fetch_asr(hub, ignore) / "model.bin").is_file()
        assert production.fetch_voice(hub, ignore).name == production.VOICE_NAME
    assert len(hub.fetched) == len(production.ASR_RECORDS) + len(production.VOICE_RECORDS)


def test_interrupted_fetch_is_completed(hub: FakeHub) -> None:
    """A folder in which a file is missing is fetched again."""
    (production.fetch_asr(hub, ignore) / "tokenizer.json").unlink()
    production.fetch_asr(hub, ignore)
    assert hub.fetched.count("tokenizer.json") == 2


def test_unreachable_hub_names_file_and_settings(hub: FakeHub) -> None:
    """Who has no hub is told how to do without."""
    hub.error = HubError("name or service not known")
    with pytest.raises(ModelFilesError) as asr_error:
        production.fetch_asr(hub, ignore)
    with pytest.raises(ModelFilesError) as voice_error:
        production.fetch_voice(hub, ignore)
    assert str(asr_error.value).startswith("model.bin could not be fetched: name or service not known. ")
    assert "VOICEGATE_ASR_MODEL" in str(asr_error.value)
    assert production.VOICE_NAME in str(voice_error.value)
    assert "VOICEGATE_TTS_VOICE" in str(voice_error.value)


def test_files_other_than_the_pinned_ones_are_refused(hub: FakeHub) -> None:
    """A hub that serves something else is not believed."""
    hub.damage = b"!"
    with pytest.raises(ModelFilesError, match="is altered"):
        production.fetch_asr(hub, ignore)
    with pytest.raises(ModelFilesError, match="is altered"):
        production.fetch_voice(hub, ignore)


def test_damage_in_the_cache_is_noticed(hub: FakeHub) -> None:
    """Files are checked at every start, not only when they arrive."""
    weights = production.fetch_asr(hub, ignore) / "model.bin"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ModelFilesError, match=r"model\.bin is truncated"):
        production.fetch_asr(hub, ignore)
