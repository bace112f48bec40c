"""Writing a recording and reading it back."""

import gzip
import json
import resource
from dataclasses import replace
from pathlib import Path

import pytest
from voicegate.expected_reply import ExpectedReply, ReplyPattern, ReplyWords
from voicegate.record.events import (
    SCHEMA_VERSION,
    AgentVariant,
    Assignment,
    AudioGap,
    CallerProcessSample,
    CallEvent,
    CpuSample,
    Disk,
    End,
    Event,
    Header,
    LogLine,
    Loudness,
    MemorySample,
    Phase,
    ProcessEvent,
    ProcessMemory,
    Rooms,
    Source,
    Turn,
)
from voicegate.record.recording import (
    RecordingError,
    RecordingWriter,
    read_header,
    read_recording,
    start_clock,
)
from voicegate.redaction import Secrets

HEADER = Header(
    started_at="2026-01-02T03:04:05+00:00",
    profile="micro",
    isolation="process",
    agent_command=("python", "-m", "voicegate_agent"),
    weights_bytes=3_500_000,
    environment={"cpu_count": 2, "packages": {"livekit": "1.1.21"}},
)


def a_turn(*, call: str = "call-01", index: int = 0, t: float = 3.0, heard_text: str | None = None) -> Turn:
    """Make a turn with everything but what was heard."""
    return Turn(
        t=t,
        call=call,
        index=index,
        clip="code-4719",
        said_text="my code is four seven one nine",
        said_code="4719",
        expected_reply="Your code is four seven one nine.",
        speech_start_t=1.0,
        speech_end_t=2.0,
        reply_start_t=2.4,
        reply_end_t=3.0,
        latency_s=0.4,
        transcript="my code is four seven one nine",
        reply_text=None,
        heard_text=heard_text,
        reply_audio_s=0.6,
        gaps=(AudioGap(start_s=0.1, duration_s=0.25),),
        said_loudness=Loudness(0.25, '0//0"\\}'),
        heard_loudness=Loudness(0.0, ""),
    )


def write(path: Path, *events: Event) -> Path:
    """Write a recording of these events."""
    with RecordingWriter(path) as writer:
        for event in events:
            writer.write(event)
    return path


def test_every_kind_of_event_comes_back_equal(tmp_path: Path) -> None:
    """What was written is what is read, nested values and text outside ASCII included."""
    process = ProcessMemory(
        pid=7,
        ppid=1,
        role="main",
        name="python",
        pss_bytes=10,
        uss_bytes=9,
        rss_bytes=12,
        threads=2,
        descriptors=5,
        sockets=2,
        cpu_s=1.25,
    )
    phase = Phase(t=0.1, name="baseline", edge="begin", concurrent_calls=0)
    memory = MemorySample(t=0.2, duration_s=0.01, processes=(process,))
    log = LogLine(t=0.3, message="♻️  Reusing existing shared ASR model (ID: 1)", level="INFO", pid=7)
    call = CallEvent(
        t=0.4, call="call-01", step="failed", room="r", phase="baseline", detail="no agent", fault="agent"
    )
    started = ProcessEvent(t=0.5, what="agent", step="died", pid=7, exit_code=-9)
    callers = CallerProcessSample(t=0.5, process="callers-9", calls=3, cores=0.4, lag_s=0.02)
    processors = CpuSample(t=0.5, cores=2.0, busy_s=99.5, used_s={"livekit-server": 3.5})
    rooms = Rooms(t=0.6, names=("room-1",))
    disk = Disk(t=0.0, purpose="report", path="reports/out", free_bytes=5, total_bytes=10)
    found = Assignment(name="_SHARED", line=3, function="reset", sets_none=True, locks=("_LOCK",))
    source = Source(t=0.0, path="shared.py", names=("_SHARED",), assignments=(found,))
    end = End(t=9.0, outcome="complete")

    recording = read_recording(
        write(
            tmp_path / "recording.jsonl",
            *(HEADER, phase, memory, log, call, callers, processors, a_turn()),
            *(started, rooms, disk, source, end),
        )
    )

    assert recording.header == HEADER
    assert recording.phases == (phase,)
    assert recording.memory == (memory,)
    assert recording.log == (log,)
    assert recording.calls == (call,)
    assert recording.callers == (callers,)
    assert recording.processors == (processors,)
    assert recording.turns == (a_turn(),)
    assert recording.processes == (started,)
    assert recording.rooms == (rooms,)
    assert recording.disks == (disk,)
    assert recording.sources == (source,)
    assert recording.end == end


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("Thank you.", "Thank you."),
        (ReplyPattern("code {2}"), {"pattern": "code {2}"}),
        (ReplyWords(("4719", "b")), {"words": ["4719", "b"]}),
    ],
)
def test_an_expected_reply_comes_back_in_its_form(
    tmp_path: Path, expected: ExpectedReply, written: object
) -> None:
    """A text is a text, as in every version before."""
    turn = replace(a_turn(), expected_reply=expected)
    path = write(tmp_path / "recording.jsonl", HEADER, turn)
    assert json.loads(path.read_text().splitlines()[1])["expected_reply"] == written
    assert read_recording(path).turns == (turn,)


