"""Does a text hold what belongs to a person? Asked before a text leaves for another machine.

Takes   a source text; what `signoff.toml` allows below `[privacy]`
Gives   what was found, each with its kind and place; never the found text itself, which must not reach a report
Always  linear time; nothing is looked up anywhere

Articles are written for everybody, so nothing of a person should be in them; a case report or a letter that was put
into `source_content/` by mistake has it. This looks for shapes: it misses what has none, such as a story that only a
neighbour would recognise, and it reports a crisis line as a phone until `allow` names it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.model import visible_text

_DIGITS = re.compile(r"\d")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+\d{1,3}[ .\-]?)?(?:\(\d{2,5}\)[ .\-]?)?\d{1,4}(?:[ .\-]\d{2,4}){1,4}(?![\w/-]|[.,]\d)"
)
_CALLED = r"\b(?:call|text|phone|telephone|tel|mobile|cell|fax|whatsapp)"
_PHONE_IN_ONE = re.compile(
    rf"(?<![\w.,/-])(\+\d{{8,15}})(?!\w)|{_CALLED}(?: \w{{2,6}})?[.:]{{0,2}} ?(\d{{9,11}})(?![\w-]|[.,]\d)",
    re.IGNORECASE,
)
"""Without blanks and dashes only digits with a plus, or behind a word that says what they are."""
_HYPHENS = str.maketrans("\u2010\u2011", "--")
"""What typesetters put for a hyphen; not the dash of a range: `1000–2000 IU` is no phone."""
_SSN = re.compile(r"(?<![\w-])\d{3}[-–]\d{2}[-–]\d{4}(?![\w-])")
_BORN = re.compile(
    r"\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?|birth ?date)\b[\s:]{1,3}"
    r"(?:\d{1,2}[./ -]\w{1,9}[./ ,-]{1,2}\d{2,4}|\d{4}-\d{2}-\d{2}|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4})",
    re.IGNORECASE,
)
_RECORD = re.compile(
    r"\b(?:m\.?r\.?n\.?|medical record|patient id|patient no\.?|record (?:no\.?|number)|chart (?:no\.?|number)"
    r"|nhs (?:no\.?|number)|insurance (?:no\.?|number)|case (?:no\.?|number)|hospital (?:no\.?|number))"
    r"(?: (?:no\.?|number|id))?[\s:#]{1,3}[A-Z]{0,4}-?\d[\d -]{3,14}",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b(?i:patient|client|name|mr|mrs|ms|miss)\b\.?:? [A-Z][a-z]{1,20}(?: [A-Z]\.)? [A-Z][a-z]{1,20}")
_NO_PHONE = re.compile(
    r"(?:19|20)\d\d[ -](?:19|20)\d\d"  # years
    r"|\d{4}-\d\d-\d\d(?: \d\d)?|\d{1,2}[. -]\d{1,2}[. -]\d{4}"  # dates
    r"|\d{1,3}(?:[ .]\d{3})+"  # a large number
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What `[privacy]` says."""

    refuse: bool = False
    """Whether a text with personal data is kept from other machines; else it is sent and named."""
    allow: tuple[str, ...] = ()
    """Contacts that are no person's: crisis lines, the publisher's own; compared without blanks and dashes."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that looks like a person's."""

    start: int
    end: int
    """[start, end) in the visible text."""
    what: str
    """Its kind, as people say it: `a phone number`."""


def personal_data(text: str, allow: tuple[str, ...] = ()) -> list[Found]:
    """What in a source looks like a person's, in order; nothing that `allow` names.

    >>> personal_data("Write to ana@example.org.")
    [Found(start=9, end=24, what='an e-mail address')]
    >>> personal_data("Call 988, or 1-800-555-0199.", allow=("1 800 555 0199",))
    []
    """
    visible = visible_text(text).translate(_HYPHENS)
    if "@" not in visible and not _DIGITS.search(visible):
        return []
    allowed = {_bare(contact) for contact in allow}
    found: list[Found] = []
    for one in sorted(_findings(visible), key=lambda one: one.start):  # of equal places the first kind counts
        inside = found and one.start < found[-1].end
        if not inside and _bare(visible[one.start : one.end]) not in allowed:
            found.append(one)
    return found


def _findings(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        end = match.end() - (len(match[0]) - len(match[0].rstrip(".-")))
        yield Found(match.start(), end, "an e-mail address")
    for match in _SSN.finditer(text):
        yield Found(*match.span(), "a social security number")
    for match in _BORN.finditer(text):
        yield Found(*match.span(), "a date of birth")
    for match in _RECORD.finditer(text):
        named = bool(_NAMED.search(text[max(0, match.start() - 80) : match.end() + 80]))
        yield Found(*match.span(), "a record number beside a name" if named else "a record number")
    for match in _PHONE.finditer(text):
        if _is_phone(match[0]):
            yield Found(*match.span(), "a phone number")
    for match in _PHONE_IN_ONE.finditer(text):
        yield Found(*match.span(match.lastindex or 0), "a phone number")


def _is_phone(text: str) -> bool:
    """Whether digits in groups are more likely a phone than years, doses or a long number."""
    count = len(_DIGITS.findall(text))
    return 8 <= count <= 15 and not _NO_PHONE.fullmatch(text)


def _bare(contact: str) -> str:
    return re.sub(r"[\s().\-]", "", contact.translate(_HYPHENS)).casefold()
