"""What a termbase does to a run, to the checks, to engines, and to the settings."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import polib
import pytest
from workspaces import ENGINE, Desk, StandIn, accept, edit_po, files_below, make_workspace

from pipeline.config import load_workspace
from pipeline.draft import draft_texts
from pipeline.engines import Draft, Failure, TermHint
from pipeline.errors import ConfigError, TermsError
from pipeline.model import Locale
from pipeline.terms.workspace import load_matcher, term_hints
from signoff.desk import judges

ROOT = Path(__file__).resolve().parents[2]
EN, ES = Locale.parse("en"), Locale.parse("es")
TERMS = """concept,locale,term,status,forms,do_not_translate,critical
dose,en,dose,,,,
dose,es,dosis,,,,
dose,es,toma,admitted,,,
dose,es,doseo,forbidden,,,
brand,en,Klonopin,,,yes,
coma,en,coma,,,,yes
coma,es,coma,,,,
"""


@pytest.fixture
def desk(stand_in: StandIn, tmp_path: Path) -> Desk:
    """A workspace with one article and a termbase."""
    root = make_workspace(
        tmp_path / "workspace",
        articles={"first.md": b"# Klonopin\n\nA dose too high leads to coma.\n"},
        more='[terms]\nfiles = ["terms/ours.csv"]',
    )
    write_terms(root, TERMS)
    return Desk(root)


def write_terms(root: Path, text: str) -> None:
    (root / "terms").mkdir(exist_ok=True)
    (root / "terms" / "ours.csv").write_text(text, encoding="utf-8")


def test_a_po_entry_lists_its_terms(desk: Desk) -> None:
    """The reviewer reads what is preferred, what else may stand, what must not, and what is critical."""
    desk.run()
    notes = [entry.comment.splitlines() for entry in polib.pofile(str(desk.po("first")))]
    assert "term: Klonopin (do not translate)" in notes[0]
    assert "term: dose → dosis (preferred; also: toma; not: doseo)" in notes[1]
    assert "term (critical): coma → coma (preferred)" in notes[1]
    assert 'warning: "doseo" is forbidden by the termbase for "dose": write dosis, toma' in notes[1]


def test_another_termbase_makes_files_new_that_nobody_edited(desk: Desk) -> None:
    """A changed row rewrites the PO file of a run; the same termbase writes nothing; an edited file stays."""
    desk.run()
    before = files_below(desk.root)
    assert desk.run().written == []
    assert files_below(desk.root) == before
    write_terms(desk.root, TERMS.replace("toma,admitted", "porción,admitted"))
    report = desk.run()
    assert report.written == ["locales/es/first.po"]
    assert report.drafted == 0
    assert "also: porción" in desk.po("first").read_text(encoding="utf-8")
    edit_po(desk.po("first"), accept, desk.po("first"))
    edited = desk.po("first").read_bytes()
    write_terms(desk.root, TERMS)
    assert desk.run().edited == ["locales/es/first.po"]
    assert desk.po("first").read_bytes() == edited


def test_a_critical_term_that_is_missing_holds_the_sentence(desk: Desk) -> None:
    """A person who signs a text without the critical term gets it back as held."""
    desk.run()

    def another_word(entry: polib.POEntry) -> None:
        accept(entry)
        entry.msgstr = "Klonopin" if "Klonopin" in entry.msgid else "Una dosis demasiado alta lleva al sueño."

    report = desk.review("first", "demo-linguist", another_word)
    assert [entry.result.value for entry in report.entries] == ["signed", "held"]
    assert '"coma"' in report.entries[1].reason


class TermEngine(StandIn):
    """A stand-in that takes terms, and keeps what it was given."""

    takes_terms = True

    def __init__(self) -> None:
        super().__init__()
        self.given: list[tuple[str, tuple[TermHint, ...]]] = []

    def translate_with_terms(
        self,
        texts: Sequence[str],
        terms: Sequence[Sequence[TermHint]],
        source_locale: Locale,
        target_locale: Locale,
    ) -> list[Draft | Failure]:
        self.given += [(text, tuple(hints)) for text, hints in zip(texts, terms, strict=True)]
        return self.translate(texts, source_locale, target_locale)


def test_an_engine_that_takes_terms_is_given_those_of_each_text(desk: Desk) -> None:
    """Spans index the text as the engine gets it, with its tags masked; other engines are asked as ever."""
    engine = TermEngine()
    hints = judges(load_workspace(desk.root)).term_hints
    draft_texts(["A <b1>dose</b1> of Klonopin now", "Nothing here"], engine, EN, ES, hints=hints)
    (text, (dose, brand)), (_, none) = engine.given
    assert (text[slice(*dose.span)], dose.accepted, dose.forbidden) == ("dose", ("dosis", "toma"), ("doseo",))
    assert (text[slice(*brand.span)], brand.do_not_translate, none) == ("Klonopin", True, ())
    draft_texts(["A dose of it now"], StandIn(), EN, ES, hints=hints)


def test_drafts_made_with_another_termbase_are_not_used_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft that heeded terms is kept under their version, which its origin names; other engines' drafts stay."""
    engine = TermEngine()
    monkeypatch.setattr("pipeline.engines.ENGINES", {ENGINE: lambda settings: engine})
    desk.run()
    asked = list(engine.asked)
    desk.write("second.md", b"# Klonopin\n")
    desk.run()
    assert engine.asked == asked and "1 en→es, terms " in desk.po("second").read_text(encoding="utf-8")
    write_terms(desk.root, TERMS.replace("toma,admitted", "porción,admitted"))
    desk.write("third.md", b"A dose too high leads to coma.\n")
    desk.run()
    assert engine.asked == [*asked, "A dose too high leads to coma."]

    plain = StandIn()
    monkeypatch.setattr("pipeline.engines.ENGINES", {ENGINE: lambda settings: plain})
    desk.write("fourth.md", b"Other words.\n")
    desk.run()
    write_terms(desk.root, TERMS)
    desk.write("fifth.md", b"Other words.\n")
    desk.run()
    assert plain.asked == ["Other words."]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('files = ["../terms.csv"]', "below the workspace"),
        ('files = ["/etc/terms.csv"]', "below the workspace"),
        ('files = ["terms/a.tbx"]', "below the workspace"),
        ('files = ["terms/./a.csv"]', "below the workspace"),
        ("files = ['terms\\\\a.csv']", "below the workspace"),
        ('files = ["terms/a.csv", "terms/a.csv"]', "twice"),
        ('files = ["out/a.csv"]', "out of the workspace"),
        ('files = "terms/a.csv"', "a list"),
        ('file = ["terms/a.csv"]', "did you mean files"),
    ],
)
def test_a_termbase_lies_below_the_workspace(tmp_path: Path, line: str, reason: str) -> None:
    """A path that leads elsewhere, also by a link, is refused with its line."""
    root = make_workspace(tmp_path / "workspace", articles={}, more=f"[terms]\n{line}")
    (root / "out").symlink_to(tmp_path)
    with pytest.raises(ConfigError, match=r"signoff\.toml:\d+: ") as caught:
        load_workspace(root)
    assert reason in str(caught.value)


