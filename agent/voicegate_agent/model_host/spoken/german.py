"""German: what espeak-ng's German does not say as a person would, by rules in order."""

import re

from voicegate_agent.model_host.spoken.rules import (
    AddressWords,
    Currency,
    NumberFormat,
    Rule,
    abbreviations,
    addresses,
    any_of,
    codes,
    money,
    plain_rules,
    ranges,
    spelled,
    units,
)

_NUMBERS = NumberFormat(thousands=".", decimal=",", to="bis", per="pro", minus="minus")
_ADDRESSES = AddressWords("Punkt", "Schrägstrich", "Bindestrich", "Unterstrich", "plus", "ätt", "Port")
_EURO = Currency("Euro", "Euro", "Cent", "Cent")
_DOLLAR = Currency("Dollar", "Dollar", "Cent", "Cent")
_POUND = Currency("Pfund", "Pfund", "Penny", "Pence")
_CURRENCIES = {
    "€": _EURO,
    "EUR": _EURO,
    "$": _DOLLAR,
    "US$": _DOLLAR,
    "USD": _DOLLAR,
    "£": _POUND,
    "GBP": _POUND,
    "CHF": Currency("Franken", "Franken", "Rappen", "Rappen"),
    "¥": Currency("Yen", "Yen"),
}
_MAGNITUDES = {
    "Tsd.": "Tausend",
    "Tausend": "Tausend",
    "Mio.": "Millionen",
    "Millionen": "Millionen",
    "Mrd.": "Milliarden",
    "Milliarden": "Milliarden",
}
_UNITS = {
    "km/h": ("Kilometer pro Stunde", "Kilometer pro Stunde"),
    "km": ("Kilometer", "Kilometer"),
    "m": ("Meter", "Meter"),
    "m²": ("Quadratmeter", "Quadratmeter"),
    "m³": ("Kubikmeter", "Kubikmeter"),
    "qm": ("Quadratmeter", "Quadratmeter"),
    "cm": ("Zentimeter", "Zentimeter"),
    "mm": ("Millimeter", "Millimeter"),
    "kg": ("Kilogramm", "Kilogramm"),
    "g": ("Gramm", "Gramm"),
    "mg": ("Milligramm", "Milligramm"),
    "t": ("Tonne", "Tonnen"),
    "l": ("Liter", "Liter"),
    "L": ("Liter", "Liter"),
    "ml": ("Milliliter", "Milliliter"),
    "kB": ("Kilobyte", "Kilobyte"),
    "KB": ("Kilobyte", "Kilobyte"),
    "MB": ("Megabyte", "Megabyte"),
    "GB": ("Gigabyte", "Gigabyte"),
    "TB": ("Terabyte", "Terabyte"),
    "Mbit": ("Megabit", "Megabit"),
    "Hz": ("Hertz", "Hertz"),
    "MHz": ("Megahertz", "Megahertz"),
    "GHz": ("Gigahertz", "Gigahertz"),
    "W": ("Watt", "Watt"),
    "kW": ("Kilowatt", "Kilowatt"),
    "kWh": ("Kilowattstunde", "Kilowattstunden"),
    "V": ("Volt", "Volt"),
    "°": ("Grad", "Grad"),
    "°C": ("Grad Celsius", "Grad Celsius"),
    "h": ("Stunde", "Stunden"),
    "Std.": ("Stunde", "Stunden"),
    "min": ("Minute", "Minuten"),
    "Min.": ("Minute", "Minuten"),
    "s": ("Sekunde", "Sekunden"),
    "Sek.": ("Sekunde", "Sekunden"),
    "ms": ("Millisekunde", "Millisekunden"),
}
_MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
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
    name = _MONTHS[int(month) - 1] if month.isdecimal() else month
    year = f" {match['year']}" if match["year"] else ""
    return f"{before}{ordinal} {name}{year}"


