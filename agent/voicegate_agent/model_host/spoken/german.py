"""German: what espeak-ng's German does not say as a person would, by rules in order."""

import re

from voicegate_agent.model_host.spoken.german_words import (
    ADDRESSES,
    CURRENCIES,
    DAYS,
    MAGNITUDES,
    MONTHS,
    NUMBERS,
    UNITS,
)
from voicegate_agent.model_host.spoken.rules import (
    Rule,
    abbreviations,
    addresses,
    any_of,
    codes,
    counted_in,
    money,
    plain_rules,
    quantities,
    ranges,
    spelled,
    units,
)

_ORDINALS = (
    *("erste", "zweite", "dritte", "vierte", "fünfte", "sechste", "siebte", "achte", "neunte", "zehnte"),
    *("elfte", "zwölfte", "dreizehnte", "vierzehnte", "fünfzehnte", "sechzehnte", "siebzehnte"),
    *("achtzehnte", "neunzehnte", "zwanzigste", "einundzwanzigste", "zweiundzwanzigste"),
    *("dreiundzwanzigste", "vierundzwanzigste", "fünfundzwanzigste", "sechsundzwanzigste"),
    *("siebenundzwanzigste", "achtundzwanzigste", "neunundzwanzigste", "dreißigste", "einunddreißigste"),
)


def _date(match: re.Match[str]) -> str:
    """Say the day in the case that the word before asks for: "der dritte Mai", else "am dritten Mai"."""
    before, day, month = match["before"] or "", int(match["day"]), match["month"]
    ordinal = _ORDINALS[day - 1] + ("" if before.lower() == "der " else "n")
    name = MONTHS[int(month) - 1] if month.isdecimal() else month
    year = f" {match['year']}" if match["year"] else ""
    return f"{before}{ordinal} {name}{year}" + ("" if match["end"] is None else ".")


def _year(match: re.Match[str]) -> str:
    century, rest = divmod(int(match[0]), 100)
    return f"{century} hundert {rest or ''}".rstrip()


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    said = f"{hour} Uhr {minute or ''}".rstrip()
    return f"{said} und {int(match['second'])} Sekunden" if match["second"] else said


