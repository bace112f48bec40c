"""The agent's command line: ``python -m voicegate_agent [start | page | models | calibrate | gate]``."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from voicegate_agent.log_output import configure_logging
from voicegate_agent.model_host.protocol import ModelHostError
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.disk_space import DiskSpaceError
from voicegate_agent.models.packaged.records import ModelFilesError, digest
from voicegate_agent.settings import AgentSettings, SettingsError, load_settings, settings_table, variable
from voicegate_agent.stopping import clean_up_when_stopped

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_NO_MODELS = range(4)

GATE_FILE = Path(__file__).with_name("gate.toml")

_EPILOG = """\
examples:
  LIVEKIT_URL=ws://127.0.0.1:7880 LIVEKIT_API_KEY=... LIVEKIT_API_SECRET=... python -m voicegate_agent
  VOICEGATE_FIGURES_PORT=8091 python -m voicegate_agent page
  VOICEGATE_PROFILE=packaged python -m voicegate_agent models
  VOICEGATE_ASR_MODEL=my-model python -m voicegate_agent calibrate recordings/
  VOICEGATE_ISOLATION=thread VOICEGATE_LOG_FORMAT=json python -m voicegate_agent start
  voicegate verify --gate "$(voicegate-agent gate)"

settings (environment variables, their defaults in brackets):
{settings}

exit codes:
  0  stopped as asked; the models are ready
  1  failed while running: LiveKit or the model host stayed out of reach
  2  a setting or an argument cannot be used
  3  models are missing, incomplete or altered, or the disk is too full for them
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parsed = _parse(arguments)
    run: Callable[[AgentSettings, argparse.Namespace], None] = parsed.run
    try:
        run(load_settings(), parsed)
    except SettingsError as error:
        return _complain(error, EXIT_USAGE)
    except (ModelFilesError, DiskSpaceError) as error:
        return _complain(error, EXIT_NO_MODELS)
    except (ModelHostError, RuntimeError, OSError) as error:
        return _complain(error, EXIT_FAILED)
    return EXIT_OK


def start(settings: AgentSettings, _: argparse.Namespace) -> None:
    """Serve calls until told to stop."""
    _require_livekit(settings, "the agent")
    configure_logging(settings.log_format)
    from voicegate_agent.shutdown import serve  # noqa: PLC0415 - seconds of imports that `models` does without
    from voicegate_agent.voice_server import VoiceServer  # noqa: PLC0415

    asyncio.run(serve(VoiceServer(settings)))


def page(settings: AgentSettings, parsed: argparse.Namespace) -> None:
    """Serve the page where a person talks to the agent, until told to stop; or only have what it needs of others."""
    if parsed.fetch:
        from voicegate_agent.page.livekit_client import cache_folder, have_client  # noqa: PLC0415 - for one command

        folder = parsed.into or cache_folder(settings.cache_dir)
        print(asyncio.run(have_client(folder, lambda step: print(step, file=sys.stderr, flush=True))))
        return
    _require_livekit(settings, "the page")
    from voicegate_agent.page.serving import serve_page  # noqa: PLC0415 - aiohttp and LiveKit

    asyncio.run(serve_page(settings, lambda line: print(line, flush=True)))


def _require_livekit(settings: AgentSettings, who: str) -> None:
    required = ("livekit_url", "livekit_api_key", "livekit_api_secret")
    if missing := [variable(field) for field in required if getattr(settings, field) is None]:
        message = f"{', '.join(missing)} not set: {who} needs a LiveKit server and a key for it"
        raise SettingsError(message)


def models(settings: AgentSettings, parsed: argparse.Namespace) -> None:
    """Have the profile's models on disk, then list them; or only say what that would take."""
    if parsed.check:
        check(settings, parsed)
        return
    clean_up_when_stopped()
    from voicegate_agent.models.profiles import resolve  # noqa: PLC0415 - NumPy, which `--help` does without

    files = resolve(settings, lambda step: print(step, file=sys.stderr, flush=True))
    record(settings, files)
    if not parsed.quiet:
        weights_bytes = files.weights_bytes(settings.bytes_per_weight)
        listed = _listing(files, weights_bytes) if parsed.json else _table(files, weights_bytes)
        print(listed)


def record(settings: AgentSettings, files: ModelFiles) -> None:
    """Keep what must be said while models fail, in the profile's voice; without it that is not said, which is no reason not to start."""
    from voicegate_agent.recordings import record_phrases  # noqa: PLC0415 - aiohttp

    try:
        record_phrases(settings, files.voice)
    except (ModelHostError, OSError) as error:
        print(f"The phrases for failures could not be recorded: {error}", file=sys.stderr)


