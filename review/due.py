"""When what was signed must be signed again.

Takes   the day of a sign-off, and `[pages] review_within_days` or a `[[pages.review]]` of signoff.toml
Gives   the day until which it holds; an expired one is treated as unsigned, by the page policy
"""

from datetime import date, timedelta


def review_due(signed: str, within_days: int | None) -> str:
    """The last day on which a sentence that was signed on a day need not be signed again; empty for never.

    >>> review_due("2026-06-01", 100)
    '2026-09-09'
    """
    return (date.fromisoformat(signed) + timedelta(days=within_days)).isoformat() if signed and within_days else ""
