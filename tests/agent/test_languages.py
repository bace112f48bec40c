"""Languages, however they are written."""

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES
from voicegate_agent.languages import _CODES, _OTHERS, AUTO, language_code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de-DE", "de"),
        ("de_AT.UTF-8", "de"),
        ("German", "de"),
        ("german", "de"),
        ("en-US", "en"),
        ("English", "en"),
        ("zh-Hant-TW", "zh"),
        ("nb-NO", "no"),
        ("Cantonese", "yue"),
        ("Haitian Creole", "ht"),
        (" fr ", "fr"),
        ("auto", AUTO),
    ],
)
def test_codes_locales_and_names_are_understood(written: str, code: str) -> None:
    """Each is Whisper's code in the end."""
    assert language_code(written) == code


@pytest.mark.parametrize("written", ["xx", "", "-", "Klingon", "e"])
def test_anything_else_is_refused(written: str) -> None:
    """The message says what was expected."""
    with pytest.raises(ValueError, match=r"expected a code \(de\), a locale \(de-DE\), an English name"):
        language_code(written)


def test_the_languages_are_whispers() -> None:
    """No code is missing and none is made up."""
    assert set(_CODES.values()) == set(_LANGUAGE_CODES)
    assert set(_LANGUAGE_CODES) <= set(_CODES)
    assert not set(_OTHERS) & set(_LANGUAGE_CODES)
