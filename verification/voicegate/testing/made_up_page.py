"""Calls from a web page that never were: five that go well."""

from voicegate.record.events import Page, PageCall, PageTest
from voicegate.testing.agent_lines import spoken

TESTS: tuple[tuple[PageTest, int], ...] = (
    ("one tab", 1),
    ("again", 1),
    ("three tabs", 1),
    ("three tabs", 2),
    ("three tabs", 3),
)


def made_up_page(t: float) -> Page:
    """Make the event with which they begin."""
    return Page(t, "http://127.0.0.1:8090/", "Chrome/156.0.8078.108")


def made_up_page_calls(t: float) -> tuple[PageCall, ...]:
    """Make the calls of the three tests, each understood, answered with its own code, heard and hung up."""
    return tuple(
        PageCall(
            t=t + 5.0 * (place + 1),
            began_t=t + 5.0 * place,
            test=test,
            tab=tab,
            said_text=f"my code is {spoken(code)}",
            said_code=code,
            connected_s=0.9,
            answered_s=1.4,
            heard_s=1.8,
            transcript=f"my code is {spoken(code)}",
            reply_text=f"Your code is {spoken(code)}.",
            packets_received=150,
            packets_lost=0,
            concealed_fraction=0.0,
            jitter_s=0.002,
            left=True,
            picture=f"page/{test.replace(' ', '-')}-{tab}.webp",
            heard_text=f"your code is {spoken(code)}",
        )
        for place, (test, tab) in enumerate(TESTS)
        for code in (f"{7000 + 101 * place}",)
    )
