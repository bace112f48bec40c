"""What a voice is given to say: as a person would say it, in the language of the voice."""

import random

import pytest
from voicegate_agent.model_host.spoken.text import spoken_text
from voicegate_agent.model_host.tts_engine import PiperEngine

ANY_LANGUAGE = [
    # Piper's own markup
    ("Your list is [[1, 2], [3, 4]].", "Your list is 1, 2, 3, 4."),
    ("See [[Order status]].", "See Order status."),
    ("[[", ""),
    # halves of characters, controls, signs without a sound
    ("Hello \ud83d", "Hello"),
    ("Hello \ude00 there", "Hello there"),
    ("Hello \ud83d\ude00 there", "Hello there"),
    ("seven\x00three\x1b", "seven three"),
    ("so\u00adft hy\u200bphen\ufeff", "soft hyphen"),
    ("\ue000\U000e0041 end", "end"),
    ("one\u00a0two\u202fthree\u2028four", "one two three four"),
    # pictures
    ("Great 👍🏽 work 👨‍👩‍👧 🇩🇪!", "Great work!"),
    ("☎ 1️⃣ ✓ ok", "1 ok"),
    # Markdown
    ("**Bold**, *slanted* and ***both***", "Bold, slanted and both"),
    ("a `code` and ~~old~~ new", "a code and new"),
    ("# Hours\nWe are open.", "Hours. We are open."),
    ("- milk\n- eggs\n", "milk. eggs"),
    ("1. Open it.\n2. Read it.", "1, Open it. 2, Read it."),
    ("> quoted", "quoted"),
    ("See [our page](https://x.com/a_b).", "See our page."),
    ("![a map](map.png)", "a map"),
    ("```\nls\n```", "ls"),
    ("| name | size |\n|---|---|\n| one | two |", "name, size, one, two"),
    ("One  \nTwo", "One, Two"),
    ("One\nTwo", "One Two"),
    ("Above\n---\nbelow", "Above. below"),
    ("[Note]: urgent", "Note: urgent"),
    ("    four spaces", "four spaces"),
    ("<b>Bold</b> <break time='1s'/> text", "Bold text"),
    ("fish &amp; chips", "fish & chips"),
    ("**half", "half"),
    ("• milk\n• eggs", "milk, eggs"),
    ("snake_case", "snake case"),
    ("**One.**  \nTwo", "One. Two"),
    ("One., two", "One., two"),
]

