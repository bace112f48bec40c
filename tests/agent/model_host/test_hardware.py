"""A device that is not there is an error that says what to do, before anything is loaded."""

from dataclasses import replace
from pathlib import Path

import ctranslate2
import pytest
from voicegate_agent.host_settings import ComputeType, Device, HostSettings
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.hardware import (
    CUBLAS,
    Hardware,
    find_hardware,
    load_cublas,
    require_device,
    unusable,
)
from voicegate_agent.model_host.host_process import Listening, serve
from voicegate_agent.model_host.protocol import ModelLoadError

CPU = Hardware(0, frozenset({"int8", "int8_float32", "float32"}))
GPU = Hardware(1, frozenset({"int8", "int8_float16", "float16", "float32"}))
CUDA = HostSettings(device=Device.CUDA)

without_gpu = pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="there is a GPU")


class Libraries:
    """Loads the libraries that exist, and remembers what it was asked for."""

    def __init__(self, *existing: str) -> None:
        """Take the paths of those that exist."""
        self.existing = existing
        self.asked: list[str] = []

    def load(self, path: str) -> None:
        """Load one; raises OSError like the dynamic loader."""
        self.asked.append(path)
        if path not in self.existing:
            raise OSError(f"{path}: cannot open shared object file")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Give a folder with the libraries of NVIDIA's package."""
    for name in CUBLAS:
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (HostSettings(), CPU),
        (HostSettings(compute_type=ComputeType.FLOAT32), CPU),
        (CUDA, GPU),
        (HostSettings(device=Device.CUDA, device_index=1), Hardware(2, GPU.compute_types)),
    ],
)
def test_what_is_there_is_used(settings: HostSettings, found: Hardware) -> None:
    """A device that is there, with numbers that it computes with, is no fault."""
    assert unusable(settings, found) is None


@pytest.mark.parametrize(
    ("settings", "found", "message"),
    [
        (CUDA, Hardware(0, frozenset(), "no driver"), "sees no GPU (no driver); expected an NVIDIA GPU"),
        (
            HostSettings(device=Device.CUDA, device_index=1),
            GPU,
            "VOICEGATE_DEVICE_INDEX is 1, and one GPU is there; expected less than 1",
        ),
        (
            HostSettings(device=Device.CUDA, device_index=2),
            Hardware(2, GPU.compute_types),
            "VOICEGATE_DEVICE_INDEX is 2, and 2 GPUs are there; expected less than 2",
        ),
        (
            CUDA,
            Hardware(1, GPU.compute_types, "libcublas.so.12: not found"),
            "cuBLAS cannot be loaded (libcublas.so.12: not found); expected the one of CUDA 12",
        ),
        (
            HostSettings(device=Device.CUDA, compute_type=ComputeType.INT16),
            GPU,
            (
                "VOICEGATE_COMPUTE_TYPE is int16, with which this GPU cannot compute; "
                "expected one of: float16, float32, int8, int8_float16"
            ),
        ),
        (
            CUDA,
            Hardware(1, frozenset({"float32"})),
            (
                "VOICEGATE_COMPUTE_TYPE is auto, with which this GPU cannot compute "
                "(it stands for int8_float16 here); expected one of: float32"
            ),
        ),
        (
            HostSettings(compute_type=ComputeType.FLOAT16),
            CPU,
            "VOICEGATE_COMPUTE_TYPE is float16, with which this CPU cannot compute; expected one of: float32, int8,",
        ),
    ],
)
def test_what_is_missing_is_said(settings: HostSettings, found: Hardware, message: str) -> None:
    """The sentence names the setting, what was seen and what was expected."""
    assert message in (unusable(settings, found) or "")


@without_gpu
def test_a_machine_without_gpu_is_told_so() -> None:
    """The error comes from what CTranslate2 really finds here, and names the way out."""
    with pytest.raises(ModelLoadError, match=r"VOICEGATE_DEVICE is cuda.*set VOICEGATE_DEVICE=cpu"):
        require_device(CUDA)


def test_this_cpu_is_found() -> None:
    """CTranslate2 computes in int8 and float32 on any CPU that it runs on."""
    assert find_hardware(HostSettings()).compute_types >= {"int8", "float32"}


def test_the_systems_cublas_goes_before_the_packages(package: Path) -> None:
    """Where the dynamic loader finds it, as with LD_LIBRARY_PATH, nothing else is loaded."""
    libraries = Libraries(*CUBLAS)
    assert load_cublas(libraries.load, [package]) is None
    assert libraries.asked == list(CUBLAS)


def test_the_packages_cublas_is_loaded_where_the_system_has_none(package: Path) -> None:
    """Each library is loaded by its path, first the one that the other needs."""
    paths = [str(package / name) for name in CUBLAS]
    libraries = Libraries(*paths)
    assert load_cublas(libraries.load, [package]) is None
    assert libraries.asked[-2:] == paths


@pytest.mark.parametrize("broken", [False, True])
def test_a_missing_cublas_is_said_in_the_loaders_words(package: Path, broken: bool) -> None:
    """Of each place that has it; where no package is installed, of the system alone."""
    fault = load_cublas(Libraries().load, [package] if broken else [package / "nothing"])
    assert fault is not None
    assert fault.startswith("libcublasLt.so.12: cannot open")
    assert fault.count("cannot open") == 1 + broken


async def test_a_host_ends_where_its_device_is_not_there(host_config: HostConfig, tmp_path: Path) -> None:
    """At its start, though the model is to be loaded in the first call only; nobody ever finds it listening."""
    settings = host_config.settings.model_copy(update={"compute_type": ComputeType.INT8_FLOAT16})
    with pytest.raises(ModelLoadError, match="VOICEGATE_COMPUTE_TYPE is int8_float16"):
        await serve(replace(host_config, settings=settings), Listening(tmp_path / "host.sock"))
    assert not (tmp_path / "host.sock").exists()


def test_the_device_is_asked_for_before_the_model(tmp_path: Path) -> None:
    """A compute type that this CPU has not is not blamed on the model's folder."""
    settings = HostSettings(compute_type=ComputeType.INT8_FLOAT16)
    with pytest.raises(ModelLoadError, match="VOICEGATE_COMPUTE_TYPE is int8_float16"):
        WhisperEngine.load(tmp_path, "model", settings)
