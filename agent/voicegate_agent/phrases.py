"""What the agent says by itself, in each language; these are recorded beforehand, so that they need no model when one fails.

Each is one sentence, because speech is made sentence by sentence. A language without a row here is spoken to in English.
"""

from dataclasses import dataclass, fields

from voicegate_agent.languages import language_code


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language."""

    one_moment: str
    apology: str
    still_there: str
    goodbye: str
    failed: str

    @property
    def all(self) -> tuple[str, ...]:
        """Every phrase."""
        return tuple(getattr(self, field.name) for field in fields(self))


ENGLISH = Phrases(
    one_moment="One moment please.",
    apology="I am sorry, that did not work, please say it again.",
    still_there="Are you still there?",
    goodbye="Thank you for calling, goodbye.",
    failed="I am sorry, something is broken here, please call again later.",
)
GERMAN = Phrases(
    one_moment="Einen Moment bitte.",
    apology="Es tut mir leid, das hat nicht geklappt, bitte sagen Sie es noch einmal.",
    still_there="Sind Sie noch da?",
    goodbye="Vielen Dank für Ihren Anruf, auf Wiederhören.",
    failed="Es tut mir leid, hier ist etwas gestört, bitte rufen Sie später noch einmal an.",
)
BY_LANGUAGE = {"en": ENGLISH, "de": GERMAN}


def phrases_in(language: str) -> Phrases:
    """Give the phrases of a language (code, locale or name), or the English ones."""
    return BY_LANGUAGE.get(language_code(language), ENGLISH)
