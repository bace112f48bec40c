"""A wheel in a virtual environment of its own, outside the checkout."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

KEPT = (
    "HOME",
    "PATH",
    "UV_CACHE_DIR",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "PIP_INDEX_URL",
    "PIP_CONFIG_FILE",
    "SSL_CERT_FILE",
)
LONGEST_S = 240


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment and an empty folder to run its programs in."""

    environment: Path
    folder: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, with nothing of the checkout in reach."""
        command = [str(self.environment / "bin" / program), *arguments]
        return run(command, self.folder)

    def packages(self) -> dict[str, str]:
        """List the installed packages by name, with versions."""
        listing = (
            "import importlib.metadata as m\nfor d in m.distributions(): print(d.name.lower(), d.version)"
        )
        done = self.run("python", "-c", listing)
        assert done.returncode == 0, done.stderr
        return dict(line.split() for line in done.stdout.splitlines())


def install(wheel: Path, extra: str, folder: Path, root: Path) -> Installed:
    """Install a wheel and what it requires, in the versions that are locked."""
    environment, work = folder / "environment", folder / "work"
    work.mkdir()
    uv = str(Path(sys.executable).with_name("uv"))
    make = [uv, "venv", "--quiet", "--python", sys.executable, str(environment)]
    fill = [uv, "pip", "install", "--quiet", "--python", str(environment / "bin" / "python")]
    for command in (make, [*fill, "-c", str(root / "requirements.lock"), f"{wheel}{extra}"]):
        done = run(command, work)
        assert done.returncode == 0, done.stderr
    return Installed(environment, work)


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with hardly any environment variables."""
    variables = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )
