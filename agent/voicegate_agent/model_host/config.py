"""What a model host is started with, and the same thing as command-line arguments."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from voicegate_agent.models.files import ModelFiles
from voicegate_agent.settings import AgentSettings, LogFormat


@dataclass(frozen=True, slots=True)
class HostConfig:
    """The models a host serves and how.

    `asr_dir` is a CTranslate2 Whisper folder, `asr_name` what the log calls it, `voice` a Piper `.onnx` with
    its `.onnx.json` beside it. `cpu_threads` 0 means all cores that this process may use.
    """

    asr_dir: Path
    asr_name: str
    voice: Path
    fit_context: bool = True
    cpu_threads: int = 0
    max_batch: int = 8
    language: str = "en"
    load_at_start: bool = False
    log_format: LogFormat = LogFormat.TEXT
    memray_dir: Path | None = None
    memray_native: bool = False

    def to_arguments(self) -> list[str]:
        """Give the command-line arguments from which `from_namespace` makes an equal configuration."""
        return [
            f"--asr-model={self.asr_dir}",
            f"--asr-name={self.asr_name}",
            f"--voice={self.voice}",
            "--fit-context" if self.fit_context else "--no-fit-context",
            f"--cpu-threads={self.cpu_threads}",
            f"--max-batch={self.max_batch}",
            f"--language={self.language}",
            "--load-at-start" if self.load_at_start else "--no-load-at-start",
            f"--log-format={self.log_format}",
            *([] if self.memray_dir is None else [f"--memray-dir={self.memray_dir}"]),
            "--memray-native" if self.memray_native else "--no-memray-native",
        ]

    @classmethod
    def from_settings(cls, settings: AgentSettings, files: ModelFiles) -> Self:
        """Serve these files the way the agent's settings say."""
        return cls(
            asr_dir=files.asr_dir,
            asr_name=files.asr_name,
            voice=files.voice,
            fit_context=settings.fit_context,
            cpu_threads=settings.cpu_threads,
            max_batch=settings.max_batch,
            load_at_start=settings.load_at_start,
            log_format=settings.log_format,
            memray_dir=settings.memray_dir,
            memray_native=settings.memray_native,
        )

    @classmethod
    def from_namespace(cls, arguments: Namespace) -> Self:
        """Read what `add_arguments` defined; the two model paths must have been given."""
        return cls(
            asr_dir=arguments.asr_model,
            asr_name=arguments.asr_name or str(arguments.asr_model),
            voice=arguments.voice,
            fit_context=arguments.fit_context,
            cpu_threads=arguments.cpu_threads,
            max_batch=arguments.max_batch,
            language=arguments.language,
            load_at_start=arguments.load_at_start,
            log_format=LogFormat(arguments.log_format),
            memray_dir=arguments.memray_dir,
            memray_native=arguments.memray_native,
        )


def add_arguments(parser: ArgumentParser) -> None:
    """Define the options of `HostConfig`."""
    parser.add_argument("--asr-model", type=Path, metavar="DIR", help="CTranslate2 Whisper model folder")
    parser.add_argument(
        "--asr-name", metavar="NAME", help="what the log calls that model (default: its folder)"
    )
    parser.add_argument("--voice", type=Path, metavar="FILE", help="Piper voice, .onnx beside its .onnx.json")
    parser.add_argument(
        "--fit-context",
        action=BooleanOptionalAction,
        default=True,
        help="encode the utterance and a margin instead of 30 s of padding",
    )
    parser.add_argument("--cpu-threads", type=int, default=0, metavar="N", help="0 means all cores (default)")
    parser.add_argument(
        "--max-batch", type=int, default=8, metavar="N", help="utterances per batch (default 8)"
    )
    parser.add_argument("--language", default="en", help="what multilingual models listen for (default en)")
    parser.add_argument(
        "--load-at-start", action=BooleanOptionalAction, default=False, help="load before the first request"
    )
    parser.add_argument(
        "--log-format", choices=list(LogFormat), default=LogFormat.TEXT, help="text or json lines"
    )
    parser.add_argument(
        "--memray-dir",
        type=Path,
        metavar="DIR",
        help="record memory allocations into this folder with memray",
    )
    parser.add_argument(
        "--memray-native",
        action=BooleanOptionalAction,
        default=False,
        help="with native stacks, which is slower",
    )
