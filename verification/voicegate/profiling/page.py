"""The profile as one self-contained page, and as Markdown for a CI job's summary."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from voicegate.profiling.allocation_profile import FrameResult, PlaceResult, Profile
from voicegate.quantity import format_bytes
from voicegate.report.charts import Chart, make_growth_chart
from voicegate.report.templating import templates
from voicegate.report.timeline import Timeline

_CALLERS = 3
_PATH_PARTS = 3
_LONGEST_NAME = 90
_ROOTS = ("site-packages", "dist-packages")
NATIVE = "a thread without Python code"


@dataclass(frozen=True, slots=True)
class Fact:
    """A number worth showing large, with a note in small print."""

    name: str
    value: str
    note: str


def render_page(profile: Profile, timeline: Timeline | None) -> str:
    """Write the page: HTML without scripts, with links to the flame graphs beside it, which need some."""
    return _render(
        "profile.html",
        profile,
        autoescape=True,
        timeline=timeline,
        facts=facts(profile),
        charts=charts(profile),
    )


def render_summary(profile: Profile) -> str:
    """Write the summary: what each role holds and grows by, in Markdown."""
    return _render("profile.md", profile, autoescape=False)


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


def facts(profile: Profile) -> Sequence[Fact]:
    """Choose the numbers of each role."""
    found = []
    for role in profile.roles:
        whose = f"{role.role} process" if role.lasting else f"{role.role} process, on average"
        found.append(Fact(f"{role.role} peak", format_bytes(role.peak_bytes), whose))
        if role.first_call_bytes is not None:
            found.append(
                Fact(f"{role.role}, first call", format_bytes(role.first_call_bytes), "adds for good")
            )
        if role.growth is not None:
            found.append(
                Fact(f"{role.role} grows", format_bytes(role.growth.bytes_per_call), "per further call")
            )
    return found


def place_name(place: PlaceResult) -> str:
    """Name the line of a place, as people look for it: `load_asr agent/model_host/host_process.py:66`."""
    return frame_name(place.stack[0]) if place.stack else NATIVE


def callers(place: PlaceResult) -> str:
    """Tell the way to a place, from the inside out, as far as it says something."""
    return " ← ".join(frame_name(frame) for frame in place.stack[1 : 1 + _CALLERS])


def frame_name(frame: FrameResult) -> str:
    """Name a line with what of its file's path is not the same for all; native code has no lines."""
    if not frame.line:
        return textwrap.shorten(frame.function, _LONGEST_NAME, placeholder="…")
    parts = PurePath(frame.file).parts
    begins = [at + 1 for at, part in enumerate(parts) if part in _ROOTS or part.startswith("python3.")]
    shown = parts[begins[-1] :] if begins else parts[-_PATH_PARTS:]
    return f"{frame.function} {'/'.join(shown)}:{frame.line}"


def charts(profile: Profile) -> Mapping[str, Chart]:
    """Draw the growth of each role whose processes outlive calls."""
    return {
        role.role: make_growth_chart(
            f"Allocated by {role.role} after each call", role.growth.levels, role.growth.bytes_per_call
        )
        for role in profile.roles
        if role.growth is not None
    }


def _render(template: str, profile: Profile, *, autoescape: bool, **more: object) -> str:
    filters: dict[str, Callable[..., str]] = {"place": place_name, "callers": callers, "bytes": format_bytes}
    environment = templates(autoescape=autoescape, filters=filters)
    return environment.get_template(template).render(profile=profile, headline=headline(profile), **more)
