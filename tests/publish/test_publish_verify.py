"""Law 7: what is published is signed. Each tampering is found, though `release.json` was made to agree with it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sample_site import EN, ES, SLUG, SPANISH, SampleLedger, build_site, page, seal

from pipeline.errors import PublishError
from pipeline.publish import verify_site

SPANISH_PAGE = f"es/{SLUG}/index.html"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The sample site, built."""
    return build_site(tmp_path / "site")


def test_an_honest_site_is_proven(site: Path) -> None:
    """Every page of the sample is read and nothing is named."""
    found = verify_site(site, SampleLedger())
    assert found.unproven == ()
    assert (found.pages, found.texts) == (3, 36)


TAMPERED = {
    "one character of a sentence": (SPANISH_PAGE, "Coma menos sal", "Coma menos sol"),
    "an accent": (SPANISH_PAGE, "años.</span>", "anos.</span>"),
    "a word made invisible to readers' eyes only": (SPANISH_PAGE, "<em>No</em>", '<em hidden="">No</em>'),
    "a sentence outside of every unit": (SPANISH_PAGE, "</h2>\n<p>", "</h2>\n<p>Deje el tratamiento. "),
    "a sentence between article and frame": (SPANISH_PAGE, '<section class="about', '<p>Deje</p><section class="about'),
    "a sentence in the footer": (SPANISH_PAGE, "<footer", "<p>Compre aquí</p><footer"),
    "an image in the footer": (SPANISH_PAGE, "<footer", '<img src="x.png" alt=""><footer'),
    "the code inside a sentence": (SPANISH_PAGE, ">5 mg<", ">50 mg<"),
    "a class that hides": (SPANISH_PAGE, 'class="together"', 'class="unseen"'),
    "a text hidden as code": (SPANISH_PAGE, "<em>No</em>", '<span data-kept="x9">Nunca</span><em>No</em>'),
    "a link": (SPANISH_PAGE, "https://example.org/doctor", "https://example.com/doctor"),
    "a telephone link": (SPANISH_PAGE, "tel:112", "tel:911"),
    "an image's address": (SPANISH_PAGE, "shoes.png", "other.png"),
    "an image's alt text": (SPANISH_PAGE, "Un par de zapatos", "Un par de botas"),
    "an alt text without a unit": (SPANISH_PAGE, "data-unit-alt", "data-alt"),
    "the language switcher": (SPANISH_PAGE, f"../../../ar/{SLUG}/", "https://example.com/"),
    "the title": (SPANISH_PAGE, ">La presión arterial alta</title>", ">La presión arterial baja</title>"),
    "the description": (SPANISH_PAGE, 'content="Por qué pasa', 'content="Cómo pasa'),
    "the structured data's name": (SPANISH_PAGE, '"name": "La presión', '"name": "La tensión'),
    "a reviewer in the structured data": (SPANISH_PAGE, '"name": "Ana Ruiz"', '"name": "Eva Ruiz"'),
    "the structured data's day": (SPANISH_PAGE, 'Reviewed": "2026-11-03"', 'Reviewed": "2026-11-05"'),
    "a reviewer in the byline": (SPANISH_PAGE, "<strong>Ana Ruiz", "<strong>Eva Ruiz"),
    "the byline's day": (SPANISH_PAGE, "3 de noviembre", "2 de noviembre"),
    "the byline's day, both": (SPANISH_PAGE, 'datetime="2026-11-03">3 de', 'datetime="2026-11-02">2 de'),
    "a unit's id": (SPANISH_PAGE, 'data-unit="heart.high-blood-pressure:0004', 'data-unit="heart:0004'),
    "a script": (SPANISH_PAGE, "</body>", "<script>1</script></body>"),
    "a script address in the data block": (SPANISH_PAGE, "<script type", '<script src="https://example.com/x.js" type'),
    "a handler": (SPANISH_PAGE, "<h2 id=", '<h2 onclick="x()" id='),
    "a style": (SPANISH_PAGE, "<h2 id=", '<h2 style="display:none" id='),
    "a style element": (SPANISH_PAGE, "</head>", "<style>.text{display:none}</style></head>"),
    "a refresh": (SPANISH_PAGE, "</head>", '<meta http-equiv="refresh" content="0;url=https://example.com"></head>'),
    "the page's language": (SPANISH_PAGE, '<html lang="es"', '<html lang="pt"'),
    "no policy": (SPANISH_PAGE, "Content-Security-Policy", "X-Policy"),
    "a weaker policy": (SPANISH_PAGE, "default-src &#39;none&#39;", "default-src *"),
    "a hidden text": (SPANISH_PAGE, "</head>", "<noscript>Texto</noscript></head>"),
    "a sentence of the English page": (f"en/{SLUG}/index.html", "Eat less salt", "Eat more salt"),
    "a title in the list of articles": ("es/index.html", ">La presión", ">La tensión"),
    "a sentence in the list of articles": ("es/index.html", "</ul>\n</main>", "</ul><p>Oferta</p>\n</main>"),
    "article text on another page": ("404.html", "</main>", '<p data-unit="x">Texto</p></main>'),
}