def test_a_header_is_read_without_the_rest(tmp_path: Path) -> None:
    """Whatever follows it; without a header there is nothing to read."""
    path = write(tmp_path / "r.jsonl", HEADER)
    path.write_text(path.read_text() + "something else\n")
    assert read_header(path) == HEADER
    with pytest.raises(RecordingError, match="not a recording"):
        read_header(write(tmp_path / "other.jsonl", LogLine(t=1.0, message="a")))


def test_a_variant_is_a_recording_of_its_own(tmp_path: Path) -> None:
    """What happened from a variant on belongs to it, also when it was written later; the main run was complete then."""
    variant = AgentVariant(t=5.0, name="unshared", agent_command=("agent",), env={"SHARE": "false"})
    before, within = Phase(1.0, "baseline", "begin", 0), Phase(6.0, "baseline", "begin", 0)
    turns = (a_turn(t=3.0), a_turn(call="call-02", t=7.0), a_turn(t=3.0, heard_text="four"))
    end = End(t=9.0, outcome="failed", detail="the agent died")

    recording = read_recording(write(tmp_path / "r.jsonl", HEADER, before, variant, within, *turns, end))

    assert recording.phases == (before,)
    assert [turn.heard_text for turn in recording.turns] == ["four"]
    assert recording.end == End(5.0, "complete")
    unshared = recording.variants["unshared"]
    assert (unshared.variant, unshared.phases, unshared.end) == (variant, (within,), end)
    assert [turn.call for turn in unshared.turns] == ["call-02"]


def test_the_first_version_is_still_read(tmp_path: Path) -> None:
    """A recording of the first release has no variants, and its processes no sockets."""
    path = write(tmp_path / "r.jsonl", HEADER, LogLine(t=1.0, message="a"))
    path.write_text(path.read_text().replace(f'"version":{SCHEMA_VERSION}', '"version":1'))

    recording = read_recording(path)

    assert recording.variants == {}
    assert [line.message for line in recording.log] == ["a"]


@pytest.mark.parametrize(
    ("detail", "fault"),
    [
        ("the run was broken off during the call", "run"),
        ("the process that its caller lived in is gone", "caller-process"),
        ("the caller's own side: the microphone stopped before code-1 was said", "caller"),
        ("could not join the room within 20 s", "server"),
        ("no agent joined within 20 s", "agent"),
    ],
)
def test_whose_fault_a_call_was_is_read_from_the_sentences_of_old_versions(
    tmp_path: Path, detail: str, fault: str
) -> None:
    """Until version 3 it stood nowhere else; from version 4 on the sentence means nothing."""
    calls = [CallEvent(float(t), "c", step, "r", "p", detail) for t, step in ((1, "dialed"), (2, "failed"))]  # type: ignore[arg-type]
    path = write(tmp_path / "r.jsonl", HEADER, *calls)
    today = read_recording(path)
    path.write_text(path.read_text().replace(f'"version":{SCHEMA_VERSION}', '"version":3'))

    assert [event.fault for event in read_recording(path).calls] == [None, fault]
    assert [event.fault for event in today.calls] == [None, None]


