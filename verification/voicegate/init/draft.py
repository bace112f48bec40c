"""What a first gate file is to say: what was found in the folder, with what options or answers say in its place."""

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voicegate.exit_codes import UsageError
from voicegate.init.found_agent import FoundAgent, SourceFile, find_weights

Ask = Callable[[str, str], str]
"""Puts a question and gives the answer; the second text is what was found, and the answer where nobody is asked."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The agent as the gate file describes it; paths are relative to `folder`, an unknown language is empty.

    `name_is_computed` says that the agent has a name which its source does not spell out.
    """

    folder: Path
    command: tuple[str, ...]
    agent_name: str
    name_is_computed: bool
    language: str
    in_threads: bool
    runs_models: bool
    overrides_environment: bool
    shared: tuple[tuple[Path, tuple[str, ...]], ...]
    weights: tuple[Path, ...]
    weights_bytes: int
    tells_models: bool
    tells_memory: bool

    @property
    def lacks_models(self) -> bool:
        """Whether nothing in the source shows that the agent loads models itself."""
        return not (self.runs_models or self.weights or self.shared)

    @property
    def speaks_english(self) -> bool:
        """Whether the gate's own clips and recognizer fit."""
        return not self.language or self.language.lower().startswith(("en", "multi"))


def make_draft(
    found: FoundAgent,
    ask: Ask,
    command_line: str | None = None,
    agent_name: str | None = None,
    language: str | None = None,
) -> Draft:
    """Decide on everything the file says; needs an entry file or a command. Raises UsageError.

    What is given is neither looked for nor asked.
    """
    entry, command = _start(found, command_line, ask)
    sources = found.sources(entry)
    literal, computed = _name(sources)
    weights = find_weights(found.folder, sources)
    if not agent_name:
        answer = ask("agent_name that calls are dispatched by (- for none)", literal)
        agent_name = "" if answer == "-" else answer
    return Draft(
        folder=found.folder,
        command=command,
        agent_name=agent_name,
        name_is_computed=computed,
        language=language or ask("Language of its callers", _language(sources)),
        in_threads=any(file.facts.in_threads for file in sources),
        runs_models=any(file.facts.runs_models for file in sources),
        overrides_environment=any(file.facts.overrides_environment for file in sources),
        shared=tuple((file.path, file.facts.shared_names) for file in sources if file.facts.shared_names),
        weights=weights,
        weights_bytes=sum((found.folder / path).stat().st_size for path in weights),
        tells_models=any(file.facts.tells_models for file in sources),
        tells_memory=any(file.facts.tells_memory for file in sources),
    )


def in_one_line(words: Iterable[str]) -> str:
    """Join the words of a command as people write it, so that it can be split again."""
    return " ".join(
        shlex.quote(word) if re.search(r"[\s'\"\\\\]", word) or not word else word for word in words
    )


def _start(
    found: FoundAgent, command_line: str | None, ask: Ask
) -> tuple[SourceFile | None, tuple[str, ...]]:
    """Choose the entry file and the command; where a command is given, the entry is the file that it names, if any."""
    if command_line is not None:
        command = _words(command_line)
        return next((entry for entry in found.entries if entry.path.as_posix() in command), None), command
    entry = _chosen(found.entries, ask)
    return entry, _words(ask("Command that starts it", in_one_line(found.command(entry))))


def _chosen(entries: Sequence[SourceFile], ask: Ask) -> SourceFile:
    if len(entries) == 1:
        return entries[0]
    by_path = {entry.path.as_posix(): entry for entry in entries}
    answer = ask(f"Which file is the agent ({', '.join(by_path)})", next(iter(by_path)))
    if answer not in by_path:
        raise UsageError(f"{answer}: expected one of {', '.join(by_path)}, or give --command")
    return by_path[answer]


def _words(command: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"the command {command!r} cannot be read: {error}") from error
    if not words:
        raise UsageError("the command is empty: expected for example --command 'python agent.py start'")
    return words


def _name(sources: Sequence[SourceFile]) -> tuple[str, bool]:
    """Return the name that the source spells out, else an empty one, and whether there is one that it does not."""
    literal = next((file.facts.agent_name for file in sources if file.facts.agent_name), "")
    return literal, not literal and any(file.facts.named for file in sources)


def _language(sources: Sequence[SourceFile]) -> str:
    """Return the one language that the source names; English where it is among several."""
    languages = sorted({language for file in sources for language in file.facts.languages})
    english = [language for language in languages if language.lower().startswith(("en", "multi"))]
    return english[0] if english else (languages[0] if len(languages) == 1 else "")
