"""What the checks know about each language: data files, one a language and subject.

Takes   a language and a subject: `review/checks/data/<language>/<subject>.toml`
Gives   the table as it stands in the file, read at first use; which subjects a language has no table for
Always  a language without a table is said (`missing`), never silently passed; a table in the package obeys its shape

The format of each subject stands in docs/checks.md, and as a shape in SHAPES, which a test holds every file against.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_NO_TABLE: Mapping[str, Any] = {}


@lru_cache(maxsize=256)
def table(language: str, subject: str) -> Mapping[str, Any]:
    """The table of a language (BCP 47, without region), empty if it has none."""
    import tomllib

    path = DATA / language / f"{subject}.toml"
    if not _LANGUAGE.fullmatch(language) or not path.is_file():
        return _NO_TABLE
    return tomllib.loads(path.read_text(encoding="utf-8"))


def measured(language: str, subject: str) -> bool:
    """Whether the table's false alarms were counted on human translations; else its findings should only warn."""
    return bool(table(language, subject).get("measured"))


def missing(language: str) -> tuple[str, ...]:
    """The subjects that English has a table for and this language has none, sorted."""
    return tuple(sorted(path.stem for path in (DATA / "en").glob("*.toml") if not table(language, path.stem)))


def every_table() -> Iterator[tuple[str, str]]:
    """Each (language, subject) in the package."""
    for path in sorted(DATA.glob("*/*.toml")):
        yield path.parent.name, path.stem


# ---- what a table must look like

Shape = Mapping[str, type | tuple[type, ...]]
"""Key → the type of its value. `*` stands for all keys that are not named. A key that ends in `?` may be absent."""

SHAPES: dict[str, Shape] = {
    "numbers": {
        "measured": bool,
        "joiner?": str,
        "words": dict,
        "also": dict,
        "magnitudes": dict,
        "not_numbers?": list,
    },
    "units": {"measured": bool, "ambiguous?": list, "units": dict},
    "calendar": {"measured": bool, "months": dict, "weekdays": dict},
    "lengths": {"measured": bool, "per_english": float},
    "common_words": {"measured": bool, "words": str},
    "contrasts": {"measured": bool, "*": dict},
    "negation": {
        "measured": bool,
        "says": str,
        "joins": str,
        "may": str,
        "not": str,
        "orders?": str,
        "allows?": str,
        "bans?": str,
        "echoes?": str,
        "weak?": str,
    },
    "meaning": {"measured": bool, "least_likeness": float, "least_in_short": float},
}
"""Subject → the shape of its files. A family adds its own line."""


def complaints(language: str, subject: str) -> Iterator[str]:
    """What is wrong with a table, a sentence each; nothing if it obeys its shape."""
    where, read = f"{language}/{subject}.toml", table(language, subject)
    shape = SHAPES.get(subject)
    if shape is None:
        yield f"{where}: no such subject; known are {', '.join(sorted(SHAPES))}"
        return
    allowed = {key.removesuffix("?"): kind for key, kind in shape.items()}
    for key in shape:
        if key != "*" and not key.endswith("?") and key not in read:
            yield f"{where}: has no {key}"
    for key, value in read.items():
        kind = allowed.get(key, allowed.get("*"))
        if kind is None:
            yield f"{where}: {key} is not known here"
        elif not isinstance(value, kind):
            yield f"{where}: {key} is a {type(value).__name__}"
    yield from _unclean(read, where)


def _unclean(value: object, where: str) -> Iterator[str]:
    """Texts that no comparison would find: empty, or with blanks at their edges."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _unclean(part, f"{where}: {key}")
    elif isinstance(value, list):
        for part in value:
            yield from _unclean(part, where)
    elif isinstance(value, str) and (value != value.strip() or not value):
        yield f"{where}: {value!r} is empty or has blanks at its edges"