_BEFORE = r"(?P<before>\b(?:[Aa]b|[Aa]m|[Bb]is|[Dd]em|[Dd]en|[Dd]er|[Ss]eit|[Vv]om|[Zz]um) )"
_DAY = r"(?<![\d.,])(?<!Version )(?P<day>[12]\d|3[01]|0?[1-9])\.\s?"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_ANY_YEAR = r"(?P<year>\d{4}|\d\d)(?!\d)"
_NONE = r"(?P<end>(?!))?"
_STARTS = (
    r"Aber|Bitte|Da|Dann|Danach|Das|Der|Die|Diese|Dieser|Dort|Ein|Eine|Er|Es|Haben|Ich|Ihr|Ihre|Im|In|Ist|Kann|Können|"
    r"Möchten|Sie|Sind|Soll|Unser|Unsere|Wann|Was|Wenn|Wie|Wir|Wo"
)
_SENTENCE_END = rf"\s*$|\s+(?:{_STARTS})\b"
_DATES: tuple[Rule, ...] = (
    (
        re.compile(rf"(?<![\w-])(?P<year>\d{{4}})-{_MONTH}-(?P<day>[0-2]\d|3[01])(?![\w-])"),
        r"\g<day>.\g<month>.\g<year>",
    ),
    (
        re.compile(r"(?<![\w/-])(\d\d?)([/-])(\d\d?)\2(\d{4})(?![\w/-])"),
        r"\1.\3.\4",
    ),
    (
        re.compile(
            rf"\b(\d\d?\.(?:\d\d?\.(?:\d{{4}})?)?)\s?[-–]\s?(?=\d\d?\.(?:\s?(?:{any_of(MONTHS)})\b|\d\d?\.))"
        ),
        r"\1 bis ",
    ),
    (re.compile(rf"{_BEFORE}?{_DAY}{_MONTH}\.\s?{_YEAR}{_NONE}(?![\d.]\d)"), _date),
    # "Version 1.2.10" is no date.
    (re.compile(rf"{_BEFORE}{_DAY}{_MONTH}\.\s?{_ANY_YEAR}{_NONE}(?![\d.]\d)"), _date),
    (re.compile(rf"{_BEFORE}{_DAY}{_MONTH}\.(?P<year>(?!))?(?!\d)(?P<end>(?={_SENTENCE_END}))?"), _date),
    (re.compile(rf"{_BEFORE}?{_DAY}(?P<month>{any_of(MONTHS)})\b(?: {_YEAR})?{_NONE}"), _date),
    (
        re.compile(
            rf"(?P<first>(?:{any_of(MONTHS)})(?: \d\d(?:\d\d)?)?)\s?[-–]\s?(?=(?:{any_of(_ORDINALS)})n? [A-Z])"
        ),
        r"\g<first> bis ",
    ),
)
_TIMES: tuple[Rule, ...] = (
    (re.compile(r"(?<=\d:\d\d)(?: Uhr)?\s?[-–]\s?(?=\d?\d:\d\d)"), " bis "),
    (
        re.compile(
            r"(?<![\w:.,])(?P<hour>2[0-4]|[01]?\d):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\w:]|[.,]\d)(?: Uhr\b)?"
        ),
        _time,
    ),
)
_CODE_NAMES = (
    r"Bestell|Bestellung|Auftrags|Kunden|Rechnungs|Ticket|Vorgangs|Telefon|Konto|Buchungs|Sendungs|Referenz|"
    r"Code|PIN|Postleitzahl|PLZ|Kennwort|ID"
)
_CODES: tuple[Rule, ...] = (
    *plain_rules({r"\bNr\.\s?(?=\d)": "Nummer ", r"№\s?(?=\d)|(?<![\w&])#(?=\d)": "Nummer "}),
    (
        re.compile(
            rf"(?P<name>\b(?:(?:{_CODE_NAMES})-?(?:[Nn]ummer|[Cc]ode)?|Nummer)(?: (?:ist|lautet))?:? (?:Nummer )?)"
            rf"(?P<code>\d{{3,}})(?!\w|[-.,:/%]\d|\s?%|{counted_in(CURRENCIES, UNITS)})"
        ),
        lambda match: match["name"] + spelled(match["code"]),
    ),
    *codes(),
    (
        re.compile(r"(?<![\w.])(?!\d{1,3}(?:\.\d{3}){3})\d{1,3}(?:\.\d{1,3}){3}(?![\w.]\d)"),
        lambda match: match[0].replace(".", " Punkt "),
    ),
)
_ABBREVIATIONS = (
    *abbreviations(
        {
            r"\b[Zz]\.\s?B\.": "zum Beispiel",
            r"\b[Dd]\.\s?h\.": "das heißt",
            r"\b[Uu]\.\s?a\.": "unter anderem",
            r"\bi\.\s?d\.\s?R\.": "in der Regel",
            r"\bca\.": "circa",
            r"\bbzw\.": "beziehungsweise",
            r"\bevtl\.": "eventuell",
            r"\bggf\.": "gegebenenfalls",
            r"\binkl\.": "inklusive",
            r"\bzzgl\.": "zuzüglich",
            r"\b[Vv]gl\.": "vergleiche",
            r"\bmax\.|\bMax\.(?=\s?\d)": "maximal",  # "Hallo Max."
            r"\bmind\.|\bMind\.(?=\s?\d)": "mindestens",
            r"\bDr\.": "Doktor",
            r"\bProf\.": "Professor",
            r"\bHr\.": "Herr",
            r"\bTel\.": "Telefon",
            r"\bNr\.": "Nummer",
        },
        r"\s*$",
    ),
    *abbreviations(
        {
            r"\bo\.\s?ä\.": "oder ähnliches",
            r"\busw\.": "und so weiter",
            r"\betc\.": "et cetera",
            r"\bStr\.": "Straße",
            r"(?<=\w)str\.": "straße",
            r"\bMio\.": "Millionen",
            r"\bMrd\.": "Milliarden",
        },
        _SENTENCE_END,
    ),
)
_SIGNS = plain_rules(
    {
        r"\bund/oder\b": "und oder",
        r"(?<![\w/.-])([^\W\d_]{2,})/([^\W\d_]{2,})(?![\w/-]|\.\w)": r"\1 oder \2",
        r"(?<=\w)\s?->\s?(?=\w)": ", ",
        r"(?<=\d)\s?[*×]\s?(?=\d)": " mal ",
        r"(?<=\d):(?=\d)": " zu ",
        r"(?<!\w)[~≈]\s?(?=\d)": "etwa ",
    }
)

RULES: tuple[Rule, ...] = (
    *addresses(ADDRESSES),
    *_DATES,
    *_TIMES,
    *quantities(NUMBERS, CURRENCIES, UNITS),
    *money(NUMBERS, CURRENCIES, MAGNITUDES, "{whole} {name} {part}"),
    *units(NUMBERS, UNITS, sentence_end=_SENTENCE_END),
    *_CODES,
    (re.compile(r"(?<![\w.,])1[1-9]\d\d(?!\w|[.,:]\d)"), _year),
    *_ABBREVIATIONS,
    *ranges(NUMBERS, DAYS),
    *_SIGNS,
)
"""Applied in order: what is longer and clearer first."""
