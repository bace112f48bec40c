"""What a weights file says about itself: whether it is complete, and how much memory it will take.

Only lengths are followed, nothing is loaded, so that a file of any size takes milliseconds.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CT2_OLDEST_VERSION, _CT2_NEWEST_VERSION = 2, 6
_NAME_MAX_BYTES = 4096
_FLOAT32_BYTES = 4


class IncompleteWeightsError(Exception):
    """The file ends before its own format says it does, or is of another format."""


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    shape: tuple[int, ...]
    bytes: int


def check_ctranslate2(path: Path) -> None:
    """Walk the variables of a CTranslate2 ``model.bin`` to the end of the file.

    Raises IncompleteWeightsError.
    """
    for _ in _variables(path):
        pass


def loaded_bytes(path: Path, bytes_per_weight: int) -> int:
    """Say what a CTranslate2 ``model.bin`` takes in memory, loaded with so many bytes for each weight of its matrices.

    Matrices are what CTranslate2 converts, with a scale for each row where a weight has less than four bytes; the rest (norms,
    biases, positions: a few percent) counts as it is stored. Raises IncompleteWeightsError.
    """
    total_bytes = path.stat().st_size
    for variable in _variables(path):
        count = math.prod(variable.shape)
        is_matrix = len(variable.shape) == 2 and variable.name.endswith("weight")
        if is_matrix and variable.bytes != count * bytes_per_weight:
            scales_bytes = _FLOAT32_BYTES * variable.shape[0] if bytes_per_weight < _FLOAT32_BYTES else 0
            total_bytes += count * bytes_per_weight + scales_bytes - variable.bytes
    return total_bytes


def _variables(path: Path) -> Iterator[_Variable]:
    """Walk a ``model.bin``.

    Layout (CTranslate2's ``model_spec.py``): version, spec name, revision, number of variables; for each its
    name, rank, dimensions, type and size in bytes, then the data; after them the aliases.
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        version = _number(file, "<I")
        if not _CT2_OLDEST_VERSION <= version <= _CT2_NEWEST_VERSION:
            raise IncompleteWeightsError("it is not a CTranslate2 model")
        _name(file)
        _number(file, "<I")
        for _ in range(_number(file, "<I")):
            name = _name(file)
            rank = _number(file, "<B")
            shape = tuple(_number(file, "<I") for _ in range(rank))
            file.seek(1, 1)
            data_bytes = _number(file, "<I")
            _skip(file, data_bytes, size_bytes)
            yield _Variable(name, shape, data_bytes)
        for _ in range(_number(file, "<I")):
            _name(file)
            _name(file)


def check_onnx(path: Path) -> None:
    """Walk the top-level fields of an ONNX model (a protocol buffer) to the end of the file.

    Raises IncompleteWeightsError.
    """
    size_bytes = path.stat().st_size
    graph_seen = False
    with path.open("rb") as file:
        while file.tell() < size_bytes:
            key = _varint(file)
            field, wire_type = key >> 3, key & 7
            graph_seen = graph_seen or field == 7
            if wire_type == 0:
                _varint(file)
            elif wire_type == 2:
                _skip(file, _varint(file), size_bytes)
            else:
                raise IncompleteWeightsError("it is not an ONNX model")
    if not graph_seen:
        raise IncompleteWeightsError("it holds no ONNX graph")


def _number(file: BinaryIO, layout: str) -> int:
    data = _read(file, struct.calcsize(layout))
    return int(struct.unpack(layout, data)[0])


def _name(file: BinaryIO) -> str:
    length = _number(file, "<H")
    if length > _NAME_MAX_BYTES:
        raise IncompleteWeightsError("it is not a CTranslate2 model")
    return _read(file, length).rstrip(b"\0").decode(errors="replace")


def _varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = _read(file, 1)[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
    raise IncompleteWeightsError("it is not an ONNX model")


def _read(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) < length:
        raise IncompleteWeightsError(f"it is truncated at byte {file.tell()}")
    return data


def _skip(file: BinaryIO, length: int, size_bytes: int) -> None:
    end = file.tell() + length
    if end > size_bytes:
        raise IncompleteWeightsError(f"it is truncated: {size_bytes} of at least {end} bytes")
    file.seek(end)
