"""Everything that comes in is hostile: it is shown as text, taken out of the article and named, or refused."""

import re
import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from conftest import MakeDesk
from playwright.sync_api import sync_playwright
from sample_site import EN, ES, SITE, SLUG, SPANISH, SampleLedger, page, pages
from workspaces import files_below

from pipeline.errors import LocaleError, PublishError
from pipeline.extract import extract
from pipeline.model import ArticleFormat, Locale, visible_text
from pipeline.publish import Page, PageText, build, render_site, verify_site, write_release
from pipeline.publish.words import THEME

TEXTS = {
    "markup": "<div onclick=\"document.title='owned'\">a</div><iframe src='javascript:parent.x()'></iframe>",
    "script": "</span></p></main><script>document.title='owned'</script>",
    "end of data": "</script><script>document.title='owned'</script><!--",
    "braces": "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "bidi": "a\u202eb\u2066c\u2069\u202c d\u200f",
    "address": "[a](javascript:document.title='owned') <javascript:alert(1)> data:text/html,<script>",
    "separators": "a\u2028b\u2029c\x85".replace("\x85", ""),
    "entities": "&lt;b&gt; &#60;script&#62; &amp;amp; &nbsp;",
    "a unit": '" data-unit="x:0001:0" id="main" style="position:fixed',
    "100 kB": "palabra " * 12_499,
    "100 kB that may be a dose": "1/" * 20_000 + "1,2." * 7_500 + "1\u00a0" * 10_000 + "1 mg",
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("place", [0, 1, 3, 10], ids=["title", "description", "sentence", "alt text"])
def test_a_hostile_text_is_text_wherever_it_stands_and_proven(tmp_path: Path, name: str, place: int) -> None:
    """In title, description, sentence and alt text: no element more, and `verify` reads what was signed."""
    targets = tuple(TEXTS[name] if at == place else text for at, text in enumerate(SPANISH))
    some = [page(EN), page(ES, targets)]
    write_release(render_site(some, SITE, preview=False), tmp_path / "site")
    assert verify_site(tmp_path / "site", SampleLedger(signed=some)).unproven == ()


def test_what_is_hostile_in_an_article_is_taken_out_and_named() -> None:
    """Script, handlers, frames, styles, forms and script addresses are gone; each is named."""
    article = (
        b"<body><article><h1 onclick='x()'>Pain</h1><script>document.title='owned'</script>"
        b"<p style='position:fixed'>Rest <a href='javascript:x()' target=_top>well</a>.</p>"
        b"<iframe src='https://example.com/'></iframe><form action='https://example.com/'><p>Sleep.</p></form>"
        b"<svg onload='x()'></svg><p>End.</p><object data='x.swf'></object></article></body>"
    )
    skeleton, segments = extract(article, ArticleFormat.HTML, slug="a")
    built = build(_page("a", skeleton, segments))
    assert "Rest" in built.body.html and "Sleep." in built.body.html
    for word in ("script", "onclick", "iframe", "form", "style", "svg", "onload", "object", "_top"):
        assert word not in built.body.html
        assert any(word in one for one in built.body.removed), word


def _page(slug: str, skeleton: object, segments: object, locale: Locale = EN) -> Page:
    return Page(
        slug=slug,
        locale=locale,
        source_locale=EN,
        skeleton=skeleton,  # type: ignore[arg-type]
        segments=segments,  # type: ignore[arg-type]
        revision="0" * 64,
        texts={
            s.position: PageText(
                position=s.position, id=s.id, source=s.source, target=s.source, lang=locale, state="source", origin=""
            )
            for s in segments  # type: ignore[attr-defined]
        },
    )


@pytest.mark.parametrize("slug", ["../out", "a/../../out", "/etc/out", "a//b", ".hidden", "a\\..\\b", "a\nb", ""])
def test_a_slug_that_is_a_way_out_is_refused(slug: str) -> None:
    """No path is ever built from it."""
    with pytest.raises(PublishError):
        replace(page(EN), slug=slug)


@pytest.mark.parametrize("tag", ["../en", "en/..", "/", "en\0", "e" * 5000, "en-../x"])
def test_a_locale_that_is_a_path_is_refused(tag: str) -> None:
    """A locale is a tag that the CLDR knows, and nothing else."""
    with pytest.raises(LocaleError):
        Locale.parse(tag)


def test_a_moved_slug_cannot_leave_the_site(tmp_path: Path) -> None:
    """An old slug from a ledger that leads out is refused, and nothing is left behind."""
    for old in ("../../out", "/out"):
        with pytest.raises(PublishError):
            write_release(render_site(pages(), replace(SITE, moved={old: SLUG}), preview=False), tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_it_runs_in_a_browser(tmp_path: Path) -> None:
    """All hostile texts on one page: no dialog, no other title, no request to anybody, no word on the console."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no Chromium: `make test` installs it"
    free = [at for at, text in enumerate(SPANISH) if "<" not in text]
    hostile = dict(zip(free, list(TEXTS.values()), strict=False))
    some = [page(EN), page(ES, tuple(hostile.get(at, text) for at, text in enumerate(SPANISH)))]
    out = tmp_path / "site"
    write_release(render_site(some, replace(SITE, demo=True), preview=False), out)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        said: list[str] = []
        tab.on("dialog", lambda dialog: said.append(dialog.message))
        tab.on("console", lambda message: said.append(message.text) if "NOT_FOUND" not in message.text else None)
        tab.on("request", lambda request: None if request.url.startswith("file:") else said.append(request.url))
        for path in (f"es/{SLUG}/index.html", f"es/{SLUG}/sentences/index.html", "es/index.html"):
            tab.goto((out / path).as_uri())
            assert tab.title() != "owned"
        tab.goto((out / f"es/{SLUG}/index.html").as_uri())
        assert tab.title() == visible_text(hostile[0])
        browser.close()
    assert said == []


def _without_ties(page: Path) -> str:
    """A page's markup without what keeps doses on one line."""
    return re.sub(r'<span class="together">([^<]*)</span>', r"\1", page.read_text(encoding="utf-8"))


def test_all_that_nobody_signs_says_so_on_a_translated_page(make_desk: MakeDesk) -> None:
    """What an article keeps from translation is marked as the original, left to right, on pages of either direction."""
    article = (
        b"<h1>Pain</h1><p>Rest now.</p><p translate='no'>5 mg <b>x</b></p><pre>two</pre>"
        b"<pre lang='de'>drei</pre><p class='notranslate'>6</p>"
    )
    desk = make_desk({"pain.html": article, "sum.md": b"Rest.\n\n$$5 mg$$\n"}, locales=("es", "ar"))
    desk.run()
    for slug, tag in product(("pain", "sum"), ("es", "ar")):
        desk.sign_all(slug, "demo-linguist", "demo-clinician", tag=tag)
    assert {page.state for page in desk.publish().pages} == {"published"}
    marks = '<span lang="en" dir="ltr" translate="no">'
    for tag in ("es", "ar"):
        page, other = (_without_ties(desk.page(slug, tag)) for slug in ("pain", "sum"))
        assert f"{marks}5 mg </span><b>{marks}x</span></b>" in page
        assert (
            '<pre lang="en" dir="ltr" translate="no">two</pre><pre lang="de" translate="no">drei</pre><p>6</p>' in page
        )
        assert f"{marks}$$5 mg$$</span>" in other
    assert desk.prove().unproven == ()
    tampered = desk.page("sum")
    tampered.write_text(tampered.read_text(encoding="utf-8").replace(marks, "<span>"), encoding="utf-8")
    assert any("does not say that it is untranslated" in one.reason for one in desk.prove().unproven)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ('{{ cycler.__init__.__globals__.os.system("touch owned") }}', "is unsafe"),
        ('{{ site.theme.joinpath("owned").write_text("x") }}', "is unsafe"),
        ("{{ ().__class__.__base__.__subclasses__() }}", "is unsafe"),
        ("{{ nobody_knows }}", "is undefined"),
        ("{% raw", "unknown tag"),
    ],
)
def test_a_template_of_a_site_s_own_runs_nothing(make_desk: MakeDesk, template: str, why: str) -> None:
    """Whoever may push to the repository gets no hold of the machine that publishes; a fault is named with its file."""
    desk = make_desk({"pain.md": b"Rest now.\n"})
    desk.run()
    theme = desk.root / "theme"
    theme.mkdir()
    (theme / "not_found.html").write_text(f"{{% extends 'base.html' %}}{{% block main %}}{template}{{% endblock %}}")
    with pytest.raises(PublishError, match=why) as refused:
        desk.publish()
    assert "theme/not_found.html" in str(refused.value)
    assert not list(desk.root.rglob("owned"))


