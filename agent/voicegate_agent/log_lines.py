"""The agent's log contract: the exact text of every line that a reader of the log may rely on.

The texts are UTF-8 and are never translated or reformatted; the recycling sign is followed by two spaces.
"""

INITIALIZING_ASR = "🔧 Initializing shared ASR model (first session)..."
ASR_LOADED = "Faster-Whisper model loaded successfully"
INITIALIZING_TTS = "🔧 Initializing shared TTS engine (first session)..."

USING_LOCAL_STT = "Using LOCAL STT (faster-whisper) with shared model"
LOCAL_STT_READY = "✅ Local STT initialized with shared model"
USING_LOCAL_TTS = "Using LOCAL TTS (Piper) with shared engine"
LOCAL_TTS_READY = "✅ Local TTS initialized with shared engine"


def loading_asr(model: str, device: str = "cpu") -> str:
    """Say which speech-to-text model is being loaded, and where to."""
    return f"Loading faster-whisper model: {model} on {device}"


def asr_initialized(instance_id: int) -> str:
    """Say that the shared speech-to-text model was loaded as this instance."""
    return f"✅ Shared ASR model initialized (ID: {instance_id})"


def asr_reused(instance_id: int) -> str:
    """Say that a call took the speech-to-text model that was already loaded."""
    return f"♻️  Reusing existing shared ASR model (ID: {instance_id})"


def tts_initialized(instance_id: int) -> str:
    """Say that the shared text-to-speech engine was loaded as this instance."""
    return f"✅ Shared TTS engine initialized (ID: {instance_id})"


def tts_reused(instance_id: int) -> str:
    """Say that a call took the text-to-speech engine that was already loaded."""
    return f"♻️  Reusing existing shared TTS engine (ID: {instance_id})"


def memory_healthy(memory_bytes: int) -> str:
    """Report memory below the warning threshold, in MB of 10^6 bytes."""
    return f"Memory usage: {_megabytes(memory_bytes)} (healthy)"


def memory_warning(memory_bytes: int) -> str:
    """Report memory between the two thresholds, in MB of 10^6 bytes."""
    return f"Memory usage: {_megabytes(memory_bytes)} (warning threshold)"


def memory_high(memory_bytes: int) -> str:
    """Report memory above the high threshold, in MB of 10^6 bytes, and what is done about it."""
    return f"High memory usage detected: {_megabytes(memory_bytes)} - forcing garbage collection"


def _megabytes(memory_bytes: int) -> str:
    return f"{memory_bytes / 1e6:.1f}MB"
