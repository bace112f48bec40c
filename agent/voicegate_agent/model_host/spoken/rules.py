"""Substitutions, one after the other: what a rule is, and the rules that every language shares or fills with its words."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

TO_SPELL_DIGITS = 5
"""So many digits in a row are spelled: writers group the digits of quantities of this size, not those of order numbers."""

GROUP_DIGITS = 3
MAX_PATH_CHARACTERS = 30

_BEFORE_EQUALS = r"(?:[^=.!?]|\.\d){0,20}="
_DASH = rf"\s?[-–]\s?(?!{_BEFORE_EQUALS})"
"""Between two numbers it means a range, but before "=" a difference."""


def substitute(rules: Iterable[Rule], text: str) -> str:
    """Apply each rule to what the ones before it made."""
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def plain_rules(substitutions: Mapping[str, str]) -> tuple[Rule, ...]:
    """Compile patterns with their replacements."""
    return tuple((re.compile(pattern), words) for pattern, words in substitutions.items())


def any_of(signs: Iterable[str]) -> str:
    """Give a pattern for one of these signs, the longest that fits."""
    return "|".join(re.escape(sign) for sign in sorted(signs, key=len, reverse=True))


def spelled(characters: str) -> str:
    """Say characters one by one, long ones in groups with a pause between them."""
    if len(characters) <= TO_SPELL_DIGITS:
        return " ".join(characters)
    groups = [characters[start : start + GROUP_DIGITS] for start in range(0, len(characters), GROUP_DIGITS)]
    if len(groups[-1]) == 1:
        groups[-2:] = ["".join(groups[-2:])]
    return ", ".join(" ".join(group) for group in groups)


def _spelled_groups(match: re.Match[str]) -> str:
    """Keep the writer's groups: digits one by one, a pause for what stands between the groups."""
    number = re.sub(r"(?<=\d)[ ./-]{0,2}\(0\)", " ", match[0])  # nobody dials the zero of +49 (0)30
    groups = ", ".join(spelled(group) for group in re.findall(r"\d+", number))
    return f"+{groups}" if number.startswith("+") else groups


_DATE = r"(?:[0-3]?\d([./-])[0-3]?\d\1\d{4}|\d\d?/\d\d?/\d\d|[01]?\d/(?:19|20)\d\d|\d{4}-\d\d-\d\d)(?!\d)"
_UNIT = r"\s?(?:[€$£¥₹°%]|(?:EUR|USD|GBP|CHF|[kcm]?m|[km]?g|[cm]?l|k?Wh?|[kMGT]B|t|h|min)(?!\w))"
_PHONE_NUMBER = (
    rf"(?<![\w+.,/€$£¥-])(?!{_DATE})(?:"
    r"(?=\+(?:[ ./()-]{0,3}\d){7})\+\d+(?:[ ./-]{1,2}\d+|[ ./-]{0,2}\(\d+\)\d*)*"  # +49 (30) 1234-567
    r"|(?:1[ .-])?\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}"  # (555) 123-4567
    r"|\d{3}-(?:0\d{3}|\d{4}(?<!00))|\d{5}-\d{4}"  # 555-0100, 90210-1234
    r"|(?<!\d )(?=(?:[ /-]{0,3}\d){6})0\d{1,5}[ /-]{1,3}\d{2,}(?:[ /-]\d{2,})*"  # 030 1234567
    r"|\d+(?:-\d+){2,}"  # 12-34-56, 978-3-16-148410-0
    r"|\d{4}(?: \d{4}){2,}(?: \d{1,4})?"  # 4111 1111 1111 1111
    rf")(?![\w-]|[.,]\d|{_UNIT})"
)
_MIXED_CODE = r"(?<![\w-])(?=[A-Z\d-]*[A-Z])(?=(?:[A-Z-]*\d){3})[A-Z\d]+(?:-[A-Z\d]+)*(?![\w-])"
_LONG_NUMBER = (
    rf"(?<![\w.,/'€$£¥-])(?<![€$£¥] )(?<!(?:CHF|EUR|GBP|USD) )(?:\d{{{TO_SPELL_DIGITS},6}}(?<!00)|\d{{7,}}(?<!000)|(?<!\d )0\d\d+)"
    rf"(?![\w/-]|[.,:]\d|{_UNIT})"
)


def codes(letters: Mapping[str, str] | None = None, counted: str = "(?!)") -> tuple[Rule, ...]:
    """Spell telephone numbers, codes of letters and digits, and long numbers.

    `letters` are those with a name of their own; what stands before `counted` is a quantity.
    """

    def mixed(match: re.Match[str]) -> str:
        text = ", ".join(spelled(group) for group in match[0].split("-"))
        return "".join((letters or {}).get(character, character) for character in text)

    return (
        (re.compile(_PHONE_NUMBER), _spelled_groups),
        (re.compile(_MIXED_CODE), mixed),
        (re.compile(rf"(?=0|\d+\b(?!{counted})){_LONG_NUMBER}"), lambda match: spelled(match[0])),
    )


def abbreviations(names: Mapping[str, str], sentence_end: str) -> tuple[Rule, ...]:
    """Say abbreviations in full. Where the text behind one matches `sentence_end` its dot was the sentence's too, and stays."""

    def rule(pattern: str, words: str) -> Rule:
        def say(match: re.Match[str]) -> str:
            return match.expand(words) + ("" if match["end"] is None else ".")

        return re.compile(rf"(?:{pattern})(?P<end>(?={sentence_end}))?"), say

    return tuple(rule(pattern, words) for pattern, words in names.items())


@dataclass(frozen=True, slots=True)
class AddressWords:
    """A language's words for the signs in addresses of the Internet."""

    dot: str
    slash: str
    dash: str
    underscore: str
    plus: str
    at: str
    port: str

    def say(self, address: str) -> str:
        """Put words for the signs."""
        signs = {
            ".": self.dot,
            "/": self.slash,
            "-": self.dash,
            "_": self.underscore,
            "+": self.plus,
            "@": self.at,
            ":": self.port,
            "~": "",
        }
        return " ".join("".join(f" {signs[sign]} " if sign in signs else sign for sign in address).split())


_E_MAIL = re.compile(r"(?<![\w.+-])(?:mailto:)?(?P<address>[\w.+-]*\w@\w[\w-]*(?:\.\w[\w-]*)+)")
_URL = re.compile(
    r"(?<![\w.-])(?:(?:https?|ftp|wss?)://(?:[^\s/@]+@)?(?:www\.)?|www\.|(?=(?:[a-z\d-]+\.)+[a-z]{2,}/\S))"
    r"(?P<host>[\w.-]*\w(?::\d+)?)"
    r"(?P<path>(?:[/?#][^\s<>\"]*[^\s<>\".,;:!?)\]'’*_])?)/?"
)


def addresses(words: AddressWords | None) -> tuple[Rule, ...]:
    """Say e-mail addresses and links; without words for their signs the bare host of a link is left, for espeak-ng."""

    def e_mail(match: re.Match[str]) -> str:
        return words.say(match["address"]) if words else match["address"]

    def link(match: re.Match[str]) -> str:
        if words is None:
            return match["host"]
        path = re.split(r"[?#]", match["path"])[0].rstrip("/")
        is_short = len(path) <= MAX_PATH_CHARACTERS and re.fullmatch(r"[\w./~-]*", path)
        return words.say(match["host"] + path if is_short else match["host"])

    return ((_E_MAIL, e_mail), (_URL, link))


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a language writes numbers and what it says between them."""

    thousands: str
    decimal: str
    to: str
    per: str
    minus: str

    @property
    def pattern(self) -> str:
        """A number, with its thousands grouped or not."""
        return rf"{self._whole}(?:{re.escape(self.decimal)}\d+)?"

    @property
    def money_pattern(self) -> str:
        """A sum, with cents behind a comma or a point."""
        return rf"{self._whole}(?:[.,]\d{{1,2}}(?!\d)|{re.escape(self.decimal)}\d+)?"

    @property
    def _whole(self) -> str:
        return rf"(?:\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+(?!\d)|\d+)"

    def grouped(self, number: str) -> str:
        """Put the thousands sign into a whole number."""
        return f"{int(re.sub('[^0-9]', '', number)):,}".replace(",", self.thousands)

    def halves(self, amount: str) -> tuple[str, str]:
        """Split a sum at its decimal sign."""
        found = re.fullmatch(rf"({self._whole})(?:[.,](\d+))?", amount)
        return (found[1], found[2] or "") if found else (amount, "")


@dataclass(frozen=True, slots=True)
class Currency:
    """What an amount is called: of one, of several, and of hundredths."""

    one: str
    many: str
    cent: str = ""
    cents: str = ""


def quantities(numbers: NumberFormat, currencies: Iterable[str], units: Iterable[str]) -> tuple[Rule, ...]:
    """Put the thousands sign into 12500 and 12 500 beside a currency or a unit, 12 000 and 12'500: they are no codes."""
    currency = any_of(currencies)
    pattern = (
        r"(?<![\w.,+/])(?<!\d )"
        rf"(?P<before>(?:{currency})\s?)?"
        r"(?P<number>[1-9]\d{0,2}(?:[ ']\d{3})+|[1-9]\d{4,14})(?!['\s]?\d)"
        rf"(?P<after>(?=(?:[.,]\d+)?(?:\s?[-–]\s?[\d.,]+)?\s?(?:{currency}|{any_of(units)})(?!\w)))?"
    )

    def say(match: re.Match[str]) -> str:
        before, number, after = match["before"], match["number"], match["after"]
        is_quantity = before or after is not None or number.endswith(" 000") or "'" in number
        return (before or "") + numbers.grouped(number) if is_quantity else match[0]

    return ((re.compile(pattern), say),)


