"""From a profile to the files it loads: packaged, generated, fetched, or the user's own."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from voicegate_agent.models import production, rehearsal
from voicegate_agent.models.disk_space import require_space
from voicegate_agent.models.files import (
    ASR_REQUIRED,
    MANIFEST_NAME,
    ModelFiles,
    ModelFilesError,
    read_manifest,
    require_file,
    verify,
    voice_config,
)
from voicegate_agent.models.hub import HuggingFaceHub
from voicegate_agent.models.weight_formats import IncompleteWeightsError, check_ctranslate2, check_onnx
from voicegate_agent.settings import AgentSettings, Profile, variable

Progress = Callable[[str], None]

MICRO_DIR = Path(__file__).parent / "micro"
VOICE_DIR = Path(__file__).parent / "voice"
MICRO_NAME = "voicegate/micro"
REHEARSAL_NAME = "voicegate/rehearsal-distil-large-v3"
_REHEARSAL_BYTES = 900_000_000


def resolve(settings: AgentSettings, progress: Progress) -> ModelFiles:
    """Have the profile's models on disk, complete and unaltered: fetch, generate and check as needed.

    Raises ModelFilesError naming the file and the setting, and DiskSpaceError before a disk fills up.
    """
    return ModelFiles(settings.profile, *_resolve_asr(settings, progress), _resolve_voice(settings, progress))


def locate(settings: AgentSettings) -> ModelFiles:
    """Find the files that `resolve` has checked before, without reading them again.

    Raises ModelFilesError when they are not there.
    """
    files = ModelFiles(settings.profile, *_locate_asr(settings), _locate_voice(settings))
    advice = f"Run `python -m voicegate_agent models` with {variable('profile')}={settings.profile} first."
    require_file(files.asr_dir / "model.bin", advice)
    require_file(files.voice, advice)
    return files


def _resolve_asr(settings: AgentSettings, progress: Progress) -> tuple[Path, str]:
    if settings.asr_model is not None:
        check_own_asr(settings.asr_model)
        return settings.asr_model, str(settings.asr_model)
    match settings.profile:
        case Profile.MICRO:
            verify_packaged(MICRO_DIR, "asr_model")
            return MICRO_DIR, MICRO_NAME
        case Profile.REHEARSAL:
            return _generate_rehearsal(settings.cache_dir, progress), REHEARSAL_NAME
        case Profile.PRODUCTION:
            return production.fetch_asr(_hub(settings), progress), production.ASR_REPOSITORY


def _resolve_voice(settings: AgentSettings, progress: Progress) -> Path:
    if settings.tts_voice is not None:
        check_own_voice(settings.tts_voice)
        return settings.tts_voice
    if settings.profile is Profile.PRODUCTION:
        return production.fetch_voice(_hub(settings), progress)
    verify_packaged(VOICE_DIR, "tts_voice")
    return _packaged_voice()


def _locate_asr(settings: AgentSettings) -> tuple[Path, str]:
    if settings.asr_model is not None:
        return settings.asr_model, str(settings.asr_model)
    match settings.profile:
        case Profile.MICRO:
            return MICRO_DIR, MICRO_NAME
        case Profile.REHEARSAL:
            return rehearsal_dir(settings.cache_dir), REHEARSAL_NAME
        case Profile.PRODUCTION:
            return production.asr_folder(_hub(settings)), production.ASR_REPOSITORY


def _locate_voice(settings: AgentSettings) -> Path:
    if settings.tts_voice is not None:
        return settings.tts_voice
    if settings.profile is Profile.PRODUCTION:
        return production.voice_file(_hub(settings))
    return _packaged_voice()


def _hub(settings: AgentSettings) -> HuggingFaceHub:
    return HuggingFaceHub(settings.cache_dir / "hub")


def verify_packaged(folder: Path, field: str) -> None:
    """Check a folder of the package against its own manifest; the field is the setting that replaces it."""
    advice = f"Install voicegate again, or set {variable(field)} to your own."
    verify(folder, read_manifest(folder, advice), advice)


def check_own_asr(folder: Path) -> None:
    """Check a user's own folder: every file a Whisper model needs, weights complete, checksums if it has any."""
    advice = f"{variable('asr_model')} must be a folder with a Whisper model in CTranslate2 format."
    for name in ASR_REQUIRED:
        require_file(folder / name, advice)
    if not any((folder / name).is_file() for name in ("vocabulary.json", "vocabulary.txt")):
        raise ModelFilesError(f"{folder / 'vocabulary.json'} is missing. {advice}")
    _check_weights(check_ctranslate2, folder / "model.bin", advice)
    if (folder / MANIFEST_NAME).is_file():
        verify(folder, read_manifest(folder, advice), advice)


def check_own_voice(voice: Path) -> None:
    """Check a user's own voice: the model complete, its configuration beside it."""
    advice = f"{variable('tts_voice')} must be a Piper voice: NAME.onnx with NAME.onnx.json beside it."
    require_file(voice, advice)
    require_file(voice_config(voice), advice)
    _check_weights(check_onnx, voice, advice)


def _check_weights(check: Callable[[Path], None], path: Path, advice: str) -> None:
    try:
        check(path)
    except IncompleteWeightsError as error:
        raise ModelFilesError(f"{path}: {error}. {advice}") from None


def _packaged_voice() -> Path:
    voices = sorted(VOICE_DIR.glob("*.onnx"))
    if not voices:
        advice = f"Install voicegate again, or set {variable('tts_voice')} to your own."
        raise ModelFilesError(f"{VOICE_DIR / 'voice.onnx'} is missing. {advice}")
    return voices[0]


def rehearsal_dir(cache_dir: Path) -> Path:
    """Where the rehearsal model belongs; the name changes with the micro model and the way it is made from it."""
    key = hashlib.sha256(str(rehearsal.VERSION).encode())
    if (MICRO_DIR / MANIFEST_NAME).is_file():
        key.update((MICRO_DIR / MANIFEST_NAME).read_bytes())
    return cache_dir / "models" / f"rehearsal-{key.hexdigest()[:12]}"


def _generate_rehearsal(cache_dir: Path, progress: Progress) -> Path:
    verify_packaged(MICRO_DIR, "asr_model")
    folder = rehearsal_dir(cache_dir)
    advice = f"Delete {folder} to have it generated again, or set {variable('asr_model')} to your own model."
    with _only_one(folder.with_suffix(".lock")):
        if not folder.is_dir():
            require_space(folder, _REHEARSAL_BYTES, "generating the rehearsal model", progress)
            progress("generating the rehearsal model (once, about 20 s)")
            _generate_into(folder, progress)
    progress(f"checking {folder}")
    verify(folder, read_manifest(folder, advice), advice)
    return folder


def _generate_into(folder: Path, progress: Progress) -> None:
    """Generate beside the final place and move there when it is whole: an interrupted run leaves nothing."""
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        rehearsal.generate(MICRO_DIR, unfinished, progress)
        unfinished.rename(folder)
    except OSError as error:
        raise ModelFilesError(
            f"{folder} could not be written: {error}. See {variable('cache_dir')}."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Let one process at a time in; the lock goes with the process that holds it."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("w")
    except OSError as error:
        message = (
            f"{lock.parent} cannot be written: {error}. Set {variable('cache_dir')} to a folder of yours."
        )
        raise ModelFilesError(message) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
