"""What a client sends: a multipart form or a JSON object, read within bounds."""

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from voicegate_agent.model_host.protocol import MAX_UPLOAD_BYTES, InvalidRequestError, UploadTooLargeError

_MULTIPART = 'expected a multipart form with the sound file as "file"'

_FIELDS_BYTES = 2**20
"""What a form may have beside its file: names, boundaries, other fields."""

_BAD_FRAMING = (ValueError, AssertionError, LookupError, RuntimeError, HttpProcessingError)
"""What aiohttp raises for it."""


async def read_form(request: web.Request) -> dict[str, list[str | bytes]]:
    """Read a form: each field's values, those of `file` as bytes, `name[]` as `name`.

    Raises InvalidRequestError, and UploadTooLargeError without reading what says beforehand that it is too large.
    """
    if not request.content_type.startswith("multipart/"):
        raise InvalidRequestError(_MULTIPART)
    if (request.content_length or 0) > MAX_UPLOAD_BYTES + _FIELDS_BYTES:
        raise _too_large()
    try:
        return await _read_parts(request)
    except _BAD_FRAMING as error:
        raise InvalidRequestError(f"the multipart form is broken ({error}); {_MULTIPART}") from error


async def read_json(request: web.Request) -> object:
    """Read a JSON body. Raises InvalidRequestError."""
    try:
        body: object = await request.json()
    except (ValueError, LookupError) as error:
        message = f"the request is not JSON: {error}"
        raise InvalidRequestError(message) from error
    return body


async def _read_parts(request: web.Request) -> dict[str, list[str | bytes]]:
    form: dict[str, list[str | bytes]] = {}
    size_bytes = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytearray()
        while chunk := await part.read_chunk(65536):
            size_bytes += len(chunk)
            if size_bytes > MAX_UPLOAD_BYTES:
                raise _too_large()
            content += chunk
        name = part.name.removesuffix("[]")
        form.setdefault(name, []).append(
            bytes(content) if name == "file" else content.decode(errors="replace")
        )
    return form


def _too_large() -> UploadTooLargeError:
    return UploadTooLargeError(f"the upload is larger than {MAX_UPLOAD_BYTES} bytes", param="file")
