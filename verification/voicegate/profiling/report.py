"""What the report on a profile shows: what each role holds and grows by, and the lines of the agent that do."""

import textwrap
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

from voicegate.profiling.allocation_profile import Frame, Place, ProcessResult, Profile, RoleResult
from voicegate.quantity import format_bytes, format_quantity, if_known, written_time
from voicegate.report.charts import Chart, make_growth_chart
from voicegate.report.contents import Cell, Column, Fact, Note, On, Report, Table
from voicegate.report.timeline import Timeline

_CALLERS = 3
_PATH_PARTS = 3
_LONGEST_NAME = 90
_MOST_PLACES = 5  # in text; the page has all
_ROOTS = ("site-packages", "dist-packages")
NATIVE = "a thread without Python code"
_Process = tuple[str, ProcessResult]
"""A process with its role."""


def profile_report(profile: Profile, timeline: Timeline | None) -> Report:
    """Put together what is shown of a profile; no verdict is."""
    failed = f", of which {profile.failed_calls} failed," if profile.failed_calls else ""
    places = {role.role: list(_places(role)) for role in profile.roles}
    return Report(
        document=profile,
        file="profile.json",
        outcome=None,
        headline=f"PROFILE, no verdict: {headline(profile)}",
        about=f"{profile.calls} calls{failed} in {profile.duration_s:.0f} s, run {profile.outcome}. Started {written_time(profile.started_at)}."
        f" Models: {profile.profile}. Calls run in: {profile.isolation}.\n"
        "No verdict: memray watched every allocation, which slows calls and takes memory itself. Bytes are what was allocated"
        " and not yet freed, not what the machine has to keep (PSS); what a process held before it was recorded, such as"
        " imported code, is not among them.",
        tables=(
            Table("Roles", _ROLES, profile.roles, on=On.TEXT),
            *(
                replace(table, items=table.items[:_MOST_PLACES], on=On.TEXT)
                for tables in places.values()
                for table in tables[:2]
            ),
            Table("Processes", _PROCESSES, _processes(profile), note=_MORE, on=On.PAGE),
        ),
        notes=(Note("Not as it should be", "", "error", profile.problems),) if profile.problems else (),
        facts=tuple(_facts(profile)),
        template="profile.html",
        drawn=lambda: {"timeline": timeline, "growth": _growth, "places": places},
        beside=(profile.recording,),
        footnote=f"The agent's log, and memray's captures in captures/. Agent command: {' '.join(profile.agent_command)}",
    )


_MORE = (
    "More of any capture: python -m memray flamegraph --temporal --leaks captures/FILE,"
    " python -m memray tree captures/FILE."
)


def _processes(profile: Profile) -> list[_Process]:
    recorded = [(role.role, one) for role in profile.roles for one in role.processes]
    return [*recorded, *(("", one) for one in profile.unreadable)]


def _places(role: RoleResult) -> Iterable[Table[Place]]:
    """List the lines of a role that hold memory."""
    each = "" if role.lasting else ", per process"
    for title, whose, found in (
        ("added by each further call of the second half, and held to the last rest", "per call", role.grown),
        (f"held at the peak{each}", "bytes", role.at_peak),
        ("never freed until recording ended", "bytes", role.at_end),
    ):
        size: Column[Place] = Column(whose, lambda one: format_bytes(one.bytes), "number")
        yield Table(f"{role.role}: {title}", (size, *_PLACE), found)


def headline(profile: Profile) -> str:
    """Say the most telling number of each role in one line."""
    said = []
    for role in profile.roles:
        if role.growth is not None:
            said.append(f"{role.role} grows by {format_bytes(role.growth.bytes_per_call)} per call")
        elif not role.lasting:
            said.append(f"a {role.role} process holds {format_bytes(role.peak_bytes)} at its peak")
        else:
            said.append(f"{role.role} holds {format_bytes(role.peak_bytes)} at its peak")
    return ", ".join(said)


def _facts(profile: Profile) -> Iterable[Fact]:
    """Choose the numbers of each role."""
    for role in profile.roles:
        whose = f"{role.role} process" if role.lasting else f"{role.role} process, on average"
        yield Fact(f"{role.role} peak", format_bytes(role.peak_bytes), whose)
        if role.first_call_bytes is not None:
            yield Fact(f"{role.role}, first call", format_bytes(role.first_call_bytes), "adds for good")
        if role.growth is not None:
            yield Fact(f"{role.role} grows", format_bytes(role.growth.bytes_per_call), "per further call")


def place_name(place: Place) -> str:
    """Name the line of a place, as people look for it: `load_asr agent/model_host/host_process.py:66`."""
    return frame_name(place.stack[0]) if place.stack else NATIVE


def callers(place: Place) -> str:
    """Tell the way to a place, from the inside out, as far as it says something."""
    return " ".join(f"← {frame_name(frame)}" for frame in place.stack[1 : 1 + _CALLERS])


def frame_name(frame: Frame) -> str:
    """Name a line with what of its file's path is not the same for all; native code has no lines."""
    if not frame.line:
        return textwrap.shorten(frame.function, _LONGEST_NAME, placeholder="…")
    parts = PurePath(frame.file).parts
    begins = [at + 1 for at, part in enumerate(parts) if part in _ROOTS or part.startswith("python3.")]
    shown = parts[begins[-1] :] if begins else parts[-_PATH_PARTS:]
    return f"{frame.function} {'/'.join(shown)}:{frame.line}"


def _growth(role: RoleResult) -> list[Chart]:
    """Draw the growth of a role whose processes outlive calls."""
    if role.growth is None:
        return []
    title = f"Allocated by {role.role} after each call"
    return [make_growth_chart(title, role.growth.levels, role.growth.bytes_per_call)]


_ROLES: tuple[Column[RoleResult], ...] = (
    Column("role", lambda one: one.role, "name"),
    Column("processes", lambda one: f"{one.counted} of {len(one.processes)}", "number"),
    Column("peak", lambda one: format_bytes(one.peak_bytes), "number"),
    Column("never freed", lambda one: format_bytes(one.end_bytes), "number"),
    Column("first call", lambda one: if_known(format_quantity, one.first_call_bytes, "bytes"), "number"),
    Column(
        "each further call",
        lambda one: format_bytes(one.growth.bytes_per_call) if one.growth else "",
        "number",
    ),
)
_PROCESSES: tuple[Column[_Process], ...] = (
    Column("role", lambda one: one[0]),
    Column("capture", lambda one: one[1].file, "name"),
    Column("calls", lambda one: f"{one[1].calls or ''}", "number"),
    Column("peak", lambda one: if_known(format_quantity, one[1].peak_bytes, "bytes"), "number"),
    Column("never freed", lambda one: if_known(format_quantity, one[1].end_bytes, "bytes"), "number"),
    Column("size of the file", lambda one: if_known(format_quantity, one[1].size_bytes, "bytes"), "number"),
    Column("problem", lambda one: one[1].problem or ""),
)
_PLACE: tuple[Column[Place], ...] = (
    Column(
        "allocations",
        lambda one: f"{one.allocations:,.{0 if one.allocations >= 10 else 1}f}",
        "number",
        On.PAGE,
    ),
    Column(
        "line that allocated, and the costliest way to it",
        lambda one: Cell(place_name(one), small=callers(one)),
        on=On.PAGE,
    ),
    Column("line that allocated", place_name, on=On.TEXT),
)
