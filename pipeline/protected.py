"""What no translation may change and in which no sentence ends: names, addresses, phones, codes, footnote marks.

Takes   a source or a target, and the `[[protect]]` rules of signoff.toml
Gives   ProtectedSpans, in order, for the splitter, for draft.py (machines never see them) and for the check
Always  spans are disjoint, hold no tag and no blank at an edge; linear time, because every repetition has a bound

What is no span is not free to change: numbers, doses and tags have checks of their own.
"""

import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from pipeline.model import tags_of

MAX_WAYS = 256
"""In how many ways a pattern may be tried at one place of a text; the bound that keeps matching linear."""
MAX_WIDTH = 128
"""The longest text that a pattern may match, in code points."""


class ProtectedKind(StrEnum):
    """What a protected span is; the value is for people."""

    NAME = "do-not-translate"
    URL = "web address"
    EMAIL = "e-mail address"
    PHONE = "telephone number"
    CODE = "code"
    FOOTNOTE_MARK = "footnote mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedSpan:
    """One place in a text, [start, end) in code points."""

    start: int
    end: int
    kind: ProtectedKind
    reason: str
    """Why it is protected, in a few words: the rule of signoff.toml, or the kind of code."""


@dataclass(frozen=True, kw_only=True)
class Protect:
    """One `[[protect]]` rule of signoff.toml: a name as it is written, or a bounded pattern. Case counts."""

    name: str = ""
    """The exact text, whole words."""
    pattern: str = ""
    """A regular expression of the kind that `cost_of` allows."""
    compiled: "re.Pattern[str]" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if bool(self.name.strip()) == bool(self.pattern):
            raise ValueError("a protect rule has either a name or a pattern")
        if self.pattern:
            cost_of(self.pattern)
            compiled = re.compile(self.pattern)
        else:
            words = unicodedata.normalize("NFC", self.name).split()
            if len(self.name) > MAX_WIDTH:
                raise ValueError(f"a name has at most {MAX_WIDTH} characters")
            spaced = r"\s{1,3}".join(map(re.escape, words))
            compiled = re.compile(rf"(?<!\w){spaced}(?!\w)")
        object.__setattr__(self, "compiled", compiled)

    @property
    def reason(self) -> str:
        """What the span says protects it."""
        return f"named in signoff.toml: {self.name or self.pattern}"


def protected_spans(text: str, rules: Sequence[Protect] = ()) -> tuple[ProtectedSpan, ...]:
    """Every protected span of a source or target, in order. Where two overlap, a rule of the workspace wins.

    >>> [(s.kind.value, s.reason) for s in protected_spans("Call 988 or see www.dea.gov.[1]")]
    [('telephone number', 'telephone'), ('web address', 'address'), ('footnote mark', 'footnote mark')]
    """
    return _spans(text, tuple(rules))


@lru_cache(maxsize=1 << 13)  # a source is looked at for each of its locales, and by several checks
def _spans(text: str, rules: tuple[Protect, ...]) -> tuple[ProtectedSpan, ...]:
    text = _without_tags(text)
    found = [*named_spans(text, rules)]
    for applies, find in _FINDERS:
        if applies(text):
            found += find(text)
    return _disjoint(found)


def named_spans(text: str, rules: Sequence[Protect]) -> list[ProtectedSpan]:
    """What the workspace's own rules protect, rule by rule."""
    return [
        ProtectedSpan(start=match.start(), end=match.end(), kind=ProtectedKind.NAME, reason=rule.reason)
        for rule in rules
        for match in rule.compiled.finditer(text)
    ]


def _without_tags(text: str) -> str:
    """The text with line feeds in the place of each tag, which no span crosses."""
    if "<" not in text:
        return text
    characters = list(text)
    for tag in tags_of(text):
        characters[tag.start() : tag.end()] = "\n" * len(tag[0])
    return "".join(characters)


def _disjoint(found: Sequence[ProtectedSpan]) -> tuple[ProtectedSpan, ...]:
    """The spans by place; of those that overlap the one that was found by the earlier finder."""
    taken: list[ProtectedSpan] = []
    rank = {id(span): place for place, span in enumerate(found)}
    for span in sorted(found, key=lambda span: (span.start, rank[id(span)])):
        while taken and taken[-1].end > span.start and rank[id(taken[-1])] > rank[id(span)]:
            taken.pop()
        if not taken or taken[-1].end <= span.start:
            taken.append(span)
    return tuple(taken)


# -- addresses

