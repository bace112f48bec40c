"""The German words for numbers, amounts, units and the calendar."""

from voicegate_agent.model_host.spoken.rules import AddressWords, Currency, NumberFormat

NUMBERS = NumberFormat(thousands=".", decimal=",", to="bis", per="pro", minus="minus")
ADDRESSES = AddressWords("Punkt", "Schrägstrich", "Bindestrich", "Unterstrich", "plus", "ätt", "Port")
_EURO = Currency("Euro", "Euro", "Cent", "Cent")
_DOLLAR = Currency("Dollar", "Dollar", "Cent", "Cent")
_POUND = Currency("Pfund", "Pfund", "Penny", "Pence")
CURRENCIES = {
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
MAGNITUDES = {
    "Tsd.": "Tausend",
    "Tausend": "Tausend",
    "Mio.": "Millionen",
    "Millionen": "Millionen",
    "Mrd.": "Milliarden",
    "Milliarden": "Milliarden",
}
UNITS = {
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
MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)
DAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonnabend", "Sonntag")
