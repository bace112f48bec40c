"""What docs/openai-api.md says about clients of OpenAI's audio API is so."""

import asyncio

from conformance import CASES, PAGE, page_with, served_host, table


async def test_clients_get_what_the_page_says() -> None:
    """All cases at once, on one host: each answer, in words, is that of the table."""
    async with served_host() as url:
        answers = await asyncio.gather(*(case.ask(url) for case in CASES))
    expected = {(case.client, case.request): case.answer for case in CASES}
    assert {
        (case.client, case.request): answer for case, answer in zip(CASES, answers, strict=True)
    } == expected


def test_the_page_shows_the_cases() -> None:
    """All of them, and no others; `nox -s docs` writes it."""
    assert page_with(table()) == PAGE.read_text(encoding="utf-8")
