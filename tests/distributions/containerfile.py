"""Reading a Containerfile: its stages and their instructions. Here-documents and other escape characters are not used in ours."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword, and what stands behind it on one line."""

    keyword: str
    text: str

    def flags(self) -> dict[str, str]:
        """Return its flags, such as `--from=build`."""
        return dict(re.findall(r"--([\w-]+)=(\S+)", self.text)) if self.keyword != "RUN" else {}

    def words(self) -> list[str]:
        """Return its arguments without flags."""
        return [word for word in self.text.split() if not word.startswith("--")]

    def command(self) -> list[str]:
        """Return the words of a command that is written as a JSON list."""
        return list(json.loads(self.text[self.text.index("[") :]))


Stage = tuple[Instruction, ...]


def read_stages(path: Path) -> list[Stage]:
    """Cut the file into stages; each begins with its FROM."""
    text = "\n".join(line for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))
    stages: list[list[Instruction]] = []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if not line.strip():
            continue
        keyword, _, rest = line.partition(" ")
        if keyword == "FROM":
            stages.append([])
        stages[-1].append(Instruction(keyword, rest.strip()))
    return [tuple(stage) for stage in stages]


def all_of(stage: Stage, keyword: str) -> list[Instruction]:
    """Return a stage's instructions of one kind."""
    return [instruction for instruction in stage if instruction.keyword == keyword]


def the_only(stage: Stage, keyword: str) -> Instruction:
    """Return a stage's one instruction of a kind."""
    (instruction,) = all_of(stage, keyword)
    return instruction


def copied_from_context(stages: list[Stage]) -> list[str]:
    """List what is copied out of the repository."""
    copies = [copy for stage in stages for copy in all_of(stage, "COPY") if "from" not in copy.flags()]
    return [source for copy in copies for source in copy.words()[:-1]]


def variables(stage: Stage) -> dict[str, str]:
    """Return the environment variables that a stage sets."""
    pairs = [word.partition("=") for env in all_of(stage, "ENV") for word in shlex.split(env.text)]
    return {name: value for name, _, value in pairs}