_URL = re.compile(r"(?<![\w@/.-])(?:https?://|www\.)[^\s<>\"“”«»\[\]]++")
_SITE = re.compile(
    r"(?<![\w@/.-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,5}(?:com|org|net|gov|edu|info|int|health)(?![\w@-])"
    r"(?:/[^\s<>\"“”«»\[\]]*+)?"
)
"""An address without `www.`: only with an ending that no word behind a forgotten blank has."""
_EMAIL = re.compile(r"(?<![\w.+@-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w@-])")
_TAIL = ".,;:!?'’…*_"
"""What stands behind an address more often than it ends one."""


def _addresses(text: str) -> Iterator[ProtectedSpan]:
    for match in _EMAIL.finditer(text):
        yield _span(match, ProtectedKind.EMAIL, "address")
    for pattern in (_URL, _SITE):
        for match in pattern.finditer(text):
            end = match.start() + len(_without_tail(match[0]))
            if end - match.start() > len("https://"):
                yield ProtectedSpan(start=match.start(), end=end, kind=ProtectedKind.URL, reason="address")


def _without_tail(address: str) -> str:
    """An address without the punctuation of the sentence around it; a bracket stays if it was opened inside.

    >>> _without_tail("https://a.org/b_(c)).")
    'https://a.org/b_(c)'
    """
    unopened, end = address.count(")") - address.count("("), len(address)
    while end and (address[end - 1] in _TAIL or (address[end - 1] == ")" and unopened > 0)):
        unopened -= address[end - 1] == ")"
        end -= 1
    return address[:end]


# -- telephone numbers

_DASH = r"[-‐‑–. \u00a0]"
_PHONE = re.compile(
    r"(?<![\w+.,/-])(?:"
    rf"\+\d{{1,3}}(?:{_DASH}?\(?\d{{1,4}}\)?){{2,6}}"  # +44 20 7946 0958
    rf"|(?:1[-‐‑–. ])?(?:\(\d{{3}}\) ?|\d{{3}}[-‐‑–.])(?:\d{{3}}|[A-Z]{{3}}){_DASH}(?:\d{{4}}|[A-Z]{{4}})"  # 662-HELP
    r"|1[-‐‑–]\d{3}[-‐‑–][A-Z0-9]{2,9}(?:[-‐‑–][A-Z0-9]{2,9}){0,2}"  # 1-800-QUIT-NOW
    r"|1 \d{3} \d{3} \d{4}"
    r"|\(?0\d{1,4}\)?(?:[- ]\d{3,4}){2,3}|0\d{3}[- ]\d{4,6}"  # 020 7946 0958, 0800 1111
    r")(?![\w-])(?: \((?:\d{4,7}|[A-Z]{4,7})\))?"  # (4357) or (HELP) behind it
)
_SHORT = r"(?:911|988|112|999|111|000|211|811|741741|116[ -]?\d{3}|13 ?11 ?\d{2})"
"""Emergency and crisis lines, which are a number like any other without a word beside them."""
_CRISIS = re.compile(
    r"\b(?:[Cc]all(?:ing)?|[Dd]ial(?:ling|ing)?|[Tt]ext(?:ing)?|[Pp]hon(?:e|ing)|[Rr]ing(?:ing)?|[Tt]el(?:ephone)?\b[.:]?)"
    r"(?: or (?:call|dial|text|chat|ring))?(?: with| to| at| on| the)?"
    rf" {_SHORT}(?:(?:,|,? or|,? and|/) ?{_SHORT}){{0,3}}(?![\w%]|[.,]\d)"
    rf"|(?<![\w.,-]){_SHORT}(?= (?:[Ss]uicide|[Cc]risis|[Ll]ifeline|[Hh]elpline|[Hh]otline|[Ee]mergency\b))"
)
_SHORT_LINE = re.compile(rf"(?<!\d){_SHORT}(?!\d)")


def _phones(text: str) -> Iterator[ProtectedSpan]:
    for match in _PHONE.finditer(text):
        if sum(letter.isalnum() for letter in match[0]) >= 8:
            yield _span(match, ProtectedKind.PHONE, "telephone")
    for match in _CRISIS.finditer(text):
        for line in _SHORT_LINE.finditer(text, match.start(), match.end()):
            yield _span(line, ProtectedKind.PHONE, "telephone")


_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


def phone_digits(phone: str) -> str:
    """The digits that one dials; a word in the place of digits counts as the keys it stands on, once.

    >>> phone_digits("1-800-662-HELP (4357)") == phone_digits("1 800 662 4357") == "18006624357"
    True
    """
    number, _, again = phone.partition(" (")
    digits = "".join(letter for letter in number.translate(_KEYPAD) if letter.isdigit())
    behind = "".join(letter for letter in again.translate(_KEYPAD) if letter.isdigit())
    return digits if digits.endswith(behind) else digits + behind


