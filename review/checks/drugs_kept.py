"""The drugs of the source are in the target, and no others in their place.

Drugs are found by name in data/drugs.tsv (built by benchmarks/compile_drug_names.py), in any language by the key of the
name (inn.py): hydroxyzine, hidroxizina. Another drug in the place of one is an ERROR, and so is one more than the
source has. A drug that is nowhere in the target is a WARNING: it may rightly be called by what it is (the medicine), or
by a name that we do not know. A name that nobody lists is taken for a medicine's where a dose stands right behind it
(Zolarex 50 mg) or ® does, and must be in the target as it is.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from pipeline.model import Finding, Severity
from review.checks.context import Context
from review.checks.inn import key
from review.checks.phrases import words_of
from review.checks.tables import DATA

_SHORTEST = 4
_ALIKE_PERCENT = 80
"""From here on an unknown word is taken for another spelling of a name (Indel ratio of the keys)."""


def drugs_kept(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR for a drug in the place of another; a WARNING for one that is missing."""
    if context.source_locale.language == context.target_locale.language or source == target:
        return
    wanted, found = _drugs(source), _drugs(target)
    yield from _brands(source, target)
    if wanted.keys() == found.keys():
        return
    here, there = (words_of(text).lower for text in (source, target))
    missing = {
        name: word
        for name, word in wanted.items()
        if name not in found and not _spelled(_as_written(word, source), there)
    }
    others = [
        (name, word)
        for name, word in found.items()
        if name not in wanted and not _spelled(_as_written(word, target), here)
    ]
    for name, word in missing.items():
        other = others.pop(0)[1] if others else None
        yield Finding(
            check="drugs_kept",
            severity=Severity.ERROR if other else Severity.WARNING,
            message=f"the source has {_as_written(word, source)}, the translation {_as_written(other, target)}"
            if other
            else f"the source has {_as_written(word, source)} ({name}), the translation does not",
            source_span=word,
            target_span=other,
        )
    for name, word in others if wanted else ():
        yield Finding(
            check="drugs_kept",
            severity=Severity.ERROR,
            message=f"the translation has {_as_written(word, target)} ({name}), the source does not",
            target_span=word,
        )


@lru_cache(maxsize=1 << 15)
def drug_named(word: str) -> str:
    """The name of the drug that a word in lower case is; empty for none."""
    return drug_names().get(key(word), "") if len(word) >= _SHORTEST else ""


_BRAND = re.compile(
    r"(?<=[a-z,;:] )([A-Z][a-z]{3,20}[a-zA-Z0-9]{0,10})(?:[®™]|[ \u00a0]\d{1,6}(?:[.,]\d{1,4})?[ \u00a0-]?"
    r"(?:mg|mcg|[µμ]g|g|m[lL]|IU|units?)\b)|([A-Za-z][\w-]{3,30})[®™]"
)
_BRAND_SIGN = re.compile(r"[®™]|\d[ \u00a0-]?(?:m|µ|μ|g|I|u)")
"""What stands in every text with such a name, and in few others."""


def _brands(source: str, target: str) -> Iterator[Finding]:
    """A WARNING for each name of a medicine that only its place tells, and that is not in the target."""
    if not _BRAND_SIGN.search(source):
        return
    names = {match[1] or match[2]: match.span() for match in _BRAND.finditer(source)}
    there = set(map(key, words_of(target).lower))
    for name, span in names.items():
        if key(name) not in there and key(name) not in drug_names() and key(name.split("-")[0]) not in there:
            yield Finding(
                check="drugs_kept",
                severity=Severity.WARNING,
                message=f"{name}, which looks like the name of a medicine, is not in the translation",
                source_span=span,
            )


def names_a_drug(text: str) -> bool:
    """Whether a drug stands in a text by its name."""
    return bool(_drugs(text))


_Place = tuple[int, int]
"""Where a word stands."""


def _as_written(word: _Place, text: str) -> str:
    return text[slice(*word)]


@lru_cache(maxsize=1)
def drug_names() -> dict[str, str]:
    """Key → the name that stands for all of a drug's names; read at first use, in a few thousandths of a second."""
    lines = (DATA / "drugs.tsv").read_text(encoding="utf-8").splitlines()
    return {k: name for k, _, name in (line.partition("\t") for line in lines if not line.startswith("#"))}


@lru_cache(maxsize=1 << 10)
def _drugs(text: str) -> dict[str, _Place]:
    """The drugs of a text by name, each where it stands first."""
    words = words_of(text)
    names = list(map(drug_named, words.lower))
    if not any(names):
        return {}
    found: dict[str, _Place] = {}
    for name, place in zip(names, words.spans, strict=True):
        if name:
            found.setdefault(name, place)
    return found


def _spelled(name: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words, which is no known drug, is the name in another spelling."""
    from rapidfuzz import fuzz

    wanted, known = key(name), drug_names()
    keys = [key(word) for word in words if len(word) >= _SHORTEST]
    return any(fuzz.ratio(wanted, other) >= _ALIKE_PERCENT for other in keys if other not in known)
