"""Texts that are spoken by an endpoint: once, as it is asked, and an error says what is wrong."""

import io
import json
import threading
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
from voicegate.drive.clips.library import MANIFEST, load_library
from voicegate.drive.clips.speech import SpeechEndpoint
from voicegate.drive.errors import ClipError
from voicegate.record.timeline import RATE


class Speaker(HTTPServer):
    """Says everything as one second at half of full scale, but for what it is told to refuse."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, str]] = []
        self.keys: list[str | None] = []
        self.refuses = False
        self.sound = _wav(np.full(RATE, 16_384, np.int16))

    @property
    def url(self) -> str:
        """The base address of its API."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Speaker

    def do_POST(self) -> None:
        """Answer as OpenAI's API does."""
        if self.path != "/v1/audio/speech" or self.server.refuses:
            self.send_error(404)
            return
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.keys.append(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.sound)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def _wav(samples: np.ndarray) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return content.getvalue()


@pytest.fixture
def speaker() -> Iterator[Speaker]:
    """Have somebody speak on loopback."""
    with Speaker() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is spoken out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def library_of(folder: Path, speech: dict[str, str] | None) -> Path:
    """Write a list of two texts, and who speaks them."""
    texts = [
        {"name": "code", "text": "My code is 2416.", "code": "2416"},
        {"name": "hello", "text": "Hello."},
    ]
    (folder / MANIFEST).write_text(json.dumps({"clips": texts, "speech": speech}))
    return folder


def test_texts_are_spoken_once(tmp_path: Path, speaker: Speaker) -> None:
    """The second time they come from the cache; another voice is asked anew."""
    speech = {"url": speaker.url, "model": "tts-1", "voice": "alloy"}
    said: list[str] = []
    first = load_library(library_of(tmp_path, speech), said.append)
    again = load_library(tmp_path)
    assert [len(clip.samples) for clip in first.clips] == [RATE, RATE]
    assert [clip.code for clip in again.clips] == ["2416", None]
    assert speaker.asked[0] == {
        "model": "tts-1",
        "voice": "alloy",
        "input": "My code is 2416.",
        "response_format": "wav",
    }
    assert len(speaker.asked) == 2
    assert speaker.keys == [None, None]
    assert said == [f"Clips: texts that are not yet in the cache are spoken by {speaker.url}"]
    load_library(library_of(tmp_path, speech | {"voice": "nova"}))
    assert len(speaker.asked) == 4


def test_the_key_comes_from_the_environment(
    tmp_path: Path, speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variable's name, which is in the list of clips; the error names a variable that is not set."""
    speech = {"url": speaker.url, "model": "tts-1", "voice": "alloy", "key_variable": "SPEECH_KEY"}
    library_of(tmp_path, speech)
    with pytest.raises(ClipError, match="the environment variable SPEECH_KEY is not set"):
        load_library(tmp_path)
    monkeypatch.setenv("SPEECH_KEY", "secret")
    load_library(tmp_path)
    assert speaker.keys == ["Bearer secret", "Bearer secret"]


def test_a_refusal_says_what_was_asked_of_whom(tmp_path: Path, speaker: Speaker) -> None:
    """The address, the text, the answer; nothing is kept, and an empty answer is no sound either."""
    endpoint = SpeechEndpoint(url=speaker.url, model="tts-1", voice="nobody")
    speaker.refuses = True
    with pytest.raises(
        ClipError, match=r"/v1/audio/speech: cannot have 'Hello\.' spoken: .*404.*voice 'nobody'"
    ):
        endpoint.file("Hello.", tmp_path)
    speaker.refuses, speaker.sound = False, b""
    with pytest.raises(ClipError, match=r"nothing came for 'Hello\.'"):
        endpoint.file("Hello.", tmp_path)
    assert not list(tmp_path.rglob("*.wav"))


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, speaker: Speaker) -> None:
    """What was spoken would be lost."""
    (tmp_path / "clips").write_text("no folder")
    endpoint = SpeechEndpoint(url=speaker.url, model="tts-1", voice="alloy")
    with pytest.raises(ClipError, match="what was spoken cannot be kept: File exists"):
        endpoint.file("Hello.", tmp_path)


def test_a_text_that_nobody_says_is_named(tmp_path: Path) -> None:
    """A clip without a file needs a speech endpoint."""
    with pytest.raises(ClipError, match="the clip code has no file, and `speech` names no endpoint"):
        load_library(library_of(tmp_path, None))