ENGLISH = [
    # amounts
    ("It costs $500.", "It costs 500 dollars."),
    ("It costs $1,240.50 today.", "It costs 1,240 dollars and 50 cents today."),
    ("It costs € 12.50.", "It costs 12 euros and 50 cents."),
    ("12,50 € or 5€.", "12 euros and 50 cents or 5 euros."),
    ("$1, $0.99, £0.01", "1 dollar, 99 cents, 1 penny"),
    ("$5 million, $2.5k", "5 million dollars, 2.5 thousand dollars"),
    ("from $5-10 to $20–$30", "from 5 to 10 dollars to 20 to 30 dollars"),
    ("-$5 and USD 5", "minus 5 dollars and 5 US dollars"),
    ("$5/month", "5 dollars per month"),
    ("¥500 and $3.125", "500 yen and 3.125 dollars"),
    ("$12500, 12500 € or $12345.50", "12,500 dollars, 12,500 euros or 12,345 dollars and 50 cents"),
    ("10 000 € or $1 500", "10,000 euros or 1,500 dollars"),
    ("10€-20€, $10 - $20", "10 to 20 euros, 10 to 20 dollars"),
    ("10 € - 20 €, $10-€20", "10 to 20 euros, 10 dollars-20 euros"),
    ("$10 - $4 = $6", "10 dollars minus 4 dollars = 6 dollars"),
    # numbers that espeak-ng says well
    ("1,240 units, 20 %, 3.14 and -5", "1,240 units, 20 %, 3.14 and -5"),
    ("12500 people, 12345 visitors", "12500 people, 12345 visitors"),
    ("1 500 000 people", "1,500,000 people"),
    ("EUR 12 500, 5'000 CHF", "12,500 euros, 5,000 Swiss francs"),
    # units
    ("5 km and 1 kg", "5 kilometers and 1 kilogram"),
    ("5-10 km at 30 km/h", "5 to 10 kilometers at 30 kilometers per hour"),
    ("10 MB/s, 20°C", "10 megabytes per second, 20 degrees Celsius"),
    ("5 kmx", "5 kmx"),
    ("25500 km, 10000-20000 km", "25,500 kilometers, 10,000 to 20,000 kilometers"),
    ("5km-10km, 5 cm - 2 m", "5 to 10 kilometers, 5 centimeters - 2 meters"),
    ("5 s, 30s, iPhone 5s, two 747s", "5 seconds, 30s, iPhone 5s, two 747s"),
    ("120 W 45th Street, 120 W Main Street", "120 W 45th Street, 120 W Main Street"),
    ("120 W at 5 V", "120 watts at 5 volts"),
    # times
    ("at 8:00", "at 8 o'clock"),
    ("at 14:30", "at 14 30"),
    ("at 8:05, 18:00 or 00:00", "at 8 oh 5, 18 hundred or midnight"),
    ("at 8:30 a.m. today", "at 8 30 AM today"),
    ("at 8 a.m. We open", "at 8 AM. We open"),
    ("at 8:00pm.", "at 8 PM."),
    ("9:00-17:00", "9 o'clock to 17 hundred"),
    ("9am-5pm, 9 a.m. - 5 p.m. daily", "9 AM to 5 PM, 9 AM to 5 PM daily"),
    ("8:30-9am, 9 - 5 pm", "8 30 to 9 AM, 9 to 5 PM"),
    ("14:30:15", "14 30 and 15 seconds"),
    ("3:1", "3 to 1"),
    # dates
    ("on 2024-03-15.", "on March 15th, 20 24."),
    ("03/15/2024 or 15/03/2024", "March 15th, 20 24 or March 15th, 20 24"),
    ("99/99/2024", "99/99/2024"),
    ("05/06/2024, 05-06-2024, 03-15-2024", "May 6th, 20 24, May 6th, 20 24, March 15th, 20 24"),
    ("March 5-7, March 5 - April 7", "March 5th to 7th, March 5th to April 7th"),
    ("the 5th-7th", "the 5th to 7th"),
    ("2024-06-05 - 2024-06-07", "June 5th, 20 24 to June 7th, 20 24"),
    ("March 3, 2024", "March 3rd, 20 24"),
    ("Jan. 2 and May 21st", "January 2nd and May 21st"),
    ("March 2024", "March 20 24"),
    ("in 1999, since 2005", "in 19 99, since 2005"),
    ("in 1905 was", "in 19 oh 5 was"),
    ("in 1500 stores, in 1500 m, in 1500 €", "in 1500 stores, in 1500 meters, in 1500 euros"),
    ("the 1990s, the 2000s, in the 70s", "the 19 nineties, the 2000s, in the seventies"),
    # codes
    ("Order 2416 is ready.", "Order 2 4 1 6 is ready."),
    ("order 2500 chairs", "order 2500 chairs"),
    ("Order 2416 arrives on Friday.", "Order 2 4 1 6 arrives on Friday."),
    ("Your code 1230 expires soon.", "Your code 1 2 3 0 expires soon."),
    ("Your order is $125. Invoice: 125 €", "Your order is 125 dollars. Invoice: 125 euros"),
    ("Your order is 144 chairs.", "Your order is 144 chairs."),
    ("Your code is 123.", "Your code is 1 2 3."),
    ("order number: 12345678", "order number: 1 2 3, 4 5 6, 7 8"),
    ("#5 and #2416", "number 5 and number 2 4 1 6"),
    ("No. 5 is good. No. That is bad.", "Number 5 is good. No. That is bad."),
    ("Order no. 2416, gate no. 5", "Order number 2 4 1 6, gate number 5"),
    ("The answer is no. 3 items are left.", "The answer is no. 3 items are left."),
    ("Is it? No. 3 is. No. 3 items are left.", "Is it? No. 3 is. No. 3 items are left."),
    ("12345, 100000 or 007", "1 2 3 4 5, 100000 or 0 0 7"),
    ("0012 books, 12345 is it", "0 0 1 2 books, 1 2 3 4 5 is it"),
    ("A12B3 and AB-1234", "eh 1 2 B 3 and eh B, 1 2 3 4"),
    ("COVID-19, MP3, B2B", "COVID-19, MP3, B2B"),
    ("call 555-123-4567", "call 5 5 5, 1 2 3, 4 5 6 7"),
    ("(555) 123-4567", "5 5 5, 1 2 3, 4 5 6 7"),
    ("call +49 30 1234567.", "call +4 9, 3 0, 1 2 3, 4 5 6 7."),
    ("+49 (0)30 1234567", "+4 9, 3 0, 1 2 3, 4 5 6 7"),
    ("+44 (0)20 7946 0958", "+4 4, 2 0, 7 9 4 6, 0 9 5 8"),
    ("555-0100, 90210-1234", "5 5 5, 0 1 0 0, 9 0 2 1 0, 1 2 3 4"),
    ("500-1000 people", "500 to 1000 people"),
    ("978-3-16-148410-0", "9 7 8, 3, 1 6, 1 4 8, 4 1 0, 0"),
    ("192.168.0.1", "192 dot 168 dot 0 dot 1"),
    # addresses
    ("https://www.example.com/help.", "example dot com slash help."),
    ("https://example.com/path?a=1&b=2", "example dot com slash path"),
    ("(www.example.com)", "(example dot com)"),
    (f"http://x.io/{'a' * 40}!", "x dot io!"),
    ("http://localhost:8080", "localhost port 8080"),
    ("<https://x.io>", "x dot io"),
    ("me.b-c_d@example.com.", "me dot b dash c underscore d at example dot com."),
    # abbreviations
    ("Dr. Smith and Mr. Jones", "Doctor Smith and Mister Jones"),
    ("St. Mary, 12 Main St. today", "Saint Mary, 12 Main Street today"),
    ("e.g. this, i.e., that", "for example, this, that is, that"),
    ("Main St. We open. 12 Main St. It is.", "Main Street. We open. 12 Main Street. It is."),
    ("Visit St. Louis, near St. Foo", "Visit Saint Louis, near Saint Foo"),
    ("Oak Dr. Suite 4, Oak Dr. We open", "Oak Drive. Suite 4, Oak Drive. We open"),
    ("Apt. B, apt. 5. That is apt. We", "Apartment B, apartment 5. That is apt. We"),
    ("milk, eggs, etc.", "milk, eggs, et cetera."),
    ("milk, eggs, etc., and more", "milk, eggs, et cetera, and more"),
    ("Acme Inc. is here.", "Acme Incorporated is here."),
    ("in the U.S. Army", "in the US Army"),
    # signs
    ("10-15 minutes", "10 to 15 minutes"),
    ("5 - 3 = 2, 5.5 - 3.5 = 2", "5 minus 3 = 2, 5.5 minus 3.5 = 2"),
    ("3 - 5 business days, open 9 - 5", "3 to 5 business days, open 9 to 5"),
    ("10%-20%, Monday - Friday", "10% to 20%, Monday to Friday"),
    ("2*3 and 4*5, **5**", "2 times 3 and 4 times 5, 5"),
    ("The box is 30*20*10 cm.", "The box is 30 times 20 times 10 centimeters."),
    ("5 * 3 or 5×3", "5 times 3 or 5 times 3"),
    ("~5 and/or he/she", "about 5 and or he or she"),
    ("1/2 of it, 24/7", "one half of it, 24 7"),
]

