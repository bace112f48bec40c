"""English: what espeak-ng's English does not say as a person would, by rules in order."""

import datetime as dt
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

_NUMBERS = NumberFormat(thousands=",", decimal=".", to="to", per="per", minus="minus")
_ADDRESSES = AddressWords("dot", "slash", "dash", "underscore", "plus", "at", "port")
_DOLLARS = Currency("dollar", "dollars", "cent", "cents")
_EUROS = Currency("euro", "euros", "cent", "cents")
_POUNDS = Currency("pound", "pounds", "penny", "pence")
_CURRENCIES = {
    "$": _DOLLARS,
    "US$": Currency("US dollar", "US dollars", "cent", "cents"),
    "USD": Currency("US dollar", "US dollars", "cent", "cents"),
    "€": _EUROS,
    "EUR": _EUROS,
    "£": _POUNDS,
    "GBP": _POUNDS,
    "¥": Currency("yen", "yen"),
    "JPY": Currency("yen", "yen"),
    "₹": Currency("rupee", "rupees", "paisa", "paise"),
    "CHF": Currency("Swiss franc", "Swiss francs", "centime", "centimes"),
}
_MAGNITUDES = {
    "thousand": "thousand",
    "million": "million",
    "billion": "billion",
    "trillion": "trillion",
    "k": "thousand",
    "K": "thousand",
    "M": "million",
    "m": "million",
    "bn": "billion",
    "B": "billion",
}
_UNITS = {
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "mph": ("mile per hour", "miles per hour"),
    "km": ("kilometer", "kilometers"),
    "km²": ("square kilometer", "square kilometers"),
    "m": ("meter", "meters"),
    "m²": ("square meter", "square meters"),
    "m³": ("cubic meter", "cubic meters"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "mi": ("mile", "miles"),
    "ft": ("foot", "feet"),
    "sq ft": ("square foot", "square feet"),
    "yd": ("yard", "yards"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "mg": ("milligram", "milligrams"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "l": ("liter", "liters"),
    "L": ("liter", "liters"),
    "ml": ("milliliter", "milliliters"),
    "mL": ("milliliter", "milliliters"),
    "kB": ("kilobyte", "kilobytes"),
    "KB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Mbit": ("megabit", "megabits"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "V": ("volt", "volts"),
    "°": ("degree", "degrees"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"),
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SHORT_MONTHS = {month[:3]: month for month in _MONTHS if len(month) > 3} | {"Sept": "September"}
_TENS = ("tens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_MONTH = rf"(?P<month>{any_of(_MONTHS)}|(?:{any_of(_SHORT_MONTHS)})\b\.?)"
_YEAR = r"(?P<year>1[1-9]\d\d|20\d\d)"


def _day(day: int) -> str:
    ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _year(year: int) -> str:
    """Say a year in two halves: "nineteen oh five", "twenty twenty-four", but "two thousand four"."""
    century, rest = divmod(year, 100)
    if century % 10 == 0 and rest < 10:
        return str(year)
    return f"{century} {rest}" if rest > 9 else f"{century} oh {rest}" if rest else f"{century} hundred"


def _date(year: int, month: int, day: int) -> str | None:
    try:
        dt.date(year, month, day)
    except ValueError:
        return None
    return f"{_MONTHS[month - 1]} {_day(day)}, {_year(year)}"


def _iso_date(match: re.Match[str]) -> str:
    return _date(int(match["year"]), int(match["month"]), int(match["day"])) or match[0]


def _american_date(match: re.Match[str]) -> str:
    """Read 03/15/2024, and 15/03/2024 where only that is a date."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    return _date(year, first, second) or _date(year, second, first) or match[0]


def _month_and_day(match: re.Match[str]) -> str:
    month = match["month"].rstrip(".")
    year = f", {_year(int(match['year']))}" if match["year"] else ""
    return f"{_SHORT_MONTHS.get(month, month)} {_day(int(match['day']))}{year}"


def _year_in_context(match: re.Match[str]) -> str:
    return match["before"] + _year(int(match["year"]))


def _half_day_time(match: re.Match[str]) -> str:
    said = " ".join(filter(None, (str(int(match["hour"])), _minute(int(match["minute"] or 0)))))
    return f"{said} {match['half'].upper()}M" + ("" if match["end"] is None else ".")


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    if minute:
        said = f"{hour} {_minute(minute)}"
    elif hour % 24 == 0:
        said = "midnight"
    else:
        said = f"{hour} o'clock" if hour <= 12 else f"{hour} hundred"
    return f"{said} and {int(match['second'])} seconds" if match["second"] else said


def _minute(minute: int) -> str:
    return f"oh {minute}" if 0 < minute < 10 else str(minute or "")


def _decade(match: re.Match[str]) -> str:
    return f"{match['century']} {_TENS[int(match['decade']) - 1]}"


_SENTENCE_END = r"\s*$|\s+[A-Z]"
_PLURAL = r" (?!(?:is|was|has|does|as|this|its)\b)[a-z]+s\b"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_BEFORE_YEAR = rf"(?P<before>\b(?:{any_of(_MONTHS)}|[Ii]n|[Ss]ince|[Uu]ntil|[Yy]ear|[Ee]arly|[Ll]ate|[Ss]ummer|[Ww]inter),? )"
_DATES: tuple[Rule, ...] = (
    (re.compile(r"(?<![\w-])(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?![\w-])"), _iso_date),
    (re.compile(r"(?<![\w/])(?P<first>\d\d?)/(?P<second>\d\d?)/(?P<year>\d{4})(?![\w/])"), _american_date),
    (re.compile(rf"\b{_MONTH} {_DAY}(?![\w:/%]|[.,]\d)(?:,? {_YEAR}\b(?![.,:]\d))?"), _month_and_day),
    (re.compile(rf"{_BEFORE_YEAR}{_YEAR}(?![\w%]|[.,:]\d|{_PLURAL})"), _year_in_context),
    (re.compile(r"\b(?P<century>1[89]|20)(?P<decade>[1-9])0'?s\b"), _decade),
)
_TIMES: tuple[Rule, ...] = (
    (re.compile(r"(?<=\d:\d\d)\s?[-–]\s?(?=\d?\d:\d\d)"), " to "),
    (
        re.compile(
            r"(?<![\w:.,])(?P<hour>1[0-2]|0?[1-9])(?::(?P<minute>[0-5]\d))?\s?(?P<half>[AaPp])"
            rf"(?:[Mm]\b|\.[Mm]\.(?P<end>(?={_SENTENCE_END}))?)"
        ),
        _half_day_time,
    ),
    (
        re.compile(
            r"(?<![\w:.,])(?P<hour>2[0-4]|[01]?\d):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\w:]|[.,]\d)"
        ),
        _time,
    ),
)
_CODE_NAMES = (
    r"account|booking|case(?= number| no\b| ID)|claim|code|confirmation|customer|extension|ID|invoice|number|order|"
    r"passcode|PIN|policy|postcode|reference|reservation|serial|ticket|tracking|zip"
)
_CODES: tuple[Rule, ...] = (
    *plain_rules({r"\b([Nn])o\.\s?(?=\d)": r"\1umber ", r"№\s?(?=\d)|(?<![\w&])#(?=\d)": "number "}),
    (
        # "order 2416" is spelled, "order 250 chairs" is a number.
        re.compile(
            rf"(?P<name>\b(?:{_CODE_NAMES})(?: (?:number|code|no|ID))?(?: (?:is|was))?:? (?:number )?)"
            rf"(?P<code>\d{{3,}})(?!\w|[-.,:/%]\d|\s?%|{_PLURAL})",
            re.IGNORECASE,
        ),
        lambda match: match["name"] + spelled(match["code"]),
    ),
    *codes({"A": "eh"}),
    (
        re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]\d)"),
        lambda match: match[0].replace(".", " dot "),
    ),
)
_TITLES = plain_rules(
    {
        r"\b(\d+ (?:[A-Z][a-z]+ )+)Dr\.": r"\1Drive",
        r"\b(\d+ (?:[A-Z][a-z]+ )+)St\.": r"\1Street",
        r"\bDr\.(?=\s+[A-Z])": "Doctor",
        r"\bMr\.(?=\s)": "Mister",
        r"\bMrs\.(?=\s)": "Missis",
        r"\bMs\.(?=\s)": "Miz",
        r"\bProf\.(?=\s)": "Professor",
        r"\bSt\.(?=\s+[A-Z])": "Saint",
        r"\be\.\s?g\.,?(?=\s)": "for example,",
        r"\bi\.\s?e\.,?(?=\s)": "that is,",
        r"\bw/o\b": "without",
        r"\bw/(?=\s)": "with",
        r"\bvs\b\.?": "versus",
    }
)
_ABBREVIATIONS = abbreviations(
    {
        r"\betc\.": "et cetera",
        r"\bSt\.": "Street",
        r"\bAve\.": "Avenue",
        r"\bBlvd\.": "Boulevard",
        r"\bRd\.": "Road",
        r"\bInc\.": "Incorporated",
        r"\bLtd\.": "Limited",
        r"\bCorp\.": "Corporation",
        r"\bCo\.": "Company",
        r"\bJr\.": "Junior",
        r"\bSr\.": "Senior",
        r"\bapprox\.": "approximately",
        r"\b([Ee])xt\.": r"\1xtension",
        r"\b([Aa])pt\.": r"\1partment",
        r"\b([Dd])ept\.": r"\1epartment",
        r"\ba\.k\.a\.": "also known as",
        r"\bPh\.\s?D\.": "PHD",
        r"\bU\.S\.A\.": "USA",
    },
    _SENTENCE_END,
)
_LETTERS = plain_rules({r"\bU\.S\.(?=\s+\w)": "US", r"\bU\.K\.(?=\s+\w)": "UK"})
_SIGNS = plain_rules(
    {
        r"\b24/7\b": "24 7",
        r"(?<![\d/])1/2(?![\d/])": "one half",
        r"(?<![\d/])1/3(?![\d/])": "one third",
        r"(?<![\d/])2/3(?![\d/])": "two thirds",
        r"(?<![\d/])1/4(?![\d/])": "one quarter",
        r"(?<![\d/])3/4(?![\d/])": "three quarters",
        r"\band/or\b": "and or",
        r"(?<![\w/.-])([A-Za-z]{2,})/([a-z]{2,})(?![\w/-]|\.\w)": r"\1 or \2",
        r"(?<=\w)\s?->\s?(?=\w)": ", ",
        r"(?<=\w) > (?=\w)": " is greater than ",
        r"(?<=\w) < (?=\w)": " is less than ",
        r"(?<=\d)\s?[*×]\s?(?=\d)": " times ",
        r"(?<=\d):(?=\d)": " to ",
        r"(?<!\w)[~≈]\s?(?=\d)": "about ",
    }
)

RULES: tuple[Rule, ...] = (
    *addresses(_ADDRESSES),
    *_DATES,
    *_TIMES,
    *money(_NUMBERS, _CURRENCIES, _MAGNITUDES, "{whole} {name} and {part} {cents}"),
    *units(_NUMBERS, _UNITS),
    *_CODES,
    *_TITLES,
    *_ABBREVIATIONS,
    *_LETTERS,
    *ranges(_NUMBERS),
    *_SIGNS,
)
"""Applied in order: what is longer and clearer first."""
