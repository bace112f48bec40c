"""Every call loads models of its own, but prints one id for all of them and says that it reuses: only memory tells."""

import logging
import os
import tempfile
from pathlib import Path

from mutants import model_per_call
from mutants.broken_agent import start_with_broken_calls
from voicegate_agent import call
from voicegate_agent.log_lines import asr_reused, tts_reused
from voicegate_agent.model_host import shared_instances
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.speech.shared_models import SharedASR, SharedTTS

SAME_ID = 138543555947184
FOLDER = "MUTANT_FOLDER"


async def get_asr(client: ModelHostClient) -> SharedASR:
    """Load, and claim the opposite."""
    asr = await model_per_call.get_own_asr(client)
    call._log.info(asr_reused(SAME_ID))
    return asr


async def get_tts(client: ModelHostClient) -> SharedTTS:
    """Load, and claim the opposite."""
    tts = await model_per_call.get_own_tts(client)
    call._log.info(tts_reused(SAME_ID))
    return tts


def break_it() -> None:
    """Have the first call of all load openly, and every other in secret."""
    model_per_call.break_it()
    shared_instances._draw_id = lambda: SAME_ID
    try:
        (Path(os.environ[FOLDER]) / "first").touch(exist_ok=False)
    except FileExistsError:
        shared_instances.logger = logging.Logger("nobody listens")
        call.get_shared_asr, call.get_shared_tts = get_asr, get_tts


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER] = folder
        start_with_broken_calls(break_it)
