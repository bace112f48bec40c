"""Model folders are complete and unaltered, or named in an error."""

import hashlib
import json
import struct
from pathlib import Path

import pytest
from voicegate_agent.models.files import ModelFiles, read_manifest
from voicegate_agent.models.packaged.records import FileRecord, ModelFilesError, digest, verify

CONTENT = b"weights"
RECORD = FileRecord(hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


def write_manifest(folder: Path, text: str | None = None) -> None:
    """Write a manifest of `model.bin`, or any text in its place."""
    entry = {"sha256": RECORD.sha256, "bytes": RECORD.bytes}
    (folder / "manifest.json").write_text(text or json.dumps({"files": {"model.bin": entry}}))


def test_digest_reads_hash_and_size(tmp_path: Path) -> None:
    """One pass gives both."""
    (tmp_path / "model.bin").write_bytes(CONTENT)
    assert digest(tmp_path / "model.bin") == RECORD


def test_manifest_gives_records(tmp_path: Path) -> None:
    """A manifest names each file with its hash and size."""
    write_manifest(tmp_path)
    assert read_manifest(tmp_path, "") == {"model.bin": RECORD}


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"files": {"a": {}}}', '{"files": 3}'])
def test_broken_manifest_is_named(tmp_path: Path, text: str) -> None:
    """A manifest that is none says so, with the advice."""
    write_manifest(tmp_path, text)
    with pytest.raises(ModelFilesError, match=r"manifest\.json is not a manifest .* Do this\."):
        read_manifest(tmp_path, "Do this.")


def test_missing_manifest_is_named(tmp_path: Path) -> None:
    """A folder without a manifest is told apart from a broken one."""
    with pytest.raises(ModelFilesError, match=r"manifest\.json is missing\. Do this\."):
        read_manifest(tmp_path, "Do this.")


def test_unaltered_files_pass(tmp_path: Path) -> None:
    """Nothing is said about files that are as recorded."""
    (tmp_path / "model.bin").write_bytes(CONTENT)
    verify(tmp_path, {"model.bin": RECORD}, "")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "is missing"),
        (CONTENT[:-1], "is truncated: 6 of 7 bytes"),
        (CONTENT + b"!", "is altered: 8 bytes, expected 7"),
        (CONTENT.upper(), "is altered: sha256"),
    ],
)
def test_bad_file_is_named(tmp_path: Path, content: bytes | None, problem: str) -> None:
    """The error says which file, what is wrong with it, and what to do."""
    if content is not None:
        (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(ModelFilesError) as error:
        verify(tmp_path, {"model.bin": RECORD}, "Do this.")
    assert f"{tmp_path / 'model.bin'} {problem}" in str(error.value)
    assert str(error.value).endswith("Do this.")


def test_model_files_know_their_weights(tmp_path: Path) -> None:
    """Weights are the two files that end up in memory, not the vocabularies beside them."""
    (tmp_path / "model.bin").write_bytes(struct.pack("<IH", 6, 2) + b"W\0" + bytes(12))
    (tmp_path / "tokenizer.json").write_bytes(bytes(10))
    (tmp_path / "notes.txt").write_bytes(bytes(10))
    voice = tmp_path / "voice.onnx"
    voice.write_bytes(bytes(30))
    files = ModelFiles("micro", tmp_path, "name", voice)
    assert files.weights_bytes(1) == 20 + 30
    assert [path.name for path in files.paths] == [
        "model.bin",
        "tokenizer.json",
        "voice.onnx",
        "voice.onnx.json",
    ]
