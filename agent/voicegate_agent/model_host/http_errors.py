"""Every error in the shape of OpenAI's API, and the key that a host may ask for."""

import asyncio
import hmac
import logging
import math
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.protocol import ModelHostError, WrongKeyError, error_body

logger = logging.getLogger("voicegate_agent.model_host")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STREAMING = web.RequestKey("streaming", bool)
"""Set once the answer has begun: an error can then only break the connection."""

CLIENT_LEFT = web.RequestKey("client left", bool)
"""Set when the client went away in the middle of the answer, as it does when the caller speaks."""

OPEN_PATHS = ("/livez", "/readyz", "/metrics")
"""What watches a host needs no key."""


def answer_errors(metrics: HostMetrics) -> Middleware:
    """Make the middleware that turns exceptions into answers and counts all answers."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        status = 500
        try:
            response = await handler(request)
            status = 499 if request.get(CLIENT_LEFT) else response.status
        except web.HTTPException as error:
            status = error.status
            response = _answer_http(request, error)
        except ModelHostError as error:
            status = error.status
            if request.get(STREAMING):
                raise
            response = _answer(status, error)
        except (asyncio.CancelledError, ConnectionError):  # the client left; it often does, in mid-sentence
            status = 499
            raise
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            if request.get(STREAMING):
                raise
            response = _answer(status, ModelHostError("the model host failed; its log says why"))
        finally:
            route = request.match_info.route.resource
            metrics.requests.labels(route.canonical if route else "unknown", status).inc()
        return response

    return middleware


def require_key(key: str) -> Middleware:
    """Make the middleware that refuses whoever does not send this key as OpenAI's clients send theirs."""
    expected = f"Bearer {key}".encode()

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        sent = request.headers.get("Authorization", "").encode()
        if request.path not in OPEN_PATHS and not hmac.compare_digest(sent, expected):
            raise WrongKeyError("the key in the header Authorization is missing or wrong")
        return await handler(request)

    return middleware


def _answer(status: int, error: ModelHostError) -> web.Response:
    wait_s = error.retry_after_s
    headers = {"Retry-After": str(math.ceil(wait_s))} if wait_s is not None else {}
    return web.json_response(error.to_json(), status=status, headers=headers)


def _answer_http(request: web.Request, error: web.HTTPException) -> web.Response:
    """Say in OpenAI's shape what aiohttp says as text: no such path, another method, too large."""
    body = error_body(f"{request.method} {request.path}: {error.reason}", error.status, error.reason)
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return web.json_response(body, status=error.status, headers=headers)
