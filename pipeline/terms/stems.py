"""Bring the forms of a word together: `Convulsiones`, `convulsión` → `convulsion`.

Takes   a word and its language
Gives   a stem: lower case, without accents, without the endings of `endings.toml`
Always  light on purpose: what is not a plural or near it stays apart (medicina, médico), since a wrong "the term is
        there" hides a wrong drug. Nothing is loaded before the first word
"""

import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources

_MARKS = re.compile("(?<=[a-zæœαεηιουω])[\u0300-\u0326\u0328-\u036f]+")
_TILDE = "\u0303"
Step = tuple[int, tuple[tuple[str, str], ...]]
"""The fewest letters that stay, and (ending, what takes its place), the longest ending first."""


@cache
def _steps() -> dict[str, tuple[Step, ...]]:
    tables = tomllib.loads(resources.files(__package__).joinpath("endings.toml").read_text(encoding="utf-8"))
    return {language: tuple(map(_step, table["steps"])) for language, table in tables.items()}


def _step(line: str) -> Step:
    least, *endings = line.split()
    pairs = [(ending, by) for ending, _, by in (rule.partition("=") for rule in endings)]
    return int(least), tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def fold(word: str) -> str:
    """Lower case without accents. ñ and ç are letters of their own and stay: año is not ano.

    >>> fold("Benzodiazépine"), fold("Año")
    ('benzodiazepine', 'año')
    """
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFC", word).casefold()).replace(f"n{_TILDE}", "ñ")
    return unicodedata.normalize("NFC", _MARKS.sub("", apart))


def stem(word: str, language: str) -> str:
    """The stem of one word.

    >>> stem("Convulsiones", "es") == stem("convulsión", "es")
    True
    """
    word = fold(word)
    for least, endings in _steps().get(language, ()):
        for ending, by in endings:
            if word.endswith(ending) and len(word) - len(ending) >= least:
                word = word.removesuffix(ending) + by
                break
    return word


def has_endings(language: str) -> bool:
    """Whether endings.toml knows the language."""
    return language in _steps()
