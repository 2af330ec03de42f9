"""One page: an article in one locale, with everything around it that a reader, a printer or a search engine needs.

Takes   a Page (the article, its texts, and the evidence as plain data), and where its sisters in other languages lie
Gives   finished HTML, UTF-8
Always  the same input gives the same bytes; what is said about reviewers is what was handed in, never made up
"""

import hashlib
import html
import json
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import jinja2
from babel.dates import format_date
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

import pipeline.extract
from pipeline.errors import PublishError
from pipeline.fingerprint import code_hash
from pipeline.model import Locale, Segment, SegmentKind, Skeleton, visible_text
from pipeline.publish.addresses import ToFile, ToPage, led
from pipeline.publish.body import (
    BodyHtml,
    article_html,
    escaped_id,
    left_to_right_runs,
    placeables_as_html,
    unit_anchor,
)
from pipeline.publish.page import Notice, Page, PagePlan, PageText
from pipeline.publish.stylesheet import why_not_taken
from pipeline.publish.theme_fault import RAISED_BY_TEMPLATES, raised_at
from pipeline.publish.words import N_, THEME, said_in

quote = lru_cache(maxsize=4096)(urllib.parse.quote)
DESCRIPTION_CHARACTERS = 200
"""A description made of the article's first sentences stops before this length, but has one sentence at least."""
CSP = "default-src 'none'; style-src 'self'; img-src 'self' https:; base-uri 'none'; form-action 'none'"
"""No script runs, no style but ours, nothing is framed or sent. JSON-LD is a data block, which CSP does not execute."""

COMPANION = "sentences.html"
"""The template of the page that shows where each sentence comes from. No theme takes its place."""

