"""Each placeable of the source is in the target exactly once, and pairs enclose each other properly."""

from collections import Counter
from collections.abc import Iterator

from pipeline.model import Finding, Severity, tags_of
from review.checks.context import Context


def placeables_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for each tag that is missing, doubled, new, or crosses another: the page could not be built from it."""
    if "<" not in source and "<" not in target:
        return
    wanted = Counter(tag[0] for tag in tags_of(source))
    found = Counter(tag[0] for tag in tags_of(target))
    missing = wanted - found
    for tag in tags_of(source):
        if missing[tag[0]]:
            missing[tag[0]] -= 1
            yield _error(f"{tag[0]} is missing from the target", source_span=tag.span())
    surplus = found - wanted
    for tag in reversed(list(tags_of(target))):
        if surplus[tag[0]]:
            surplus[tag[0]] -= 1
            reason = "more often than in the source" if tag[0] in wanted else "not in the source"
            yield _error(f"{tag[0]} is in the target, {reason}", target_span=tag.span())
    if wanted == found:
        yield from _nesting(target)


def _nesting(target: str) -> Iterator[Finding]:
    """One finding for the first closing tag that does not close the pair opened last."""
    opened: list[str] = []
    for tag in tags_of(target):
        closing, letter, number, alone = tag.groups()
        if alone:
            continue
        if not closing:
            opened.append(letter + number)
        elif not opened or opened.pop() != letter + number:
            yield _error(f"{tag[0]} closes a pair that is not open here", target_span=tag.span())
            return


def _error(
    message: str, *, source_span: tuple[int, int] | None = None, target_span: tuple[int, int] | None = None
) -> Finding:
    return Finding(
        check="placeables_kept",
        severity=Severity.ERROR,
        message=message,
        source_span=source_span,
        target_span=target_span,
    )
