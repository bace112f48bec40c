"""The Containerfiles, as far as they can be tried without a container engine; hadolint reads them in `nox -s ci_files`."""

import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributions.building import ROOT
from distributions.containerfile import all_of, copied_from_context, read_stages, the_only, variables
from voicegate_agent.settings import AgentSettings

PROJECTS = ("verification", "agent")
PROGRAMS = {"verification": "voicegate", "agent": "voicegate-agent"}
BUILD_STAGE = -2


class Healthy(http.server.BaseHTTPRequestHandler):
    """Answers as the agent does while it is well."""

    def do_GET(self) -> None:
        """Say that all is well."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def health_port() -> Iterator[int]:
    """Serve a health check."""
    with http.server.HTTPServer(("127.0.0.1", 0), Healthy) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server.server_port
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("project", PROJECTS)
def test_what_is_copied_is_there(project: str) -> None:
    """Each file and folder is in the repository, and .dockerignore lets it through."""
    sources = copied_from_context(read_stages(ROOT / project / "Containerfile"))
    let_through = [
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    ]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [
        source
        for source in sources
        if not any(Path(source).is_relative_to(allowed) for allowed in let_through)
    ] == []


@pytest.mark.parametrize("project", PROJECTS)
def test_nobody_is_root(project: str) -> None:
    """The last stage ends as a numbered user, which Kubernetes can check, and starts the program without a shell."""
    last = read_stages(ROOT / project / "Containerfile")[-1]
    assert the_only(last, "USER").text == "10001:10001"
    assert the_only(last, "ENTRYPOINT").command() == [PROGRAMS[project]]
    assert the_only(last, "HEALTHCHECK").text
    assert all_of(last, "STOPSIGNAL")


@pytest.mark.parametrize("project", PROJECTS)
def test_no_tag_that_moves_far(project: str) -> None:
    """Every base has a tag with a version."""
    for stage in read_stages(ROOT / project / "Containerfile"):
        image = the_only(stage, "FROM").words()[0]
        assert any(sign.isdigit() for sign in image.partition(":")[2]), image


def test_the_agents_variables_are_settings() -> None:
    """The agent takes them, listens where the health check asks, and beyond this container."""
    set_here = variables(read_stages(ROOT / "agent" / "Containerfile")[-1])
    ours = {name: value for name, value in set_here.items() if name.startswith("VOICEGATE_")}
    fields = {name.removeprefix("VOICEGATE_").lower(): value for name, value in ours.items()}
    settings = AgentSettings.model_validate(fields)
    assert (settings.http_host, settings.http_port) == ("0.0.0.0", 8081)
    assert settings.drain_timeout_s == AgentSettings.model_fields["drain_timeout_s"].default
    assert the_only(read_stages(ROOT / "agent" / "Containerfile")[-1], "EXPOSE").text == "8081"


def test_the_health_check(health_port: int) -> None:
    """It succeeds where the agent answers, and fails where nobody does."""
    check = the_only(read_stages(ROOT / "agent" / "Containerfile")[-1], "HEALTHCHECK")
    command = [sys.executable, *check.command()[1:]]
    assert check.command()[0] == "python"
    for port, code in ((health_port, 0), (1, 1)):
        done = subprocess.run(
            command, env={"VOICEGATE_HTTP_PORT": str(port)}, capture_output=True, check=False
        )
        assert done.returncode == code, done.stderr


def test_go_is_new_enough() -> None:
    """The image that builds the server has a Go that go.mod accepts."""
    image = the_only(read_stages(ROOT / "verification" / "Containerfile")[0], "FROM").words()[0]
    go_mod = (ROOT / "verification/voicegate/drive/livekit_server/go.mod").read_text("utf-8")
    needed = next(line.split()[1] for line in go_mod.splitlines() if line.startswith("go "))
    has = image.partition(":")[2].partition("-")[0]
    assert tuple(map(int, has.split("."))) >= tuple(map(int, needed.split(".")[:2]))


def test_what_links_lead_to_is_copied() -> None:
    """A link in the package whose target is not in the image breaks the build."""
    copied = [
        ROOT / source for source in copied_from_context(read_stages(ROOT / "verification" / "Containerfile"))
    ]
    links = [path for path in (ROOT / "verification" / "voicegate").rglob("*") if path.is_symlink()]
    assert links
    assert [link for link in links if not any(link.resolve().is_relative_to(one) for one in copied)] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("project", PROJECTS)
def test_the_build_stage(project: str, tmp_path: Path) -> None:
    """What is copied is enough to install the program by the stage's own commands, in folders of this test."""
    stage = read_stages(ROOT / project / "Containerfile")[BUILD_STAGE]
    base, context, environment = tmp_path / "base", tmp_path / "build", tmp_path / "voicegate"
    subprocess.run([sys.executable, "-m", "venv", str(base)], check=True)
    for source in copied_from_context([stage]):
        copy(ROOT / source, context / source)
    script = the_only(stage, "RUN").text.replace("/opt/voicegate", str(environment))
    path = f"{base / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-ec", script.replace("--no-cache ", " ")],
        cwd=context,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    started = subprocess.run(
        [environment / "bin" / PROGRAMS[project], "--help"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert started.returncode == 0, started.stderr


def copy(source: Path, target: Path) -> None:
    """Copy as COPY does: links stay links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)