PREVIEW = (
    "preview",
    N_("Draft."),
    N_("This is a machine translation that nobody has reviewed. Do not rely on it and do not share it."),
)
PREVIEW_OF_ORIGINAL = ("preview", PREVIEW[1], N_("This page belongs to a preview. It is not published."))
DEMO = (
    "demo",
    N_("Demonstration."),
    N_("The people and signatures on this page are invented. It is not medical advice."),
)
STALE = (
    "stale",
    N_("The original has changed."),
    N_("This translation was signed off for an earlier version of the original."),
)
FALLBACK = (
    "fallback",
    N_("Partly in the original language."),
    N_("Passages whose translation is not signed off yet are shown as they were written."),
)
ORIGINAL = (
    "source",
    N_("Original."),
    N_("This page is published as its authors wrote it. Translations of it are signed off sentence by sentence."),
)
"""Notices: kind, title and text. Wherever one of them stands is decided from a page's state alone."""
REPORT, SIGNED_BY = N_("Report a problem"), N_("Signed off by")
UNSIGNED, ORIGIN = N_("No signature"), N_("Origin")
"""What the companion page says in each row, always in English."""
OUTDATED = "Outdated"
"""The `creativeWorkStatus` of a page whose original has changed since; no other page has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """What all pages of a site share."""

    name: str
    base_url: str
    """Absolute, with or without a closing slash; a path in it is kept: `https://example.org/health`."""
    source_locale: Locale
    demo: bool = False
    """Whether people and signatures are invented: every page says so and no search engine may keep it."""
    theme: Path | None = None
    """A folder with templates and a style sheet of the site's own; each takes the place of ours of the same name."""
    content: Path | None = None
    """The folder of articles, for the images and downloads beside them."""
    words: Mapping[Locale, Mapping[str, str]] = field(default_factory=dict)
    """The site's own words in the languages in which all of them are signed, by the English."""
    report: str = ""
    """Where readers report a translation problem: an e-mail or https address; empty for nowhere."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Slugs that articles had before, each with the one that it has now."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise PublishError(f"the site's base URL {self.base_url!r} must be like https://example.org/health")

    def url(self, path: PurePosixPath | str = "") -> str:
        """The absolute address of a folder of the site, with a closing slash."""
        text = str(path)
        return self.base_url.rstrip("/") + "/" + (quote(text) + "/" if text not in ("", ".") else "")


_METADATA = (SegmentKind.TITLE, SegmentKind.DESCRIPTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A page's parts, before the frame is put round them."""

    page: Page
    body: BodyHtml
    title: str
    """Visible text."""
    title_units: tuple[str, ...]
    """The ids of the units that `title` is made of, joined by blanks."""
    description: str
    description_units: tuple[str, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Why this page cannot be published: each a sentence. Law 7: what cannot be proven is not built."""
        kept = tuple(f"{self.page.texts[position].id}: {reason}" for position, reason in self.body.kept.items())
        lost = tuple(
            f"{self.page.texts[segment.position].id}: it stands in markup that a page does not show; "
            "if it is page furniture, say so in signoff.toml"
            for segment in self.page.segments
            if segment.position in self.body.elsewhere and segment.kind not in _METADATA
        )
        return kept + self.body.problems + lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What lists of pages say of one: its title and description are signed texts, named by their units."""

    plan: PagePlan
    title: str
    title_units: Sequence[str]
    description: str
    description_units: Sequence[str]

    @classmethod
    def of(cls, plan: PagePlan, built: Built) -> "Listed":
        """As it was built."""
        return cls(
            plan=plan,
            title=built.title,
            title_units=built.title_units,
            description=built.description,
            description_units=built.description_units,
        )

    def known(self) -> dict[str, Any]:
        """All but the plan, for a memo."""
        return {
            "title": self.title,
            "title_units": list(self.title_units),
            "description": self.description,
            "description_units": list(self.description_units),
        }


def build(page: Page) -> Built:
    """The article's body, title and description. Raises PublishError when its sentences cannot be told apart."""
    try:
        body = article_html(
            page.skeleton,
            {position: text.target for position, text in page.texts.items()},
            {position: text.id for position, text in page.texts.items()},
            other_languages={p: text.lang for p, text in page.texts.items() if text.lang != page.locale},
            untranslated=page.source_locale if page.locale != page.source_locale else None,
            right_to_left=page.locale.direction == "rtl",
        )
    except PublishError as error:
        raise PublishError(f"{page.slug} in {page.locale}: {error}") from error
    title, description = _title(page), _description(page)
    return Built(
        page=page,
        body=body,
        title=_joined(page, title),
        title_units=_ids(page, title),
        description=_joined(page, description),
        description_units=_ids(page, description),
    )


def _ids(page: Page, segments: Sequence[Segment]) -> tuple[str, ...]:
    return tuple(page.texts[segment.position].id for segment in segments)


def _joined(page: Page, segments: Sequence[Segment]) -> str:
    return " ".join(visible_text(page.texts[segment.position].target) for segment in segments)


def _title(page: Page) -> list[Segment]:
    """The article's title, else its first heading (the highest), else its first block."""
    blocks = page.skeleton.blocks
    first = next((s for s in page.segments if s.kind is SegmentKind.TITLE), None)
    if first is None:
        headings = (s for s in page.segments if s.kind is SegmentKind.HEADING)
        first = min(headings, key=lambda s: blocks[s.block].level or 7, default=next(iter(page.segments), None))
    return [] if first is None else [s for s in page.segments if s.block == first.block and s.kind is first.kind]


def _description(page: Page) -> list[Segment]:
    """The article's own description, else the first sentences of its first paragraph."""
    own = [segment for segment in page.segments if segment.kind is SegmentKind.DESCRIPTION]
    paragraph = next((s.block for s in page.segments if s.kind is SegmentKind.PARAGRAPH), None)
    if own or paragraph is None:
        return own
    chosen: list[Segment] = []
    for segment in page.segments:
        if segment.block != paragraph:
            continue
        if chosen and len(_joined(page, [*chosen, segment])) > DESCRIPTION_CHARACTERS:
            break
        chosen.append(segment)
    return chosen


# The frame -------------------------------------------------------------------------------------------------------


@cache
def style_of(theme: Path | None) -> tuple[str, bytes]:
    """The style sheet: its path on the site, which holds the hash of its content, and its bytes."""
    own = theme / "site.css" if theme else None
    path = own if own and own.is_file() else THEME / "site.css"
    data = path.read_bytes()
    if why := why_not_taken(data):
        raise PublishError(f"{path}: {why}; a style sheet arranges what is signed, and adds no word")
    return f"assets/site.{hashlib.sha256(data).hexdigest()[:16]}.css", data


def frame_hash(site: SiteInfo, *, preview: bool) -> str:
    """A hash of all that is the same on every page: our code, the theme, the site's words and settings."""
    total = hashlib.sha256(f"{code_hash(__file__)}{code_hash(pipeline.extract.__file__)}".encode())
    for name in ("babel", "jinja2", "nh3", "pyromark"):
        total.update(f"{name} {version(name)}\0".encode())
    own = sorted(path for path in site.theme.iterdir() if path.is_file()) if site.theme else []
    for path in own:
        total.update(f"{path.name}\0".encode() + path.read_bytes())
    total.update(f"{site.name}\0{site.base_url}\0{site.source_locale}\0{site.demo}\0{preview}\0{site.report}".encode())
    total.update(repr([(locale.tag, sorted(said.items())) for locale, said in sorted(site.words.items())]).encode())
    return total.hexdigest()


class _Sandbox(ImmutableSandboxedEnvironment):
    """For templates of a workspace's own: whoever may push to its repository must not run code on this machine."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Nothing of a folder on the disk: `site.theme` could be read, and written."""
        return super().is_safe_attribute(obj, attr, value) and not isinstance(obj, Path)


@cache
def _templates(theme: Path | None) -> jinja2.Environment:
    if theme and (theme / COMPANION).exists():
        raise PublishError(
            f"{theme / COMPANION}: this page quotes drafts and people, so nobody proves its words: it is always "
            "Signoff's own, in your style sheet; take the file away"
        )
    # Templates come from these folders only; content is always a value, never a template.
    environment = (_Sandbox if theme else jinja2.Environment)(
        loader=jinja2.FileSystemLoader([theme, THEME] if theme else [THEME]),
        autoescape=True,
        auto_reload=False,  # or else each page asks the disk whether its template changed
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["long_date"] = long_date
    environment.filters["shown"] = _shown
    environment.globals["anchor"] = unit_anchor
    return environment


@cache
def _template(theme: Path | None, name: str) -> jinja2.Template:
    return _templates(theme).get_template(name)


def _shown(text: str, locale: Locale) -> Markup:
    """A text's words; on a right-to-left page doses and Latin names keep their own order."""
    markup = html.escape(visible_text(text), quote=False)
    return Markup(left_to_right_runs(markup) if locale.direction == "rtl" else markup)  # noqa: S704 - escaped


@lru_cache(maxsize=1024)
def long_date(day: date, locale: Locale) -> str:
    """A date as people of this locale write it: `3 de noviembre de 2026`."""
    return format_date(day, format="long", locale=locale.babel)


def render(
    template: str,
    *,
    site: SiteInfo,
    locale: Locale,
    path: PurePosixPath | None,
    preview: bool,
    noindex: bool = False,
    **values: Any,
) -> bytes:
    """A template with the frame's values.

    `path` is the page's folder; None for a page that is served at any address (404), whose links start at the root.
    Links inside the site are relative and, where nobody serves the site yet (preview, demo), name `index.html`, so
    that it can be read straight from a disk.
    """
    root = urlsplit(site.base_url).path.rstrip("/") + "/" if path is None else "../" * len(path.parts)
    index = "index.html" if preview or site.demo else ""

    def link(folder: PurePosixPath | str) -> str:
        text = str(folder)
        address = root + (quote(text) + "/" if text not in ("", ".") else "") + index
        return address or "./"

    gettext = said_in(locale, tuple(site.words.get(locale, {}).items()))
    in_english = locale.language != "en" and locale not in site.words
    try:
        return (
            _template(None if template == COMPANION else site.theme, template)
            .render(
                site=site,
                locale=locale,
                gettext=gettext,  # for {% trans %}
                _=gettext,  # Jinja's own `_` looks for `gettext` each time
                csp=CSP,
                link=link,
                style=root + style_of(site.theme)[0],
                preview=preview,
                noindex=preview or site.demo or noindex,
                english=Markup(' lang="en" dir="ltr"') if in_english else Markup(""),
                **values,
            )
            .encode()
        )
    except RAISED_BY_TEMPLATES as error:
        if not site.theme:
            raise
        raise PublishError(f"{raised_at(site.theme, template, error)}: {error}; the site is as it was") from error


def render_article(
    built: Built,
    sisters: Sequence[PagePlan],
    site: SiteInfo,
    *,
    preview: bool,
    leads: Mapping[str, ToPage | ToFile] | None = None,
) -> bytes:
    """The page itself. `sisters` are all pages of this article, this one included, in the order of the switcher.

    `leads` says for addresses in the article where they lead on this site.
    """
    page, body = built.page, built.body
    root, index = "../" * len(page.path.parts), "index.html" if preview or site.demo else ""
    source = next((sister for sister in sisters if sister.locale == site.source_locale), None)
    folders = [(sister.locale, sister.path) for sister in sisters]
    proven = not preview and not site.demo and Notice.PREVIEW not in page.notices
    return render(
        "article.html",
        site=site,
        locale=page.locale,
        path=page.path,
        preview=preview,
        built=built,
        page=page,
        canonical=site.url(page.path),
        alternates=alternates(folders, site, source.path if source else None),
        switcher=folders,
        original=source,
        title_html=Markup(led(body.title_html, leads or {}, root, index, page.locale)),  # noqa: S704 - cleaned
        rest_html=Markup(led(body.rest_html, leads or {}, root, index, page.locale)),  # noqa: S704 - in layout.py
        own_title=[page.texts[one.position] for one in _title(page) if one.position in body.elsewhere],
        own=page.locale == site.source_locale,
        show_review=not preview and Notice.PREVIEW not in page.notices,
        notices=list(_notices(page, site, preview=preview)),
        noindex=Notice.PREVIEW in page.notices,
        json_ld=_json_ld(built, site, source, reviewed=proven),
    )


def alternates(
    pages: Sequence[tuple[Locale, PurePosixPath]],
    site: SiteInfo,
    default: PurePosixPath | None,
) -> list[tuple[str, str]]:
    """hreflang and absolute address of each language's page; `x-default` last, if that page is published."""
    found = [(locale.tag, site.url(path)) for locale, path in pages]
    return found + ([("x-default", site.url(default))] if default is not None else [])


def site_notices(site: SiteInfo, *, preview: bool) -> list[tuple[str, str, str]]:
    """What every page of the site says about it, the indexes too."""
    return [*([PREVIEW] if preview else []), *([DEMO] if site.demo else [])]


def _notices(page: Page, site: SiteInfo, *, preview: bool) -> Iterator[tuple[str, str, str]]:
    """What the page says about itself: kind, title and text."""
    own = page.locale == site.source_locale
    if preview or Notice.PREVIEW in page.notices:
        yield PREVIEW_OF_ORIGINAL if own else PREVIEW
    if site.demo or Notice.DEMO in page.notices:
        yield DEMO
    if Notice.STALE in page.notices:
        yield STALE
    if Notice.FALLBACK in page.notices:
        yield FALLBACK
    if own:
        yield ORIGINAL


def _json_ld(built: Built, site: SiteInfo, source: PagePlan | None, *, reviewed: bool) -> Markup:
    """schema.org MedicalWebPage. Says who reviewed only when somebody did and the page is no preview or demo."""
    page = built.page
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "url": site.url(page.path),
        "inLanguage": page.locale.tag,
        "name": built.title,
        "isPartOf": {"@type": "WebSite", "name": site.name, "url": site.url()},
    }
    if built.description:
        data["description"] = built.description
    if page.updated_on:
        data["dateModified"] = page.updated_on.isoformat()
    if source and source.path != page.path:
        data["translationOfWork"] = {
            "@type": "MedicalWebPage",
            "url": site.url(source.path),
            "inLanguage": source.locale.tag,
            "version": page.revision[:12],
        }
        if page.original_on:
            data["translationOfWork"]["dateModified"] = page.original_on.isoformat()
        if Notice.STALE in page.notices:
            data["creativeWorkStatus"] = OUTDATED
    if reviewed and page.reviewers:
        people = [{"@type": "Person", "name": who.name, "jobTitle": who.role} for who in page.reviewers if who.named]
        data |= {"reviewedBy": people} if people else {}
        if page.reviewed_on:
            data["lastReviewed"] = page.reviewed_on.isoformat()
    return json_in_html(data)


def json_in_html(data: Any) -> Markup:
    """JSON that can stand in a script element: nothing in it can end the element or start a comment."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def render_sentences(built: Built, site: SiteInfo, *, preview: bool) -> bytes:
    """The companion page: each sentence beside its original, where it came from and who signed. Not for engines."""
    page = built.page
    path = page.path / "sentences"
    # The page is written in the site's own language and quotes the other: its frame is not `foreign`.
    return render(
        COMPANION,
        site=site,
        locale=site.source_locale,
        path=path,
        preview=preview,
        built=built,
        page=page,
        rows=Markup("\n".join(_trace(built, site, "index.html" if preview or site.demo else ""))),  # noqa: S704
        canonical=site.url(path),
        alternates=[],
        switcher=[],
        noindex=True,
        notices=[notice for notice in _notices(page, site, preview=preview) if notice[0] != "source"],
        same=page.locale == site.source_locale,
    )


def _trace(built: Built, site: SiteInfo, index: str) -> Iterator[str]:
    """The rows of the companion page. In Python, because a site has more of them than of all else together."""
    page = built.page
    same, block = page.locale == site.source_locale, None
    sources = _sources_as_html(page.skeleton, site.source_locale)
    notes: dict[tuple[str, str, tuple[str, ...]], str] = {}
    targets: dict[Locale, str] = {}
    elsewhere, reported = built.body.elsewhere, bool(site.report) and not same
    for segment in page.segments:
        position, kind = segment.position, segment.kind
        text = page.texts[position]
        if segment.block != block:
            yield f'{"</section>" if block is not None else ""}<section class="block" data-kind="{kind}">'
            block = segment.block
        unit, anchor = escaped_id(text.id)
        target = ""
        if not same:
            lang = targets.get(text.lang) or targets.setdefault(text.lang, _in_language("target", text.lang))
            shown = placeables_as_html(text.target)
            target = f"{lang}{left_to_right_runs(shown) if 'rtl' in lang else shown}</p>\n"
        key = (text.state, text.origin, text.people)
        note = notes.get(key) or notes.setdefault(key, _note(text, same=same))
        link = unit if position in elsewhere else f'<a href="../{index}#{anchor}">{unit}</a>'
        report = _report_link(site, page, text.id) if reported else ""
        yield (
            f'<div class="pair" id="{anchor}">\n{sources[position]}'
            f'{target}<p class="evidence">{note}\n<span class="unit">{link} · {kind}{report}</span></p>\n</div>'
        )
    if block is not None:
        yield "</section>"


def _in_language(side: str, locale: Locale) -> str:
    """The start of a paragraph of the companion page."""
    return f'<p class="{side}" lang="{locale}" dir="{locale.direction}">'


@lru_cache(maxsize=8)
def _sources_as_html(skeleton: Skeleton, locale: Locale) -> tuple[str, ...]:
    """An article's sentences, in its own language, for the companion pages of all its languages."""
    start = _in_language("source", locale)
    return tuple(f"{start}{placeables_as_html(span.source)}</p>\n" for span in skeleton.spans)


def _report_link(site: SiteInfo, page: Page, unit_id: str) -> str:
    """A way to report a problem with one sentence: it carries the unit's id, the language and the release's English."""
    about = f"{unit_id} {page.locale} {page.revision[:12]}"
    address = (
        f"{site.report}?unit={quote(about)}"
        if site.report.startswith("https://")
        else f"mailto:{quote(site.report, safe='@')}?subject={quote(about)}"
    )
    return f' · <a class="report" href="{html.escape(address)}">{REPORT}</a>'


def _note(text: PageText, *, same: bool) -> str:
    """Where a text came from and who signed it."""
    out = [f'<span class="state" data-state="{text.state}">{text.state}</span>']
    if text.people:
        who = "; ".join(f"<bdi>{html.escape(name)}</bdi>" for name in text.people)
        out.append(f'<span class="people"><span class="label">{SIGNED_BY}</span> {who}</span>')
    elif not same:
        out.append(f'<span class="people">{UNSIGNED}</span>')
    if text.origin:
        origin = f"<bdi>{html.escape(text.origin)}</bdi>"
        out.append(f'<span class="origin"><span class="label">{ORIGIN}</span> {origin}</span>')
    return "\n".join(out)
