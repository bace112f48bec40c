"""A recording on disk: JSON lines, one event each, written as they happen and read back as one value."""

import gzip
import itertools
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from pydantic import TypeAdapter, ValidationError

from voicegate.exit_codes import MeasuringError
from voicegate.record.events import (
    READABLE_VERSIONS,
    SCHEMA,
    AgentVariant,
    CallerProcessSample,
    CallEvent,
    CallSound,
    CallStep,
    CpuSample,
    Disk,
    End,
    Event,
    Header,
    LogLine,
    MemorySample,
    Page,
    PageCall,
    Phase,
    ProcessEvent,
    Recording,
    Rooms,
    Source,
    Turn,
)
from voicegate.record.old_versions import upgraded
from voicegate.redaction import Secrets

_EVENT: TypeAdapter[Event] = TypeAdapter(cast("Any", Event))  # a union is no type[] for the type checker

Clock = Callable[[], float]
"""Seconds since the recording began."""


class RecordingError(MeasuringError):
    """A recording that cannot be written or read. The message names the file, the line and what to do."""


def start_clock(monotonic: Callable[[], float] = time.monotonic) -> Clock:
    """Begin a clock: it stands at 0 now."""
    began = monotonic()
    return lambda: monotonic() - began


class RecordingWriter:
    """Appends events to a new recording; every line is on its way to the disk when `write` returns.

    Threads may share a writer. Events after `close` are refused. A disk that fills up raises RecordingError, and so
    does whatever else keeps an event from being written; the lines written until then stay readable. None of the `secrets` is
    written; more may be added to them.
    """

    def __init__(self, path: Path, secrets: Secrets | None = None) -> None:
        self.path = path
        self.secrets = secrets or Secrets()
        self._lock = threading.Lock()
        try:
            self._file = path.open("xb", buffering=0)
        except OSError as error:
            raise RecordingError(f"{path}: cannot begin a recording: {error.strerror}") from error

    def write(self, event: Event) -> None:
        """Append one event."""
        try:
            line = as_line(event, self.secrets)
        except Exception as error:
            raise RecordingError(f"{self.path}: cannot write a {type(event).__name__}: {error}") from error
        with self._lock:
            try:
                written = self._file.write(line)
            except ValueError as error:
                raise RecordingError(f"{self.path}: the recording is closed") from error
            except OSError as error:
                raise self._refused(error.strerror) from error
            if written != len(line):
                raise self._refused("No space left on device")

    def _refused(self, reason: str | None) -> RecordingError:
        return RecordingError(
            f"{self.path}: cannot write: {reason}. What was recorded until now is kept; free some space and run again."
        )

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def as_line(event: Event, secrets: Secrets | None = None) -> bytes:
    """Write an event as a line of JSON, without secrets; text that UTF-8 cannot say, such as half an emoji, is replaced."""
    try:
        line = _EVENT.dump_json(event, by_alias=True)
        if secrets is None or secrets.hide_in_bytes(line) == line:
            return line + b"\n"
    except ValueError:  # pydantic's PydanticSerializationError is one
        pass
    value = _sayable(_EVENT.dump_python(event, by_alias=True))
    return json.dumps(value if secrets is None else secrets.hide_in_value(value)).encode() + b"\n"


def event_of(line: bytes) -> Event:
    """Read an event from its line. Raises ValueError."""
    return _EVENT.validate_json(line)