BRITISH = [
    ("05/06/2024, 05-06-2024", "June 5th, 20 24, June 5th, 20 24"),
    ("15/06/2024, 06/15/2024", "June 15th, 20 24, June 15th, 20 24"),
    ("2024-06-05 for $5", "June 5th, 20 24 for 5 dollars"),
]

GERMAN = [
    ("Es kostet 12,50 €.", "Es kostet 12 Euro 50."),
    ("1.240 Stück für 1.240,00 EUR", "1.240 Stück für 1.240 Euro"),
    ("$5, 5 Mio. € und 0,99 €", "5 Dollar, 5 Millionen Euro und 99 Cent"),
    ("5 km in 1 h, 100 km/h", "5 Kilometer in 1 Stunde, 100 Kilometer pro Stunde"),
    ("um 14:30 Uhr, um 8:00 Uhr", "um 14 Uhr 30, um 8 Uhr"),
    ("8:00-17:30 Uhr", "8 Uhr bis 17 Uhr 30"),
    ("am 3. Mai 2024", "am dritten Mai 2024"),
    ("Heute ist der 21. Mai.", "Heute ist der einundzwanzigste Mai."),
    ("am 03.05.2024, am 2024-05-03", "am dritten Mai 2024, am dritten Mai 2024"),
    ("bis 3.5. fertig", "bis dritten Mai fertig"),
    ("im Jahr 1999, 1900 und 2024", "im Jahr 19 hundert 99, 19 hundert und 2024"),
    (
        "Dr. Müller, Nr. 5, z. B. das, z.B. dies",
        "Doktor Müller, Nummer 5, zum Beispiel das, zum Beispiel dies",
    ),
    ("ca. 10-15 Hunde usw.", "circa 10 bis 15 Hunde und so weiter."),
    ("Bestellnummer 2416", "Bestellnummer 2 4 1 6"),
    ("Bestellung: 125 €", "Bestellung: 125 Euro"),
    ("0171 1234567", "0 1 7 1, 1 2 3, 4 5 6 7"),
    ("www.beispiel.de/hilfe", "beispiel Punkt de Schrägstrich hilfe"),
    ("max@beispiel.de", "max ätt beispiel Punkt de"),
    ("10 000 € oder 1 500 €", "10.000 Euro oder 1.500 Euro"),
    ("12500 €, 12345,50 €, 25500 km", "12.500 Euro, 12.345 Euro 50, 25.500 Kilometer"),
    ("1 500 000 Stück, 12500 Leute", "1.500.000 Stück, 12500 Leute"),
    ("am 05/06/2024, am 15-06-2024", "am fünften Juni 2024, am fünfzehnten Juni 2024"),
    ("3. Mai 2024 ist es.\n4. Mai auch.", "dritten Mai 2024 ist es. vierten Mai auch."),
    ("1. Öffnen.\n2. Lesen.", "1, Öffnen. 2, Lesen."),
    ("Version 1.2.10, Version 1.2.2010", "Version 1.2.10, Version 1.2.2010"),
    ("am 3.5.24", "am dritten Mai 24"),
    ("am 3.5. Bitte kommen Sie.", "am dritten Mai. Bitte kommen Sie."),
    ("3.-5. Mai, 3. Mai - 5. Juni", "3. bis fünften Mai, dritten Mai bis fünften Juni"),
    ("vom 1.5. - 3.5.2024", "vom ersten Mai bis dritten Mai 2024"),
    ("10 Mio. € - 20 Mio. €, CHF 12500", "10 Millionen Euro bis 20 Millionen Euro, 12.500 Franken"),
    ("seit 06/2024", "seit 06/2024"),
    ("9 - 17 Uhr, 8 Uhr - 17:00 Uhr", "9 bis 17 Uhr, 8 Uhr bis 17 Uhr"),
    ("10€-20€, 10 € - 20 €", "10 bis 20 Euro, 10 bis 20 Euro"),
    ("5 - 3 = 2, 2*3*4", "5 minus 3 = 2, 2 mal 3 mal 4"),
    ("Hallo Max. Wie geht es?", "Hallo Max. Wie geht es?"),
    ("max. 5, Max. 6, 7 max.", "maximal 5, maximal 6, 7 maximal."),
    ("5 Min. Danach, 5 Min. Pause, 5 Std.", "5 Minuten. Danach, 5 Minuten Pause, 5 Stunden."),
    ("usw. Danach usw. und", "und so weiter. Danach und so weiter und"),
    ("Mo. bis Fr. Wir", "Mo. bis Fr. Wir"),
    ("120 W Leistung", "120 Watt Leistung"),
]

