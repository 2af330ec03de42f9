"""What is left, daily, at least, increased or for adults in the source is not right, weekly, at most … in the target.

A contrast set is a handful of members that must not be exchanged (left, right). Each language's table lists, for each
member, the words that *say* it and those that *may* say it. A finding needs both sides: a member that the source says
and the target not even may say, and a sibling that the target says and the source not even may say. So a free
translation, which drops a member or words it otherwise, is left alone; an exchange is not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

from pipeline.model import Finding, Severity
from review.checks.context import Context
from review.checks.drugs_kept import names_a_drug
from review.checks.phrases import PhraseMatch, Phrases, split_list, words_of
from review.checks.stakes import holds_dose
from review.checks.tables import DATA, measured, table
from review.checks.words_in_text import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastSet:
    """Members that must not be exchanged."""

    family: str
    """What kind of thing is exchanged: laterality, frequency …"""
    alone: frozenset[str] = frozenset()
    """The members that are a finding by themselves where only the target says them; `*` is each."""
    loose: bool = False
    """Whether words that may say a member count as if they did."""
    beside_dose: bool = False
    """Whether a sure exchange is an ERROR only beside a dose or a drug."""
    near: frozenset[frozenset[str]] = frozenset()
    """Siblings that a good translation may take for each other."""


@lru_cache(maxsize=1)
def contrast_sets() -> Mapping[str, ContrastSet]:
    """Every set by its key in the tables; data/contrast_sets.toml says them."""
    import tomllib

    read = tomllib.loads((DATA / "contrast_sets.toml").read_text(encoding="utf-8"))
    return {
        name: ContrastSet(
            family=said["family"],
            alone=frozenset(said.get("alone", ())),
            loose=said.get("loose", False),
            beside_dose=said.get("beside_dose", False),
            near=frozenset(map(frozenset, said.get("near", ()))),
        )
        for name, said in read.items()
    }


@dataclass(frozen=True, slots=True)
class _Label:
    """What a phrase stands for."""

    set: str
    member: str
    """Empty for a phrase that only looks like one of the set: `all right`."""
    sure: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text says of one set."""

    words: Words
    sure: dict[str, list[tuple[int, int]]]
    """Member → the words that say it, as [first, end)."""
    maybe: dict[str, int]
    """Member → how many words may say it, those that do included."""

    def times(self, member: str) -> int:
        """How many words may say a member."""
        return self.maybe.get(member, 0)

    def place(self, said: tuple[int, int]) -> tuple[int, int]:
        """Where some words stand, [start, end) in code points."""
        spans = self.words.spans
        return spans[said[0]][0], spans[said[1] - 1][1]