def test_the_last_version_of_a_turn_counts(tmp_path: Path) -> None:
    """A turn written again, now with what was heard, replaces the first; another call's turn stays."""
    path = write(
        tmp_path / "recording.jsonl",
        HEADER,
        a_turn(),
        a_turn(call="call-02", t=4.0),
        a_turn(heard_text="four"),
    )

    turns = read_recording(path).turns

    assert [(turn.call, turn.heard_text) for turn in turns] == [("call-01", "four"), ("call-02", None)]


def test_events_are_ordered_by_time(tmp_path: Path) -> None:
    """Log lines that reached the writer out of order are read in the order they happened."""
    path = write(tmp_path / "r.jsonl", HEADER, LogLine(t=2.0, message="b"), LogLine(t=1.0, message="a"))

    assert [line.message for line in read_recording(path).log] == ["a", "b"]


def test_text_that_utf_8_cannot_say_is_replaced(tmp_path: Path) -> None:
    """Half an emoji, anywhere in an event; a whole one that came in halves, and all other text, are kept."""
    line = LogLine(1.0, "half \ud83d, whole \ud83d\ude00, ♻️, nul \x00", level="\udfff")
    path = write(tmp_path / "r.jsonl", replace(HEADER, environment={"a\ud800": ["\udc00"]}), line)

    recording = read_recording(path)
    assert recording.log == (replace(line, message="half \ufffd, whole 😀, ♻️, nul \x00", level="\ufffd"),)
    assert recording.header.environment == {"a\ufffd": ["\ufffd"]}


def test_whatever_cannot_be_written_is_a_recording_error(tmp_path: Path) -> None:
    """Nobody who emits an event has to know what the writer is made of; what was written before stays readable."""
    path = tmp_path / "r.jsonl"
    with RecordingWriter(path) as writer:
        writer.write(HEADER)
        with pytest.raises(RecordingError, match="cannot write a Header"):
            writer.write(replace(HEADER, environment={"not": object()}))
    assert read_recording(path).header == HEADER


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    """A run that was killed while writing leaves a recording that can be judged."""
    path = write(tmp_path / "r.jsonl", HEADER, LogLine(t=1.0, message="whole"))
    with path.open("ab") as file:
        file.write(b'{"kind":"log","t":2.0,"mess')

    recording = read_recording(path)

    assert [line.message for line in recording.log] == ["whole"]
    assert recording.end is None


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    """Damage anywhere but at the end is an error with the line's number."""
    path = write(tmp_path / "r.jsonl", HEADER)
    with path.open("ab") as file:
        file.write(b'{"kind":"log","t":"soon","message":"x"}\n{"kind":"end","t":1,"outcome":"complete"}\n')

    with pytest.raises(RecordingError, match=r"r\.jsonl:2: log\.t: .*number"):
        read_recording(path)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """An event of a kind this version does not know is an error, not a silent loss."""
    path = write(tmp_path / "r.jsonl", HEADER)
    with path.open("ab") as file:
        file.write(b'{"kind":"video","t":1.0}\n')

    with pytest.raises(RecordingError, match=r"r\.jsonl:2: .*video"):
        read_recording(path)


def test_another_schema_version_is_refused(tmp_path: Path) -> None:
    """The message says which version the file has and which one is read."""
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps({"kind": "header", "schema": "voicegate.recording", "version": 99}) + "\n")

    with pytest.raises(RecordingError, match=r"version 99.*reads version 1, 2, 3, 4, 5, 6, 7, 8 and 9"):
        read_recording(path)


