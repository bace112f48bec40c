"""What a memray capture says: which places of a program held how much memory, and how its heap grew."""

import importlib
import logging
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from voicegate.profiling.allocation_profile import Frame, Place, ProcessResult

if TYPE_CHECKING:
    from memray import AllocationRecord, FileReader
    from memray._memray import TemporalAllocationRecord

_NAME = re.compile(r"(?P<role>[a-z][a-z-]*?)(-(?P<pid>\d+))?\.bin")
_DEPTH = 12
_NAMELESS = "<unknown>"
_SETTLED_S = 1.0
_LONGEST_SILENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class HeapSample:
    """What a process had allocated and not freed at one time."""

    unix_s: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Capture:
    """One process's capture. Places are sorted by their bytes, the largest first.

    `grown` is what is held at the end of a stretch and was not at its beginning; None where that was not asked for, or
    cannot be told. A capture is `whole` when its process ended it in order.
    """

    file: str
    role: str
    pid: int
    whole: bool
    size_bytes: int
    peak_bytes: int
    heap: tuple[HeapSample, ...]
    at_peak: tuple[Place, ...]
    at_end: tuple[Place, ...]
    grown: tuple[Place, ...] | None = None

    @property
    def end_bytes(self) -> int:
        """What was never freed."""
        return round(sum(place.bytes for place in self.at_end))

    def heap_at(self, unix_s: float) -> float | None:
        """Give the settled size of the heap: its median over the second before; None outside the process's life."""
        samples = [one.bytes for one in self.heap if unix_s - _SETTLED_S <= one.unix_s <= unix_s]
        return median(samples) if samples else None


Stretch = tuple[float, float]
"""Begin and end, in seconds of Unix time."""


def read_captures(folder: Path, stretch: Stretch | None = None) -> list[Capture | ProcessResult]:
    """Read every capture of a folder; `stretch` is what growth is looked for in."""
    return [read_capture(path, stretch) for path in sorted(folder.glob("*.bin"))]


def read_capture(path: Path, stretch: Stretch | None = None) -> Capture | ProcessResult:
    """Read a capture named `ROLE-PID.bin` or `ROLE.bin`, as far as it goes; one that this memray cannot read is a problem."""
    memray = importlib.import_module("memray")  # only a profile needs it
    memray.set_log_level(logging.CRITICAL + 1)  # what is torn is said in the report
    name = _NAME.fullmatch(path.name)
    if name is None:
        return ProcessResult(file=path.name, pid=None, problem="its name is not ROLE-PID.bin")
    role, pid = name["role"], int(name["pid"]) if name["pid"] else None
    try:
        with closing(memray.FileReader(path)) as reader:
            tells_time = reader.metadata.file_format == memray.FileFormat.ALL_ALLOCATIONS
            return _read(reader, path, role, stretch if tells_time else None)
    except OSError as error:
        return ProcessResult(file=path.name, pid=pid, problem=str(error))


def _read(reader: "FileReader", path: Path, role: str, stretch: Stretch | None) -> Capture:
    known = reader.metadata
    heap = tuple(HeapSample(one.time / 1000, one.heap) for one in reader.get_memory_snapshots())
    return Capture(
        file=path.name,
        role=role,
        pid=known.pid,
        whole=_ended_in_order(known.end_time, heap),
        size_bytes=path.stat().st_size,
        peak_bytes=known.peak_memory,
        heap=heap,
        at_peak=_places(
            reader.get_high_watermark_allocation_records(merge_threads=True), known.has_native_traces
        ),
        at_end=_places(reader.get_leaked_allocation_records(merge_threads=True), known.has_native_traces),
        grown=_grown(reader, heap, stretch) if stretch else None,
    )


def _ended_in_order(end: datetime, heap: Sequence[HeapSample]) -> bool:
    """See whether the end in the head of the file, which is written last, is where its samples end."""
    return bool(heap) and 0 <= end.timestamp() - heap[-1].unix_s < _LONGEST_SILENCE_S


def _grown(reader: "FileReader", heap: Sequence[HeapSample], stretch: Stretch) -> tuple[Place, ...] | None:
    """Find what is held at the end of a stretch and was not at its beginning; None when the capture is shorter."""
    first, last = (_sample_before(heap, unix_s) for unix_s in stretch)
    if first is None or last is None or first >= last:
        return None
    native = reader.metadata.has_native_traces
    changes = []
    for record in reader.get_temporal_allocation_records(merge_threads=True):
        more_bytes = more = 0
        for one in record.intervals:
            freed = len(heap) if one.deallocated_before_snapshot is None else one.deallocated_before_snapshot
            change = (one.allocated_before_snapshot <= last < freed) - (
                one.allocated_before_snapshot <= first < freed
            )
            more_bytes += change * one.n_bytes
            more += change * one.n_allocations
        if more_bytes:
            changes.append(Place(_stack(record, native), more_bytes, more))
    return tuple(place for place in together(changes) if place.bytes > 0)


def _sample_before(heap: Sequence[HeapSample], unix_s: float) -> int | None:
    """Find the last sample up to a time; None when it lies outside those that there are."""
    if not heap or unix_s < heap[0].unix_s or unix_s > heap[-1].unix_s + _LONGEST_SILENCE_S:
        return None
    return bisect_right(heap, unix_s, key=lambda one: one.unix_s) - 1


def _places(records: Iterable["AllocationRecord"], native: bool) -> tuple[Place, ...]:
    return together(Place(_stack(one, native), one.size, one.n_allocations) for one in records)


def _stack(record: "AllocationRecord | TemporalAllocationRecord", native: bool) -> tuple[Frame, ...]:
    """Take the Python frames, which name lines that somebody wrote; where there are none, native ones that have a name."""
    frames = [Frame(*frame) for frame in record.stack_trace(_DEPTH)]
    if not frames and native:
        frames = [Frame(*frame) for frame in record.native_stack_trace(_DEPTH) if frame[0] != _NAMELESS]
    return tuple(frames)


def together(places: Iterable[Place]) -> tuple[Place, ...]:
    """Put together what has its innermost frame in common; the costliest stack stands for all."""
    found: dict[Frame | None, Place] = {}
    most: dict[Frame | None, float] = {}
    for place in places:
        line = place.stack[0] if place.stack else None
        so_far = found.get(line, Place(place.stack, 0, 0))
        stack = place.stack if place.bytes > most.get(line, 0) else so_far.stack
        most[line] = max(most.get(line, 0), place.bytes)
        found[line] = Place(stack, so_far.bytes + place.bytes, so_far.allocations + place.allocations)
    return tuple(sorted(found.values(), key=lambda place: place.bytes, reverse=True))