EXTENDS = "{% extends 'base.html' %}\n"
FAULTS = [
    ("article.html", EXTENDS + "{% block main %}\n<p>Take 5 mg</p>{% endblock %}", r"article\.html:3: .*: Take 5 mg"),
    ("not_found.html", EXTENDS + "{% block main %}<p>Take 5 mg</p>{% endblock %}", r"not_found\.html:2: .*404"),
    ("articles.html", "<p>Take 5 mg", r"theme: .*en/index\.html is not proven"),
    ("languages.html", EXTENDS + "\n{{ 1 / 0 }}{% block main %}\n{{ 1 / 0 }}{% endblock %}", r"languages\.html:4: "),
    ("base.html", "{% if %}", r"base\.html:1: "),
    ("base.html", b"\xff", r"base\.html: .*can't decode"),
    ("base.html", "{% include 'base.html' %}", r"base\.html:1: "),
    ("base.html", "{% for i in range(1000000000) %}{% endfor %}", r"base\.html:1: "),
    ("sentences.html", "Take 5 mg", r"sentences\.html: .*Signoff's own"),
    ("site.css", "p::after { content: 'Take 5 mg' }", r"site\.css: it writes"),
]


@pytest.mark.parametrize(("name", "text", "where"), FAULTS)
def test_a_fault_of_the_theme_takes_no_page_off_the_site(
    make_desk: MakeDesk, name: str, text: str | bytes, where: str
) -> None:
    """Publishing refuses as a whole, with the file, and the line where there is one; not a byte of the site changes."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest now.\n"})
    desk.run()
    desk.sign_all("pain")
    desk.publish()
    before = files_below(desk.root / "site")
    (desk.root / "theme").mkdir()
    (desk.root / "theme" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PublishError, match=where):
        desk.publish()
    assert files_below(desk.root / "site") == before


def test_a_page_that_falls_by_itself_is_held_in_any_theme(make_desk: MakeDesk) -> None:
    """A theme that is right is no reason to refuse, and hides none: what is on the site is proven."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest now.\n", "cough.md": b"# Cough\n\nWalk.\n"})
    desk.run()
    desk.sign_all("pain")
    (desk.root / "theme").mkdir()
    (desk.root / "theme" / "site.css").write_text("p { color: teal }")
    assert {page.slug: page.state for page in desk.publish().pages} == {"pain": "published", "cough": "held"}
    desk.sign_all("cough")
    assert {page.slug: page.state for page in desk.publish().pages} == {"pain": "unchanged", "cough": "published"}
    assert desk.prove().unproven == ()


