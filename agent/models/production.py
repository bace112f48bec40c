"""The production models: pinned files on the Hugging Face hub, fetched once and checked against their SHA-256.

The speech-to-text model is fetched by faster-whisper's own downloader. Piper's own downloader follows a moving
branch and never times out, so the voice is fetched from the same repository by the hub's client.
"""

from collections.abc import Callable
from pathlib import Path

from agent.models.disk_space import require_space
from agent.models.files import FileRecord, ModelFilesError, verify
from agent.settings import variable

Progress = Callable[[str], None]

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


def locate_asr(cache_dir: Path) -> Path | None:
    """Find the speech-to-text model's folder in the cache, without checking its files."""
    folder = _snapshot(cache_dir, ASR_REPOSITORY, ASR_REVISION)
    return folder if folder.is_dir() else None


def locate_voice(cache_dir: Path) -> Path | None:
    """Find the voice in the cache, without checking its files."""
    voice = _snapshot(cache_dir, VOICE_REPOSITORY, VOICE_REVISION) / VOICE_FOLDER / VOICE_NAME
    return voice if voice.is_file() else None


def fetch_asr(cache_dir: Path, progress: Progress) -> Path:
    """Fetch the speech-to-text model unless the cache has it, check it, and return its folder.

    Raises ModelFilesError, and DiskSpaceError before anything is fetched.
    """
    from faster_whisper.utils import download_model  # noqa: PLC0415 - not needed once everything is in the cache

    advice = _advice(ASR_REPOSITORY, "asr_model", "a folder with that model")
    folder = locate_asr(cache_dir)
    if folder is None or any(not (folder / name).is_file() for name in ASR_RECORDS):
        _announce(cache_dir, ASR_REPOSITORY, ASR_RECORDS, progress)
        folder = Path(
            _reach_hub(
                lambda: download_model(
                    ASR_REPOSITORY, cache_dir=str(_hub_cache(cache_dir)), revision=ASR_REVISION
                ),
                "model.bin",
                advice,
            )
        )
    progress(f"checking {folder}")
    verify(folder, ASR_RECORDS, advice)
    return folder


def fetch_voice(cache_dir: Path, progress: Progress) -> Path:
    """Fetch the voice unless the cache has it, check it, and return its ``.onnx`` file.

    Raises ModelFilesError, and DiskSpaceError before anything is fetched.
    """
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - not needed once everything is in the cache

    advice = _advice(VOICE_REPOSITORY, "tts_voice", "a Piper voice (.onnx, with .onnx.json beside it)")
    folder = _snapshot(cache_dir, VOICE_REPOSITORY, VOICE_REVISION) / VOICE_FOLDER
    if any(not (folder / name).is_file() for name in VOICE_RECORDS):
        _announce(cache_dir, VOICE_REPOSITORY, VOICE_RECORDS, progress)
        for name in VOICE_RECORDS:

            def download(name: str = name) -> str:
                return hf_hub_download(
                    VOICE_REPOSITORY,
                    f"{VOICE_FOLDER}/{name}",
                    revision=VOICE_REVISION,
                    cache_dir=_hub_cache(cache_dir),
                )

            _reach_hub(download, name, advice)
    progress(f"checking {folder}")
    verify(folder, VOICE_RECORDS, advice)
    return folder / VOICE_NAME


def _reach_hub(download: Callable[[], str], name: str, advice: str) -> str:
    try:
        return download()
    except Exception as error:  # the hub's client lets through whatever its transport raises
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelFilesError(f"{name} could not be fetched from the hub: {reason} {advice}") from error


def _announce(cache_dir: Path, repository: str, records: dict[str, FileRecord], progress: Progress) -> None:
    needed_bytes = sum(record.bytes for record in records.values())
    require_space(_hub_cache(cache_dir), needed_bytes, f"fetching {repository}", progress)
    progress(f"fetching {repository} ({needed_bytes / 1e6:.0f} MB)")


def _advice(repository: str, field: str, what: str) -> str:
    return (
        f"Set {variable(field)} to {what}, or reach https://huggingface.co/{repository}, "
        f"or choose another {variable('profile')}."
    )


def _hub_cache(cache_dir: Path) -> Path:
    return cache_dir / "hub"


def _snapshot(cache_dir: Path, repository: str, revision: str) -> Path:
    return _hub_cache(cache_dir) / f"models--{repository.replace('/', '--')}" / "snapshots" / revision