# -- codes

_BEFORE, _AFTER = r"(?<![\w./-])", r"(?![\w-])"
_CODES = (
    ("ICD code", re.compile(rf"{_BEFORE}[A-TV-Z]\d[0-9AB]\.[0-9A-KXYZ]{{1,4}}{_AFTER}")),
    ("ICD code", re.compile(rf"(?<=\bICD-10 )[A-TV-Z]\d[0-9AB]{_AFTER}|(?<=\bICD-10 code )[A-TV-Z]\d[0-9AB]{_AFTER}")),
    ("ATC code", re.compile(rf"{_BEFORE}[ABCDGHJLMNPRSV]\d\d[A-Z]{{2}}\d\d{_AFTER}")),
    ("NDC", re.compile(rf"{_BEFORE}(?:\d{{4}}-\d{{4}}-\d\d|\d{{5}}-\d{{3}}-\d\d|\d{{5}}-\d{{4}}-\d\d?){_AFTER}")),
    (
        "trial number",
        re.compile(rf"{_BEFORE}(?:NCT|ISRCTN)\d{{8}}{_AFTER}|{_BEFORE}\d{{4}}-\d{{6}}-\d\d(?:-\d\d)?{_AFTER}"),
    ),
    ("PubMed number", re.compile(rf"{_BEFORE}PMID:? ?\d{{1,8}}{_AFTER}|{_BEFORE}PMC\d{{5,8}}{_AFTER}")),
)
_DOI = re.compile(r"(?<![\w.])10\.\d{4,9}/[^\s<>\"“”«»\[\]]++")
_CAS = re.compile(rf"{_BEFORE}(\d{{2,7}})-(\d\d)-(\d){_AFTER}")


def _codes(text: str) -> Iterator[ProtectedSpan]:
    for match in _DOI.finditer(text):
        end = match.start() + len(_without_tail(match[0]))
        yield ProtectedSpan(start=match.start(), end=end, kind=ProtectedKind.CODE, reason="DOI")
    for reason, pattern in _CODES:
        for match in pattern.finditer(text):
            yield _span(match, ProtectedKind.CODE, reason)
    for match in _CAS.finditer(text):
        if re.fullmatch(r"(?:19|20)\d\d", match[1]):  # a date rather
            continue
        digits = (match[1] + match[2])[::-1]
        if sum(place * int(digit) for place, digit in enumerate(digits, 1)) % 10 == int(match[3]):
            yield _span(match, ProtectedKind.CODE, "CAS number")


# -- footnote marks

_RAISED = r"[¹²³⁰⁴-⁹]{1,3}(?:[,–⁻˒-][¹²³⁰⁴-⁹]{1,3}){0,8}"
_MARK = re.compile(
    r"\[\^?\d{1,3}(?:[,;–-] ?\^?\d{1,3}){0,12}\]"
    rf"|(?<=[.,;:!?…)\]\"”’»]){_RAISED}(?!\w)"
    rf"|(?<=[^\W\d_]{{3}}[^\W\d_A-ZÀ-Þ]){_RAISED}(?!\w)"  # "habit¹", but a unit (m², cm³) is shorter
    r"|(?<=\S)[†‡]"
)


def _marks(text: str) -> Iterator[ProtectedSpan]:
    for match in _MARK.finditer(text):
        yield _span(match, ProtectedKind.FOOTNOTE_MARK, "footnote mark")


def _span(match: re.Match[str], kind: ProtectedKind, reason: str) -> ProtectedSpan:
    return ProtectedSpan(start=match.start(), end=match.end(), kind=kind, reason=reason)


_PHONE_SIGN = re.compile(r"\d{3}|\+\d|13 ?11")
_SITE_SIGN = re.compile(r"\.(?:com|org|net|gov|edu|info|int|health)(?![\w@-])")
_CODE_SIGN = re.compile(r"[A-Z]\d[\dAB]|\d-\d{2,6}-\d|10\.\d|PMID")
_MARK_SIGN = re.compile(r"[\[¹²³⁰⁴-⁹†‡]")


def _may_have_address(text: str) -> bool:
    return "@" in text or "://" in text or "www." in text or _SITE_SIGN.search(text) is not None