def _sayable(value: object) -> object:
    """Replace halves of surrogate pairs in every text within a value; whole pairs become their character."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_sayable(name): _sayable(one) for name, one in value.items()}
    return [_sayable(one) for one in value] if isinstance(value, list | tuple) else value


def read_recording(path: Path) -> Recording:
    """Read and check a whole recording; one whose name ends in .gz is unpacked.

    A last line that was cut off in the middle is left out, as a killed run leaves one. Raises RecordingError
    for anything else that is not this version's schema.
    """
    lines = _content(path).split(b"\n")
    complete, torn = lines[:-1], lines[-1]
    version = _version(path, complete)
    events = [_parse(path, number, line) for number, line in enumerate(complete, start=1)]
    if torn:
        events.extend(_parse_if_whole(torn))
    return assemble(path, (upgraded(event, version) for event in events))


def read_header(path: Path) -> Header:
    """Read the first line of a recording alone. Raises RecordingError as `read_recording` does."""
    complete = _content(path).split(b"\n", 1)[:-1]
    _version(path, complete)
    header = _parse(path, 1, complete[0])
    if not isinstance(header, Header):
        raise RecordingError(f"{path}:1: not a header")
    return header


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RecordingError(f"{path}: cannot unpack the recording: {error}") from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot read the recording: {error.strerror}") from error


def _version(path: Path, lines: Sequence[bytes]) -> int:
    """Return the schema version of the header; raises RecordingError for what this voicegate does not read."""
    if not lines:
        raise RecordingError(f"{path}: no complete line in it: this is no recording, or one cut off at once")
    try:
        head = json.loads(lines[0])
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("schema") != SCHEMA:
        raise RecordingError(
            f'{path}:1: not a recording: the first line must be a header with "schema": "{SCHEMA}"'
        )
    if head.get("version") not in READABLE_VERSIONS:
        raise RecordingError(
            f"{path}:1: schema version {head.get('version')}; this voicegate reads version"
            f" {', '.join(map(str, READABLE_VERSIONS[:-1]))} and {READABLE_VERSIONS[-1]}. "
            "Judge it with the voicegate that recorded it, or record again."
        )
    return int(head["version"])


def _parse(path: Path, number: int, line: bytes) -> Event:
    try:
        return _EVENT.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordingError(f"{path}:{number}: {place + ': ' if place else ''}{first['msg']}") from error


def event_from(fields: Mapping[str, Any], by_s: float = 0.0) -> Event:
    """Make an event of its fields as JSON has them, its times moved by so many seconds. Raises ValueError."""
    moved = {
        name: value + by_s if value is not None and (name == "t" or name.endswith("_t")) else value
        for name, value in fields.items()
    }
    return _EVENT.validate_json(json.dumps(moved))


def _parse_if_whole(line: bytes) -> Iterable[Event]:
    try:
        yield _EVENT.validate_json(line)
    except ValidationError:
        return


def assemble(path: Path, events: Iterable[Event]) -> Recording:
    """Sort events by kind and variant into a Recording; `path` is for messages. There must be exactly one header."""
    events = list(events)
    headers = [event for event in events if isinstance(event, Header)]
    if len(headers) != 1:
        raise RecordingError(f"{path}: {len(headers)} headers; a recording has one, in its first line")
    variants = sorted(
        (event for event in events if isinstance(event, AgentVariant)), key=lambda variant: variant.t
    )
    first_t = variants[0].t if variants else float("inf")
    others = {
        variant.name: _part(
            headers[0], events, variant.t, following.t if following else float("inf"), variant
        )
        for variant, following in itertools.zip_longest(variants, variants[1:])
    }
    return replace(_part(headers[0], events, 0.0, first_t), variants=others)


def _part(
    header: Header, events: Iterable[Event], begin_t: float, end_t: float, variant: AgentVariant | None = None
) -> Recording:
    """Put together what happened from `begin_t` until before `end_t`; a part that another follows ran to its end."""
    by_kind: dict[type[Any], list[Any]] = {}
    for event in events:
        if begin_t <= event.t < end_t:
            by_kind.setdefault(type(event), []).append(event)
    ends = by_kind.get(End, [])
    followed = end_t < float("inf")
    turns = _in_time(_last_of_each_turn(by_kind.get(Turn, [])))
    return Recording(
        header=header,
        phases=_in_time(by_kind.get(Phase, [])),
        memory=_in_time(by_kind.get(MemorySample, [])),
        log=_in_time(by_kind.get(LogLine, [])),
        calls=_in_time(by_kind.get(CallEvent, [])),
        callers=_in_time(by_kind.get(CallerProcessSample, [])),
        processors=_in_time(by_kind.get(CpuSample, [])),
        turns=tuple(turn for turn in turns if not turn.scripted),
        steps=_in_time(by_kind.get(CallStep, [])),
        sounds=_in_time(by_kind.get(CallSound, [])),
        scripted=tuple(turn for turn in turns if turn.scripted),
        processes=_in_time(by_kind.get(ProcessEvent, [])),
        rooms=_in_time(by_kind.get(Rooms, [])),
        disks=_in_time(by_kind.get(Disk, [])),
        sources=_in_time(by_kind.get(Source, [])),
        pages=_in_time(by_kind.get(Page, [])),
        page_calls=_in_time(_last_of_each_page_call(by_kind.get(PageCall, []))),
        end=End(end_t, "complete") if followed else ends[-1] if ends else None,
        variant=variant,
    )


def _last_of_each_turn(turns: Iterable[Turn]) -> list[Turn]:
    return list({(turn.call, turn.index): turn for turn in turns}.values())


def _last_of_each_page_call(calls: Iterable[PageCall]) -> list[PageCall]:
    return list({(call.test, call.tab): call for call in calls}.values())


def _in_time(events: list[Any]) -> tuple[Any, ...]:
    return tuple(sorted(events, key=lambda event: event.t))
