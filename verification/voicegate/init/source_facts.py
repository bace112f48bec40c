"""What one Python file says about a LiveKit agent, read from its syntax tree and its text; nothing is imported or run."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

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
    process; `overrides_environment` whether its .env file goes before the variables that the gate sets. `strings` are
    its literals, among which names of files may be.
    """

    livekit: bool = False
    runs: bool = False
    makes_server: bool = False
    named: bool = False
    agent_name: str | None = None
    in_threads: bool = False
    runs_models: bool = False
    overrides_environment: bool = False
    languages: tuple[str, ...] = ()
    shared_names: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    tells_models: bool = False
    tells_memory: bool = False


def read_source(text: str) -> SourceFacts:
    """Read a file; one that this Python cannot parse is searched for the words that start an agent."""
    facts = _from_words(text) if (tree := _parsed(text)) is None else _from_tree(tree)
    return replace(
        facts,
        tells_models=any(line in text for line in _MODEL_LINES),
        tells_memory=any(line in text for line in _MEMORY_LINES),
    )


def _parsed(text: str) -> ast.Module | None:
    with warnings.catch_warnings(action="ignore"):  # such as those about escapes, which are not ours to show
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return None


def _from_words(text: str) -> SourceFacts:
    makes_server = any(f"{name}(" in text for name in _STARTERS)
    return SourceFacts(livekit="livekit" in text, runs="run_app(" in text, makes_server=makes_server)


def _from_tree(tree: ast.Module) -> SourceFacts:
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = {_last_name(call.func) for call in calls}
    imported = {package for node in nodes for package in _imported(node)}
    constants = _module_constants(tree)
    names = _values(calls, "agent_name", of=_NAMED_BY)
    return SourceFacts(
        livekit="livekit" in imported,
        runs="run_app" in called,
        makes_server=bool(called & {*_STARTERS}),
        named=bool(names),
        agent_name=next(_texts(names, constants), None),
        in_threads=any(
            isinstance(node, ast.Attribute) and ast.unparse(node).endswith("JobExecutorType.THREAD")
            for node in nodes
        ),
        runs_models=bool(imported & _RUN_MODELS),
        overrides_environment=any(
            ast.unparse(value) == "True" for value in _values(calls, "override", of=("load_dotenv",))
        ),
        languages=tuple(dict.fromkeys(_texts(_values(calls, "language"), constants))),
        shared_names=tuple(dict.fromkeys(name for name, _ in _module_values(tree) if _SHARED.search(name))),
        strings=tuple(_texts((node for node in nodes if isinstance(node, ast.Constant)), {})),
    )


def _values(calls: Iterable[ast.Call], keyword: str, of: tuple[str, ...] = ()) -> list[ast.expr]:
    """List the values that a keyword has in calls of these functions, or of any."""
    return [
        given.value
        for call in calls
        for given in call.keywords
        if given.arg == keyword and (not of or _last_name(call.func) in of)
    ]


def _texts(nodes: Iterable[ast.expr], constants: dict[str, str]) -> Iterator[str]:
    """Give the texts among the nodes: literals, and names that the module sets to one."""
    for node in nodes:
        match node:
            case ast.Constant(value=str(value)) if value:
                yield value
            case ast.Name(id=name) if name in constants:
                yield constants[name]


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
