"""A host inherits what it needs to run, and nobody's keys."""

from voicegate_agent.model_host.surroundings import host_environment


def test_secrets_stay_with_the_agent() -> None:
    """What is called like a secret, and all of LiveKit's, is left out; the rest is kept."""
    kept = {"PATH": "/bin", "TOKENIZERS_PARALLELISM": "0", "VOICEGATE_PROFILE": "micro", "GATE_LEASH": "1"}
    secret = (
        *("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "VOICEGATE_REPLIES_API_KEY", "HF_TOKEN"),
        *("OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "token"),
    )
    assert host_environment(kept | dict.fromkeys(secret, "x")) == kept
