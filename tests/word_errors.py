"""How well a profile's model hears people, and what that costs: `python tests/word_errors.py FOLDER --profile packaged`.

The folder holds recordings and an `index.json` that gives for each its `file`, its `text` and its `kind`. Each is heard by
faster-whisper as shipped and as the agent hears, in turns, on one thread. The cost is processor time, which other programs
disturb less than they do time.
"""

# ruff: noqa: E402
from voicegate_agent.model_host.__main__ import prepare_libraries

prepare_libraries()  # as the model host does, before anything imports NumPy

import argparse
import asyncio
import sys
from pathlib import Path

from faster_whisper import WhisperModel
from voicegate_agent.calibration.clips import ClipsError, read_clips
from voicegate_agent.calibration.hearing import Hear, hear_all, table
from voicegate_agent.host_settings import FitContext, HostSettings, Profile
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.fitting import chosen_fitting
from voicegate_agent.model_host.kept_fitting import measured_fitting
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.records import ModelFilesError
from voicegate_agent.models.profiles import resolve
from voicegate_agent.settings import AgentSettings


def ways_to_hear(files: ModelFiles) -> dict[str, Hear]:
    """Load a model once for each way: as faster-whisper ships it, and as the agent does."""
    settings = HostSettings(cpu_threads=1)
    shipped = WhisperModel(
        str(files.asr_dir), device="cpu", compute_type=settings.computes_with, cpu_threads=1, num_workers=1
    )
    fitting = chosen_fitting(FitContext.AUTO, measured_fitting(files))
    engine = WhisperEngine.load(files.asr_dir, files.asr_name, settings, fitting)
    recognizer = TranscriptionQueue(engine, HostMetrics(), fitting=fitting)

    async def as_shipped(samples: Samples) -> str:
        segments, _ = shipped.transcribe(samples, language="en")
        return "".join(segment.text for segment in segments)

    async def as_the_agent(samples: Samples) -> str:
        return (await recognizer.transcribe(samples, "en")).text

    return {"faster-whisper as shipped": as_shipped, "the agent": as_the_agent}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", type=Profile, default=Profile.PACKAGED, choices=list(Profile))
    parser.add_argument("--every", type=int, default=1, help="hear every so many recordings only")
    asked = parser.parse_args()
    try:
        files = resolve(AgentSettings(profile=asked.profile), lambda _: None)
        clips = read_clips(asked.folder, asked.every)
    except (ModelFilesError, ClipsError) as error:
        sys.stderr.write(f"{error}\n")
        return 3
    found = asyncio.run(hear_all(clips, ways_to_hear(files)))
    sys.stdout.write(f"{table(found)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
