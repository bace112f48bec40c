"""The scripted help desk."""

import pytest
from livekit.agents import llm
from voicegate_agent.conversation.scripted import ASK_TO_REPEAT, SCRIPT, ScriptedReplies, reply_to


@pytest.mark.parametrize(
    ("heard", "reply"),
    [
        ("my code is one two three four", "Your code is one two three four."),
        ("My code is 1 2 3 4.", "Your code is one two three four."),
        ("code 907", "Your code is nine zero seven."),
        ("zero zero zero", "Your code is zero zero zero."),
        ("what is the status of my order", "Your order is on its way."),
        ("where is my package", "Your order is on its way."),
        ("please reset my password", "Your password is reset."),
        ("book a room", "Your room is ready."),
        ("open a ticket", "Your ticket is open."),
        ("send me an email", "The email is sent."),
        ("i need help with my account", "I can help you with that."),
        ("thanks", "Thank you, goodbye."),
        ("goodbye", "Thank you, goodbye."),
        ("hello", "Hello, how can I help you?"),
    ],
)
def test_reply(heard: str, reply: str) -> None:
    """Each kind of utterance has its reply, whatever its capitals, digits and punctuation."""
    assert reply_to(heard) == reply


@pytest.mark.parametrize(
    "heard", ["", "   ", "one two", "the weather is nice", "?!", "this", "stone two three"]
)
def test_anything_else_is_asked_for_again(heard: str) -> None:
    """Silence, small talk and codes that are too short are not guessed at; words are not parts of words."""
    assert reply_to(heard) == ASK_TO_REPEAT


def test_code_wins_over_everything_else() -> None:
    """A caller who gives a code hears that code."""
    assert (
        reply_to("hello help me reset my password my code is five five five")
        == "Your code is five five five."
    )


def test_first_code_is_repeated() -> None:
    """Of two codes in one breath the first is answered."""
    assert reply_to("one two three and four five six") == "Your code is one two three."


def test_replies_are_never_mistaken_for_questions() -> None:
    """A reply that echoes back into a microphone does not start a conversation of its own with a code."""
    assert all(not reply_to(reply).startswith("Your code") for _, reply in SCRIPT)


async def test_adapter_answers_the_last_utterance() -> None:
    """LiveKit gets the reply to what the caller said last, in one piece."""
    context = llm.ChatContext.empty()
    context.add_message(role="user", content="hello")
    context.add_message(role="assistant", content="Hello, how can I help you?")
    context.add_message(role="user", content="my code is one two three")
    async with ScriptedReplies().chat(chat_ctx=context) as stream:
        answer = await stream.collect()
    assert answer.text == "Your code is one two three."


async def test_adapter_answers_an_empty_conversation() -> None:
    """A reply asked for before anybody spoke is the one to silence."""
    async with ScriptedReplies().chat(chat_ctx=llm.ChatContext.empty()) as stream:
        answer = await stream.collect()
    assert answer.text == ASK_TO_REPEAT
