"""The tables that say what must not be exchanged, and the keys of drugs' names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Locale
from review.checks import Context
from review.checks.contrasts_kept import contrast_sets, contrasts_kept
from review.checks.drugs_kept import drug_names
from review.checks.inn import key
from review.checks.phrases import Phrases, split_list, words_of
from review.checks.tables import DATA, table

LANGUAGES = sorted(path.parent.name for path in DATA.glob("*/contrasts.toml"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_set_of_a_language_is_known_and_has_two_members(language: str) -> None:
    """A set that nobody declared would be silent; with one member there is nothing to exchange."""
    for name, said in table(language, "contrasts").items():
        if name == "measured":
            continue
        assert name in contrast_sets(), name
        members = {member: ways for member, ways in said.items() if member != "not"}
        assert len(members) >= 2, name
        for ways in members.values():
            assert ways.keys() <= {"says", "may"}
            assert split_list(ways["says"])


def test_what_the_sets_name_are_members_in_english() -> None:
    """A misspelt member in `alone` or `near` would be silent."""
    english = table("en", "contrasts")
    for name, contrast in contrast_sets().items():
        members = english[name].keys() - {"not"}
        assert contrast.alone - {"*"} <= members, name
        assert all(pair <= members for pair in contrast.near), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_say_two_members(language: str) -> None:
    """Words that say left and right alike would find an exchange in every text."""
    for name, said in table(language, "contrasts").items():
        if name == "measured":
            continue
        seen: dict[str, str] = {}
        for member, ways in said.items():
            for phrase in split_list(ways["says"]) if member != "not" else ():
                assert seen.setdefault(phrase, member) == member, (name, phrase)


@given(st.text())
def test_a_text_with_itself_has_nothing_exchanged(text: str) -> None:
    """In two varieties of one language the checks of meaning stay silent."""
    context = Context(source_locale=Locale.parse("en"), target_locale=Locale.parse("en-GB"))
    assert not list(contrasts_kept(text, text, context))


def test_a_phrase_needs_its_words_side_by_side() -> None:
    """Hyphens, apostrophes and tags part words; a full stop between them is a word of its own."""
    phrases = Phrases([("by mouth", "oral"), ("l'an", "year"), ("# mg", "dose")])
    found = [m.label for m in phrases.matches(words_of("By <b1>mouth</b1>. By. Mouth; 5-mg, l’an, by-mouth"))]
    assert found == ["oral", "dose", "year", "oral"]


def test_the_drug_names_are_sorted_and_their_keys_are_right() -> None:
    """The index is what compile_drug_names.py writes: a key that inn.py no longer gives would never be found."""
    lines = [line for line in (DATA / "drugs.tsv").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert lines == sorted(lines)
    assert len(lines) == len(drug_names()) > 5000
    for name in set(drug_names().values()):
        assert drug_names().get(key(name)) == name, name


@pytest.mark.parametrize(
    "names",
    [
        "hydroxyzine hidroxizina hydroxyzine Hydroxyzin idroxizina",
        "chloroquine cloroquina chloroquine",
        "warfarin varfarina warfarina warfarine",
        "clonazepam clonazépam",
        "azithromycin azitromicina azithromycine",
        "methadone metadona méthadone metadon",
        "furosemide furosemida furosémide furosemid",
        "amoxicillin amoxicilina amoxicilline amoxicil·lina",
        "phenytoin fenitoína phénytoïne",
        "ciprofloxacin ciprofloxacino ciprofloxacine",
        "lithium litio lítio",
        "tocilizumab tocilizumabe",
    ],
)
def test_one_drug_has_one_key_in_all_languages(names: str) -> None:
    """Endings, accents and spelling of a language do not make another drug."""
    assert len({key(name) for name in names.split()}) == 1


def test_look_alike_drugs_have_keys_of_their_own() -> None:
    """Names from lists of drugs that are often confused."""
    names = "clonazepam clonidine hydroxyzine hydralazine prednisone prednisolone quinine quinidine lorazepam"
    assert len({key(name) for name in names.split()}) == len(names.split())
