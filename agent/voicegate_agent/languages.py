"""Languages as people write them, to the codes that Whisper knows.

The codes and English names are those of Whisper's tokenizer (https://github.com/openai/whisper, MIT).
"""

AUTO = "auto"
"""In place of a language: the model finds out in each utterance."""

_NAMES = """
af afrikaans, am amharic, ar arabic, as assamese, az azerbaijani, ba bashkir, be belarusian, bg bulgarian, bn bengali,
bo tibetan, br breton, bs bosnian, ca catalan valencian, cs czech, cy welsh, da danish, de german, el greek, en english,
es spanish castilian, et estonian, eu basque, fa persian farsi, fi finnish, fo faroese, fr french, gl galician,
gu gujarati, ha hausa, haw hawaiian, he hebrew, hi hindi, hr croatian, ht haitian, hu hungarian, hy armenian,
id indonesian, is icelandic, it italian, ja japanese, jw javanese, ka georgian, kk kazakh, km khmer, kn kannada,
ko korean, la latin, lb luxembourgish letzeburgesch, ln lingala, lo lao, lt lithuanian, lv latvian, mg malagasy,
mi maori, mk macedonian, ml malayalam, mn mongolian, mr marathi, ms malay, mt maltese, my myanmar burmese, ne nepali,
nl dutch flemish, nn nynorsk, no norwegian, oc occitan, pa punjabi panjabi, pl polish, ps pashto pushto, pt portuguese,
ro romanian moldavian moldovan, ru russian, sa sanskrit, sd sindhi, si sinhala sinhalese, sk slovak, sl slovenian,
sn shona, so somali, sq albanian, sr serbian, su sundanese, sv swedish, sw swahili, ta tamil, te telugu, tg tajik,
th thai, tk turkmen, tl tagalog filipino, tr turkish, tt tatar, uk ukrainian, ur urdu, uz uzbek, vi vietnamese,
yi yiddish, yo yoruba, yue cantonese, zh chinese mandarin
"""
_OTHERS = {"nb": "no", "jv": "jw", "iw": "he", "in": "id", "fil": "tl", "cmn": "zh", "haitian creole": "ht"}

_LINES = [line.split() for line in _NAMES.replace("\n", " ").split(",")]
_CODES = _OTHERS | {word: line[0] for line in _LINES for word in line}
_ENGLISH = {line[0]: line[1] for line in _LINES} | {"ht": "haitian creole"}


def language_name(code: str) -> str:
    """Give the English name of a code, as OpenAI's API answers it; what is no code stays as it is."""
    return _ENGLISH.get(code, code)


def language_code(text: str) -> str:
    """Give Whisper's code of a language written as a code (`de`), locale (`de-DE`, `de_DE`) or English name; or `auto`.

    Raises ValueError saying what was expected.
    """
    wanted = text.strip().lower()
    if wanted == AUTO:
        return AUTO
    code = _CODES.get(wanted) or _CODES.get(wanted.replace("_", "-").partition("-")[0])
    if code is None:
        message = (
            f"{text!r} is no language that Whisper knows: expected a code (de), a locale (de-DE), "
            f"an English name (German), or {AUTO}"
        )
        raise ValueError(message)
    return code
