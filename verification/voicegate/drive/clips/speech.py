"""Has clips that are texts alone spoken, once, by a speech endpoint, and keeps the sound in the cache."""

import hashlib
import json
import os
import urllib.request
from http.client import HTTPException
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field

from voicegate.drive.errors import ClipError

_TIMEOUT_S = 120


class SpeechEndpoint(BaseModel):
    """Who speaks: the base address of OpenAI's API or of a server that is like it, a model and a voice of its own.

    `key_variable` names the environment variable with the API key; servers of your own mostly need none. What is spoken
    is kept by address, model, voice and text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^https?://")
    model: str
    voice: str
    key_variable: str | None = None

    def file(self, text: str, cache: Path | None = None) -> Path:
        """Give the sound file in which `text` is spoken, which has one request made the first time. Raises ClipError."""
        folder = (cache or platformdirs.user_cache_path("voicegate")) / "clips"
        said = json.dumps([self.url, self.model, self.voice, text])
        path = folder / f"{hashlib.sha256(said.encode()).hexdigest()[:32]}.wav"
        if not path.is_file():
            sound = self._spoken(text)
            part = path.with_suffix(f".{os.getpid()}.part")
            try:
                folder.mkdir(parents=True, exist_ok=True)
                part.write_bytes(sound)
                part.replace(path)
            except OSError as error:
                raise ClipError(f"{path}: what was spoken cannot be kept: {error.strerror}") from error
        return path

    def _spoken(self, text: str) -> bytes:
        address = f"{self.url.rstrip('/')}/audio/speech"
        body = {"model": self.model, "voice": self.voice, "input": text, "response_format": "wav"}
        request = urllib.request.Request(  # noqa: S310 - the address begins with http
            address, json.dumps(body).encode(), {"Content-Type": "application/json"} | self._authorization()
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
                sound: bytes = response.read()
        except (OSError, HTTPException) as error:  # an answer that is an error is an OSError too
            raise ClipError(
                f"{address}: cannot have {text!r} spoken: {error}. Is the speech endpoint up, and does it have the model"
                f" {self.model!r} and the voice {self.voice!r}?"
            ) from error
        if not sound:
            raise ClipError(f"{address}: nothing came for {text!r}; expected a WAV file")
        return sound

    def _authorization(self) -> dict[str, str]:
        if self.key_variable is None:
            return {}
        key = os.environ.get(self.key_variable)
        if not key:
            raise ClipError(
                f"the environment variable {self.key_variable} is not set: the clips' speech endpoint takes its API key from it"
            )
        return {"Authorization": f"Bearer {key}"}
