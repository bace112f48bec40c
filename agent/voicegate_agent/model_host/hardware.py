"""Whether the machine has what speech to text is told to compute on: asked before a model is loaded, and said in words that help."""

import ctypes
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import ctranslate2

from voicegate_agent.host_settings import Device, HostSettings
from voicegate_agent.model_host.protocol import ModelLoadError
from voicegate_agent.settings import variable

CUBLAS = ("libcublasLt.so.12", "libcublas.so.12")
"""What CTranslate2 opens when it first multiplies on a GPU, and what that needs in turn."""

LoadLibrary = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Hardware:
    """What CTranslate2 finds: how many GPUs, which numbers the chosen device computes with, and what is in the way (None: nothing)."""

    gpus: int
    compute_types: frozenset[str]
    obstacle: str | None = None


def require_device(settings: HostSettings) -> None:
    """Raise ModelLoadError when speech to text cannot compute on what the settings say."""
    fault = unusable(settings, find_hardware(settings))
    if fault is not None:
        raise ModelLoadError(fault)


def unusable(settings: HostSettings, found: Hardware) -> str | None:
    """Say what is wrong with the settings on this hardware: what was seen, what was expected, what to do; or None."""
    cuda = settings.device is Device.CUDA
    if cuda and not found.gpus:
        return (
            f"{variable('device')} is cuda, and CTranslate2 sees no GPU ({found.obstacle or 'it gives no reason'}); expected "
            f"an NVIDIA GPU that `nvidia-smi` lists and, in a container, that was given to it (`docker run --gpus all`). "
            f"Without one set {variable('device')}=cpu"
        )
    if cuda and settings.device_index >= found.gpus:
        return (
            f"{variable('device_index')} is {settings.device_index}, and {_gpus(found.gpus)} there; "
            f"expected less than {found.gpus}. `nvidia-smi -L` lists them"
        )
    if cuda and found.obstacle:
        return (
            f"{variable('device')} is cuda, and cuBLAS cannot be loaded ({found.obstacle}); expected the one of CUDA 12, "
            f"whatever the driver's version is. `pip install nvidia-cublas-cu12` brings it, or put its folder into LD_LIBRARY_PATH"
        )
    if settings.computes_with not in found.compute_types:
        return (
            f"{variable('compute_type')} is {settings.compute_type}, with which this {'GPU' if cuda else 'CPU'} cannot compute"
            f"{_as(settings)}; expected one of: {', '.join(sorted(found.compute_types))}"
        )
    return None


def find_hardware(settings: HostSettings, load: LoadLibrary | None = None) -> Hardware:
    """Look at the device that the settings name. `load` loads a library for good, or raises OSError."""
    if settings.device is Device.CPU:
        return Hardware(0, frozenset(ctranslate2.get_supported_compute_types("cpu")))
    gpus = ctranslate2.get_cuda_device_count()
    try:
        index = min(settings.device_index, max(0, gpus - 1))
        compute_types = frozenset(ctranslate2.get_supported_compute_types("cuda", index))
    except RuntimeError as error:
        return Hardware(gpus, frozenset(), str(error))
    return Hardware(gpus, compute_types, load_cublas(load or _load_for_all))


def load_cublas(load: LoadLibrary, folders: Iterable[Path] | None = None) -> str | None:
    """Load cuBLAS where CTranslate2 will find it, the system's or that of NVIDIA's package; returns why neither could be.

    The package's folder is in no search path, but for a library that is loaded already nobody searches.
    """
    folders = _package_folders() if folders is None else folders
    packaged = [
        [str(folder / name) for name in CUBLAS] for folder in folders if (folder / CUBLAS[-1]).is_file()
    ]
    faults = []
    for paths in (CUBLAS, *packaged):
        try:
            for path in paths:
                load(path)
        except OSError as error:
            faults.append(str(error))
        else:
            return None
    return "; ".join(faults)


def _package_folders() -> list[Path]:
    """Where `nvidia-cublas-cu12` puts its libraries: `nvidia` is a namespace of several packages."""
    found = importlib.util.find_spec("nvidia")
    places = found.submodule_search_locations if found else None
    return [Path(place) / "cublas" / "lib" for place in places or ()]


def _load_for_all(name: str) -> object:
    return ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)


def _gpus(count: int) -> str:
    return "one GPU is" if count == 1 else f"{count} GPUs are"


def _as(settings: HostSettings) -> str:
    chosen = settings.computes_with
    return "" if chosen == settings.compute_type else f" (it stands for {chosen} here)"
