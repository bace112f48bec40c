"""What must be written nowhere: values of secrets, and the user and password within an address.

One `Secrets` hides them in whatever is written: the recording and all that is made of it, kept logs, the terminal.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TextIO, cast

HIDDEN = "***"

_SECRET_NAME = re.compile(
    r"(?i)(key|secret|token|passw(or)?d|passphrase|credential|auth|dsn|(?<![a-z])pass|pwd|authorization|cookie|bearer)s?(?=_|$)|^livekit_api_"
)
_CREDENTIALS = r"(?<=://)[^/\s@\"'<>\\]+(?=@)"
_SHORTEST = 6  # a flag or a number would be hidden wherever it stands
_LONGEST_NUMBER = 15


def names_a_secret(name: str) -> bool:
    """Whether what a variable is called says that its value is a secret."""
    return _SECRET_NAME.search(name) is not None


def secrets_in(*environments: Mapping[str, str]) -> "Secrets":
    """Collect the values of all variables that are called like secrets."""
    return Secrets(
        value
        for environment in environments
        for name, value in environment.items()
        if names_a_secret(name) and _is_worth_hiding(value)
    )


def secrets_among(words: Sequence[str]) -> Iterator[str]:
    """Find what a command gives for options that are called like secrets: `--api-key VALUE`, `--token=VALUE`."""
    for option, following in pairwise((*words, "-")):
        name, sign, value = option.partition("=")
        if name.startswith("-") and names_a_secret(name.strip("-").replace("-", "_")):
            value = value if sign else following
            if not value.startswith("-") and _is_worth_hiding(value):
                yield value


class Secrets:
    """Values that are replaced by `***`, as they are and as JSON writes them; credentials within addresses are too."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self._in_text = re.compile(_CREDENTIALS)
        self._in_bytes = re.compile(_CREDENTIALS.encode())
        self.add(*values)

    def add(self, *values: str) -> None:
        """Hide these from now on."""
        self._values |= {form for value in values if value for form in (value, json.dumps(value)[1:-1])}
        self._values |= {json.dumps(value, ensure_ascii=False)[1:-1] for value in values if value}
        longest_first = sorted(self._values, key=len, reverse=True)
        pattern = "|".join([*map(re.escape, longest_first), _CREDENTIALS])
        self._in_text = re.compile(pattern)
        self._in_bytes = re.compile(pattern.encode())

    @property
    def longest_bytes(self) -> int:
        """How long the longest value is: so much of two pieces of a text must be together to be seen."""
        return max((len(value.encode()) for value in self._values), default=0)

    def hide(self, text: str) -> str:
        """Replace all secrets in a text."""
        return self._in_text.sub(HIDDEN, text)

    def hide_in_bytes(self, text: bytes) -> bytes:
        """Replace all secrets in a text that nobody has decoded."""
        return self._in_bytes.sub(HIDDEN.encode(), text)

    def hide_in_value(self, value: object) -> object:
        """Replace all secrets in every text of a JSON value; names of fields, and the kind of an event, stay."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, dict):
            return {name: one if name == "kind" else self.hide_in_value(one) for name, one in value.items()}
        return [self.hide_in_value(one) for one in value] if isinstance(value, list | tuple) else value

    def hide_in_files(self, folder: Path, pattern: str) -> None:
        """Replace all secrets in files that other programs wrote; what cannot be read or written stays as it is."""
        for path in folder.glob(pattern):
            try:
                content = path.read_bytes()
                hidden = self.hide_in_bytes(content)
                if hidden != content:
                    path.write_bytes(hidden)
            except OSError:
                continue


class _HidingStream:
    """In all but its writing the stream that it stands for."""

    def __init__(self, stream: TextIO, secrets: Secrets) -> None:
        self._stream = stream
        self._secrets = secrets

    def write(self, text: str) -> int:
        """Write a text without its secrets."""
        self._stream.write(self._secrets.hide(text))
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def hiding(stream: TextIO, secrets: Secrets) -> TextIO:
    """Put a stream that writes no secret in front of another."""
    return cast("TextIO", _HidingStream(stream, secrets))


def _is_worth_hiding(value: str) -> bool:
    """Whether a value may be a secret: no flag, no small number, and no path to a file that has it."""
    if len(value) < _SHORTEST or (len(value) <= _LONGEST_NUMBER and value.replace(".", "").isdigit()):
        return False
    return not (value.startswith(("/", "~", ".")) and _exists(Path(value)))


def _exists(path: Path) -> bool:
    try:
        return path.expanduser().exists()
    except (OSError, RuntimeError):
        return False