def counted_in(currencies: Mapping[str, Currency], units: Mapping[str, tuple[str, str]]) -> str:
    """Give a pattern for what stands behind an amount once `money` and `units` have said it: such a number is no code."""
    names = {name for currency in currencies.values() for name in (currency.one, currency.many)}
    return rf" (?:{any_of(names.union(*units.values()))})\b"


def money(
    numbers: NumberFormat, currencies: Mapping[str, Currency], magnitudes: Mapping[str, str], joined: str
) -> tuple[Rule, ...]:
    """Say amounts with the currency behind the number; `joined` formats `whole`, `name`, `part` and `cents`.

    A comma or a point before one or two last digits is the decimal sign in any language.
    """
    number = numbers.money_pattern
    sign = rf"(?:{any_of(currencies)})"
    size = rf"(?:\s?(?P<size>{any_of(magnitudes)})(?!\w))?"
    per = r"(?:\s?/\s?(?P<per>[^\W\d_]+))?"
    minus = r"(?P<minus>(?<![^\s(])-)?(?<![\w.,])"
    before = rf"{minus}(?P<sign>{sign})\s?(?P<low>{number})(?:{_DASH}(?:(?P=sign)\s?)?(?P<high>{number}))?{size}(?!\d){per}"
    after = rf"{minus}{_low_and_high(number, sign)}{size}\s?(?P<sign>{sign})(?!\w){per}"

    def one(number: str, size: str | None, currency: Currency) -> str:
        whole, part = numbers.halves(number)
        if size or len(part) > 2 or (part and not currency.cents):
            total = f"{whole}{numbers.decimal}{part}" if part else whole
            return " ".join(filter(None, (total, magnitudes.get(size or ""), currency.many)))
        name = currency.one if whole == "1" else currency.many
        count = int(part.ljust(2, "0")) if part else 0
        cents = currency.cent if count == 1 else currency.cents
        if not count:
            return f"{whole} {name}"
        return (
            f"{count} {cents}"
            if whole == "0"
            else joined.format(whole=whole, name=name, part=count, cents=cents)
        )

    def say(match: re.Match[str]) -> str:
        said = one(match["high"] or match["low"], match["size"], currencies[match["sign"]])
        said = f"{match['low']} {numbers.to} {said}" if match["high"] else said
        said = f"{numbers.minus} {said}" if match["minus"] else said
        return f"{said} {numbers.per} {match['per']}" if match["per"] else said

    return (re.compile(before), say), (re.compile(after), say)


def _low_and_high(number: str, sign: str) -> str:
    """Give a pattern for one number or a range, "5-10" or "5 km - 10", where the same sign must stand behind both."""
    same = rf"(?:\s?(?P<same>{sign})(?={_DASH}{number}\s?(?P=same)(?!\w)))?"
    return rf"(?P<low>{number})(?:{same}{_DASH}(?P<high>{number}))?"


def units(
    numbers: NumberFormat,
    names: Mapping[str, tuple[str, str]],
    *,
    unless: str = "(?!)",
    sentence_end: str = r"\s*$",
) -> tuple[Rule, ...]:
    """Say units behind numbers in full; `names` gives one and many for each sign.

    An "s" directly behind the number is none ("the 2000s"), nor is any sign before `unless`. The dot of "Min." stays where
    the text behind it matches `sentence_end`.
    """
    sign = any_of(names)
    pattern = (
        rf"(?<![\w.,]){_low_and_high(numbers.pattern, sign)}\s?(?P<unit>{sign})(?<!\ds)(?!{unless})"
        rf"(?:/(?P<per>[^\W\d_]+))?(?![\w/²³])(?P<end>(?<=\.)(?={sentence_end}))?"
    )

    def say(match: re.Match[str]) -> str:
        low, high, per = match["low"], match["high"], match["per"]
        one, many = names[match["unit"]]
        amount = f"{low} {numbers.to} {high}" if high else low
        said = f"{amount} {one if amount == '1' else many}"
        said = f"{said} {numbers.per} {names.get(per, (per,))[0]}" if per else said
        return said if match["end"] is None else f"{said}."

    return ((re.compile(pattern), say),)


def ranges(numbers: NumberFormat, days: Iterable[str]) -> tuple[Rule, ...]:
    """Say "10-15", "9 - 17" and "Monday - Friday" as a range, and "5 - 3 = 2" as a difference."""
    day = any_of(days)
    return plain_rules(
        {
            rf"(?<=[\d%]){_DASH}(?=\d)": f" {numbers.to} ",
            rf"(?<=\d)(?P<unit>(?: [^\W\d]+){{1,3}}){_DASH}(?=\d[\d.,]*(?P=unit)\b)": rf"\g<unit> {numbers.to} ",
            rf"\b({day})\s?[-–]\s?(?=(?:{day})\b)": rf"\1 {numbers.to} ",
            rf"(?:(?<=\d)\s?[-–]\s?|(?<=\w) [-–] )(?=\d{_BEFORE_EQUALS})": f" {numbers.minus} ",
        }
    )