def _in_base(old: str, new: str) -> tuple[str, str]:
    return "base.html", (THEME / "base.html").read_text().replace(old, new)


def _in_article(old: str, new: str) -> tuple[str, str]:
    return "article.html", (THEME / "article.html").read_text().replace(old, new)


ELSEWHERE = {
    "its own address": _in_base('href="{{ canonical }}"', 'href="https://elsewhere.example/"'),
    "another language": _in_base('href="{{ address }}"', 'href="https://elsewhere.example/"'),
    "a title of a link": _in_base("</head>", '<link rel="alternate" title="Take 500 mg" href="feed.xml"></head>'),
    "a setting": _in_base('content="light dark"', 'content="Take 500 mg"'),
    "an address for sharing": _in_article('"og:url" content="{{ canonical }}"', '"og:url" content="Take 500 mg"'),
    "a kind of page": _in_article('content="article"', 'content="Take 500 mg"'),
    "an address in the data": _in_article(
        "{{ json_ld }}", "{{ json_ld | replace('https://test.example/es/pain/', 'Take 500 mg') }}"
    ),
    "a vocabulary in the data": _in_article("{{ json_ld }}", "{{ json_ld | replace('https://schema.org', 'Take') }}"),
    "a link that a style could show": _in_article("<header>", '<header><a href="Take 500 mg"></a>'),
    "an anchor that a style could show": _in_article("<header>", '<header><a href="#Take-500-mg"></a>'),
    "a language that a style could show": _in_article("<section ", '<section lang="Take 500 mg" '),
    "a direction": _in_article('class="text"', 'class="text" dir="rtl"'),
    "a title of an index": _in_base("{% block title %}{{ site.name }}{% endblock %}", "Take 500 mg"),
    "a description of an index": _in_base(
        "{% block json_ld %}", '<meta name="description" content="x">{% block json_ld %}'
    ),
    "a step in the article": _in_article("{{ rest_html }}", "{{ rest_html | replace('<ol>', '<ol start=\"50\">') }}"),
    "a strike in the article": _in_article(
        "{{ rest_html }}", "{{ rest_html | replace('<del>', '') | replace('</del>', '') }}"
    ),
    "no banner on a demonstration": _in_base("in notices %}", "in [] %}"),
    "a demonstration for search engines": _in_base("{% if noindex %}", "{% if false %}"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_template_cannot_say_or_lead_elsewhere_by_an_address(make_desk: MakeDesk, name: str) -> None:
    """Addresses, settings and structured data are read by engines, and a style sheet can show them to readers."""
    desk = make_desk({"pain.md": b"# Pain\n\nRest now.\n\n1. Sit ~~up~~.\n"})
    desk.run()
    desk.sign_all("pain")
    (desk.root / "theme").mkdir()
    file, template = ELSEWHERE[name]
    assert template != (THEME / file).read_text()
    (desk.root / "theme" / file).write_text(template)
    with pytest.raises(PublishError, match="is not proven"):
        desk.publish()


def test_a_site_below_a_folder_of_a_server_is_proven(make_desk: MakeDesk) -> None:
    """With names that an address must write otherwise, an article that moved, and a page not found."""
    desk = make_desk({"pain/back ache é.md": b"# Pain\n\nRest now, and see [below](#pain).\n"}, locales=("es", "ar"))
    settings = desk.root / "signoff.toml"
    settings.write_text(settings.read_text().replace("https://test.example/", "https://test.example/a%20b/c"))
    desk.run()
    for tag in ("es", "ar"):
        desk.review("pain/back ache é", "demo-linguist", tag=tag)
    desk.publish()
    assert desk.prove().unproven == ()
    (desk.root / "source_content" / "pain" / "back ache é.md").rename(desk.root / "source_content" / "back.md")
    desk.run()
    report = desk.publish()
    assert {page.state for page in report.pages} == {"published"}
    assert (desk.root / "site" / "ar" / "pain" / "back ache é" / "index.html").is_file()
    assert desk.prove().unproven == ()
