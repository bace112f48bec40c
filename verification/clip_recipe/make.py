"""Writes the clips and their manifest; checks clips that are there."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import av
from voicegate.drive.clips.library import MANIFEST, ClipManifest, ClipRecord, load_library, read_manifest
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

from clip_recipe.texts import FRAGILE_CODES, ClipText, lines
from clip_recipe.voices import SynthesisError, Voice

SHORTEST_S, LONGEST_S = 0.4, 4.0


class Listener(Protocol):
    """Somebody who must understand the clips."""

    def mistakes(self, text: str, samples: Samples) -> tuple[str, ...]:
        """Return what was heard instead of `text`; empty when it was understood."""
        ...


def make_clips(
    folder: Path, voices: Sequence[Voice], listener: Listener | None, progress: Callable[[str], None]
) -> ClipManifest:
    """Speak every line with the first of `voices`, taking turns, that `listener` understands.

    Writes a FLAC file for each, and the manifest. A clip that `folder` has already, and that `listener` understands, stays.

    Raises SynthesisError when a synthesizer is missing or no voice will do for a line.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = _understood(folder, listener, progress) if listener else {}
    records = []
    for turn, line in enumerate(lines()):
        if line.code in FRAGILE_CODES:
            continue
        if line.name in there:
            records.append(there[line.name])
            continue
        in_turn = [*voices[turn % len(voices) :], *voices[: turn % len(voices)]]
        voice, samples = _speak(line, in_turn, listener, progress)
        path = folder / f"{line.name}.flac"
        write_flac(path, samples)
        records.append(
            ClipRecord(
                name=line.name,
                file=path.name,
                text=line.text,
                code=line.code,
                expected_reply=line.expected_reply,
                voice=voice.name,
                duration_s=round(len(samples) / RATE, 3),
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            )
        )
    manifest = ClipManifest(clips=tuple(records))
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return manifest


def misunderstood(folder: Path, listener: Listener) -> Iterator[str]:
    """Yield one line of text for each clip of `folder` that `listener` does not understand. Raises ClipError."""
    for clip in load_library(folder).clips:
        mistakes = listener.mistakes(clip.text, clip.samples)
        if mistakes:
            yield f"{clip.name}: said {clip.text!r}; heard " + ", ".join(mistakes)


def _understood(folder: Path, listener: Listener, progress: Callable[[str], None]) -> dict[str, ClipRecord]:
    if not (folder / MANIFEST).is_file():
        return {}
    samples = {clip.name: clip.samples for clip in load_library(folder).clips}
    found = {}
    for record in read_manifest(folder).clips:
        mistakes = listener.mistakes(record.text, samples[record.name])
        if mistakes:
            progress(f"{record.name}: misunderstood, {', '.join(mistakes)}; it is spoken again")
        else:
            found[record.name] = record
    return found


def write_flac(path: Path, samples: Samples) -> None:
    """Write samples at `timeline.RATE`, shape (n,)."""
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE)
        stream.layout, stream.format = "mono", "s16"
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _speak(
    line: ClipText, voices: Sequence[Voice], listener: Listener | None, progress: Callable[[str], None]
) -> tuple[Voice, Samples]:
    for voice in voices:
        samples = voice.speak(line.text)
        if not SHORTEST_S <= len(samples) / RATE <= LONGEST_S:
            progress(f"{line.name}: {voice.name} takes {len(samples) / RATE:.1f} s")
            continue
        mistakes = listener.mistakes(line.text, samples) if listener else ()
        if not mistakes:
            return voice, samples
        progress(f"{line.name}: {voice.name} misunderstood, {', '.join(mistakes)}")
    raise SynthesisError(f"no voice speaks {line.text!r} within {LONGEST_S} s so that it is understood")
