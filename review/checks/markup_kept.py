"""Markup that stands in a text as text is kept: HTML tags, Markdown marks, code, placeholders of programs; none is new.

Signoff's own tags (`<b1>`) are the part of `placeables_kept`. What could run in a page (a script, a handler, a
`javascript:` address) or leads elsewhere is an error wherever the source does not have it.
"""

import re
from collections import Counter
from collections.abc import Iterator

from pipeline.model import Finding, Severity, tags_of
from review.checks.context import Context

_HTML = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]{0,20})((?:\s[^<>]{0,500})?)/?>|<!--|<!\[CDATA|<!DOCTYPE", re.IGNORECASE)
_ELEMENTS = frozenset(
    "a abbr b bdi bdo big blockquote body br button caption center cite code col dd del details dfn div dl dt em embed"  # noqa: SIM905
    " figure font footer form frame h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label li link main"
    " mark math meta nav object ol option p param pre q s samp script section select small source span strike strong"
    " style sub summary sup svg table tbody td template textarea tfoot th thead title tr tt u ul var video wbr".split()
)
_ALONE = frozenset(("br", "hr", "img", "input", "wbr", "script", "iframe", "embed", "svg"))
"""Tags that need no closing one, or that nobody writes for another reason."""
_RUNS = re.compile(
    r"<\s{0,3}/?\s{0,3}(?:script|iframe|object|embed|style|svg|form|meta|link|base|template)\b"
    r"|\bon(?:error|load|click|mouseover|focus|submit|toggle|begin|start|end|message|animation\w{0,9}|pointer\w{0,9}|key\w{0,9}|mouse\w{0,9})\s{0,3}="
    r"|(?:javascript|vbscript)\s{0,3}:|\bdata\s{0,3}:\s{0,3}text/html|\bsrcdoc\s{0,3}=",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|<%|%>|<\?(?:php|=|xml)|\?>|[$#]\{")
"""What a program that makes pages would run: Jinja, ERB, PHP, JSP."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LINK = re.compile(r"!?\[[^\[\]\n]{0,300}\]\(\s{0,3}<?([^\s()<>]{1,500})")
_CODE = re.compile(r"(`{1,3})([^`\n]{1,300})\1")
_PROGRAM = re.compile(
    r"%\([A-Za-z_]\w{0,40}\)[-+#0]?\d{0,3}(?:\.\d{1,3})?[a-zA-Z]"  # %(name)s
    r"|%\d{1,2}\$[-+#0]?\d{0,3}[a-zA-Z]|(?<![%\d\w])%(?:[-+#0]?\d{0,3}(?:\.\d{1,3})?)(?:l{0,2}[dux]|[sfcr@])(?!\w)"
    r"|\$\{[A-Za-z_][\w.]{0,60}\}|%\{[A-Za-z_]\w{0,40}\}|\{\{?\s?[A-Za-z_][\w.]{0,60}\s?\}?\}|\{\d{0,2}\}"
)
_POSITION = re.compile(r"%\d{1,2}\$")
_EMPHASIS = re.compile(r"\*\*|__(?=\S)")
_SIGNS = re.compile(r"[<&%{`*\[:=_]")


def markup_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for a tag, link or placeholder that is lost or new, and for what could run; a WARNING for the rest."""
    if not _SIGNS.search(target) and not _SIGNS.search(source):
        return
    yield from _what_runs(source, target)
    if "<" in source or "<" in target:
        yield from _tags(source, target)
    yield from _templates(source, target)
    yield from _placeholders(source, target)
    if "](" in source or "](" in target:
        yield from _links(source, target)
    if "`" in source:
        yield from _code(source, target)
    if "&" in target and not _ENTITY.search(source):
        for match in _ENTITY.finditer(target):
            sure = not _SIGNS.search(source)
            yield _finding(
                f"{match[0]} is written as a code of HTML",
                Severity.ERROR if sure else Severity.WARNING,
                target_span=match.span(),
            )
    if "**" not in target and "__" not in target:
        return
    marks = len(_EMPHASIS.findall(source)), len(_EMPHASIS.findall(target))
    if marks[0] % 2 == 0 and marks[1] % 2:
        yield _finding("a mark of emphasis (** or __) is not closed", Severity.WARNING)


def _what_runs(source: str, target: str) -> Iterator[Finding]:
    if not any(sign in target for sign in "<=:") or not _RUNS.search(target):
        return
    here = Counter(match[0].lower() for match in _RUNS.finditer(source))
    for match in _RUNS.finditer(target):
        key = match[0].lower()
        if here[key] > 0:
            here[key] -= 1
        else:
            yield _finding(
                f"{match[0]} could run in the reader's browser and is not in the source",
                Severity.ERROR,
                target_span=match.span(),
            )


def _templates(source: str, target: str) -> Iterator[Finding]:
    """What a template would run, where the target has more of it than the source."""
    found = list(_TEMPLATE.finditer(target))
    here = Counter(_TEMPLATE.findall(source) if found else ())
    for match in found:
        here[match[0]] -= 1
        if here[match[0]] < 0:
            yield _finding(
                f"{match[0]} could run where the page is made and is not in the source",
                Severity.ERROR,
                target_span=match.span(),
            )


def _tags(source: str, target: str) -> Iterator[Finding]:
    """HTML tags by name and direction; words in angle brackets that are no HTML only by their number."""
    sides = [[match for match in _HTML.finditer(text) if not _ours(match)] for text in (source, target)]
    closed = {match[2].lower() for side in sides for match in side if match[1]}
    html = [[match for match in side if _is_html(match, closed)] for side in sides]
    known = [Counter(map(_key, side)) for side in html]
    for matches, surplus, where in (
        (html[0], known[0] - known[1], "lost in the translation"),
        (html[1], known[1] - known[0], "not in the source"),
    ):
        for match in reversed(matches):
            key = _key(match)
            if surplus[key] > 0:
                surplus[key] -= 1
                span = match.span()
                yield _finding(
                    f"{match[0][:40]} is {where}",
                    Severity.ERROR,
                    source_span=span if matches is html[0] else None,
                    target_span=span if matches is html[1] else None,
                )
    other = [len(side) - len(tags) for side, tags in zip(sides, html, strict=True)]
    if other[0] != other[1]:
        message = f"the source has {other[0]} words in angle brackets, the translation {other[1]}"
        yield _finding(message, Severity.WARNING)


def _ours(match: re.Match[str]) -> bool:
    """Whether it is one of Signoff's tags, `<b1>`."""
    return next(tags_of(match[0]), None) is not None and match[2].lower() not in _ELEMENTS


def _is_html(match: re.Match[str], closed: set[str]) -> bool:
    """Whether it is a tag, and no word in angle brackets (`<object>`) that the reader is to replace."""
    if match[2] is None:
        return True
    name = match[2].lower()
    return name in _ELEMENTS and bool(match[1] or "=" in match[3] or name in closed or name in _ALONE)


def _key(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2].lower()}" if match[2] else match[0]


def _placeholders(source: str, target: str) -> Iterator[Finding]:
    """What a program fills in, `%1$s` counted as `%s`, for it may come in another order."""
    if not any(sign in source or sign in target for sign in "%{"):
        return
    here, there = ([(_POSITION.sub("%", m[0]), m.span()) for m in _PROGRAM.finditer(text)] for text in (source, target))
    if not here and not there:
        return
    wanted, found = Counter(key for key, _ in here), Counter(key for key, _ in there)
    for key, span in here:
        if wanted[key] > found[key]:
            wanted[key] -= 1
            message = f"the placeholder {source[slice(*span)]} is lost in the translation"
            yield _finding(message, Severity.ERROR, source_span=span)
    wanted = Counter(key for key, _ in here)
    for key, span in there:
        if found[key] > wanted[key]:
            found[key] -= 1
            yield _finding(
                f"the placeholder {target[slice(*span)]} is not in the source", Severity.ERROR, target_span=span
            )


def _links(source: str, target: str) -> Iterator[Finding]:
    """How many links of Markdown there are; where they lead is the part of `protected_kept`."""
    here, there = (list(_LINK.finditer(text)) for text in (source, target))
    known = {match[1] for match in here}
    if len(there) > len(here):
        for match in there:
            if match[1] not in known:
                yield _finding(
                    f"the link to {match[1][:60]} is not in the source", Severity.ERROR, target_span=match.span()
                )
                return
    elif len(there) < len(here):
        yield _finding(f"a link is lost: the source has {len(here)}, the translation {len(there)}", Severity.WARNING)


def _code(source: str, target: str) -> Iterator[Finding]:
    here = Counter(match[2].strip() for match in _CODE.finditer(source))
    if not here:
        return
    for code in here - Counter(match[2].strip() for match in _CODE.finditer(target)):
        if code not in target:
            yield _finding(f"the code `{code[:60]}` is not in the translation", Severity.WARNING)


def _finding(
    message: str,
    severity: Severity,
    *,
    source_span: tuple[int, int] | None = None,
    target_span: tuple[int, int] | None = None,
) -> Finding:
    return Finding(
        check="markup_kept", severity=severity, message=message, source_span=source_span, target_span=target_span
    )
