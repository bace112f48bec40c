"""The folder of a run: `<UTC time>/` with the recording and the report, and `latest` pointing to it."""

import contextlib
import os
from datetime import datetime
from pathlib import Path

from voicegate.exit_codes import MeasuringError, UsageError
from voicegate.report.contents import Report
from voicegate.report.html import page_of
from voicegate.report.markdown import markdown_of

RECORDING = "recording.jsonl"
JUNIT = "junit.xml"
PAGE = "report.html"
LATEST = "latest"


class ReportError(MeasuringError):
    """The report could not be written; the message names the file and the reason."""


class FolderError(ReportError):
    """There can be no folder for the report."""


def new_folder(parent: Path, now: datetime) -> Path:
    """Make the folder of a run that begins now (UTC); two runs in one second get two folders."""
    name = now.strftime("%Y-%m-%dT%H-%M-%SZ")
    for number in range(1, 1000):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise FolderError(f"{folder}: cannot make the report's folder: {error.strerror}") from error
        return folder
    raise FolderError(f"{parent}: no free name for the report's folder")


def point_latest(folder: Path) -> None:
    """Let `latest` beside the folder point to it, in one step; a file system without links goes without."""
    aside = folder.parent / f".{LATEST}-{os.getpid()}"
    with contextlib.suppress(OSError):
        aside.unlink(missing_ok=True)
        aside.symlink_to(folder.name, target_is_directory=True)
        aside.replace(folder.parent / LATEST)


def write_report(folder: Path, report: Report) -> None:
    """Write the report's data, summary.md and report.html; raises ReportError when one cannot be written."""
    write_text(folder / report.file, report.document.to_json())
    write_text(folder / "summary.md", markdown_of(report))
    try:
        page = page_of(report)
    except (ImportError, OSError, ValueError) as error:  # matplotlib cannot be used here
        raise ReportError(f"{folder / PAGE}: cannot draw the page: {error!r}") from error
    write_text(folder / PAGE, page)


def check_writable(path: Path) -> None:
    """See before a run whether a file can be written afterwards, in a folder that is there or can be made. Raises UsageError."""
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not os.access(there, os.W_OK) or (there != path and not there.is_dir()):
        raise UsageError(f"{path}: cannot be written, because of {there}; name a file in a folder of yours")


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all; raises ReportError."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")  # two runs may write one file
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise ReportError(f"{path}: cannot write the report: {error.strerror}") from error
