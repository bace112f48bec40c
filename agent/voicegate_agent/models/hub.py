"""Fetching model files from the Hugging Face hub, with an end to waiting for it."""

import urllib.error
import urllib.request
from pathlib import Path

REACH_TIMEOUT_S = 10.0


class HubError(Exception):
    """The hub could not give what was asked of it; the message says why, as the hub's client put it."""


class HuggingFaceHub:
    """The hub through the libraries' own clients, which keep, resume and check their downloads in a cache."""

    def __init__(self, cache_dir: Path) -> None:
        """Keep downloads in this folder."""
        self._cache_dir = cache_dir

    def snapshot(self, repository: str, revision: str) -> Path:
        """Find where a repository's files at a revision are kept, whether fetched or not."""
        return self._cache_dir / f"models--{repository.replace('/', '--')}" / "snapshots" / revision

    def fetch_whisper(self, repository: str, revision: str) -> Path:
        """Fetch a CTranslate2 Whisper model with faster-whisper's downloader; return its folder.

        Raises HubError.
        """
        from faster_whisper.utils import download_model  # noqa: PLC0415 - slow, and rarely needed

        self._reach()
        try:
            return Path(download_model(repository, cache_dir=str(self._cache_dir), revision=revision))
        except Exception as error:  # it lets through whatever its transport raises
            raise HubError(_reason(error)) from error

    def fetch_file(self, repository: str, revision: str, path: str) -> Path:
        """Fetch one file; return where it is kept. Raises HubError."""
        from huggingface_hub import hf_hub_download  # noqa: PLC0415 - slow, and rarely needed

        self._reach()
        try:
            return Path(hf_hub_download(repository, path, revision=revision, cache_dir=self._cache_dir))
        except Exception as error:  # it lets through whatever its transport raises
            raise HubError(_reason(error)) from error

    def _reach(self) -> None:
        """Ask once before the client does, which would try for minutes."""
        from huggingface_hub import constants  # noqa: PLC0415 - slow, and rarely needed

        if constants.HF_HUB_OFFLINE:
            raise HubError("HF_HUB_OFFLINE is set")
        request = urllib.request.Request(constants.ENDPOINT, method="HEAD")  # noqa: S310 - the hub's own address
        try:
            with urllib.request.urlopen(request, timeout=REACH_TIMEOUT_S):  # noqa: S310
                pass
        except urllib.error.HTTPError:
            return  # it answers
        except OSError as error:
            raise HubError(f"{constants.ENDPOINT} cannot be reached: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    cause = getattr(error, "reason", error)
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(error).__name__