def contrasts_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR or a WARNING for each member of a set in whose place the target has another one."""
    here, there = context.source_locale.language, context.target_locale.language
    if here == there or source == target or not (table(here, "contrasts") and table(there, "contrasts")):
        return
    in_target = _read(target, there)
    if not in_target.sets:
        return
    in_source = _read(source, here)
    found = [
        finding
        for name in in_target.sets
        if not in_source.says_alike(name, in_target)
        and _may_differ(contrast_sets()[name], in_source.sure(name), in_target.sure(name))
        for finding in _exchanged(
            contrast_sets()[name], in_source.said(name), in_target.said(name), source, target, context
        )
    ]
    yield from _without_echoes(found)


def _may_differ(contrast: ContrastSet, ours: "_Spans", theirs: "_Spans") -> bool:
    """Whether there can be a finding at all, by the sure words alone: most sets end here, before the doubtful words."""
    new = [member for member, spans in theirs.items() if len(spans) > len(ours.get(member, ()))]
    if any(len(spans) > len(theirs.get(member, ())) for member, spans in ours.items()):
        return bool(new)
    return not contrast.alone.isdisjoint((*new, "*")) if new else len(ours) > 1


def _exchanged(
    contrast: ContrastSet, said: _Said, other: _Said, source: str, target: str, context: Context
) -> Iterator[Finding]:
    """A finding for each pair of a member that is said less often and a sibling that is said more often."""

    def more(ours: _Said, theirs: _Said) -> list[str]:
        """The members that one side says more often than the other."""
        return [
            member
            for member, spans in ours.sure.items()
            if len(spans) > (theirs.times(member) if contrast.loose else len(theirs.sure.get(member, ())))
        ]

    lost, new = more(said, other), more(other, said)
    for sibling in new:
        unsaid = not said.times(sibling)
        member = next((member for member in lost if _opposed(contrast, member, sibling, said, other)), "")
        if not member and not (unsaid and contrast.alone & {"*", sibling}):
            continue
        at_target = other.place(other.sure[sibling][-1])
        at_source = said.place(said.sure[member][-1]) if member in said.sure else None
        trusted = measured(context.target_locale.language, "contrasts")
        sure = at_source is not None and not other.times(member) and unsaid
        hard = sure and trusted and (not contrast.beside_dose or holds_dose(source) or names_a_drug(source))
        quoted = f'"{target[slice(*at_target)]}"'
        yield Finding(
            check="contrasts_kept",
            severity=Severity.ERROR if hard else Severity.WARNING,
            message=f'{contrast.family}: the source says "{source[slice(*at_source)]}", the translation {quoted}'
            if at_source
            else f"{contrast.family}: the translation says {quoted}, and the source nothing of the kind",
            source_span=at_source,
            target_span=at_target,
        )
        if member in lost:
            lost.remove(member)
    if not contrast.loose and not contrast.beside_dose and not new and not lost:
        yield from _in_other_order(contrast, said, other, source, target)


APART = 9
"""Characters between two members that belong to different things: `left or right arm` may be said the other way."""


def _in_other_order(contrast: ContrastSet, said: _Said, other: _Said, source: str, target: str) -> Iterator[Finding]:
    """A WARNING where both texts say the same members, and the target in another order."""
    here, there = (
        sorted((side.place(words), member) for member, places in side.sure.items() for words in places)
        for side in (said, other)
    )
    if len(here) < 2 or [member for _, member in here] == [member for _, member in there]:
        return
    if all(any(two[0][0] - one[0][1] < APART for one, two in pairwise(side)) for side in (here, there)):
        return
    spans = [(side[0][0][0], side[-1][0][1]) for side in (here, there)]
    yield Finding(
        check="contrasts_kept",
        severity=Severity.WARNING,
        message=f'{contrast.family}: the source says "{_quoted(source, here)}" in this order, '
        f'the translation "{_quoted(target, there)}": were they exchanged?',
        source_span=spans[0],
        target_span=spans[1],
    )


def _quoted(text: str, side: list[tuple[tuple[int, int], str]]) -> str:
    return " … ".join(text[slice(*span)] for span, _ in side)


def _without_echoes(found: list[Finding]) -> Iterator[Finding]:
    """One finding for the same words of the target: `per week` is a frequency, and its `week` no finding beside it."""
    taken: list[tuple[int, int]] = []
    for finding in sorted(found, key=lambda f: (f.severity is not Severity.ERROR, f.source_span is None, _length(f))):
        span = finding.target_span or (0, 0)
        if not any(start < span[1] and span[0] < end for start, end in taken):
            taken.append(span)
            yield finding


def _length(finding: Finding) -> int:
    """Longer words first."""
    start, end = finding.target_span or (0, 0)
    return start - end


def _opposed(contrast: ContrastSet, member: str, sibling: str, said: _Said, other: _Said) -> bool:
    """Whether the sibling in the target's place of the member is an exchange."""
    if {member, sibling} in contrast.near:
        return not other.times(member) and not said.times(sibling)
    return member != sibling


@lru_cache(maxsize=32)
def _phrases(language: str) -> Phrases[_Label]:
    """What decides how often members are said: all but the single words that only may say one."""
    return Phrases(found for found in _table(language) if found[1].sure or not _is_one_word(found[0]))


@lru_cache(maxsize=32)
def _doubtful_words(language: str) -> Phrases[_Label]:
    """The single words that only may say a member."""
    return Phrases(found for found in _table(language) if not found[1].sure and _is_one_word(found[0]))


def _is_one_word(phrase: str) -> bool:
    return phrase.strip("*").isalpha()


@lru_cache(maxsize=32)
def _table(language: str) -> tuple[tuple[str, _Label], ...]:
    """Every phrase of a language with what it stands for."""
    return tuple(
        (phrase, _Label(name, member, sure))
        for name, contrast in table(language, "contrasts").items()
        if name in contrast_sets()
        for member, ways in ({"": {"may": contrast.get("not", "")}} | contrast).items()
        if member != "not"
        for key, sure in (("says", True), ("may", False))
        for phrase in split_list(ways.get(key, ""))
    )


_Spans = Mapping[str, list[tuple[int, int]]]
"""Member → the words that say it."""