OTHERS = [
    ("Il coûte 12,50 € à 14:30", "Il coûte 12,50 € à 14:30"),
    ("https://www.exemple.fr/aide?x=1 [[a]]", "exemple.fr a"),
    ("moi@exemple.fr, 12345678", "moi@exemple.fr, 1 2 3, 4 5 6, 7 8"),
    ("Il coûte 1 000 €.", "Il coûte 1 000 €."),
    ("1 500 000, 12500 €, 12345 €, $12345", "1 500 000, 12500 €, 12345 €, $12345"),
    ("25500 km, 12345 km, 750-1250 km", "25500 km, 12345 km, 750-1250 km"),
    ("05/06/2024, 05-06-2024, 05/06/24", "05/06/2024, 05-06-2024, 05/06/24"),
    ("15/06/2024, 2024-06-05", "15/06/2024, 2024-06-05"),
    ("06 12 34 56 78", "0 6, 1 2, 3 4, 5 6, 7 8"),
    ("EUR 12345, 5'000 CHF", "EUR 12345, 5'000 CHF"),
    ("le 05 juin à 08:30", "le 05 juin à 08:30"),
    ("2*3*4", "2×3×4"),
]


@pytest.mark.parametrize(("text", "said"), ANY_LANGUAGE)
@pytest.mark.parametrize("language", ["en-us", "de", "fr"])
def test_marks_are_not_spoken(text: str, said: str, language: str) -> None:
    """Markup, pictures and what has no sound go, in every language."""
    assert spoken_text(text, language) == said


