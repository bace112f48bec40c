"""The gate's copy of the log contract against the agent's real lines: the only place where both are imported."""

import re

import pytest
from voicegate.log_contract import LogContract
from voicegate_agent import log_lines

CONTRACT = LogContract()
ID = 138543555947184


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (CONTRACT.asr_initializing, log_lines.INITIALIZING_ASR),
        (CONTRACT.asr_initialized, log_lines.asr_initialized(ID)),
        (CONTRACT.asr_reusing, log_lines.asr_reused(ID)),
        (CONTRACT.tts_initializing, log_lines.INITIALIZING_TTS),
        (CONTRACT.tts_initialized, log_lines.tts_initialized(ID)),
        (CONTRACT.tts_reusing, log_lines.tts_reused(ID)),
    ],
)
def test_model_lines(pattern: str, line: str) -> None:
    """Every line about the models is recognized as a whole, with its id where it has one."""
    match = re.fullmatch(pattern, line)
    assert match is not None
    assert match.groupdict().get("id") in (None, str(ID))


@pytest.mark.parametrize(
    ("pattern", "line", "megabytes"),
    [
        (CONTRACT.memory_healthy, log_lines.memory_healthy(835_200_000), 835.2),
        (CONTRACT.memory_warning, log_lines.memory_warning(2_100_500_000), 2100.5),
        (CONTRACT.memory_high, log_lines.memory_high(3_100_200_000), 3100.2),
    ],
)
def test_memory_lines(pattern: str, line: str, megabytes: float) -> None:
    """Every memory report is recognized as a whole, with its number in MB of 10^6 bytes."""
    match = re.fullmatch(pattern, line)
    assert match is not None
    assert float(match["megabytes"]) == megabytes
    assert CONTRACT.megabyte_bytes == 1_000_000


def test_no_line_is_taken_for_another() -> None:
    """Each line matches its own pattern and no other."""
    lines = [
        log_lines.INITIALIZING_ASR,
        log_lines.asr_initialized(ID),
        log_lines.asr_reused(ID),
        log_lines.INITIALIZING_TTS,
        log_lines.tts_initialized(ID),
        log_lines.tts_reused(ID),
        log_lines.memory_healthy(1),
        log_lines.memory_warning(1),
        log_lines.memory_high(1),
        log_lines.ASR_LOADED,
        log_lines.LOCAL_STT_READY,
        log_lines.LOCAL_TTS_READY,
        log_lines.USING_LOCAL_STT,
        log_lines.USING_LOCAL_TTS,
        log_lines.loading_asr("distil-large-v3"),
    ]
    patterns = [value for value in CONTRACT.model_dump().values() if isinstance(value, str)]
    matches = [sum(re.search(pattern, line) is not None for pattern in patterns) for line in lines]
    assert matches == [1] * 9 + [0] * 6