class _Text:
    """What a text says, by set; a set is counted when it is first asked for, for most have nothing to compare."""

    def __init__(self, text: str, language: str) -> None:
        """Find the phrases of every set."""
        self._words = words_of(text)
        self._language = language
        self._sure: dict[str, _Said] = {}
        self._said: dict[str, _Said] = {}
        self._found = _by_set(_phrases(language).matches(self._words))
        self._doubtful: dict[str, list[PhraseMatch[_Label]]] | None = None
        self.sets: dict[str, None] = {}
        """The sets of which a word stands there that says a member."""
        for name, found in self._found.items():
            if any(match.label.sure for match in found):
                self.sets[name] = None

    def sure(self, name: str) -> _Spans:
        """The members of one set that it says for sure."""
        if name not in self.sets:
            return {}
        if name not in self._sure:
            self._sure[name] = _count(self._found[name], self._words)
        return self._sure[name].sure

    def says_alike(self, name: str, other: "_Text") -> bool:
        """Whether each of two texts has one phrase of a set, and both say the same."""
        ours, theirs = self._found.get(name, ()), other._found[name]
        return len(ours) == len(theirs) == 1 and ours[0].label.sure and ours[0].label.member == theirs[0].label.member

    def said(self, name: str) -> _Said:
        """All that it says, or may say, of one set."""
        if name not in self._said:
            phrases, words = self._found.get(name, []), self._words
            if self._doubtful is None:
                self._doubtful = _by_set(_doubtful_words(self._language).matches(words))
            doubtful = _nearby(self._doubtful.get(name, []), phrases, words, _negators(self._language))
            found = sorted([*phrases, *doubtful], key=lambda match: match.first) if doubtful else phrases
            self._said[name] = _count(found, words)
        return self._said[name]


@lru_cache(maxsize=1 << 10)
def _read(text: str, language: str) -> _Text:
    return _Text(text, language)


def _by_set(matches: list[PhraseMatch[_Label]]) -> dict[str, list[PhraseMatch[_Label]]]:
    found: dict[str, list[PhraseMatch[_Label]]] = {}
    for match in matches:
        found.setdefault(match.label.set, []).append(match)
    return found


_REACH = 6
"""So many words after a `not`, it may still turn a word into its contrary: not all that often."""
_CONTRACTED = frozenset(("don", "doesn", "didn", "isn", "aren", "wasn", "n", "ne"))
"""What stands before the apostrophe of don't, and the first half of the French negation."""
_STOPS = frozenset(":;.!?")


def _nearby(
    doubtful: list[PhraseMatch[_Label]],
    phrases: list[PhraseMatch[_Label]],
    words: Words,
    negators: frozenset[str],
) -> list[PhraseMatch[_Label]]:
    """The doubtful words without every `not` that has no other word of the set shortly behind, or right before it."""
    lower = words.lower
    others = {m.first for m in doubtful if lower[m.first] not in negators}
    if len(others) == len(doubtful):
        return doubtful
    others |= {m.first for m in phrases}
    return [m for m in doubtful if lower[m.first] not in negators or any(at in others for at in _reach(m.first, lower))]


def _reach(negator: int, words: tuple[str, ...]) -> Iterator[int]:
    """The words that a negation may be about: three before it, and six behind it within its clause."""
    yield from range(negator - _REACH // 2, negator)
    for at in range(negator + 1, min(negator + _REACH + 1, len(words))):
        if words[at] in _STOPS:
            return
        yield at


@lru_cache(maxsize=32)
def _negators(language: str) -> frozenset[str]:
    """The single words that negate, of the table `negation`; `cannot` says enough by itself."""
    says = split_list(table(language, "negation").get("says", ""))
    return frozenset(word for word in says if word.isalpha() and word != "cannot") | _CONTRACTED


def _count(matches: list[PhraseMatch[_Label]], words: Words) -> _Said:
    """One set's members; at each place the longest phrases only: `no more than` is not `more than`."""
    said = _Said(words, {}, {})
    free_from = 0
    for first, together in groupby(matches, key=lambda match: match.first):
        if first < free_from:
            continue
        here = list(together)
        free_from = max(match.end for match in here)
        members = {match.label.member: False for match in here if match.end == free_from}
        if "" in members:
            continue
        for match in here:
            if match.end == free_from and match.label.sure:
                members[match.label.member] = True
        for member, sure in members.items():
            said.maybe[member] = said.times(member) + 1
            if sure:
                said.sure.setdefault(member, []).append((first, free_from))
    return said
