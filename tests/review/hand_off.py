"""Files as they go out to reviewers, for the tests of every hand-off format."""

from dataclasses import replace

from hypothesis import strategies as st

from pipeline.model import Locale
from pipeline.po import PoEntry, PoFile

ENGLISH = Locale.parse("en")
_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
WORDS = st.one_of(
    st.text(_LETTERS, min_size=1, max_size=30),
    st.text(st.sampled_from("ab =+-@'\"<>&;_x000D_\n\tñ؟ש\u00ad\u2011\u200d\u2028{}"), min_size=1, max_size=30),
    st.sampled_from(
        ["=1+1", "#N/A", "0.5", "TRUE", "_x005F_", "_x0041_", "<b1>Do</b1> <x2/>", "</b1><b1>", "2026-01-31", "'5"]
    ),
)
TEXTS = WORDS.map(str.strip).filter(bool)
"""Texts that a table keeps: no control characters, no blank at the edges."""
COMMENTS = st.lists(
    st.text(_LETTERS, min_size=1, max_size=20)
    .map(lambda text: "".join(text.split()))
    .filter(lambda t: t and t != "ok"),
    max_size=2,
)


@st.composite
def files(draw: st.DrawFn, *, verdicts: bool = True) -> PoFile:
    """A file of a few units. With `verdicts`, each text is fuzzy unless its first comment is `ok`, as in a table."""
    entries = []
    for number in range(draw(st.integers(0, 5))):
        target = draw(st.one_of(st.just(""), TEXTS))
        accepted = draw(st.booleans()) and target != ""
        comments = tuple(draw(COMMENTS))
        entries.append(
            PoEntry(
                id=f"a.b-c:{number + 1:04d}:0123abcd",
                source=draw(TEXTS),
                target=target,
                fuzzy=not accepted,
                notes=("paragraph › Rest", "CRITICAL (dose)"),
                translator_comments=("ok", *comments) if accepted and verdicts else comments,
                previous_source=draw(st.sampled_from(["", "Take 5 mg."])),
            )
        )
    article = draw(st.sampled_from(["a/b-c", 'ü "quoted" | <slug>']))
    locale = Locale.parse(draw(st.sampled_from(["es", "pt-BR", "ar"])))
    return PoFile(article=article, target_locale=locale, export_id="0123456789abcdef", entries=tuple(entries))


def as_returned(file: PoFile) -> PoFile:
    """What of a file comes back in every format: nothing that is for the reviewer's eyes alone."""
    return replace(file, entries=tuple(replace(entry, notes=(), previous_source="") for entry in file.entries))
