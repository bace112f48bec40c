"""Preparing, starting, watching and stopping an agent, with small programs in its place."""

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from voicegate.drive.agent_log import AgentLog, followed, read_stream
from voicegate.drive.agent_process import AgentError, prepare, running_agent
from voicegate.drive.errors import DriveError
from voicegate.drive.log_file import LogFile, LogFileError
from voicegate.drive.processes import ProcessError
from voicegate.drive.recorder import Recorder
from voicegate.log_contract import LogContract
from voicegate.record.events import Event, LogLine, ProcessEvent
from voicegate.record.recording import RecordingWriter
from voicegate.redaction import Secrets
from voicegate.settings import GateSettings

READY = "print('registered worker', flush=True);"
SLEEP = "import time; time.sleep(600)"


def settings_for(program: str, **agent: Any) -> GateSettings:
    """Make settings for an agent that is this Python program."""
    values = {
        "command": ["{python}", "-u", "-c", program],
        "ready_timeout_s": 10,
        "stop_timeout_s": 1,
    } | agent
    return GateSettings.model_validate({"path": "gate.toml", "agent": values, "environment": {"KEPT": "yes"}})


def prepared_by(program: str, **agent: Any) -> GateSettings:
    """Make settings for an agent that is prepared by this Python program."""
    return settings_for(SLEEP, prepare=["{python}", "-c", program], **agent)


async def run(settings: GateSettings, folder: Path) -> list[Event]:
    """Start the agent, stop it at once, and return what was recorded."""
    events: list[Event] = []
    async with running_agent(
        settings, {"LIVEKIT_URL": "ws://x"}, log=folder / "agent.log", clock=lambda: 1.0, emit=events.append
    ):
        pass
    return events


async def test_its_temporary_files_lie_in_a_folder_of_their_own(tmp_path: Path) -> None:
    """Which is known while it runs, and gone afterwards."""
    program = "import tempfile; tempfile.mkstemp(prefix='left-');" + READY + SLEEP
    async with running_agent(
        settings_for(program), {}, log=tmp_path / "agent.log", clock=lambda: 1.0, emit=lambda _: None
    ) as agent:
        assert agent.temporary is not None
        (left,) = agent.temporary.iterdir()
    assert left.name.startswith("left-")
    assert not agent.temporary.exists()


async def test_the_preparation_tells_the_weights() -> None:
    """Its last line of JSON counts, whatever else it prints."""
    program = """print('hello'); print('{"weights_bytes": 832000000, "files": []}')"""

    assert await prepare(prepared_by(program), print) == 832_000_000


@pytest.mark.parametrize("output", ["", "done", "[]", '{"weights_bytes": "many"}', '{"weights_bytes": -1}'])
async def test_a_preparation_that_does_not_tell_leaves_them_unknown(output: str) -> None:
    """Unknown is None, not zero."""
    assert await prepare(prepared_by(f"print({output!r})"), print) is None


async def test_the_file_goes_before_the_preparation() -> None:
    """Configured weights are taken, with and without a preparation."""
    assert await prepare(settings_for(SLEEP, weights_bytes=5), print) == 5
    assert await prepare(prepared_by("""print('{"weights_bytes": 7}')""", weights_bytes=5), print) == 5


async def test_a_failed_preparation_is_an_error() -> None:
    """Its exit code and command are in the message."""
    with pytest.raises(AgentError, match=r"exit code 3: .*SystemExit"):
        await prepare(prepared_by("raise SystemExit(3)"), print)


async def test_a_preparation_that_hangs_is_an_error() -> None:
    """The setting that bounds it is named."""
    with pytest.raises(AgentError, match=r"agent\.prepare_timeout_s = 0\.2 s"):
        await prepare(prepared_by(SLEEP, prepare_timeout_s=0.2), print)


async def test_an_agent_comes_up_and_is_stopped(tmp_path: Path) -> None:
    """Started, ready and stopped are recorded, and its log with them, raw text kept."""
    program = f"import sys; print('♻️  one', file=sys.stderr); {READY}{SLEEP}"

    events = await run(settings_for(program), tmp_path)

    steps = [(e.what, e.step, e.exit_code) for e in events if isinstance(e, ProcessEvent)]
    assert steps == [("agent", "started", None), ("agent", "ready", None), ("agent", "stopped", -15)]
    assert [e.message for e in events if isinstance(e, LogLine)] == ["♻️  one", "registered worker"]
    assert (tmp_path / "agent.log").read_text() == "♻️  one\nregistered worker\n"


