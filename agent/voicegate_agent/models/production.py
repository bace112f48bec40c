"""The production models: pinned files on the Hugging Face hub, fetched once and checked against their SHA-256.

Piper's own downloader follows a moving branch and never times out, so the voice is fetched from the same
repository by the hub's client.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from voicegate_agent.models.hub import HubError
from voicegate_agent.models.packaged.disk_space import Progress, require_space
from voicegate_agent.models.packaged.records import FileRecord, ModelsUnavailableError, verify
from voicegate_agent.settings import variable

ASR_REPOSITORY = "Systran/faster-distil-whisper-large-v3"
ASR_REVISION = "c3058b475261292e64a0412df1d2681c06260fab"
ASR_RECORDS = {
    "config.json": FileRecord("90c55f775cc4e0bb17293d0bf12f96557a486f20dea886fabd8e6075a3588b21", 2_690),
    "model.bin": FileRecord(
        "b79368e19b6623813609431a6e5ee309a71506701ebc49fd7820e692dec7c5f5", 1_512_927_867
    ),
    "preprocessor_config.json": FileRecord(
        "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711", 340
    ),
    "tokenizer.json": FileRecord(
        "6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca", 2_480_617
    ),
    "vocabulary.json": FileRecord(
        "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1", 1_068_114
    ),
}

VOICE_REPOSITORY = "rhasspy/piper-voices"
VOICE_REVISION = "39ab474be869e9181350af6a65e4953eef67aaa0"
VOICE_FOLDER = "en/en_US/lessac/medium"
VOICE_NAME = "en_US-lessac-medium.onnx"
VOICE_RECORDS = {
    VOICE_NAME: FileRecord("5efe09e69902187827af646e1a6e9d269dee769f9877d17b16b1b46eeaaf019f", 63_201_294),
    f"{VOICE_NAME}.json": FileRecord(
        "efe19c417bed055f2d69908248c6ba650fa135bc868b0e6abb3da181dab690a0", 4_885
    ),
}


class Hub(Protocol):
    """Where the models come from; raises HubError."""

    def snapshot(self, repository: str, revision: str) -> Path:
        """Find where a repository's files are kept, whether fetched or not."""

    def fetch_whisper(self, repository: str, revision: str) -> Path:
        """Fetch a Whisper model's folder."""

    def fetch_file(self, repository: str, revision: str, path: str) -> Path:
        """Fetch one file."""


def asr_folder(hub: Hub) -> Path:
    """Where the speech-to-text model belongs."""
    return hub.snapshot(ASR_REPOSITORY, ASR_REVISION)


def voice_file(hub: Hub) -> Path:
    """Where the voice belongs."""
    return hub.snapshot(VOICE_REPOSITORY, VOICE_REVISION) / VOICE_FOLDER / VOICE_NAME


def fetch_asr(hub: Hub, progress: Progress) -> Path:
    """Fetch the speech-to-text model unless it is there, check it, and return its folder.

    Raises ModelFilesError, and DiskSpaceError before anything is fetched.
    """
    folder = asr_folder(hub)
    advice = _advice(ASR_REPOSITORY, "asr_model", "a folder with that model")
    if not _complete(folder, ASR_RECORDS):
        _announce(folder, ASR_REPOSITORY, ASR_RECORDS, progress)
        try:
            folder = hub.fetch_whisper(ASR_REPOSITORY, ASR_REVISION)
        except HubError as error:
            raise ModelsUnavailableError(f"model.bin could not be fetched: {error}. {advice}") from error
    progress(f"checking {folder}")
    verify(folder, ASR_RECORDS, advice)
    return folder


def fetch_voice(hub: Hub, progress: Progress) -> Path:
    """Fetch the voice unless it is there, check it, and return its ``.onnx`` file.

    Raises ModelFilesError, and DiskSpaceError before anything is fetched.
    """
    voice = voice_file(hub)
    advice = _advice(VOICE_REPOSITORY, "tts_voice", "a Piper voice (.onnx with .onnx.json beside it)")
    if not _complete(voice.parent, VOICE_RECORDS):
        _announce(voice.parent, VOICE_REPOSITORY, VOICE_RECORDS, progress)
        for name in VOICE_RECORDS:
            try:
                hub.fetch_file(VOICE_REPOSITORY, VOICE_REVISION, f"{VOICE_FOLDER}/{name}")
            except HubError as error:
                raise ModelsUnavailableError(f"{name} could not be fetched: {error}. {advice}") from error
    progress(f"checking {voice}")
    verify(voice.parent, VOICE_RECORDS, advice)
    return voice


def _complete(folder: Path, records: Mapping[str, FileRecord]) -> bool:
    return all((folder / name).is_file() for name in records)


def _announce(folder: Path, repository: str, records: Mapping[str, FileRecord], progress: Progress) -> None:
    needed_bytes = sum(record.bytes for record in records.values())
    require_space(folder, needed_bytes, f"fetching {repository}", progress)
    progress(f"fetching {repository} ({needed_bytes / 1e6:.0f} MB)")


def _advice(repository: str, field: str, what: str) -> str:
    return (
        f"Set {variable(field)} to {what}, or make https://huggingface.co/{repository} reachable, "
        f"or choose another {variable('profile')}."
    )