@pytest.mark.parametrize("content", ["", "hello\n", "[]\n", '{"kind":"end","t":1,"outcome":"complete"}\n'])
def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    """Empty files, plain text and a missing header are refused."""
    path = tmp_path / "r.jsonl"
    path.write_text(content)

    with pytest.raises(RecordingError, match="recording"):
        read_recording(path)


def test_a_packed_recording_reads_as_the_plain_one(tmp_path: Path) -> None:
    """A recording that was packed with gzip is the same recording."""
    plain = write(tmp_path / "r.jsonl", HEADER, a_turn())
    packed = tmp_path / "r.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read_recording(packed) == read_recording(plain)


@pytest.mark.parametrize(
    "keep", [slice(0, -12), slice(0, 0), slice(3, None)], ids=["cut off", "empty", "no gzip"]
)
def test_a_packed_recording_that_is_broken_is_a_recording_error(tmp_path: Path, keep: slice) -> None:
    """What cannot be unpacked is named."""
    plain = write(tmp_path / "r.jsonl", HEADER, a_turn())
    packed = tmp_path / "r.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes())[keep])

    with pytest.raises(RecordingError, match=r"r\.jsonl\.gz"):
        read_recording(packed)


def test_a_second_header_is_refused(tmp_path: Path) -> None:
    """Two recordings in one file are not one recording."""
    path = write(tmp_path / "r.jsonl", HEADER, HEADER)

    with pytest.raises(RecordingError, match="2 headers"):
        read_recording(path)


def test_a_missing_file_is_a_recording_error(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(RecordingError, match="absent"):
        read_recording(tmp_path / "absent.jsonl")


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    """A second writer on the same path is refused."""
    path = write(tmp_path / "r.jsonl", HEADER)

    with pytest.raises(RecordingError, match="File exists"):
        RecordingWriter(path)


def test_writing_after_close_is_refused(tmp_path: Path) -> None:
    """A late event is an error, not a lost line."""
    writer = RecordingWriter(tmp_path / "r.jsonl")
    writer.close()

    with pytest.raises(RecordingError, match="closed"):
        writer.write(HEADER)


def test_a_disk_that_fills_up_keeps_what_was_written(tmp_path: Path) -> None:
    """A write that does not fit is an error that says what to do, and the recording up to it can be read."""
    path = tmp_path / "r.jsonl"
    with RecordingWriter(path) as writer:
        writer.write(HEADER)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, limits[1]))
        try:
            with pytest.raises(RecordingError, match="free some space"):
                writer.write(LogLine(t=1.0, message="x" * 100))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert read_recording(path).header == HEADER


def test_the_clock_begins_at_zero() -> None:
    """Time is counted from the clock's start."""
    times = iter([100.0, 100.0, 102.5])
    now = start_clock(lambda: next(times))

    assert (now(), now()) == (0.0, 2.5)


def test_no_secret_is_written(tmp_path: Path) -> None:
    """Wherever in an event it stands; one that becomes known later is hidden from then on."""
    path = tmp_path / "r.jsonl"
    url = {"livekit_server": "ws://user:pass@host:7880"}
    with RecordingWriter(path, Secrets(["s3cr3t-value"])) as writer:
        writer.write(replace(HEADER, agent_command=("agent", "--token", "s3cr3t-value"), environment=url))
        writer.write(LogLine(1.0, 'it is "s3cr3t-value" \ud83d', room="later-known"))
        writer.secrets.add("later-known")
        writer.write(LogLine(2.0, "s3cr3t-value", room="later-known"))

    recording = read_recording(path)
    assert recording.header.agent_command == ("agent", "--token", "***")
    assert recording.header.environment == {"livekit_server": "ws://***@host:7880"}
    assert [(line.message, line.room) for line in recording.log] == [
        ('it is "***" \ufffd', "later-known"),
        ("***", "***"),
    ]
