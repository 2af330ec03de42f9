"""An article's body as HTML, each unit wrapped so that a stranger can find it again.

Takes   a Skeleton, the text of every segment, and the unit's id for every segment
Gives   BodyHtml: safe markup with `<span data-unit="ID" id="uNNNN">…</span>` round each text, for pages.py
Always  a text is text: no character of it becomes markup, only the source's own placeables do

How a text is found again after rendering: marks are put round it before `fill`, three characters that neither the
article nor any text uses. The page is rendered a second time without marks; unless both say the same, nothing is given.
"""

import html
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import islice

import nh3
import pyromark

from pipeline.errors import PublishError
from pipeline.extract import MARKDOWN_OPTIONS, body_start, fill
from pipeline.model import ArticleFormat, Block, Locale, SegmentKind, Skeleton, tags_of, visible_text

ALLOWED: dict[str, set[str]] = {
    "*": {"lang", "dir", "id"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "th": {"colspan", "rowspan", "scope", "class"},
    "td": {"colspan", "rowspan", "class"},
    "ol": {"start"},
    "time": {"datetime"},
    "abbr": {"title"},
    "div": {"class"},
    "sup": {"class"},
    **{
        tag: set[str]()
        for tag in (
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "p",
            "ul",
            "li",
            "dl",
            "dt",
            "dd",
            "blockquote",
            "pre",
            "code",
            "em",
            "strong",
            "b",
            "i",
            "u",
            "s",
            "del",
            "ins",
            "mark",
            "small",
            "sub",
            "span",
            "bdi",
            "bdo",
            "br",
            "hr",
            "table",
            "caption",
            "thead",
            "tbody",
            "tfoot",
            "tr",
            "figure",
            "figcaption",
            "q",
            "cite",
            "dfn",
            "kbd",
            "samp",
            "var",
            "wbr",
            "section",
            "aside",
            "details",
            "summary",
        )
    },
}
"""Elements and their attributes that an article's body may have; everything else is taken out and listed."""
CLASSES = {
    "footnote-definition",
    "footnote-definition-label",
    "footnote-reference",
    "align-left",
    "align-right",
    "align-center",
    "callout",
}
SCHEMES = {"http", "https", "mailto", "tel"}

_RARE_PUNCTUATION = [chr(code) for code in (*range(0x12470, 0x12475), *range(0x10A50, 0x10A59))]
"""Ancient punctuation: to CommonMark it is punctuation, so `_` and `**` beside it open and close as they would without
it at a sentence's edge. A letter-like mark would stop `_a word_` at the start of a sentence from being emphasis."""
_TOKEN = re.compile(r'<(?:[^<>"]|"[^"]*")*>|[^<]+|<')
_ATTRIBUTE = re.compile(r'([a-zA-Z-]+)="([^"]*)"')
_EMPTY = re.compile(r"<(a|li|ul|ol|p|div|section|aside|h[1-6]|span|table|tbody|tr|dl)(?: [^<>]*)?>\s*</\1>")
_OUR_IDS = re.compile(r"u[0-9]+|main")


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyHtml:
    """The article part of a page."""

    html: str
    elsewhere: frozenset[int]
    """Positions of texts that the body does not show: a title or description of the front matter."""
    kept: Mapping[int, str] = field(default_factory=dict)
    """Where `fill` kept the source, by position, and why: a text that would have broken the article's structure."""
    removed: tuple[str, ...] = ()
    """What the allow-list took out of the article's own markup, each as a phrase."""
    problems: tuple[str, ...] = ()
    """Why a text cannot be found again on the page, each as a sentence; empty for a page that can be proven."""

    @property
    def title_html(self) -> str:
        """The `<h1>` that the body starts with, or nothing."""
        return self._split()[0]

    @property
    def rest_html(self) -> str:
        """The body without `title_html`."""
        return self._split()[1]

    def _split(self) -> tuple[str, str]:
        end = self.html.find("</h1>")
        start = self.html.lstrip().startswith("<h1>") or self.html.lstrip().startswith("<h1 ")
        return (self.html[: end + 5].strip(), self.html[end + 5 :].lstrip()) if start and end >= 0 else ("", self.html)


@dataclass(frozen=True, slots=True)
class _Marks:
    """Three characters: before a name, between name and text, after the text."""

    open: str
    divide: str
    close: str

    def round(self, name: str, text: str) -> str:
        return f"{self.open}{name}{self.divide}{text}{self.close}"

    @property
    def opening(self) -> re.Pattern[str]:
        return re.compile(f"{self.open}([0-9]+|x[0-9]+){self.divide}")

    @property
    def any(self) -> re.Pattern[str]:
        return re.compile(f"{self.open}([0-9]+|x[0-9]+){self.divide}|{self.close}")

    def strip(self, text: str) -> str:
        return self.any.sub("", text)


def article_html(
    skeleton: Skeleton,
    texts: Mapping[int, str],
    ids: Mapping[int, str],
    *,
    other_languages: Mapping[int, Locale] | None = None,
    untranslated: Locale | None = None,
    right_to_left: bool = False,
) -> BodyHtml:
    """The body of an article with `texts[position]` in the place of each segment.

    `texts` and `ids` have every position of the skeleton; `other_languages` names the language of the texts that are
    not in the page's own, and `untranslated` that of the blocks that are never cut (code, `<pre>`), if it is another:
    no sign-off covers them, so the page says what they are. On a `right_to_left` page Latin names, doses and phone
    numbers are kept in their own order.
    Raises PublishError when the texts cannot be told apart in the rendered page.
    """
    article = _without_furniture(skeleton)
    plain = fill(article, texts)
    kept = {refused.position: refused.reason for refused in plain.kept}
    # `fill` trims a text; with marks round it, it could not
    shown = {i: span.source if i in kept else texts[i].strip() for i, span in enumerate(article.spans)}
    tidy = article is not skeleton
    unmarked: str | None = None
    removed: tuple[str, ...] = ()
    if article.format is not ArticleFormat.PLAIN_TEXT:
        unmarked, removed = _clean(_render(article, plain.data, None), tidy)
    for marks in _marks_unused_in(article, shown.values()):
        filled = fill(article, {i: _marked(str(i), text, marks) for i, text in shown.items()})
        cleaned, _ = _clean(_render(article, filled.data, marks), tidy)
        if unmarked is None or marks.strip(cleaned) == unmarked:
            body = _wrapped(cleaned, marks, ids, other_languages or {}, kept, removed)
            if untranslated:
                body = replace(body, html=_marked_untranslated(body.html, untranslated))
            return replace(body, html=left_to_right_runs(body.html)) if right_to_left else body
    raise PublishError(
        "the sentences of this article cannot be told apart in its HTML: its markup changes when they "
        "are marked; look at what stands directly beside * or _ in it"
    )


def _without_furniture(skeleton: Skeleton) -> Skeleton:
    """The article with the bytes of its furniture blocks cut out; they have no segments."""
    furniture: list[tuple[int, int]] = []
    for block in sorted((block for block in skeleton.blocks if block.furniture), key=lambda block: block.start):
        if furniture and block.start <= furniture[-1][1]:
            furniture[-1] = (furniture[-1][0], max(block.end, furniture[-1][1]))
        else:
            furniture.append((block.start, block.end))
    if not furniture:
        return skeleton

    def moved(at: int) -> int:
        return at - sum(min(at, end) - start for start, end in furniture if start < at)

    data = bytearray(skeleton.data)
    for start, end in reversed(furniture):
        del data[start:end]
    return replace(
        skeleton,
        data=bytes(data),
        spans=tuple(replace(span, start=moved(span.start), end=moved(span.end)) for span in skeleton.spans),
        blocks=tuple(
            replace(block, start=moved(block.start), end=moved(block.end))
            for block in skeleton.blocks
            if not block.furniture
        ),
    )


def _marks_unused_in(article: Skeleton, texts: Collection[str]) -> Iterator[_Marks]:
    """First marks that CommonMark takes for punctuation, then marks that it takes for letters."""
    used = set(html.unescape(article.data.decode("utf-8-sig", "replace"))).union(*texts)
    for candidates in (iter(_RARE_PUNCTUATION), (chr(code) for code in range(0xF0000, 0xFFFFE))):
        free = list(islice((mark for mark in candidates if mark not in used), 3))
        if len(free) == 3:
            yield _Marks(*free)


def _marked(name: str, text: str, marks: _Marks) -> str:
    """The text between its marks, and each part of it that stands alone (`<x3/>`) between marks of its own."""
    out, at = [], 0
    for tag in tags_of(text):
        if tag[4]:
            out += [text[at : tag.start()], marks.round(f"{tag[2]}{tag[3]}", tag[0])] if tag[2] == "x" else []
            at = tag.end() if tag[2] == "x" else at
    return marks.round(name, "".join([*out, text[at:]]))


def _render(article: Skeleton, data: bytes, marks: _Marks | None) -> str:
    """The filled article as HTML, not cleaned yet. Plain text is told apart by its marks, so it needs them."""
    text = data.decode("utf-8-sig")
    if article.format is ArticleFormat.PLAIN_TEXT and marks is not None:
        return _plain_text_html(article, text, marks)
    if article.format is ArticleFormat.MARKDOWN:
        rendered = pyromark.html(data[body_start(data) :].decode(), options=MARKDOWN_OPTIONS)
        rendered = re.sub(
            r'<input disabled="" type="checkbox"( checked="")?/>', lambda box: "☑" if box[1] else "☐", rendered
        )
        return re.sub(r'<(t[hd]) style="text-align: (left|right|center)">', r'<\1 class="align-\2">', rendered)
    return _content_of(text, marks)


# Plain text ------------------------------------------------------------------------------------------------------


def _plain_text_html(article: Skeleton, text: str, marks: _Marks) -> str:
    """Headings, paragraphs and nested lists from the skeleton's blocks. What stands between the texts stays."""
    filled = dict(_filled_texts(text, marks))
    out: list[str] = []
    lists: list[str] = []  # the closing tags of the lists that are open, outermost first
    for block in article.blocks:
        inner, item_number = _plain_block(article, block, filled)
        if not inner:
            continue
        if block.kind is not SegmentKind.LIST_ITEM:
            out += reversed(lists)
            lists.clear()
            out.append(_plain_element(block, inner))
            continue
        depth, tag = max(block.level, 1), "ul" if item_number is None else "ol"
        while len(lists) > depth or (len(lists) == depth and not lists[-1].endswith(f"</{tag}>\n")):
            out.append(lists.pop())
        if len(lists) == depth:
            out.append("</li>\n")
        while len(lists) < depth:
            start = f' start="{item_number}"' if tag == "ol" and item_number != 1 and len(lists) == depth - 1 else ""
            out.append(f"<{tag}{start}>\n" + ("<li>" if len(lists) < depth - 1 else ""))
            lists.append(f"</li>\n</{tag}>\n")
        out.append(f"<li>{inner}")
    return "".join([*out, *reversed(lists)])


def _plain_element(block: Block, inner: str) -> str:
    if block.kind is SegmentKind.TITLE:
        return f"<h1>{inner}</h1>\n"
    if block.kind is SegmentKind.HEADING:
        level = min(max(block.level, 1), 6) if block.level else 2
        return f"<h{level}>{inner}</h{level}>\n"
    if block.kind is SegmentKind.QUOTE:
        return f"<blockquote><p>{inner}</p></blockquote>\n"
    return f"<p>{inner}</p>\n"


def _plain_block(article: Skeleton, block: Block, filled: Mapping[int, str]) -> tuple[str, int | None]:
    """The inner HTML of one block, and the number of a numbered list item."""
    inside = [i for i, span in enumerate(article.spans) if block.start <= span.start and span.end <= block.end]
    edges = [block.start, *(edge for i in inside for edge in (article.spans[i].start, article.spans[i].end)), block.end]
    gaps = [article.data[a:b].decode("utf-8-sig") for a, b in zip(edges[::2], edges[1::2], strict=True)]
    number = None
    lead = gaps[0].lstrip()
    if block.kind is SegmentKind.LIST_ITEM and block.marker and lead.startswith(block.marker):
        lead = lead[len(block.marker) :].lstrip()
        digits = re.match(r"[0-9]{1,9}", block.marker)
        number = int(digits[0]) if digits else None
    parts = [lead, *(part for i, gap in zip(inside, gaps[1:], strict=True) for part in (filled.get(i, ""), gap))]
    return "".join(html.escape(part) for part in parts).strip(), number


def _filled_texts(text: str, marks: _Marks) -> Iterator[tuple[int, str]]:
    """Each text as `fill` wrote it, with its marks, by position. Marks nest: parts of a text have their own."""
    opened: list[re.Match[str]] = []
    for mark in marks.any.finditer(text):
        if mark[1]:
            opened.append(mark)
        elif opened and (start := opened.pop())[1].isdigit():
            yield int(start[1]), text[start.start() : mark.end()]


# HTML ------------------------------------------------------------------------------------------------------------


class _Places(HTMLParser):
    """Where the content of `article`, `main` and `body` starts and ends, in code points."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.places: dict[str, list[int]] = {}
        self.feed(text)
        self.close()

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("article", "main", "body"):
            self.places.setdefault(tag, [self._at() + len(self.get_starttag_text() or "")])

    def handle_endtag(self, tag: str) -> None:
        if tag in self.places:
            self.places[tag][1:] = [self._at()]


def _content_of(text: str, marks: _Marks | None) -> str:
    """What stands in the article element, or main, or body: the innermost that has every word of the body."""
    places = _Places(text).places
    body_start, body_end = _range(places.get("body"), 0, len(text))
    for tag in ("article", "main"):
        if tag not in places:
            continue
        start, end = _range(places[tag], 0, len(text))
        outside = text[body_start:start] + text[end:body_end]
        # A page with text of its own outside (navigation, a footer) is taken whole: its texts are units, too.
        if not re.sub(r"<[^>]*>|\s+", "", marks.strip(outside) if marks else outside):
            return text[start:end]
    return text[body_start:body_end]


def _range(place: list[int] | None, start: int, end: int) -> tuple[int, int]:
    return (start, end) if place is None else (place[0], place[1] if len(place) > 1 else end)


# Cleaning and wrapping -------------------------------------------------------------------------------------------


class _Inventory(HTMLParser):
    """Every element and attribute of some markup, as phrases."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"<{tag}>")
        self.found += [f"{name}={_short(value or '')!r} on <{tag}>" for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {_short(data)!r}")


def _short(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:57]}…"


def _attribute_allowed(tag: str, name: str, value: str) -> str | None:
    if name == "id" and _OUR_IDS.fullmatch(value):
        return None  # the page's own anchors must lead where we put them
    return value


def _clean(markup: str, tidy: bool) -> tuple[str, tuple[str, ...]]:
    """The markup with nothing in it but what ALLOWED names, and what was taken out.

    `tidy` also drops the elements that are empty because the furniture in them was cut out.
    """
    cleaned = nh3.clean(
        markup,
        tags=set(ALLOWED) - {"*"},
        attributes={tag: names - {"class"} for tag, names in ALLOWED.items()},
        allowed_classes={tag: CLASSES for tag, names in ALLOWED.items() if "class" in names},
        attribute_filter=_attribute_allowed,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    cleaned = cleaned.replace(' class=""', "")
    while tidy and (tidied := _EMPTY.sub("", cleaned)) != cleaned:
        cleaned = tidied
    if cleaned == markup:
        return cleaned, ()
    left = _Inventory(cleaned).found
    removed = []
    for found in _Inventory(markup).found:
        if found in left:
            left.remove(found)
        else:
            removed.append(found)
    return cleaned, tuple(sorted(set(removed)))


def _wrapped(
    cleaned: str,
    marks: _Marks,
    ids: Mapping[int, str],
    other_languages: Mapping[int, Locale],
    kept: Mapping[int, str],
    removed: tuple[str, ...],
) -> BodyHtml:
    """Marks become spans in text, and `data-unit-<name>` beside attributes. `cleaned` is nh3's: regular markup."""
    tokens = _TOKEN.findall(cleaned)
    whole, broken = _nesting(tokens, marks)
    out: list[str] = []
    placed: set[int] = set()
    for at, token in enumerate(tokens):
        if len(token) > 1 and token.startswith("<"):
            tag, in_attributes = _with_attribute_units(token, marks, ids)
            placed |= in_attributes
            out.append(
                '<div class="wide" tabindex="0">' + tag
                if tag.startswith("<table")
                else tag + "</div>"
                if tag == "</table>"
                else tag
            )
            continue
        last = 0
        for mark in marks.any.finditer(token):
            out.append(token[last : mark.start()])
            last = mark.end()
            if (at, mark.start()) not in whole:
                continue
            if not mark[1]:
                out.append("</span>")
            elif mark[1].startswith("x"):
                out.append(f'<span data-kept="{mark[1]}" translate="no">')
            else:
                position = int(mark[1])
                placed.add(position)
                out.append(_unit_span(ids[position], other_languages.get(position)))
        out.append(token[last:])
    wrapped = re.sub(r'<span data-kept="x[0-9]+" translate="no"></span>', "", "".join(out))
    problems = [f"{ids[i]}: its text crosses the edge of a paragraph or of an inline part" for i in sorted(broken)]
    return BodyHtml(
        html=wrapped, elsewhere=frozenset(ids) - placed - broken, kept=kept, removed=removed, problems=tuple(problems)
    )


def _marked_untranslated(markup: str, language: Locale) -> str:
    """`<pre>` says that it is in the article's language, as the article has it, and is not to be translated."""
    own = f' lang="{language}" dir="{language.direction}"'
    return re.sub(
        r"<pre( [^<>]*)?>",
        lambda tag: f'<pre{tag[1] or ""}{"" if " lang=" in (tag[1] or "") else own} translate="no">',
        markup,
    )


_LATIN_RUN = re.compile(r"&[a-zA-Z0-9#]+;|[+(]?[A-Za-z0-9](?:[A-Za-z0-9µ%°.,:/()+–-]|[ \u00a0](?=[A-Za-z0-9µ%°(+]))*")


def left_to_right_runs(markup: str) -> str:
    """`<bdi dir="ltr">` round what has a Latin letter or is a phone number: or else `5 mg` is shown as `mg 5`.

    A number alone, and a full stop or comma at a run's end, are left to the sentence.
    """

    def held(run: re.Match[str]) -> str:
        core = run[0].rstrip(".,:(–-")
        held_together = re.search("[A-Za-zµ%°]|[0-9][ \u00a0-][0-9]", core) and not run[0].startswith("&")
        return f'<bdi dir="ltr">{core}</bdi>{run[0][len(core) :]}' if held_together else run[0]

    return "".join(token if token.startswith("<") else _LATIN_RUN.sub(held, token) for token in _TOKEN.findall(markup))


def unit_anchor(unit_id: str) -> str:
    """The HTML id of a unit on its page: `u0007` of `heart:0007:1a2b3c4d`."""
    return f"u{unit_id.split(':')[-2] if unit_id.count(':') >= 2 else unit_id}"


def _unit_span(unit_id: str, language: Locale | None) -> str:
    lang = f' lang="{language}" dir="{language.direction}"' if language else ""
    return f'<span data-unit="{html.escape(unit_id)}" id="{html.escape(unit_anchor(unit_id))}"{lang}>'


def _with_attribute_units(tag: str, marks: _Marks, ids: Mapping[int, str]) -> tuple[str, set[int]]:
    """A tag whose marked attributes are named: `alt="A heart"` gets `data-unit-alt="ID"`."""
    placed: set[int] = set()

    def named(attribute: re.Match[str]) -> str:
        found = [int(mark[1]) for mark in marks.opening.finditer(attribute[2]) if mark[1].isdigit()]
        if not found:
            return attribute[0]
        placed.update(found)
        units = html.escape(" ".join(ids[position] for position in found))
        return f'{attribute[1]}="{marks.strip(attribute[2])}" data-unit-{attribute[1]}="{units}"'

    return _ATTRIBUTE.sub(named, tag), placed


def _nesting(tokens: list[str], marks: _Marks) -> tuple[set[tuple[int, int]], set[int]]:
    """Which marks pair up inside one element (token and place of each), and the positions of texts that do not."""
    whole: set[tuple[int, int]] = set()
    opened: list[tuple[str, tuple[int, int]]] = []  # element names as "<p", marks by their name
    seen: set[int] = set()
    good: set[int] = set()
    for at, token in enumerate(tokens):
        if token.startswith("</"):
            while opened and opened.pop()[0] != f"<{token[2:-1]}":
                pass
        elif len(token) > 1 and token.startswith("<"):
            name = re.match(r"<[a-z0-9]*", token)
            if name and name[0] not in ("<br", "<hr", "<img", "<wbr"):
                opened.append((name[0], (at, 0)))
        else:
            for mark in marks.any.finditer(token):
                if mark[1]:
                    opened.append((mark[1], (at, mark.start())))
                    seen |= {int(mark[1])} if mark[1].isdigit() else set()
                elif opened and not opened[-1][0].startswith("<"):
                    name_of_mark, place = opened.pop()
                    whole |= {place, (at, mark.start())}
                    good |= {int(name_of_mark)} if name_of_mark.isdigit() else set()
    return whole, seen - good


def placeables_as_html(text: str) -> str:
    """A text's own emphasis as markup, its other placeables as marks: for people who compare, not for the page.

    >>> placeables_as_html("Do <b1>not</b1> stop.<x2/>")
    'Do <strong>not</strong> stop.<code>x2</code>'
    """
    names = {"b": "strong", "i": "em"}
    out, at, opened = [], 0, []
    for tag in tags_of(text):
        out.append(html.escape(text[at : tag.start()]))
        at = tag.end()
        if tag[4]:
            out.append(f"<code>{tag[2]}{tag[3]}</code>")
        elif not tag[1]:
            opened.append(tag[2] + tag[3])
            out.append(f"<{names[tag[2]]}>" if tag[2] in names else "")
        elif not opened or opened.pop() != tag[2] + tag[3]:
            return html.escape(visible_text(text))
        else:
            out.append(f"</{names[tag[2]]}>" if tag[2] in names else "")
    return html.escape(visible_text(text)) if opened else "".join([*out, html.escape(text[at:])])
