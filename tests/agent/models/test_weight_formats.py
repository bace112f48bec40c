"""Truncated weights are recognized by their own format."""

import struct
from pathlib import Path

import pytest
from voicegate_agent.models.weight_formats import (
    IncompleteWeightsError,
    check_ctranslate2,
    check_onnx,
    loaded_bytes,
)


def string(text: str) -> bytes:
    """Write a string as CTranslate2 does."""
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def ctranslate2_model() -> bytes:
    """Make a file with two variables and an alias in CTranslate2's layout."""
    head = struct.pack("<I", 6) + string("WhisperSpec") + struct.pack("<II", 3, 2)
    matrix = string("encoder/weight") + struct.pack("<B2IBI", 2, 4, 8, 0, 128) + bytes(128)
    scalar = string("scale") + struct.pack("<BBI", 0, 0, 4) + bytes(4)
    alias = struct.pack("<I", 1) + string("decoder/weight") + string("encoder/weight")
    return head + matrix + scalar + alias


def onnx_model() -> bytes:
    """Make a protocol buffer with a version (field 1) and a graph (field 7) of 300 bytes."""
    return b"\x08\x08" + b"\x3a\xac\x02" + bytes(300)


def test_complete_weights_pass(tmp_path: Path) -> None:
    """Nothing is said about complete files."""
    path = tmp_path / "weights"
    path.write_bytes(ctranslate2_model())
    check_ctranslate2(path)
    path.write_bytes(onnx_model())
    check_onnx(path)


@pytest.mark.parametrize(
    ("bytes_per_weight", "matrix_bytes"), [(1, 4 * 8 + 4 * 4), (2, 4 * 8 * 2 + 4 * 4), (4, 4 * 8 * 4)]
)
def test_matrices_weigh_what_they_are_loaded_with(
    tmp_path: Path, bytes_per_weight: int, matrix_bytes: int
) -> None:
    """Four rows of eight, stored in float32: converted, each row has a scale of four bytes; the rest stays."""
    path = tmp_path / "model.bin"
    path.write_bytes(ctranslate2_model())
    rest_bytes = len(ctranslate2_model()) - 128
    assert loaded_bytes(path, bytes_per_weight) == rest_bytes + matrix_bytes


@pytest.mark.parametrize("missing", range(1, len(ctranslate2_model()) + 1, 7))
def test_truncated_ctranslate2_model_is_refused(tmp_path: Path, missing: int) -> None:
    """Wherever the file was cut, that is found."""
    path = tmp_path / "model.bin"
    path.write_bytes(ctranslate2_model()[:-missing])
    with pytest.raises(IncompleteWeightsError):
        check_ctranslate2(path)


@pytest.mark.parametrize("missing", [1, 100, 301, 303, 305])
def test_truncated_onnx_model_is_refused(tmp_path: Path, missing: int) -> None:
    """Wherever the file was cut, that is found."""
    path = tmp_path / "voice.onnx"
    path.write_bytes(onnx_model()[:-missing])
    with pytest.raises(IncompleteWeightsError):
        check_onnx(path)


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html>" * 20, bytes(400), b"\xff" * 400])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    """An error page that was saved as a model is no model."""
    path = tmp_path / "weights"
    path.write_bytes(content)
    with pytest.raises(IncompleteWeightsError):
        check_ctranslate2(path)
    with pytest.raises(IncompleteWeightsError):
        check_onnx(path)
