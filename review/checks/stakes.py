"""What stands in a source that makes a doubt about its translation dangerous: a dose.

Takes   an English source, tags and all
Gives   whether it holds a dose, so that a family may block there and only warn elsewhere
Always  the same source, the same answer; remembered, since every check asks
"""

import re
from functools import lru_cache

_DOSE = re.compile(
    r"\d[\s\u00a0\u202f-]?(?:mg|mcg|[µμ]g|ug|ng|g|gm|kg|m[lL]|dL|cc|I\.?U\.?|mmol|mEq|units?|puffs?|drops?|sprays?"
    r"|tablets?|pills?|capsules?|teaspoons?|tablespoons?|milligrams?|micrograms?|grams?|millilit(?:er|re)s?)\b"
    r"|\b(?:an?|one|half|two|three|four|five|six|eight|ten)[ -](?:\w{1,20}[ -])?"
    r"(?:tablet|capsule|pill|puff|drop|patch|injection|teaspoon|tablespoon|suppositor|dose|spoon)(?:s|es|y|ies|fuls?)?\b"
    r"|\b(?:maximum|daily|usual|starting|recommended|missed|double|higher|lower|next|single|extra) dos(?:es?|age)\b"
    r"|\b(?:once|twice|(?:three|four|five|six|\d{1,2}) times) (?:a|per|each|every) (?:day|week|month)\b"
    r"|\bevery (?:\d{1,3}|two|three|four|six|eight|twelve)(?: ?(?:to|-|–) ?\d{1,3})? (?:hours?|days?|minutes?)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 12)
def holds_dose(source: str) -> bool:
    """Whether an English source says how much or how often something is taken.

    >>> holds_dose("Take 0.5 mg in the evening."), holds_dose("About 20 people took part.")
    (True, False)
    """
    return _DOSE.search(source) is not None
