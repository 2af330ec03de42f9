"""The pages of a pack: the brief that tells a reviewer what to do, and a preview of each article with its numbers.

Takes   what a pack holds (packs.py)
Gives   HTML that stands alone: bytes to write beside the files
Always  every text is escaped; no script, no form, no address that a browser would load, and a policy in each page that
        forbids them
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from jinja2 import Environment
from markupsafe import Markup

from pipeline.model import Locale, SegmentKind, visible_text


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefFile:
    """One file of a pack, for the brief."""

    slug: str
    name: str
    preview: str
    """The file name of its preview."""
    units: int
    critical: int
    words: int
    acts: tuple[str, ...] = ()
    """What the reviewer does in it: `12 as medical reviewer`."""
    news: tuple[tuple[int, str, tuple[str, ...]], ...] = ()
    """Of sentences to which something happened since they were last read: number, former English (or empty), lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a reviewer must know about a pack."""

    pack: str
    site: str
    reviewer: str
    """Her name, as the roster has it."""
    reviewer_id: str
    by: str
    sent: str
    due: str
    source_locale: Locale
    target_locale: Locale
    format: str
    files: tuple[BriefFile, ...]
    terms: tuple[str, ...]
    """What the termbase says about words in these sentences, a line each."""
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewUnit:
    """One sentence of a preview."""

    number: int
    kind: SegmentKind
    level: int
    block: int
    source: str
    target: str
    mine: bool
    """Whether it is the reviewer's to read; the others are there for the context."""
    critical: bool
    news: tuple[str, ...] = ()
    """What happened to it since somebody last read it, a line each."""
    former: str = ""
    """The English that it was; empty for one that is no edit."""


STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; width: 100% }
td, th { padding: .25rem .75rem; text-align: start; vertical-align: top }
th { border-bottom: 1px solid }
.n { text-align: end; font-variant-numeric: tabular-nums }
.b td { border-top: 1px solid #8886 }
.h td { font-weight: bold }
.o { opacity: .6 }
.c::after { content: " critical"; font-size: .75rem; color: #c00 }
.late { color: #c00; font-weight: bold }
.w { font-size: .85rem; border-inline-start: 3px solid #c80; padding-inline-start: .5rem }
.w p { margin: .1rem 0 }
del { color: #b00 } ins { color: #070 } del + ins { margin-inline-start: .3em }
@media (prefers-color-scheme: dark) { del { color: #f99 } ins { color: #9e9 } }
"""
"""Of every page here and of the digest."""

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>{{ title }}</title><style>{{ style|safe }}</style></head><body>
<h1>{{ title }}</h1>
"""

_BRIEF = (
    HEAD
    + """<table>
<tr><th>for</th><td>{{ b.reviewer }} ({{ b.reviewer_id }})</td></tr>
<tr><th>what</th><td>{{ units }} sentences, {{ words }} words of {{ b.site }}, {{ named(b.source_locale) }}
into {{ named(b.target_locale) }}; {{ critical }} of them critical</td></tr>
<tr><th>until</th><td>{{ b.due or "no day was set" }}</td></tr>
<tr><th>sent</th><td>{{ b.sent }}, by {{ b.by }}</td></tr>
<tr><th>pack</th><td>{{ b.pack }}</td></tr>
<tr><th>policy</th><td>{{ b.policy }}</td></tr>
</table>
<h2>Files</h2>
<table><tr><th>article</th><th>your file</th><th>to look at</th><th>you read them</th><th class="n">sentences</th>
<th class="n">critical</th><th class="n">words</th></tr>
{% for f in b.files %}<tr><td>{{ f.slug }}</td><td>{{ f.name }}</td><td>{{ f.preview }}</td>
<td>{{ f.acts|join(", ") }}</td><td class="n">{{ f.units }}</td><td class="n">{{ f.critical }}</td>
<td class="n">{{ f.words }}</td></tr>
{% endfor %}</table>
{% for f in b.files if f.news %}{% if loop.first %}<h2>What is new since these were last read</h2>
<table><tr><th>article</th><th class="n">no.</th><th>what happened</th></tr>
{% endif %}{% for number, former, lines in f.news %}<tr><td>{{ f.slug }}</td><td class="n">{{ number }}</td>
<td class="w">{% if former %}<p>the English was: {{ seen(former) }}</p>
{% endif %}{% for line in lines %}<p>{{ marked(line) }}</p>
{% endfor %}</td></tr>
{% endfor %}{% if loop.last %}</table>
{% endif %}{% endfor %}
<p>The preview shows the whole page with its numbers, for the context. Only the sentences in your file are yours.</p>
<h2>What to do</h2>
<ol>
<li>Compare each translation with the English, and correct it until you would answer for it by name.</li>
<li>Keep each tag such as <code>&lt;b1&gt;…&lt;/b1&gt;</code> or <code>&lt;x2/&gt;</code> exactly once, around the
words it belongs to.</li>
{% for line in how %}<li>{{ line }}</li>
{% endfor %}<li>Send the files back under the names that they have, also when they are not finished, and say with them
which of the two you mean: <b>I sign the texts that I changed</b>, or <b>I sign all that I accepted, changed or
not</b>. Without that nothing is signed.</li>
</ol>
<p><b>Critical</b> is a dose, a contraindication, an emergency and the like. If such a sentence is right as it stands,
it needs your own “ok”: nothing is approved by leaving it alone.</p>
{% if b.terms %}<h2>Terms that matter</h2><ul>{% for term in b.terms %}
<li>{{ term }}</li>{% endfor %}</ul>{% endif %}
</body></html>
"""
)

_HOW = {
    "po": (
        "A text that nobody has accepted is marked “needs work” (fuzzy). Clear the mark when the text is right.",
        "Above a critical sentence that is right unchanged, write the translator comment: ok",
        "Where you are unsure, write a comment that begins with a question mark: ? is this the arm or the hand",
    ),
    "xliff": (
        "A text that nobody has accepted has the state “initial”. Confirm the segment when the text is right.",
        "To a critical sentence that is right unchanged, add the note: ok",
        "Where you are unsure, add a note that begins with a question mark: ? is this the arm or the hand",
    ),
    "table": (
        "Say in the column “verdict” of every row that you have read: ok, needs work, or question. "
        "A row without a verdict counts as not read, also if you changed its text.",
        "Write questions and remarks into the column “comment”.",
        "Leave the other columns as they are. Rows may be sorted; please add and delete none.",
    ),
}
"""How to say what one thinks of a text, by format."""

_PREVIEW = (
    HEAD
    + """<p>A preview for the review, not for readers: every text as it stands now. Dimmed: not in your file.</p>
<table><tr><th class="n">no.</th><th>{{ source_locale }}</th><th>{{ target_locale }}</th></tr>
{% for block in blocks %}{% for u in block %}<tr class="{{ 'b ' if loop.first }}{{ 'h ' if u.kind == 'heading' }}
{{- 'o' if not u.mine }}"><td class="n{{ ' c' if u.critical }}">{{ u.number }}</td>
<td lang="{{ source_locale }}" dir="{{ source_locale.direction }}">{{ seen(u.source) }}</td>
<td lang="{{ target_locale }}" dir="{{ target_locale.direction }}">{{ seen(u.target) or "—" }}</td></tr>
{% if u.news %}<tr><td></td><td colspan="2" class="w">
{% if u.former %}<p>the English was: {{ seen(u.former) }}</p>
{% endif %}{% for line in u.news %}<p>{{ marked(line) }}</p>
{% endfor %}</td></tr>
{% endif %}{% endfor %}{% endfor %}</table>
</body></html>
"""
)


def _named(locale: Locale) -> str:
    """`Portuguese (Brazil), pt-BR`."""
    return f"{locale.babel.english_name}, {locale}"


def brief_page(brief: Brief) -> bytes:
    """The brief, as HTML."""
    until = f", until {brief.due}" if brief.due else ""
    return rendered(
        _BRIEF,
        f"Please review: {_named(brief.target_locale)}{until}",
        b=brief,
        named=_named,
        seen=visible_text,
        marked=_marked,
        how=_HOW.get(brief.format, _HOW["table"]),
        units=sum(file.units for file in brief.files),
        words=sum(file.words for file in brief.files),
        critical=sum(file.critical for file in brief.files),
    )


def preview_page(slug: str, source_locale: Locale, target_locale: Locale, units: Sequence[PreviewUnit]) -> bytes:
    """An article beside its translation, every sentence with its number, as HTML."""
    return rendered(
        _PREVIEW,
        f"{slug}: {target_locale}",
        blocks=[list(block) for _, block in groupby(units, key=lambda unit: unit.block)],
        source_locale=source_locale,
        target_locale=target_locale,
        seen=visible_text,
        marked=_marked,
    )


_MARKS = re.compile(r"\{-(.*?)-\}|\{\+(.*?)\+\}", re.DOTALL)


def _marked(line: str) -> Markup:
    """A line for the reviewer; what an edit took out of the English and put in stands out."""
    html, end = Markup(), 0
    for found in _MARKS.finditer(line) if line.startswith("changed") else ():
        gone, come = found.groups()
        mark = Markup("<del>{}</del>").format(gone) if come is None else Markup("<ins>{}</ins>").format(come)
        html += line[end : found.start()]
        html += mark
        end = found.end()
    return html + line[end:]


def rendered(template: str, title: str, **values: object) -> bytes:
    """A page of this module's looks; every value is escaped."""
    page = Environment(autoescape=True).from_string(template)
    return page.render(title=title, style=STYLE, **values).encode()
