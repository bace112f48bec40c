"""The profile on the terminal: one table of roles, the costliest places, and what is wrong with captures."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicegate.profiling.allocation_profile import PlaceResult, Profile, RoleResult
from voicegate.profiling.page import headline, place_name
from voicegate.quantity import format_bytes

_PLACES = 3


def show(console: Console, profile: Profile) -> None:
    """Write the table, the costliest places of each role, problems, and the headline last."""
    console.print(_table(profile))
    for role in profile.roles:
        for title, found in (("each further call adds", role.grown), ("at the peak", role.at_peak)):
            _show_places(console, f"{role.role}, {title}:", found)
    for problem in profile.problems:
        console.print(Text(problem, style="yellow"), soft_wrap=True)
    console.print(Text(f"PROFILE, no verdict: {headline(profile)}", style="bold"), soft_wrap=True)


def _table(profile: Profile) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("role", no_wrap=True)
    for name in ("processes", "peak", "never freed", "first call", "each further call"):
        table.add_column(name, justify="right", no_wrap=True)
    for role in profile.roles:
        table.add_row(role.role, *_cells(role))
    return table


def _cells(role: RoleResult) -> tuple[str, ...]:
    first, growth = role.first_call_bytes, role.growth
    return (
        f"{role.counted} of {len(role.processes)}",
        format_bytes(role.peak_bytes),
        format_bytes(role.end_bytes),
        "" if first is None else format_bytes(first),
        "" if growth is None else format_bytes(growth.bytes_per_call),
    )


def _show_places(console: Console, title: str, places: tuple[PlaceResult, ...]) -> None:
    if not places:
        return
    console.print(Text(f"\n{title}", style="bold"), soft_wrap=True)
    for one in places[:_PLACES]:
        console.print(Text(f"  {format_bytes(one.bytes):>9}  {place_name(one)}"), soft_wrap=True)
