"""Any termbase that may exist, for laws."""

from hypothesis import strategies as st

from pipeline.model import Locale
from pipeline.terms import Concept, PartOfSpeech, Term, Termbase, TermStatus
from pipeline.terms.model import clean

LOCALES = [Locale.parse(tag) for tag in ("en", "es", "pt", "pt-BR", "zh-Hant")]
_LETTERS = st.characters(blacklist_categories=["Cc", "Cs", "Co", "Cn"], blacklist_characters="|<")
_HOSTILE = st.sampled_from(["=1+1", "-x", "'=a", "''+b", "@sum", 'a"b', "a,b", "a;b", "&amp;", "]]>", "é", "ñ o"])
_TEXT = (st.text(_LETTERS, max_size=12) | _HOSTILE).map(clean)
WORDINGS = _TEXT.filter(lambda text: any(letter.isalnum() for letter in text))
NOTES = _TEXT | st.sampled_from(["Signoff forms: a", "Signoff note: Signoff critical: yes", "Signoff critical: no"])


@st.composite
def terms(draw: st.DrawFn, locale: Locale, text: str) -> Term:
    forms = draw(st.lists(WORDINGS.filter(lambda form: form != text), max_size=3, unique=True))
    return Term(
        locale=locale,
        text=text,
        part_of_speech=draw(st.sampled_from(PartOfSpeech)),
        status=draw(st.sampled_from(TermStatus)),
        forms=tuple(forms),
        note=draw(NOTES),
        source=draw(_TEXT),
    )


@st.composite
def concepts(draw: st.DrawFn, name: str) -> Concept:
    found: list[Term] = []
    for locale in draw(st.lists(st.sampled_from(LOCALES), min_size=1, max_size=3, unique=True)):
        for text in draw(st.lists(WORDINGS, min_size=1, max_size=3, unique=True)):
            found.append(draw(terms(locale, text)))
    return Concept(id=name, terms=tuple(found), do_not_translate=draw(st.booleans()), critical=draw(st.booleans()))


@st.composite
def termbases(draw: st.DrawFn) -> Termbase:
    names = draw(st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9._-]{0,8}", fullmatch=True), max_size=4, unique=True))
    return Termbase(concepts=tuple(draw(concepts(name)) for name in names))