@pytest.mark.parametrize(("path", "old", "new"), TAMPERED.values(), ids=list(TAMPERED))
def test_a_tampered_page_is_named(site: Path, path: str, old: str, new: str) -> None:
    """Whoever changes a page and its hash in `release.json` is still found, on that page."""
    text = (site / path).read_text()
    assert old in text
    (site / path).write_text(text.replace(old, new, 1))
    seal(site)
    assert path in {found.page for found in verify_site(site, SampleLedger()).unproven}


def test_a_removed_unit_is_named(site: Path) -> None:
    """A sentence that is gone from the page is missed by its id."""
    text = (site / SPANISH_PAGE).read_text()
    start = text.index("<li><span data-unit")
    (site / SPANISH_PAGE).write_text(text[:start] + text[text.index("</li>\n", start) + 6 :])
    seal(site)
    reasons = [found.reason for found in verify_site(site, SampleLedger()).unproven]
    assert any(":0009:" in reason and reason.endswith("not on the page") for reason in reasons)


def test_exchanged_and_doubled_sentences_are_named(site: Path) -> None:
    """Signed sentences in another order, or twice, are not what was signed."""
    text = (site / SPANISH_PAGE).read_text()
    items = [part for part in text.split("\n") if part.startswith("<li><span data-unit")]
    assert len(items) == 2
    for changed in (text.replace("\n".join(items), "\n".join(items[::-1])), text.replace(items[0], items[0] * 2)):
        (site / SPANISH_PAGE).write_text(changed)
        seal(site)
        assert verify_site(site, SampleLedger()).unproven


def test_files_that_the_release_does_not_name_are_named(site: Path) -> None:
    """Other bytes, an added file, an added page and a missing file, each by its path."""
    style = next((site / "assets").iterdir())
    style.write_text(style.read_text() + "p { display: none }")
    (site / "notes.txt").write_text("x")
    (site / "es" / "extra").mkdir()
    (site / "es" / "extra" / "index.html").write_text("<p>Texto nuevo</p>")
    (site / "404.html").unlink()
    named = {found.page for found in verify_site(site, SampleLedger()).unproven}
    assert named == {f"assets/{style.name}", "notes.txt", "es/extra/index.html", "404.html"}
    seal(site)
    assert f"assets/{style.name}" in {found.page for found in verify_site(site, SampleLedger()).unproven}


def test_a_page_left_out_of_the_list_is_still_read(site: Path) -> None:
    """Taking an article's page off the list of pages does not hide its texts."""
    manifest = json.loads((site / "release.json").read_text())
    manifest["pages"] = [entry for entry in manifest["pages"] if entry["locale"] != "es"]
    (site / "release.json").write_text(json.dumps(manifest))
    assert SPANISH_PAGE in {found.page for found in verify_site(site, SampleLedger()).unproven}


def test_a_text_that_nobody_signed_is_named_with_its_page(site: Path) -> None:
    """The ledger decides: without the signature the same page is not proven."""
    ledger = SampleLedger(signed=[page(EN), page(ES, ("Otra", *SPANISH[1:]))])
    found = verify_site(site, ledger).unproven
    assert any(one.page == SPANISH_PAGE and one.text == SPANISH[0] and "nobody signed" in one.reason for one in found)


def test_a_preview_proves_nothing(tmp_path: Path) -> None:
    """A preview and a folder without a manifest are refused, not passed."""
    with pytest.raises(PublishError, match="preview"):
        verify_site(build_site(tmp_path / "site", preview=True), SampleLedger())
    with pytest.raises(PublishError, match=r"release\.json"):
        verify_site(tmp_path, SampleLedger())


def test_a_demo_is_proven_like_any_site(tmp_path: Path) -> None:
    """Invented people, real proof."""
    assert verify_site(build_site(tmp_path / "site", demo=True), SampleLedger()).unproven == ()


def test_a_name_that_the_ledger_does_not_know_is_named(site: Path) -> None:
    """A page that names a reviewer without a review in the ledger is not proven."""

    class Nobody(SampleLedger):
        def review(self, slug: str, target_locale: object) -> object:  # type: ignore[override]
            return replace(super().review(slug, ES), reviewers=frozenset(), reviewed_on=None)

    assert {"Ana Ruiz", "Jordi Puig"} <= {found.text for found in verify_site(site, Nobody()).unproven}  # type: ignore[arg-type]


IRREGULAR = {
    "200,000 elements inside each other": "<div>" * 200_000,
    "as many, closed": "<div>" * 200_000 + "</div>" * 200_000,
    "elements that only seem closed": "<div><table></div></table>" * 50_000,
    "tags hidden from a careless reader": '<a "><div>' * 50_000,
    "a comment": "<!-- <div> -->" * 50_000,
    "a sign that opens nothing": "<" * 200_000,
    "a tag that never ends": "<a" + " x" * 200_000,
    "a script that never ends": "<script>" * 50_000,
}


@pytest.mark.parametrize("what", IRREGULAR)
@pytest.mark.parametrize("path", [SPANISH_PAGE, "404.html"])
def test_a_page_that_would_keep_the_reader_busy_is_named_and_not_read(site: Path, path: str, what: str) -> None:
    """A parser that repairs markup takes time with the square of its depth: such a page is refused at first sight."""
    page_file = site / path
    page_file.write_text(page_file.read_text("utf-8").replace("</main>", IRREGULAR[what] + "</main>"), "utf-8")
    seal(site)

    (named,) = (found for found in verify_site(site, SampleLedger()).unproven if found.page == path)
    assert named.reason.endswith("the page is not read")
