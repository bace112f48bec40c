"""The log contract, character by character."""

from voicegate_agent import log_lines


def test_first_session_lines() -> None:
    """The lines of a call that loads both models."""
    assert [
        log_lines.INITIALIZING_ASR,
        log_lines.loading_asr("Systran/faster-distil-whisper-large-v3"),
        log_lines.ASR_LOADED,
        log_lines.asr_initialized(138543555947184),
        log_lines.INITIALIZING_TTS,
        log_lines.tts_initialized(138545228058784),
        log_lines.USING_LOCAL_STT,
        log_lines.LOCAL_STT_READY,
        log_lines.USING_LOCAL_TTS,
        log_lines.LOCAL_TTS_READY,
    ] == [
        "🔧 Initializing shared ASR model (first session)...",
        "Loading faster-whisper model: Systran/faster-distil-whisper-large-v3 on cpu",
        "Faster-Whisper model loaded successfully",
        "✅ Shared ASR model initialized (ID: 138543555947184)",
        "🔧 Initializing shared TTS engine (first session)...",
        "✅ Shared TTS engine initialized (ID: 138545228058784)",
        "Using LOCAL STT (faster-whisper) with shared model",
        "✅ Local STT initialized with shared model",
        "Using LOCAL TTS (Piper) with shared engine",
        "✅ Local TTS initialized with shared engine",
    ]


def test_reuse_lines_have_two_spaces_after_the_sign() -> None:
    """The lines of every later call."""
    assert log_lines.asr_reused(7) == "♻️  Reusing existing shared ASR model (ID: 7)"
    assert log_lines.tts_reused(8) == "♻️  Reusing existing shared TTS engine (ID: 8)"


def test_memory_lines_count_in_millions() -> None:
    """MB are 10^6 bytes, with one decimal."""
    assert log_lines.memory_healthy(835_200_000) == "Memory usage: 835.2MB (healthy)"
    assert log_lines.memory_warning(2_100_500_000) == "Memory usage: 2100.5MB (warning threshold)"
    assert (
        log_lines.memory_high(3_100_200_000)
        == "High memory usage detected: 3100.2MB - forcing garbage collection"
    )