def test_a_termbase_that_is_not_there_stops_the_work(desk: Desk) -> None:
    """A missing or broken termbase is no empty one: nobody signs without the checks that were asked for."""
    shutil.rmtree(desk.root / "terms")
    with pytest.raises(TermsError, match="not there"):
        desk.run()
    write_terms(desk.root, TERMS + "dose,es,x,banned,,,\n")
    with pytest.raises(TermsError, match=r"terms/ours\.csv:9: "):
        desk.run()


def test_the_sample_termbase_is_whole() -> None:
    """Each of its concepts has terms in each locale, with a source, and is found by every wording of its own."""
    workspace = load_workspace(ROOT)
    matcher = load_matcher(workspace)
    for concept in matcher.termbase.concepts:
        for locale in (EN, *(target.locale for target in workspace.settings.targets)):
            terms = concept.terms_for(locale)
            if concept.do_not_translate:
                continue
            assert concept.accepted(locale), (concept.id, locale)
            for term in terms:
                assert term.source, term
                for wording in term.wordings:
                    found = matcher.matches(wording, locale)
                    assert any(match.concept is concept for match in found), wording
    assert [hint.critical for hint in term_hints(matcher, "Take clonazepam.", EN, ES)] == [True]


def test_a_name_of_the_termbase_is_hidden_from_the_machine(desk: Desk) -> None:
    """What is not to be translated never reaches the engine; its draft has the name as the source has it."""
    given = judges(load_workspace(desk.root))
    assert [rule.name for rule in given.names] == ["Klonopin"]
    (draft,) = draft_texts(["A dose of Klonopin now"], (engine := StandIn()), EN, ES, given.names)
    assert isinstance(draft, Draft) and "Klonopin " in draft.text
    assert not any("Klonopin" in text for text in engine.asked)