async def test_the_agent_gets_its_environment(tmp_path: Path) -> None:
    """What the gate inherits, what the file sets, with placeholders, and the LiveKit address."""
    program = f"import json, os; print(json.dumps(dict(os.environ))); {READY}{SLEEP}"

    events = await run(
        settings_for(program, profile="micro", env={"PROFILE": "is {profile}"}, ready_pattern="^{"), tmp_path
    )

    environment = json.loads(next(e.message for e in events if isinstance(e, LogLine)))
    assert environment["KEPT"] == "yes"
    assert environment["PROFILE"] == "is micro"
    assert environment["LIVEKIT_URL"] == "ws://x"


async def test_an_agent_that_never_gets_ready_is_an_error(tmp_path: Path) -> None:
    """The message has the pattern that was waited for and the last lines; the agent is stopped."""
    program = f"print('still thinking', flush=True); {SLEEP}"

    with pytest.raises(
        AgentError, match=r"(?s)within agent\.ready_timeout_s = 1 s.*'registered worker'.*still thinking"
    ):
        await run(settings_for(program, ready_timeout_s=1), tmp_path)


async def test_an_agent_that_ends_at_once_is_an_error(tmp_path: Path) -> None:
    """Its exit code and its last words are in the message."""
    program = "raise SystemExit('no such model')"

    with pytest.raises(AgentError, match=r"(?s)exit code 1 before it was ready.*no such model"):
        await run(settings_for(program), tmp_path)


async def test_a_silent_agent_that_ends_is_an_error(tmp_path: Path) -> None:
    """There is a message also when there is nothing to quote."""
    with pytest.raises(AgentError, match=r"exit code 0 before it was ready\. It wrote nothing"):
        await run(settings_for("pass"), tmp_path)


async def test_a_command_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """The program is in the message."""
    with pytest.raises(ProcessError, match="no-such-agent"):
        await run(settings_for("", command=["no-such-agent"]), tmp_path)


async def test_a_death_is_told_with_the_last_lines(tmp_path: Path) -> None:
    """An agent that dies in the scenario says its last words to whoever waits for that."""
    events: list[Event] = []
    program = (
        f"{READY} import time; time.sleep(0.3); print('out of memory', flush=True); import os; os._exit(9)"
    )
    async with running_agent(
        settings_for(program), {}, log=tmp_path / "agent.log", clock=lambda: 1.0, emit=events.append
    ) as agent:
        trouble = await agent.died()

    assert "exit code 9 during the scenario" in trouble
    assert "out of memory" in trouble
    assert [(e.step, e.exit_code) for e in events if isinstance(e, ProcessEvent)][-1] == ("died", 9)


async def test_a_very_long_line_is_recorded_in_pieces(tmp_path: Path) -> None:
    """A line without end does not fill the memory, and nothing of it is lost."""
    program = f"print('x' * 300_000); {READY}{SLEEP}"

    events = await run(settings_for(program), tmp_path)

    assert sum(e.message.count("x") for e in events if isinstance(e, LogLine)) == 300_000


async def test_a_line_that_a_runtime_cut_is_recorded_whole(tmp_path: Path) -> None:
    """No secret that the cut went through is recorded, and a piece without its end is at the end of the log."""
    events: list[Event] = []
    secrets = Secrets(["a-secret-value"])
    log = AgentLog(
        tmp_path / "kept", settings_for(SLEEP), lambda: 1.0, events.append, asyncio.Event(), secrets
    )
    with closing(log):
        log.take(
            b"2026-11-27T06:00:00Z stdout P ERROR:x:boom a-sec\n2026-11-27T06:00:00Z stdout F ret-value\n"
        )
        log.take(b"2026-11-27T06:00:00Z stdout P half\n")
    assert events == [LogLine(1.0, "boom ***", "ERROR"), LogLine(1.0, "half")]


def logging_to(path: Path, program: str, **agent: Any) -> GateSettings:
    """Make settings for a program whose log is a file."""
    return settings_for(program, log="file", log_file=path, **agent)


