"""What can be found wrong with a gate file before anything is started: files that are missing, an agent that is gone."""

from collections.abc import Iterator
from pathlib import Path

import psutil

from voicegate.agent_section import AGENT_KEYS
from voicegate.names import GATE_FILE
from voicegate.record.ears import MICRO_MODEL
from voicegate.record.packaged_ears import PACKAGED, packaged_ears
from voicegate.settings import DEFAULTS, FOLDER, GateSettings, SettingsError
from voicegate.toml_lines import KeyPath

_Problem = tuple[KeyPath, str]

_NO_SERVER = (
    "missing: an agent that runs already is found on the LiveKit server it knows; give that server's address here,"
    " or as LIVEKIT_URL with LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
)


def check_agent_is_named(settings: GateSettings) -> None:
    """See that the file says how to start the agent, or how to find it. Raises SettingsError."""
    if settings.agent.named:
        return
    if settings.path == DEFAULTS:
        where = f"expected {GATE_FILE} in {Path.cwd()}, or --gate FILE"
        raise SettingsError(f"no gate file: {where}. `voicegate init` writes one for your agent")
    raise settings.error(
        ("agent", "command"), f"missing: give exactly one of {', '.join(AGENT_KEYS)}; none is set"
    )


def check_before_run(settings: GateSettings) -> None:
    """See that everything the file names is there. Raises SettingsError with all that is not, one line each."""
    problems = [*_files(settings), *_agent(settings), *_profiler(settings)]
    if problems:
        raise SettingsError("\n".join(str(settings.error(location, text)) for location, text in problems))


def agent_pid(settings: GateSettings) -> int | None:
    """Return the PID of an agent that runs already and is watched, None for any other.

    Raises SettingsError when the PID file cannot be read, or no process has the PID.
    """
    agent = settings.agent
    if agent.pid_file is None:
        location, pid = ("agent", "pid"), agent.pid
    else:
        location, pid = ("agent", "pid_file"), _read_pid(settings, agent.pid_file)
    if pid is not None and not psutil.pid_exists(pid):
        raise settings.error(location, f"no process has the PID {pid}: is the agent running?")
    return pid


def _read_pid(settings: GateSettings, path: Path) -> int:
    location = ("agent", "pid_file")
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise settings.error(location, f"cannot read the PID file {path}: {error}") from error
    if not text.isdecimal() or not 0 < int(text[:12]) < 1 << 31:
        raise settings.error(location, f"expected a PID in {path}, found {text[:40]!r}")
    return int(text)


def _files(settings: GateSettings) -> Iterator[_Problem]:
    agent = settings.agent
    if agent.working_directory is not None and not agent.working_directory.is_dir():
        yield ("agent", "working_directory"), f"no such folder: {agent.working_directory}"
    ears = settings.ears
    if ears is not None and ears != packaged_ears() and not (ears / "model.bin").is_file():
        yield (
            ("recognizer", "model"),
            f"expected the folder of a CTranslate2 Whisper model, or {PACKAGED}, found no model.bin in {ears}",
        )
    elif settings.language != "en" and ears == MICRO_MODEL:
        yield (
            ("recognizer", "language"),
            f"the gate's own recognizer knows no {settings.language!r}, only English; set recognizer.model to {PACKAGED!r}, or to the folder of a model that does",
        )
    if not (settings.scenario.clips / "clips.json").is_file():
        yield (
            ("scenario", "clips"),
            f"expected a folder of clips, found no clips.json in {settings.scenario.clips}",
        )
    for number, path in enumerate(settings.source.files):
        if not path.is_file():
            yield ("source", "files", number), f"no such file: {path}"


def _agent(settings: GateSettings) -> Iterator[_Problem]:
    if not settings.agent.attached:
        return
    if settings.livekit.url is None:
        yield ("livekit", "url"), _NO_SERVER
    elif settings.livekit.api_key is None or settings.livekit.api_secret is None:
        yield ("livekit", "api_key"), "missing: give LIVEKIT_API_KEY and LIVEKIT_API_SECRET for the server"
    agent_pid(settings)


def _profiler(settings: GateSettings) -> Iterator[_Problem]:
    """Find what would profile every agent of the run, also one that is judged."""
    told = {} if settings.profile is None else settings.profile.env
    for name, text in told.items():
        if FOLDER in text and settings.environment.get(name):
            yield (
                ("profile", "env", name),
                f"{name} is set in the environment already, so that runs that are judged would be profiled: unset it",
            )
