"""What a caller hears while a reply is waited for, and when none comes: a turn ends once, and never in silence."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator

from livekit.agents import APIError, FlushSentinel, llm, utils

from voicegate_agent.phrases import Phrases

AGAIN_S = 8.0
"""When "one moment" is said again to somebody who still waits."""

Piece = llm.ChatChunk | str | FlushSentinel

_log = logging.getLogger(__name__)


async def without_silence(
    reply: AsyncIterator[Piece], phrases: Phrases, first_after_s: float, again_s: float = AGAIN_S
) -> AsyncGenerator[Piece, None]:
    """Pass a reply on; say "one moment" while there is none, and an apology if it is empty, fails, or is cut off."""
    wait_s, written = first_after_s, False
    coming: asyncio.Future[Piece] = asyncio.ensure_future(anext(reply))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=None if written else wait_s)
            if not done:
                yield f"{phrases.one_moment} "
                yield FlushSentinel()
                wait_s = again_s
                continue
            piece = coming.result()
            coming = asyncio.ensure_future(anext(reply))
            written = written or _has_words(piece)
            yield piece
    except StopAsyncIteration:
        if written:
            return
        _log.warning("The language model's reply is empty.")
    except APIError as error:
        _log.warning("The language model did not reply: %s", error.message)
    finally:
        await utils.aio.cancel_and_wait(coming)
    if written:
        yield FlushSentinel()
    yield phrases.apology


def _has_words(piece: Piece) -> bool:
    if isinstance(piece, llm.ChatChunk):
        return piece.has_response()
    return isinstance(piece, str) and bool(piece.strip())