async def test_a_log_may_be_a_file(tmp_path: Path) -> None:
    """What is added to it is recorded and makes the agent ready; its output is kept beside it, and not recorded."""
    log = tmp_path / "its.log"
    log.write_text("registered worker, last week\n")
    program = f"f = open({str(log)!r}, 'a'); print('noise', flush=True); f.write('registered worker\\n'); f.flush();"

    events = await run(logging_to(log, program + SLEEP), tmp_path)

    assert [e.message for e in events if isinstance(e, LogLine)] == ["registered worker"]
    assert (tmp_path / "agent.log").read_text() == "registered worker\n"
    assert (tmp_path / "agent-output.log").read_text() == "noise\n"


async def test_a_log_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Whoever gave the wrong path sees it."""
    settings = logging_to(tmp_path / "its.log", f"print('hello', flush=True); {SLEEP}", ready_timeout_s=1)

    with pytest.raises(AgentError, match=r"(?s)agent\.log_file = .*its\.log is not there.*hello"):
        await run(settings, tmp_path)


async def test_a_log_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A folder is no log."""
    with pytest.raises(LogFileError, match=r"agent\.log_file: cannot read"):
        await run(logging_to(tmp_path, SLEEP), tmp_path)


async def test_an_agent_without_a_log_gets_ready_all_the_same(tmp_path: Path) -> None:
    """Its output is searched for the line that says so and kept, but none of it is recorded."""
    events = await run(settings_for(READY + SLEEP, log="none"), tmp_path)

    assert [e.step for e in events if isinstance(e, ProcessEvent)] == ["started", "ready", "stopped"]
    assert not [e for e in events if isinstance(e, LogLine)]
    assert (tmp_path / "agent-output.log").read_text() == "registered worker\n"


HOSTILE = (
    r"""import sys; say = sys.stdout.write; say('{"message": "half \\ud83d of it", "level": "INFO"}\n');"""
    r"""say('nul \x00 here\n'); say('{"message": "\\u001b[31mred\\u001b[0m"}\n'); say('x' * 1_000_000 + '\n');"""
    r"""sys.stdout.buffer.write(b'no UTF-8: \xff\n'); say('y\n' * 200_000); sys.stdout.flush();"""
)


async def test_no_line_stops_the_reading_or_blocks_the_agent(tmp_path: Path) -> None:
    """Half an emoji, a NUL, colors and a line of 1 MB are recorded; what comes after them is read too, all of it."""
    with RecordingWriter(tmp_path / "r.jsonl") as writer:
        recorder = Recorder(writer, lambda: 1.0, LogContract())
        settings = settings_for(HOSTILE + READY + SLEEP, ready_pattern="registered worker")
        async with running_agent(
            settings, {}, log=tmp_path / "agent.log", clock=lambda: 1.0, emit=recorder.emit
        ) as agent:
            assert agent.log_lost is None
        recorder.check()
    events = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    said = [event["message"] for event in events if event["kind"] == "log"]
    assert said[:3] == ["half \ufffd of it", "nul \x00 here", "red"]
    assert sum(message.count("x") for message in said) == 1_000_000
    assert said.count("y") == 200_000
    assert said[-1] == "registered worker"


async def test_a_line_that_cannot_be_recorded_ends_the_run_and_not_the_reading(tmp_path: Path) -> None:
    """Whoever waits for the agent's death hears that the log is lost; the agent writes on without being blocked."""

    def emit(event: Event) -> None:
        if isinstance(event, LogLine) and event.message == "poison":
            raise ZeroDivisionError

    begin, done = tmp_path / "begin", tmp_path / "done"
    program = (
        f"import os, time; {READY}\nwhile not os.path.exists({str(begin)!r}): time.sleep(0.02)\n"
        "print('poison', flush=True); print('z' * 5_000_000, flush=True);"
        f"open({str(done)!r}, 'w').close(); {SLEEP}"
    )
    async with running_agent(
        settings_for(program), {}, log=tmp_path / "agent.log", clock=lambda: 1.0, emit=emit
    ) as agent:
        begin.touch()
        assert "could not take a line of the agent's log" in await asyncio.wait_for(agent.died(), 10)
        async with asyncio.timeout(10):
            while not done.exists():
                await asyncio.sleep(0.02)
    assert agent.log_lost is not None


