"""The clips as a call cuts them: heard by the agent's micro model."""

from pathlib import Path

import numpy as np
import pytest
import voicegate_agent
from clip_recipe.listener import through_opus
from voicegate.drive.clips.library import load_library
from voicegate.measure.spoken_words import contains, words
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.recognition import Utterance

MICRO = Path(voicegate_agent.__file__).parent / "models" / "micro"


def cut(samples: Samples, lead_s: float) -> Utterance:
    """Put silence around a clip that came through Opus."""
    padded = np.pad(samples, (round(lead_s * RATE), round(0.3 * RATE)))
    return Utterance((padded / 32768).astype(np.float32))


@pytest.mark.slow
def test_no_code_is_misheard_wherever_a_call_cuts_it() -> None:
    """With up to 0.6 s of silence before it, in steps of 20 ms: one that is lost in one place only fails a healthy agent now and then."""
    engine = WhisperEngine.load(MICRO, "micro")
    codes = {clip.code or "": through_opus(clip.samples) for clip in load_library().codes}
    misheard = []
    for lead_s in np.arange(0, 0.61, 0.02).tolist():
        heard = engine.recognize([cut(samples, lead_s) for samples in codes.values()])
        misheard += [
            (code, round(lead_s, 2), one.text)
            for code, one in zip(codes, heard, strict=True)
            if not contains(words(one.text), words(code))
        ]
    assert misheard == []
