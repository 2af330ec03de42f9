"""A sentence ends as its source does: with a full stop, a question mark, an exclamation mark, a colon, or none."""

from collections.abc import Iterator

from pipeline.model import Finding, Severity, tags_of
from review.checks.context import Context

_END_MARKS = {
    **dict.fromkeys(".。．।۔።։", "a full stop"),
    **dict.fromkeys("?？؟⁇՞", "a question mark"),
    **dict.fromkeys("!！", "an exclamation mark"),
    **dict.fromkeys(":：", "a colon"),
    **dict.fromkeys(";；؛", "a semicolon"),
    "…": "an ellipsis",
}
_CLOSERS = frozenset(" \t\n\u00a0\u202f\"'”’»›)]}）】」』*“‘")


def end_mark(source: str, target: str, context: Context) -> Iterator[Finding]:
    """A NOTE if the two end differently; closing quotes, brackets and tags aside."""
    at_source, source_mark = last_mark(source, context.source_locale.language)
    at_target, target_mark = last_mark(target, context.target_locale.language)
    if source_mark != target_mark:
        yield Finding(
            check="end_mark",
            severity=Severity.NOTE,
            source_span=at_source,
            target_span=at_target,
            message=f"the source ends with {source_mark or 'no mark'}, the target with {target_mark or 'no mark'}",
        )


def last_mark(text: str, language: str) -> tuple[tuple[int, int] | None, str]:
    """Where the last character besides closers stands, and what end mark it is; empty if none."""
    tags = [tag.span() for tag in tags_of(text)] if ">" in text else []
    at = len(text)
    while at:
        if tags and tags[-1][1] == at:
            at = tags.pop()[0]
        elif text[at - 1] in _CLOSERS:
            at -= 1
        else:
            break
    if not at:
        return None, ""
    if text[:at].endswith("..."):
        return (at - 3, at), "an ellipsis"
    mark = "?" if language == "el" and text[at - 1] in ";\u037e" else text[at - 1]
    return (at - 1, at), _END_MARKS.get(mark, "")