async def test_a_full_disk_under_the_kept_log_ends_the_run(tmp_path: Path) -> None:
    """The message names the file and the reason; a full device stands for the disk."""
    (tmp_path / "agent.log").symlink_to("/dev/full")
    with pytest.raises(DriveError, match=r"agent\.log: No space left on device.*free some space"):
        await run(settings_for(READY + SLEEP), tmp_path)


async def test_a_log_that_cannot_be_kept_at_all_is_an_error(tmp_path: Path) -> None:
    """Before the agent is started."""
    with pytest.raises(DriveError, match=r"Cannot keep the agent's log in .*agent\.log: No such file"):
        await run(settings_for(READY + SLEEP), tmp_path / "gone")


SECRET = "s3cr3t-value"
TELLS = (
    "import os, sys; secret = os.environ['MY_TOKEN']; say = sys.stdout.write;"
    "say('text ' + secret + '\\n'); say('{\"message\": \"json ' + secret + '\"}\\n');"
    "say('half: ' + secret[:4]); sys.stdout.flush(); import time; time.sleep(0.2); say(secret[4:] + '\\n');"
    "say('x' * (1 << 21) + secret + '\\n'); say('the key is ' + os.environ['LIVEKIT_API_SECRET'] + '\\n');"
)


async def test_secrets_that_the_agent_was_given_are_neither_kept_nor_recorded_nor_told(
    tmp_path: Path,
) -> None:
    """Whether it logs text or JSON, in one write or two, in a line that is cut; the server's keys are secrets too."""
    events: list[Event] = []
    settings = settings_for(TELLS + "sys.exit(1)", env={"MY_TOKEN": SECRET})
    with pytest.raises(AgentError, match=r"exit code 1 before it was ready") as told:
        async with running_agent(
            settings,
            {"LIVEKIT_API_SECRET": "hush-hush"},
            log=tmp_path / "agent.log",
            clock=lambda: 1.0,
            emit=events.append,
        ):
            pass
    kept = (tmp_path / "agent.log").read_text()
    said = [event.message for event in events if isinstance(event, LogLine)]
    assert [said[0], said[1], said[2], said[-1]] == ["text ***", "json ***", "half: ***", "the key is ***"]
    assert sum(message.count("x") for message in said[3:]) == 1 << 21
    for text in (kept, "".join(said), str(told.value)):
        assert SECRET not in text
        assert SECRET[4:] not in text
        assert "hush" not in text
    assert kept.endswith("***\nthe key is ***\n")


async def test_a_stream_that_cannot_be_read_loses_the_log() -> None:
    """It does not go unnoticed, whatever the error."""
    stream = asyncio.StreamReader()
    stream.set_exception(ZeroDivisionError("broken"))
    with closing(
        AgentLog(Path("/dev/null"), settings_for(SLEEP), lambda: 1.0, None, asyncio.Event(), Secrets())
    ) as log:
        await read_stream(stream, log)
        assert log.failed.is_set()
        assert "could not read what the agent writes: ZeroDivisionError" in str(log.error)


async def test_a_log_file_that_breaks_its_reader_loses_the_log(tmp_path: Path) -> None:
    """Likewise."""
    path = tmp_path / "its.log"
    path.touch()
    file = LogFile(path)
    with closing(
        AgentLog(tmp_path / "agent.log", settings_for(SLEEP), lambda: 1.0, None, asyncio.Event(), Secrets())
    ) as log:
        async with followed(file, log):
            file.close()  # reading a closed file raises what no disk does
            await asyncio.wait_for(log.failed.wait(), 10)
        assert "could not read" in str(log.error)


async def test_the_last_lines_of_an_agent_are_read_before_it_is_told_of(tmp_path: Path) -> None:
    """Also when they are in a log file, and its output is noise."""
    log = tmp_path / "its.log"
    program = f"open({str(log)!r}, 'a').write('no such model\\n'); raise SystemExit(3)"
    with pytest.raises(AgentError, match=r"(?s)exit code 3 before it was ready.*no such model"):
        await run(logging_to(log, program), tmp_path)