def check(settings: AgentSettings, parsed: argparse.Namespace) -> None:
    """Say what `models` would do, doing none of it. Raises ModelFilesError when that would not do."""
    from voicegate_agent.models.inventory import take_inventory  # noqa: PLC0415 - NumPy again

    planned = take_inventory(settings)
    weights_bytes = sum(file.weights_bytes(settings.bytes_per_weight) for file in planned)
    if parsed.json:
        files = [{"path": str(file.path), "bytes": file.bytes, "state": file.state} for file in planned]
        listed = {"profile": settings.profile, "weights_bytes": weights_bytes, "files": files}
        print(json.dumps(listed, ensure_ascii=False))
    elif not parsed.quiet:
        print("\n".join(f"{file.state:8}  {file.bytes:>13,}  {file.path}" for file in planned))
    if unusable := [f"{file.path} is {file.state}" for file in planned if not file.is_usable]:
        advice = f"Restore them, or set {variable('asr_model')} and {variable('tts_voice')} to your own."
        raise ModelFilesError(f"{'; '.join(unusable)}. {advice}")


def calibrate(settings: AgentSettings, parsed: argparse.Namespace) -> None:
    """Measure how little of Whisper's 30 s the profile's model may be given, and keep it beside the model."""
    from voicegate_agent.model_host.__main__ import prepare_libraries  # noqa: PLC0415 - before NumPy

    prepare_libraries()
    clean_up_when_stopped()
    from voicegate_agent.calibration.command import calibrate as measure  # noqa: PLC0415 - seconds of imports

    print(measure(settings, parsed.folder, lambda step: print(step, file=sys.stderr, flush=True)))


def gate(_: AgentSettings, __: argparse.Namespace) -> None:
    """Print where the file is that tells voicegate about this agent."""
    print(GATE_FILE)


def _listing(files: ModelFiles, weights_bytes: int) -> str:
    listed = [{"path": str(path), **asdict(digest(path))} for path in files.paths]
    listing = {"profile": files.profile, "weights_bytes": weights_bytes, "files": listed}
    return json.dumps(listing, ensure_ascii=False)


def _table(files: ModelFiles, weights_bytes: int) -> str:
    rows = [
        f"{record.bytes:>13,}  {record.sha256}  {path}" for path in files.paths for record in (digest(path),)
    ]
    total = f"{weights_bytes:>13,}  bytes of weights in the profile {files.profile}, as they are loaded"
    return "\n".join((*rows, total))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m voicegate_agent",
        description="A voice agent for LiveKit whose calls share one speech-to-text model and one voice.",
        epilog=_EPILOG.format(settings=_settings_help()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=start)
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    commands.add_parser("start", help="serve calls (the default)").set_defaults(run=start)
    talking = commands.add_parser("page", help="serve a page where you talk to the agent in a browser")
    talking.set_defaults(run=page)
    talking.add_argument(
        "--fetch", action="store_true", help="only have LiveKit's client for browsers, and print where it is"
    )
    talking.add_argument(
        "--into", type=Path, metavar="FOLDER", help="with --fetch: where, in place of the cache"
    )
    preparing = commands.add_parser(
        "models", help="fetch or generate the profile's models, check and list them"
    )
    preparing.set_defaults(run=models)
    preparing.add_argument(
        "--check",
        action="store_true",
        help="do nothing: list what is ready, and what would be fetched or generated",
    )
    measuring = commands.add_parser(
        "calibrate",
        help="measure whether the profile's model hears well with less than Whisper's 30 s, and keep the result beside it",
    )
    measuring.set_defaults(run=calibrate)
    measuring.add_argument(
        "folder",
        nargs="?",
        type=Path,
        help="recordings of your callers, with an index.json: a list of objects with file, text and, if you like, kind "
        "(default: English sentences spoken by the agent's voice)",
    )
    commands.add_parser(
        "gate", help="print the path of this agent's gate file, for `voicegate verify --gate`"
    ).set_defaults(run=gate)
    output = preparing.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="list them as one JSON object")
    output.add_argument("--quiet", action="store_true", help="do not list them")
    return parser.parse_args(arguments)


def _settings_help() -> str:
    lines = []
    for name, default, description in settings_table():
        lines.append(f"  {name}" + (f" [{default}]" if default else ""))
        lines.append(f"      {description}")
    return "\n".join(lines)


def _complain(error: Exception, code: int) -> int:
    print(f"agent: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
