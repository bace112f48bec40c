"""`voicegate init`: write a gate file for the agent in a folder."""

import argparse
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from voicegate.exit_codes import ExitCode, UsageError
from voicegate.gate_checks import check_before_run
from voicegate.init.draft import Draft, in_one_line, make_draft
from voicegate.init.found_agent import FoundAgent, look
from voicegate.init.gate_text import gate_text
from voicegate.names import GATE_FILE
from voicegate.quantity import number_of
from voicegate.settings import DEFAULTS, load_settings

_NO_AGENT = """\
no agent found in {folder}: looked through {files} for one that imports livekit and calls cli.run_app, \
or makes an AgentServer or WorkerOptions (environments and hidden folders were left out).
What to do: give the agent's folder, `voicegate init FOLDER`, or the command that starts it, \
`voicegate init --command "python agent.py start"`.
Or write {file} by hand: docs/gate.md explains it, and {defaults} shows every key."""


def run(options: argparse.Namespace) -> ExitCode:
    """Look, ask where there is a terminal, and write. Raises UsageError: no agent, or a file that is there already."""
    folder: Path = options.folder
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    file: Path = options.output or folder / GATE_FILE
    if file.exists() and not options.force:
        raise UsageError(f"{file} is there already: --force overwrites it, --output FILE writes another one")
    found = look(folder, os.environ)
    if not found.entries and options.command_line is None:
        raise UsageError(_no_agent(found, file))
    asks = not options.yes and sys.stdin.isatty() and sys.stdout.isatty()
    draft = make_draft(
        found,
        ask if asks else lambda _, answer: answer,
        options.command_line,
        options.agent_name,
        options.language,
    )
    _write(file, gate_text(draft, file))
    check_before_run(load_settings(file, {}))
    print("\n".join(_said(draft, found, file)))
    return ExitCode.PASS


def ask(question: str, found: str) -> str:
    """Ask on the terminal; an empty answer takes what was found."""
    try:
        return input(f"{question} [{found}]: ").strip() or found
    except EOFError:
        return found


def _no_agent(found: FoundAgent, file: Path) -> str:
    number = len(found.others)
    files = number_of(number, "Python file")
    return _NO_AGENT.format(folder=found.folder, files=files, file=file, defaults=DEFAULTS)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot write the gate file: {error.strerror}") from error


def _said(draft: Draft, found: FoundAgent, file: Path) -> Iterator[str]:
    yield f"command       {in_one_line(draft.command)}"
    if draft.command[: len(found.interpreter.words)] == found.interpreter.words:
        yield f"interpreter   {found.interpreter.found}"
    others = [entry.path.as_posix() for entry in found.entries if entry.path.as_posix() not in draft.command]
    if others:
        yield f"other agents  {', '.join(others)}: name another one with --command"
    if draft.overrides_environment:
        yield "environment   load_dotenv(override=True) hides the gate's LIVEKIT_URL: see the file"
    yield f"agent_name    {draft.agent_name or _no_name(draft)}"
    yield f"language      {draft.language or 'not found: English'}{'' if draft.speaks_english else _OTHER_LANGUAGE}"
    yield f"models        {_models(draft)}"
    yield f"log           {_log(draft)}"
    where = "" if file == GATE_FILE else f" --gate {shlex.quote(str(file))}"
    yield f"\nWrote {file}. Read it, then:"
    yield f"  voicegate doctor{where}"
    yield f"  voicegate verify{where} --scenario short"


_NO_SIZE = "their size is not known: give weights_bytes, without it C4 cannot be measured"
_OTHER_LANGUAGE = ": see the end of the file, the gate's own callers speak English"


def _no_name(draft: Draft) -> str:
    return (
        "not spelled out in the source: give it in the file"
        if draft.name_is_computed
        else "none: takes every room"
    )


def _models(draft: Draft) -> str:
    if draft.lacks_models:
        return "none is loaded in the source: C4 is off"
    names = [name for _, names in draft.shared for name in names]
    shared = f"shared as {', '.join(names)}" if names else "none shared by a global name"
    size = f"{draft.weights_bytes / 1e6:.1f} MB of weights" if draft.weights_bytes else _NO_SIZE
    return f"{shared}; {size}"


def _log(draft: Draft) -> str:
    missing = [
        *([] if draft.tells_models else ["loading of models (C1 to C3 are not run)"]),
        *([] if draft.tells_memory else ["memory (C8 and G6 are not run)"]),
    ]
    return f"nothing about {' or '.join(missing)}" if missing else "tells of models and memory"
