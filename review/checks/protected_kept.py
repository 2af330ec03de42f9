"""Names, addresses, telephone numbers, codes and footnote marks are in the target as they are in the source.

What counts as one is said by pipeline/protected.py, which also keeps machines away from them. They are compared as
multisets, both ways. A telephone number may be written with other separators, and may rightly be another one (a crisis
line of the reader's country): so it is asked about, never blocked here; `numbers_kept` looks at its digits.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.model import Finding, Severity
from pipeline.protected import ProtectedKind, ProtectedSpan, phone_digits, protected_spans
from review.checks.context import Context

_BLANKS = re.compile(r"\s+")
_SEPARATORS = r"[\s().\-‐‑–/]{0,3}"


def protected_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for each that is missing or new; a WARNING for a phone, or a name that is there less or more often."""
    wanted, found = (protected_spans(text, context.protect) for text in (source, target))
    if not wanted and not found:
        return
    for span in _surplus(wanted, source, found, target):
        kept = span.kind is ProtectedKind.NAME and _text(span, source) in target
        yield Finding(
            check="protected_kept",
            severity=Severity.WARNING if kept else Severity.ERROR,
            source_span=(span.start, span.end),
            message=f"{_described(span, source)} is {'less often in' if kept else 'missing from'} the target",
        )
    for span in _surplus(found, target, wanted, source):
        more = span.kind is ProtectedKind.NAME and _text(span, target) in source
        yield Finding(
            check="protected_kept",
            severity=Severity.WARNING if more else Severity.ERROR,
            target_span=(span.start, span.end),
            message=f"{_described(span, target)} is {'more often in the target' if more else 'not in the source'}",
        )
    yield from _phones(source, wanted, target, found, context)


def _surplus(
    spans: Sequence[ProtectedSpan], text: str, others: Sequence[ProtectedSpan], other_text: str
) -> Iterator[ProtectedSpan]:
    """The spans that the other side does not have, phones aside; the last ones where it has fewer of the same."""
    there = Counter(_key(span, other_text) for span in others)
    compact, folded = "", ""
    used = Counter[str]()
    for span in spans:
        if span.kind is ProtectedKind.PHONE:
            continue
        key = _key(span, text)
        used[key] += 1
        if used[key] <= there[key]:
            continue
        compact = compact or _BLANKS.sub("", other_text)
        folded = folded or compact.casefold()
        # the other language may make it look like something else: `uso¹` is too short a word for a footnote mark
        if used[key] > (folded if _is_host(span, text) else compact).count(key):
            yield span


def _key(span: ProtectedSpan, text: str) -> str:
    """What must be equal: the text without its blanks, since French writes `PMID : 1`; of a host not the case."""
    key = _BLANKS.sub("", _text(span, text))
    return key.casefold() if _is_host(span, text) else key


def _is_host(span: ProtectedSpan, text: str) -> bool:
    """Whether it is an address in which capitals mean nothing: no path, no user."""
    return span.kind is ProtectedKind.URL and "/" not in _text(span, text)


def _text(span: ProtectedSpan, text: str) -> str:
    return text[span.start : span.end]


def _described(span: ProtectedSpan, text: str) -> str:
    return f"{_text(span, text)} ({span.kind.value if span.kind is not ProtectedKind.CODE else span.reason})"


def _phones(
    source: str,
    wanted: Sequence[ProtectedSpan],
    target: str,
    found: Sequence[ProtectedSpan],
    context: Context,
) -> Iterator[Finding]:
    """A WARNING for each phone of one side whose digits the other does not have, nor what may stand for them."""
    sources = {phone_digits(_text(s, source)): s for s in wanted if s.kind is ProtectedKind.PHONE}
    targets = {phone_digits(_text(s, target)): s for s in found if s.kind is ProtectedKind.PHONE}
    allowed = {context.phones.get(digits, digits) for digits in sources} | sources.keys()
    for digits, span in sources.items():
        instead = context.phones.get(digits, digits)
        if not any(number in targets or _has_digits(target, number) for number in (digits, instead)):
            yield Finding(
                check="protected_kept",
                severity=Severity.WARNING,
                source_span=(span.start, span.end),
                message=f"{_text(span, source)} (telephone number) is not in the target: is another line meant?",
            )
    for digits, span in targets.items():
        if digits not in allowed and not _has_digits(source, digits):
            yield Finding(
                check="protected_kept",
                severity=Severity.WARNING,
                target_span=(span.start, span.end),
                message=f"{_text(span, target)} (telephone number) is not in the source: does it help these readers?",
            )


def _has_digits(text: str, digits: str) -> bool:
    """Whether a number stands in a text, with whatever separators."""
    return re.search(rf"(?<!\d){_SEPARATORS.join(digits)}(?!\d)", text) is not None