@pytest.mark.parametrize(("text", "said"), ENGLISH)
def test_english(text: str, said: str) -> None:
    """Figures and signs as a person says them."""
    assert spoken_text(text, "en-us") == said


@pytest.mark.parametrize(("text", "said"), BRITISH)
@pytest.mark.parametrize("language", ["en-gb", "en-gb-x-rp", "en-029"])
def test_other_english(text: str, said: str, language: str) -> None:
    """Only Americans write the month first."""
    assert spoken_text(text, language) == said


@pytest.mark.parametrize(("text", "said"), GERMAN)
def test_german(text: str, said: str) -> None:
    """Likewise in German."""
    assert spoken_text(text, "de") == said


@pytest.mark.parametrize(("text", "said"), OTHERS)
def test_other_languages_are_left_to_espeak(text: str, said: str) -> None:
    """It says amounts and times of many languages; English words would be wrong there."""
    assert spoken_text(text, "fr") == said


@pytest.mark.parametrize(
    "text",
    ["Your order is on its way.", "Your code is four seven one nine.", "Hello, how can I help you?", ""],
)
@pytest.mark.parametrize("language", ["en-us", "de", "fr"])
def test_plain_words_stay(text: str, language: str) -> None:
    """What needs no change gets none."""
    assert spoken_text(text, language) == text


@pytest.mark.parametrize("language", ["en-us", "de", "fr"])
def test_any_text_can_be_spoken(piper: PiperEngine, language: str) -> None:
    """Whatever signs come together, nothing is an error or reaches Piper as markup."""
    dice = random.Random(14)
    signs = [
        *"[]{}()<>*_`#~|\\/@:.,;!?-+=$€%°&'\" \n\t019aAZé中\x00\ud83d\ude00😀",
        "[[",
        "]]",
        "http://",
        "1,2",
    ]
    for _ in range(200):
        said = spoken_text("".join(dice.choices(signs, k=24)), language)
        assert "[" not in said
        assert said.isprintable()
        piper._voice.phonemize(said)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 4000,
        "+1 " * 1300,
        "a.b@" * 1000,
        "[" * 4000,
        "*_" * 2000,
        "1,000" * 800,
        "1 000 " * 700,
        "1€ - " * 800,
    ],
)
def test_long_nonsense_takes_no_time(text: str) -> None:
    """No pattern is slow on what it nearly fits."""
    spoken_text(text, "en")
    spoken_text(text, "de")
