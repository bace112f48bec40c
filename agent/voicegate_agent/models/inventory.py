"""What having a profile's models would take: which files are there, which would be generated or fetched, how big each is.

Looks at names and sizes only. Nothing is fetched, generated or read through.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from voicegate_agent.host_settings import HostSettings, Profile
from voicegate_agent.models import production, profiles
from voicegate_agent.models.files import ASR_FILES, ASR_REQUIRED, read_manifest, voice_config
from voicegate_agent.models.hub import HuggingFaceHub
from voicegate_agent.models.packaged.fetching import PackagedModel
from voicegate_agent.models.packaged.packages import JOE
from voicegate_agent.models.packaged.records import FileRecord
from voicegate_agent.models.weight_formats import IncompleteWeightsError, loaded_bytes

State = Literal["ready", "generate", "download", "missing", "altered"]

REHEARSAL_BYTES = {"model.bin": 767_577_465, "tokenizer.json": 202_759, "vocabulary.json": 1_068_011}
"""About what is generated; the exact sizes depend on the micro model."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A model file and its state; bytes as they are, or as they will be.

    "missing" and "altered" files are those that nothing will bring back: of this package, or the user's own.
    """

    path: Path
    bytes: int
    state: State

    @property
    def is_usable(self) -> bool:
        """Whether the agent will have this file."""
        return self.state not in ("missing", "altered")

    def weights_bytes(self, bytes_per_weight: int) -> int:
        """Say what it takes in memory: nothing unless it is weights; what is not there yet counts as it is stored."""
        if self.path.name != "model.bin" and self.path.suffix != ".onnx":
            return 0
        if self.path.suffix == ".onnx" or self.state != "ready":
            return self.bytes
        try:
            return loaded_bytes(self.path, bytes_per_weight)
        except IncompleteWeightsError:  # `models` says so, which reads it through
            return self.bytes


def take_inventory(settings: HostSettings) -> tuple[PlannedFile, ...]:
    """List the files of the profile. Raises ModelFilesError when the package itself is damaged."""
    return (*_asr(settings), *_voice(settings))


def _asr(settings: HostSettings) -> tuple[PlannedFile, ...]:
    if settings.asr_model is not None:
        return _own(settings.asr_model, ASR_REQUIRED, ASR_FILES)
    match settings.profile:
        case Profile.MICRO:
            return _recorded(profiles.MICRO_DIR, _shipped(profiles.MICRO_DIR), "missing")
        case Profile.REHEARSAL:
            return _rehearsal(profiles.rehearsal_dir(settings.cache_dir))
        case Profile.PACKAGED | Profile.PACKAGED_TINY:
            return _fetched(profiles.PACKAGED_ASR[settings.profile], settings)
        case Profile.PRODUCTION:
            return _recorded(production.asr_folder(_hub(settings)), production.ASR_RECORDS, "download")


def _voice(settings: HostSettings) -> tuple[PlannedFile, ...]:
    if settings.tts_voice is not None:
        names = (settings.tts_voice.name, voice_config(settings.tts_voice).name)
        return _own(settings.tts_voice.parent, names, names)
    match settings.profile:
        case Profile.MICRO | Profile.REHEARSAL:
            return _recorded(profiles.VOICE_DIR, _shipped(profiles.VOICE_DIR), "missing")
        case Profile.PACKAGED | Profile.PACKAGED_TINY:
            return _fetched(JOE, settings)
        case Profile.PRODUCTION:
            return _recorded(
                production.voice_file(_hub(settings)).parent, production.VOICE_RECORDS, "download"
            )


def _rehearsal(folder: Path) -> tuple[PlannedFile, ...]:
    if folder.is_dir():
        return _recorded(
            folder, read_manifest(folder, f"Delete {folder} to have it generated again."), "missing"
        )
    return tuple(PlannedFile(folder / name, size, "generate") for name, size in REHEARSAL_BYTES.items())


def _recorded(folder: Path, records: Mapping[str, FileRecord], if_missing: State) -> tuple[PlannedFile, ...]:
    """Compare the sizes in a folder with the records."""
    planned = []
    for name, record in records.items():
        path = folder / name
        if not path.is_file():
            planned.append(PlannedFile(path, record.bytes, if_missing))
        else:
            same = path.stat().st_size == record.bytes
            planned.append(PlannedFile(path, path.stat().st_size, "ready" if same else "altered"))
    return tuple(planned)


def _own(folder: Path, required: tuple[str, ...], known: tuple[str, ...]) -> tuple[PlannedFile, ...]:
    return tuple(
        PlannedFile(path, path.stat().st_size, "ready") if path.is_file() else PlannedFile(path, 0, "missing")
        for name in known
        if (path := folder / name).is_file() or name in required
    )


def _fetched(model: PackagedModel, settings: HostSettings) -> tuple[PlannedFile, ...]:
    return _recorded(model.folder(settings.cache_dir), model.records, "download")


def _shipped(folder: Path) -> dict[str, FileRecord]:
    return read_manifest(folder, "Install voicegate again.")


def _hub(settings: HostSettings) -> HuggingFaceHub:
    return HuggingFaceHub(settings.cache_dir / "hub")