def _year(match: re.Match[str]) -> str:
    century, rest = divmod(int(match[0]), 100)
    return f"{century} hundert {rest or ''}".rstrip()


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    said = f"{hour} Uhr {minute or ''}".rstrip()
    return f"{said} und {int(match['second'])} Sekunden" if match["second"] else said


_BEFORE = r"(?P<before>\b(?:[Aa]b|[Aa]m|[Bb]is|[Dd]em|[Dd]en|[Dd]er|[Ss]eit|[Vv]om|[Zz]um) )"
_DAY = r"(?<![\d.,])(?P<day>[12]\d|3[01]|0?[1-9])\.\s?"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"
_YEAR = r"(?P<year>\d{4}|\d\d)(?!\d)"
_DATES: tuple[Rule, ...] = (
    (
        re.compile(rf"(?<![\w-])(?P<year>\d{{4}})-{_MONTH}-(?P<day>[0-2]\d|3[01])(?![\w-])"),
        r"\g<day>.\g<month>.\g<year>",
    ),
    (re.compile(rf"{_BEFORE}?{_DAY}{_MONTH}\.\s?{_YEAR}(?![\d.]\d)"), _date),
    (re.compile(rf"{_BEFORE}{_DAY}{_MONTH}\.(?P<year>(?!))?(?!\d)"), _date),
    (re.compile(rf"{_BEFORE}?{_DAY}(?P<month>{any_of(_MONTHS)})\b(?: {_YEAR})?"), _date),
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
            r"(?P<code>\d{3,})(?!\w|[-.,:/%]\d|\s?%)"
        ),
        lambda match: match["name"] + spelled(match["code"]),
    ),
    *codes(),
    (
        re.compile(r"(?<![\w.])(?!\d{1,3}(?:\.\d{3}){3})\d{1,3}(?:\.\d{1,3}){3}(?![\w.]\d)"),
        lambda match: match[0].replace(".", " Punkt "),
    ),
)
_ABBREVIATIONS = abbreviations(
    {
        r"\b[Zz]\.\s?B\.": "zum Beispiel",
        r"\b[Dd]\.\s?h\.": "das heißt",
        r"\b[Uu]\.\s?a\.": "unter anderem",
        r"\bo\.\s?ä\.": "oder ähnliches",
        r"\bi\.\s?d\.\s?R\.": "in der Regel",
        r"\bca\.": "circa",
        r"\bbzw\.": "beziehungsweise",
        r"\busw\.": "und so weiter",
        r"\betc\.": "et cetera",
        r"\bevtl\.": "eventuell",
        r"\bggf\.": "gegebenenfalls",
        r"\binkl\.": "inklusive",
        r"\bzzgl\.": "zuzüglich",
        r"\b[Vv]gl\.": "vergleiche",
        r"\b([Mm])ax\.": r"\1aximal",
        r"\b([Mm])ind\.": r"\1indestens",
        r"\bDr\.": "Doktor",
        r"\bProf\.": "Professor",
        r"\bHr\.": "Herr",
        r"\bFr\.(?=\s+[A-Z])": "Frau",
        r"\bTel\.": "Telefon",
        r"\bNr\.": "Nummer",
        r"\bStr\.": "Straße",
        r"(?<=\w)str\.": "straße",
        r"\bMio\.": "Millionen",
        r"\bMrd\.": "Milliarden",
    },
    r"\s*$",
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
    *addresses(_ADDRESSES),
    *_DATES,
    *_TIMES,
    *money(_NUMBERS, _CURRENCIES, _MAGNITUDES, "{whole} {name} {part}"),
    *units(_NUMBERS, _UNITS),
    *_CODES,
    (re.compile(r"(?<![\w.,])1[1-9]\d\d(?!\w|[.,:]\d)"), _year),
    *_ABBREVIATIONS,
    *ranges(_NUMBERS),
    *_SIGNS,
)
"""Applied in order: what is longer and clearer first."""
