"""The shared models are given up after a call, "to free memory": the next call loads them again."""

from aiohttp import web
from mutants.broken_agent import start_with_broken_host
from voicegate_agent.model_host import server, shared_instances

load_model = server.load_model


def reset() -> None:
    """Give both models up."""
    shared_instances._SHARED_ASR_MODEL = None
    shared_instances._SHARED_TTS_ENGINE = None


async def load_afresh(request: web.Request) -> web.StreamResponse:
    """Answer the first question of a call as if the call before had cleaned up."""
    if request.match_info["kind"] == "asr":
        reset()
        host = request.app[server.HOST]
        host.asr._instance = host.tts._instance = None
    return await load_model(request)


def break_it() -> None:
    """Reset at the beginning of each call."""
    server.load_model = load_afresh


if __name__ == "__main__":
    start_with_broken_host("mutants.singleton_reset", break_it)