_FINDERS: tuple[tuple[Callable[[str], object], Callable[[str], Iterator[ProtectedSpan]]], ...] = (
    (_may_have_address, _addresses),
    (_CODE_SIGN.search, _codes),
    (_PHONE_SIGN.search, _phones),
    (_MARK_SIGN.search, _marks),
)
"""Whether a text can have such a span at all, and the finder; the earlier one wins where two overlap."""


# -- patterns that a workspace may name


@dataclass(frozen=True, slots=True)
class Cost:
    """What matching a pattern at one place of a text costs at most."""

    ways: int
    """How many combinations of its choices there are."""
    shortest: int
    longest: int


_TOKEN = re.compile(
    r"(?P<escape>\\[dDwWsSbB]|\\[^A-Za-z0-9])|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*+\])|(?P<open>\((?:\?:)?(?!\?))|(?P<close>\))"
    r"|(?P<or>\|)|(?P<repeat>\?|\{(\d{1,3})(?:,(\d{1,3}))?\})(?![?+])|(?P<one>[^\\\[\](){}|?*+^$])"
)


@lru_cache(maxsize=256)
def cost_of(pattern: str) -> Cost:
    """What a pattern costs. Raises ValueError, in a sentence for signoff.toml, for one that could be slow or is wrong.

    Allowed are characters, sets, `.`, `\\d \\w \\s \\b`, groups, `|`, `?`, `{m}` and `{m,n}`. Refused is what has no
    bound (`*`, `+`, `{m,}`), looks around or refers back: a text could be made on which it takes for ever.

    >>> cost_of(r"AB-\\d{4,6}")
    Cost(ways=3, shortest=7, longest=9)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # "[[" means something else one day
            re.compile(pattern)
    except (re.error, OverflowError, FutureWarning) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    tokens, at = [], 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise ValueError(
                f"{pattern[at : at + 3]!r} is not allowed in a pattern: write bounds, such as {{1,20}} for + or *, "
                "and no anchors, look-arounds or back-references"
            )
        tokens.append(token)
        at = token.end()
    cost, behind = _alternatives(tokens, 0, 0)
    if behind < len(tokens):
        raise ValueError("a bracket is closed that was not opened")
    if cost.ways > MAX_WAYS or cost.longest > MAX_WIDTH:
        raise ValueError(
            f"the pattern could be tried in {cost.ways} ways over {cost.longest} characters: "
            f"at most {MAX_WAYS} ways and {MAX_WIDTH} characters are allowed; make its bounds narrower"
        )
    if not cost.shortest:
        raise ValueError("the pattern matches nothing at all: it must match at least one character")
    return cost


def _alternatives(tokens: Sequence[re.Match[str]], at: int, depth: int) -> tuple[Cost, int]:
    """The cost of `a|b|c` up to the bracket that closes it, and the place behind."""
    if depth > 20:
        raise ValueError("the pattern is nested too deeply")
    branches, sequence = list[Cost](), list[Cost]()
    while at < len(tokens) and tokens[at].lastgroup != "close":
        token = tokens[at]
        at += 1
        if token["or"]:
            branches.append(_sequence(sequence))
            sequence = []
        elif token["open"]:
            cost, at = _alternatives(tokens, at, depth + 1)
            at += 1
            sequence.append(cost)
        elif token["repeat"]:
            sequence.append(_repeated(sequence.pop(), token))
        else:
            width = 0 if token["escape"] in ("\\b", "\\B") else 1
            sequence.append(Cost(1, width, width))
    branches.append(_sequence(sequence))
    shortest, longest = min(b.shortest for b in branches), max(b.longest for b in branches)
    return Cost(_capped(sum(b.ways for b in branches)), shortest, longest), at


def _sequence(costs: Sequence[Cost]) -> Cost:
    ways = 1
    for cost in costs:
        ways = _capped(ways * cost.ways)
    return Cost(ways, sum(cost.shortest for cost in costs), _capped(sum(cost.longest for cost in costs)))


def _repeated(cost: Cost, token: re.Match[str]) -> Cost:
    """`{m,n}`: as many ways as there are counts, each with the ways of as many bodies."""
    least, most = (0, 1) if token["repeat"] == "?" else (int(token[7]), int(token[8] or token[7]))
    ways, power = 0, 1
    for count in range(most + 1):
        ways = _capped(ways + power) if count >= least else ways
        power = _capped(power * cost.ways)
    return Cost(ways, cost.shortest * least, _capped(cost.longest * most))


def _capped(number: int) -> int:
    """Large is large: what no pattern may reach need not be told apart."""
    return min(number, 1_000_000)
