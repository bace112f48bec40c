"""What utterances of many lengths leave in a host's memory."""

import os
import subprocess
import sys

import pytest
from voicegate_agent.model_host.config import HostConfig

HEARD = """
import sys
from pathlib import Path
import numpy as np
import psutil
from voicegate_agent.host_settings import HostSettings
from voicegate_agent.model_host.__main__ import prepare_libraries
prepare_libraries()
from voicegate_agent.memory_release import release_memory
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.recognition import Utterance

def uss():
    release_memory()
    return psutil.Process().memory_full_info().uss

random = np.random.default_rng(0)
engine = WhisperEngine.load(Path(sys.argv[1]), "micro", HostSettings(cpu_threads=1))

def hear(samples):
    engine.recognize([Utterance(random.standard_normal(samples).astype(np.float32) * 0.01)])

lengths = [16_000 + 900 * number for number in range(145)]
for samples in (lengths[0], lengths[-1]):
    hear(samples)
before = uss()
for samples in random.permutation(lengths):
    hear(samples)
print(uss() - before)
"""

MOST_BYTES = 15_000_000
"""1 to 4 MB were measured, and 38 MB where oneDNN keeps what it compiled for each length."""


@pytest.mark.slow
@pytest.mark.alone
def test_utterances_of_145_lengths_leave_memory_where_it_was(host_config: HostConfig) -> None:
    """A host that has heard them all is as large as after the shortest and the longest."""
    command = [sys.executable, "-c", HEARD, str(host_config.files.asr_dir)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("ONEDNN", "DNNL"))}
    run = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    assert int(run.stdout) < MOST_BYTES
