"""How counts are said to people.

Takes   a count and the noun for one
Gives   both, as in a sentence
Always  English, like every message of ours
"""


def many(count: int, what: str) -> str:
    """A count and its noun.

    >>> many(1, "sentence"), many(2000, "entry")
    ('1 sentence', '2,000 entries')
    """
    plural = f"{what[:-1]}ies" if what.endswith("ry") else f"{what}s"
    return f"{count:,} {what if count == 1 else plural}"
