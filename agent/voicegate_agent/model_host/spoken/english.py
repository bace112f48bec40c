"""English: what espeak-ng's English does not say as a person would, by rules in order."""

import datetime as dt
import re
from collections.abc import Callable

from voicegate_agent.model_host.spoken.english_words import (
    ADDRESSES,
    CURRENCIES,
    DAYS,
    MAGNITUDES,
    MONTHS,
    NUMBERS,
    SHORT_MONTHS,
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

_TENS = ("tens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_MONTH = rf"(?P<month>{any_of(MONTHS)}|(?:{any_of(SHORT_MONTHS)})\b\.?)"
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
    return f"{MONTHS[month - 1]} {_day(day)}, {_year(year)}"


def _iso_date(match: re.Match[str]) -> str:
    return _date(int(match["year"]), int(match["month"]), int(match["day"])) or match[0]


def _month_first(match: re.Match[str]) -> str:
    """Read 05/06/2024 as Americans do, and 15/06/2024 where only that is a date."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    return _date(year, first, second) or _date(year, second, first) or match[0]


def _day_first(match: re.Match[str]) -> str:
    """Read 05/06/2024 as all others do."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    return _date(year, second, first) or _date(year, first, second) or match[0]


def _month_and_day(match: re.Match[str]) -> str:
    month = match["month"].rstrip(".")
    year = f", {_year(int(match['year']))}" if match["year"] else ""
    last = f" to {_day(int(match['last']))}" if match["last"] else ""
    return f"{SHORT_MONTHS.get(month, month)} {_day(int(match['day']))}{last}{year}"


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
    return " ".join(filter(None, (match["century"], _TENS[int(match["decade"]) - 1])))


_SENTENCE_END = r"\s*$|\s+[A-Z]"
_NO_PLURALS = (
    r"is|was|has|does|as|this|its|always|thus|plus|arrives|becomes|belongs|closes|comes|contains|costs|departs|ends|expires|gets|goes|includes|"
    r"leaves|looks|needs|opens|reads|says|ships|shows|starts|takes|works"
)
_PLURAL = rf" (?!(?:{_NO_PLURALS})\b)(?:people|[a-z]+s)\b"
_NUMBER_OF_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_DAY = rf"(?P<day>{_NUMBER_OF_DAY})(?:st|nd|rd|th)?(?:\s?[-–]\s?(?P<last>{_NUMBER_OF_DAY})(?:st|nd|rd|th)?(?![\w-]))?"
_SIGN_AHEAD = rf"\s?(?:[€$£%]|(?:{any_of(UNITS)})(?!\w))"
_BEFORE_YEAR = rf"(?P<before>\b(?:{any_of(MONTHS)}|[Ii]n|[Ss]ince|[Uu]ntil|[Yy]ear|[Ee]arly|[Ll]ate|[Ss]ummer|[Ww]inter),? )"
_NUMERIC_DATE = re.compile(
    r"(?<![\w/-])(?P<first>\d\d?)(?P<sign>[/-])(?P<second>\d\d?)(?P=sign)(?P<year>\d{4})(?![\w/-])"
)
_DATES: tuple[Rule, ...] = (
    (re.compile(r"(?<![\w-])(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?![\w-])"), _iso_date),
    (re.compile(rf"\b{_MONTH} {_DAY}(?![\w:/%]|[.,]\d)(?:,? {_YEAR}\b(?![.,:]\d))?"), _month_and_day),
    (
        re.compile(
            rf"(?:(?<=\d)|(?<=\d(?:st|nd|rd|th)))\s?[-–]\s?(?=(?:{any_of(MONTHS)}) \d|\d\d?(?:st|nd|rd|th)\b)"
        ),
        " to ",
    ),
    (re.compile(rf"{_BEFORE_YEAR}{_YEAR}(?![\w%]|[.,:]\d|{_PLURAL}|{_SIGN_AHEAD})"), _year_in_context),
    (re.compile(r"\b(?P<century>1[89]|20)(?P<decade>[1-9])0'?s\b"), _decade),
    (re.compile(r"(?<=\b[Tt]he )(?P<century>)(?P<decade>[2-9])0'?s\b"), _decade),
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
    (re.compile(r"(?<=\d [AP]M)\s?[-–]\s?(?=\d)"), " to "),
)
_CODE_NAMES = (
    r"account|booking|case(?= number| no\b| ID)|claim|code|confirmation|customer|extension|ID|invoice|number|order|"
    r"passcode|PIN|policy|postcode|reference|reservation|serial|ticket|tracking|zip"
)
_THINGS_WITH_NUMBERS = r"article|bus|flight|gate|house|item|line|model|part|platform|room|seat|track"
_CODES: tuple[Rule, ...] = (
    *plain_rules(
        {
            # In "The answer is no. 3 items are left." it is a word.
            rf"(?<![.!?] )\bNo\.\s?(?=\d+\b(?!{_PLURAL}))": "Number ",
            rf"\b((?i:{_CODE_NAMES}|{_THINGS_WITH_NUMBERS})) no\.\s?(?=\d)": r"\1 number ",
            r"№\s?(?=\d)|(?<![\w&])#(?=\d)": "number ",
        }
    ),
    (
        # "order 2416" is spelled, "order 250 chairs" is a number. "Order 2416 rings a bell" has no plural and no round number.
        re.compile(
            rf"(?P<name>\b(?:{_CODE_NAMES})(?: (?:number|code|no|ID))?(?: (?P<is>is|was))?:? (?:number )?)"
            rf"(?P<code>\d{{3,}})(?!\w|[-.,:/%]\d|\s?%|{counted_in(CURRENCIES, UNITS)})"
            rf"(?(is)(?!{_PLURAL})|(?!(?<=0){_PLURAL}))",
            re.IGNORECASE,
        ),
        lambda match: match["name"] + spelled(match["code"]),
    ),
    *codes({"A": "eh"}, _PLURAL),
    (
        re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]\d)"),
        lambda match: match[0].replace(".", " dot "),
    ),
)
_SAINTS = (
    r"Albans|Andrew|Ann|Anne|Augustine|Charles|Croix|Francis|Gallen|George|Helena|James|John|Johns|Joseph|Jude|Kitts|Louis|"
    r"Lucia|Luke|Mark|Martin|Mary|Michael|Moritz|Nicholas|Pancras|Patrick|Paul|Peter|Petersburg|Regis|Thomas|Tropez|Vincent"
)
_STARTS = r"And|At|But|If|I|In|It|Our|Please|She|That|The|Then|There|They|This|We|What|When|You|Your"
_STREETS = abbreviations(
    {
        r"\b(\d+ (?:[A-Z][a-z]+ )+)Dr\.": r"\1Drive",
        r"\b(\d+ (?:[A-Z][a-z]+ )+)St\.": r"\1Street",
        rf"\b([A-Z][a-z]+ )Dr\.(?=,?\s+(?:\d|#|(?:Apt|Building|Floor|Room|Suite|Unit|{_STARTS})\b))": r"\1Drive",
        rf"\b((?!(?:By|From|Near|To|Visit|{_STARTS}) )[A-Z][a-z]+ |\d+(?:st|nd|rd|th) )St\.(?!\s+(?:{_SAINTS})\b)": r"\1Street",
    },
    _SENTENCE_END,
)
_TITLES = plain_rules(
    {
        r"\bDr\.(?=\s+[A-Z])": "Doctor",
        r"\bApt\.(?=\s?[A-Z\d])": "Apartment",
        r"\bapt\.(?=\s?\d)": "apartment",
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


def _rules(numeric_date: Callable[[re.Match[str]], str]) -> tuple[Rule, ...]:
    return (
        *addresses(ADDRESSES),
        (_NUMERIC_DATE, numeric_date),
        *_DATES,
        *_TIMES,
        *quantities(NUMBERS, CURRENCIES, UNITS),
        *money(NUMBERS, CURRENCIES, MAGNITUDES, "{whole} {name} and {part} {cents}"),
        *units(NUMBERS, UNITS, unless=r"(?<= [WLV])\s(?:\d+(?:st|nd|rd|th)\b|[A-Z][a-z])"),
        *_CODES,
        *_STREETS,
        *_TITLES,
        *_ABBREVIATIONS,
        *_LETTERS,
        *ranges(NUMBERS, DAYS),
        *_SIGNS,
    )


RULES = _rules(_month_first)
"""American English. Applied in order: what is longer and clearer first."""

DAY_FIRST_RULES = _rules(_day_first)
"""Any other English."""
