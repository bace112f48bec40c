"""What words say of the end of a turn."""

import pytest
from voicegate_agent.speech.finish import Finish, finish_of, only_listens


@pytest.mark.parametrize(
    ("text", "finish"),
    [
        ("My code is 3957.", Finish.FINISHED),
        ("my code is three nine five seven", Finish.FINISHED),
        ("my code is three nine", Finish.UNFINISHED),
        ("My code is 39", Finish.UNFINISHED),
        ("meine nummer ist drei neun", Finish.UNFINISHED),
        ("it is A B", Finish.UNFINISHED),
        ("my code", Finish.UNFINISHED),
        ("My code is", Finish.UNFINISHED),
        ("it's", Finish.UNFINISHED),
        ("What is my number?", Finish.FINISHED),
        ("where is my order?", Finish.FINISHED),
        ("really?", Finish.UNSURE),
        ("reset my password please", Finish.FINISHED),
        ("please", Finish.UNSURE),
        ("Thank you.", Finish.FINISHED),
        ("danke", Finish.UNSURE),
        ("vielen dank und auf wiederhören", Finish.FINISHED),
        ("please open a", Finish.UNFINISHED),
        ("well, um", Finish.UNFINISHED),
        ("so I said,", Finish.UNFINISHED),
        ("send me an email", Finish.UNSURE),
        ("no", Finish.UNSURE),
        ("", Finish.UNFINISHED),
        ("Send me an email.", Finish.UNSURE),
        ("She made it to", Finish.UNFINISHED),
        ("When you talk", Finish.UNFINISHED),
        ("Hello", Finish.UNSURE),
        ("plan a", Finish.UNFINISHED),
    ],
)
def test_the_last_words_say_whether_more_comes(text: str, finish: Finish) -> None:
    """A code lacks digits, a sentence a noun; thanks and questions are all."""
    assert finish_of(text, 4) is finish


@pytest.mark.parametrize(
    ("digits", "said", "finish"),
    [
        (4, "1 2 3", Finish.UNFINISHED),
        (4, "1 2 3 4", Finish.FINISHED),
        (4, "1 2 3 4 5", Finish.FINISHED),
        (6, "1 2 3 4", Finish.UNFINISHED),
        (0, "1 2 3 4 5 6 7 8 9", Finish.UNFINISHED),
    ],
)
def test_a_code_is_whole_when_it_has_its_digits(digits: int, said: str, finish: Finish) -> None:
    """Of codes of any length nobody knows the last digit."""
    assert finish_of(said, digits) is finish


@pytest.mark.parametrize(
    ("text", "speech_s", "only"),
    [
        ("Mm-hmm.", 0.5, True),
        ("uh huh", 0.5, True),
        ("", 2.0, True),
        ("two", 0.2, True),
        ("two", 0.4, False),
        ("Stop!", 0.2, False),
        ("yes", 0.2, False),
        ("um my code", 0.8, False),
        ("hm hm hm", 0.8, False),
    ],
)
def test_a_hum_over_a_reply_is_no_answer(text: str, speech_s: float, only: bool) -> None:
    """Words are; in a short sound only those that somebody says to stop a reply."""
    assert only_listens(text, speech_s) == only
