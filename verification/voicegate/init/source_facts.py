"""What one Python file says about a LiveKit agent, read from its syntax tree and its text; nothing is imported or run."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_STARTERS = ("AgentServer", "WorkerOptions")
_NAMED_BY = ("rtc_session", *_STARTERS)
_SHARED = re.compile(r"(?i)shared")
_MODEL_LINES = ("shared ASR model", "shared TTS engine")
_RUN_MODELS = frozenset(
    [
        "TTS",
        "ctranslate2",
        "faster_whisper",
        "kokoro",
        "llama_cpp",
        "nemo",
        "onnxruntime",
        "openvino",
        "piper",
        "sherpa_onnx",
        "speechbrain",
        "torch",
        "transformers",
        "vllm",
        "vosk",
        "whisper",
        "whisperx",
    ]
)
_MEMORY_LINES = ("Memory usage: ", "High memory usage detected: ")


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a file says: whether it starts an agent, under which name, in which languages, with which shared models.

    `runs` is whether the file starts itself, by `cli.run_app`. `agent_name` is None where there is none or it is no
    literal; `named` tells these two apart. `runs_models` is whether it imports a library that runs models in its own
    process. `strings` are its literals, among which names of files may be.
    """

    livekit: bool = False
    runs: bool = False
    makes_server: bool = False
    named: bool = False
    agent_name: str | None = None
    in_threads: bool = False
    runs_models: bool = False
    languages: tuple[str, ...] = ()
    shared_names: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    tells_models: bool = False
    tells_memory: bool = False


def read_source(text: str) -> SourceFacts:
    """Read a file; one that this Python cannot parse is searched for the words that start an agent."""
    tells_models = any(line in text for line in _MODEL_LINES)
    tells_memory = any(line in text for line in _MEMORY_LINES)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        livekit = "livekit" in text
        runs, makes = "run_app(" in text, any(f"{name}(" in text for name in _STARTERS)
        return SourceFacts(livekit, runs, makes, tells_models=tells_models, tells_memory=tells_memory)
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    imported = {package for node in nodes for package in _imported(node)}
    called = {_last_name(call.func) for call in calls}
    names = [
        node for call in calls if _last_name(call.func) in _NAMED_BY for node in _keywords(call, "agent_name")
    ]
    constants = _module_constants(tree)
    return SourceFacts(
        livekit="livekit" in imported,
        runs="run_app" in called,
        makes_server=bool(called & {*_STARTERS}),
        named=bool(names),
        agent_name=next(filter(None, (_text(node, constants) for node in names)), None),
        in_threads=any(
            isinstance(node, ast.Attribute) and ast.unparse(node).endswith("JobExecutorType.THREAD")
            for node in nodes
        ),
        runs_models=bool(imported & _RUN_MODELS),
        languages=tuple(
            dict.fromkeys(
                filter(
                    None, (_text(node, constants) for call in calls for node in _keywords(call, "language"))
                )
            )
        ),
        shared_names=tuple(dict.fromkeys(name for name, _ in _module_values(tree) if _SHARED.search(name))),
        strings=tuple(
            node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ),
        tells_models=tells_models,
        tells_memory=tells_memory,
    )


def _imported(node: ast.AST) -> Iterator[str]:
    """Give the packages that a statement imports from, without their submodules."""
    match node:
        case ast.Import(names=names):
            yield from (name.name.partition(".")[0] for name in names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module.partition(".")[0]


def _last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _keywords(call: ast.Call, name: str) -> Iterator[ast.expr]:
    return (keyword.value for keyword in call.keywords if keyword.arg == name)


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    """Return the text of a literal, or of a name that the module sets to one."""
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.Name(id=name):
            return constants.get(name)
    return None


def _module_constants(tree: ast.Module) -> dict[str, str]:
    return {
        name: value.value
        for name, value in _module_values(tree)
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }


def _module_values(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    """Give the names that are set at module level, and what to."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                yield name, value
