"""What a person may set by hand for one article, where a guess from its shape would be wrong.

Takes   the lines of `signoff.toml` for an article, as read by config.py
Gives   Rules, for `extract`
Always  furniture hides exactly the blocks or elements that a rule names, and each hidden block names its rule
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from pipeline.protected import Protect


@dataclass(frozen=True, kw_only=True)
class Furniture:
    """One rule for page furniture: text on the page that is not the article's."""

    pattern: str = ""
    """A regular expression that must match the whole visible text of a block, its list marker left off."""
    to_end: bool = False
    """Everything from that block to the end of the article is furniture too."""
    element: str = ""
    """An HTML element (`nav`) whose whole content is furniture."""
    compiled: "re.Pattern[str]" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if bool(self.pattern) == bool(self.element):
            raise ValueError("a furniture rule has either a pattern or an element")
        if self.to_end and self.element:
            raise ValueError("an element has its own end: to_end goes with a pattern")
        try:
            object.__setattr__(self, "compiled", re.compile(self.pattern))
        except re.error as error:
            raise ValueError(f"furniture pattern {self.pattern!r} is not a regular expression: {error}") from error

    @property
    def name(self) -> str:
        """What the block says hid it: the pattern, or the element as `<nav>`."""
        return self.pattern or f"<{self.element.lower()}>"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Everything set by hand for one article. Texts are visible texts of whole blocks."""

    furniture: tuple[Furniture, ...] = ()
    headings: tuple[str, ...] = ()
    """Plain-text lines that are headings though their shape does not say so."""
    not_headings: tuple[str, ...] = ()
    """Plain-text lines that look like headings and are not."""
    front_matter_keys: tuple[str, ...] = ("title", "description")
    """The keys of a Markdown article's front matter that readers see."""
    protect: tuple[Protect, ...] = ()
    """Names and patterns that no translation changes; no sentence ends in one."""

    @cached_property
    def patterns(self) -> tuple[Furniture, ...]:
        """The rules that look at a block's text."""
        return tuple(rule for rule in self.furniture if rule.pattern)

    @cached_property
    def elements(self) -> dict[str, Furniture]:
        """The rules that name an element, by its name in lower case."""
        return {rule.element.lower(): rule for rule in self.furniture if rule.element}


NO_RULES = Rules()
"""Nothing set by hand."""
