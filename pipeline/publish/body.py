"""An article's body as HTML, each unit wrapped so that a stranger can find it again.

Takes   a Skeleton, the text of every segment, and the unit's id for every segment
Gives   BodyHtml: safe markup with `<span data-unit="ID" id="uNNNN">…</span>` round each text, for pages.py
Always  a text is text: no character of it becomes markup, only the source's own placeables do
"""

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.extract import TagError, as_shown, check_fits
from pipeline.model import ArticleFormat, Locale, Skeleton, Span, tags_of, visible_text
from pipeline.publish.layout import IN_BODY, IN_TAG, OUR_IDS, TAG, Layout, Slot, UnitIds, lay_out

_PLACE = re.compile(f"{IN_BODY}|{IN_TAG}")
_TOKEN = re.compile(rf"{TAG.pattern}|[^<]+|<")


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyHtml:
    """The article part of a page."""

    html: str
    elsewhere: frozenset[int]
    """Positions of texts that the body does not show: a title or description of the front matter."""
    kept: Mapping[int, str] = field(default_factory=dict)
    """Where the source was kept, by position, and why: a text that cannot stand in its place."""
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
    layout, around = _around_texts(skeleton, untranslated)
    languages = other_languages or {}
    kept: dict[int, str] = {}
    out = [around[0]]
    for place, behind in zip(layout.places, around[1:], strict=True):
        if isinstance(place, UnitIds):
            inner = html.escape(" ".join(ids[position] for position in place.positions))
        else:
            position = place.position
            inner = _slot_html(place, texts[position], kept)
            if not place.attribute:
                inner = doses_kept_together(left_to_right_runs(inner) if right_to_left else inner)
                inner = f"{_unit_span(ids[position], languages.get(position))}{inner}</span>"
        out += (inner, behind)
    for position, span in enumerate(skeleton.spans):
        if position not in layout.shown and (why := _refused(texts[position], span)):
            kept[position] = why
    return BodyHtml(
        html="".join(out),
        elsewhere=frozenset(ids) - layout.shown - layout.broken,
        kept=kept,
        removed=layout.removed,
        problems=tuple(
            f"{ids[i]}: its text crosses the edge of a paragraph or of an inline part" for i in sorted(layout.broken)
        ),
    )


@lru_cache(maxsize=16)
def _around_texts(skeleton: Skeleton, untranslated: Locale | None) -> tuple[Layout, list[str]]:
    """An article's layout, and what stands between its places, finished: the same in all languages but its own."""
    layout = lay_out(skeleton)
    markup = layout.markup
    if untranslated:
        markup = _marked_untranslated(_without_language(markup, untranslated), untranslated)
    if skeleton.format is ArticleFormat.MARKDOWN:
        markup = _with_anchors(markup, layout.places)
    return layout, _PLACE.split(doses_kept_together(markup))


def _without_language(markup: str, language: Locale) -> str:
    """The same, but no element says that it is in the article's language: another one's texts come into it.

    Word processors write `<p lang="en-GB" dir="ltr">` at each paragraph.
    """
    tag = language.tag.partition("-")[0]
    says = re.compile(rf' (?:lang="{tag}(?:-[a-z0-9-]*)?"|dir="{language.direction}")', re.IGNORECASE)
    tokens = _TOKEN.findall(markup)
    return "".join(t if t[0] != "<" or t.startswith(("<pre", "<bdo", "<bdi")) else says.sub("", t) for t in tokens)


_HEADING = re.compile(rf"<h[1-6](?=>(?:<[a-z][^<>]*>)*{IN_BODY})(.*?)</h", re.DOTALL)
_HAS_ID = re.compile(r' id="([^"]*)"')


def _with_anchors(markup: str, places: Sequence[Slot | UnitIds]) -> str:
    """The same, each heading with the `id` that Markdown's readers give it, by its English: `## Side effects` has
    `side-effects`, in all languages; a second one `side-effects-1`. So a link `[below](#side-effects)` leads there.
    """
    taken, given = set(_HAS_ID.findall(markup)), Counter[str]()
    out, at, place = list[str](), 0, 0
    for heading in _HEADING.finditer(markup):
        place += markup.count(IN_TAG, at, heading.start())
        inside = places[place : place + heading[1].count(IN_TAG)]
        name = anchor = _anchor(" ".join(visible_text(one.span.source) for one in inside if isinstance(one, Slot)))
        while name in taken or OUR_IDS.fullmatch(name):
            given[anchor] += 1
            name = f"{anchor}-{given[anchor]}"
        taken.add(name)
        out += [markup[at : heading.start(1)], f' id="{html.escape(name)}"' if anchor else ""]
        place, at = place + markup.count(IN_TAG, heading.start(), heading.start(1)), heading.start(1)
    return "".join([*out, markup[at:]])


def _anchor(words: str) -> str:
    return re.sub(r"[^\w -]", "", words.lower()).strip().replace(" ", "-")


def _refused(text: str, span: Span) -> str:
    """Why a text that the body does not show cannot stand where it belongs; empty if it can."""
    wanted = as_shown(text)
    try:
        if wanted != span.source:
            check_fits(wanted, span)
    except TagError as error:
        return str(error)
    return ""


def _slot_html(slot: Slot, text: str, kept: dict[int, str]) -> str:
    """The text in HTML; the source's if the text may not stand there, which is then named in `kept`."""
    source = slot.span.source
    if text != source and (wanted := as_shown(text)) != source:
        try:
            check_fits(wanted, slot.span)
            return _in_html(wanted, slot)
        except TagError as error:
            kept[slot.position] = str(error)
    return _in_html(source, slot)


def _in_html(text: str, slot: Slot) -> str:
    """A text with its tags as markup. Raises TagError where a tag would stand in an attribute, or a link in a link."""
    if not slot.inline:
        return escaped(text, attribute=slot.attribute)
    out: list[str] = []
    in_attribute, links, at = slot.attribute, 0, 0
    for tag in tags_of(text):
        inline = slot.inline[tag[0]]
        if inline.starts_in_attribute != in_attribute:
            raise TagError(f"<{tag[2]}{tag[3]}> stands inside of the words of an image, or no longer does")
        out += [escaped(text[at : tag.start()], attribute=in_attribute), inline.html]
        in_attribute, at = inline.ends_in_attribute, tag.end()
        links += inline.links
        if links > 1:
            raise TagError(f"<{tag[2]}{tag[3]}> is a link inside of a link")
    return "".join([*out, escaped(text[at:], attribute=in_attribute)])


def escaped(text: str, *, attribute: bool) -> str:
    """A text as it stands between tags, or between double quotes; as nh3 writes it.

    >>> escaped('5 < 7 & "so"', attribute=True)
    '5 &lt; 7 &amp; &quot;so&quot;'
    """
    text = html.escape(text, quote=False).replace("\u00a0", "&nbsp;")
    return text.replace('"', "&quot;") if attribute else text


def _marked_untranslated(markup: str, language: Locale) -> str:
    """All words between units say that they are in the article's language, and are not to be translated."""
    if "<pre" not in markup and not _WORD_BETWEEN_TAGS.search(f">{markup}"):
        return markup
    own = f' lang="{language}" dir="{language.direction}"'
    out: list[str] = []
    block = 0  # how deep inside of a <pre>
    for token in _TOKEN.findall(markup):
        if not token.startswith("<"):
            if not block and _LETTER.search(html.unescape(token)):
                token = f'<span{own} translate="no">{token}</span>'
        elif token.startswith("<pre"):
            block += 1
            token = f'{token[:-1]}{"" if " lang=" in token else own} translate="no">'
        elif token.startswith("</pre"):
            block -= 1
        out.append(token)
    return "".join(out)


_LETTER = re.compile(r"[^\W\d_]")
"""Words are in a language; a number, a footnote mark or a check box is not."""
_WORD_BETWEEN_TAGS = re.compile(rf">[^<]*?{_LETTER.pattern}")
"""Found too often rather than too seldom: in an entity, and behind a `>` in an attribute."""


_WESTERN = "A-Za-zÀ-ÖØ-öø-ʯ\u0300-\u036fͰ-ԯḀ-ỿ"
"""Letters that are written from left to right: Latin with its accents, Greek, Cyrillic."""
_LATIN_RUN = re.compile(
    rf"&[a-zA-Z0-9#]+;|[+(]?[{_WESTERN}0-9](?:[{_WESTERN}0-9µ%°²³.,:/()+–@?=_#~-]|[ \u00a0](?=[{_WESTERN}0-9µ%°(+])"
    rf"|&amp;(?=[{_WESTERN}0-9])|(?:['’]|&#x27;)(?=[{_WESTERN}]))*"
)


_HOLDS_TOGETHER = re.compile(rf"[{_WESTERN}µ%°]|[0-9][ \u00a0-][0-9]")


def left_to_right_runs(markup: str) -> str:
    """`<bdi dir="ltr">` round what has a Latin letter or is a phone number: or else `5 mg` is shown as `mg 5`.

    A name with its accents and apostrophes (`Ménière’s`) and an address are one run: of two, the second would stand
    first. A number alone, and a full stop, comma or question mark at a run's end, are left to the sentence.
    """

    def held(run: re.Match[str]) -> str:
        core = run[0].rstrip(".,:(–?-")
        held_together = _HOLDS_TOGETHER.search(core) and not run[0].startswith("&")
        return f'<bdi dir="ltr">{core}</bdi>{run[0][len(core) :]}' if held_together else run[0]

    return "".join(token if token.startswith("<") else _LATIN_RUN.sub(held, token) for token in _TOKEN.findall(markup))


_UNITS = (
    "mg|mcg|[µμ]g|ng|kg|g|ml|mL|dl|dL|cl|l|L|mmol|[µμ]mol|mol|mEq|IU|IE|UI|mmHg|mm|cm|km|m|kcal|kJ|h|min|s|%|°C|°F|Hz"
    "|мг|мкг|мл|г|кг|ملغ|مغ|مل"
)
_NUMBER_ALONE = r"\d(?<![\w.,;&#/]\d)(?:[\d.,/]|&nbsp;(?=\d))*(?:[–-]\d[\d.,]*)?"
"""What stands before it is asked at its first digit: so a search is a search for digits."""
_DOSE = re.compile(rf"{_NUMBER_ALONE}(?: |&nbsp;)(?:{_UNITS})(?:/[\w²³]+(?:\.\d+)?)*(?![\w/])")
_TAG_OR_DOSE = re.compile(rf"{TAG.pattern}|({_DOSE.pattern})")
TOGETHER = "together"
"""The class of what a line may not break."""


def doses_kept_together(markup: str) -> str:
    """`<span class="together">` round a number and its unit: no line ends between `2` and `mg`.

    The text is the same to the letter: a no-break space in it would be another text, which nobody signed.
    """
    if not _DOSE.search(markup):
        return markup
    return _TAG_OR_DOSE.sub(
        lambda found: found[0] if found[1] is None else f'<span class="{TOGETHER}">{found[1]}</span>', markup
    )


def unit_anchor(unit_id: str) -> str:
    """The HTML id of a unit on its page: `u0007` of `heart:0007:1a2b3c4d`."""
    parts = unit_id.rsplit(":", 2)
    return f"u{parts[1] if len(parts) == 3 else unit_id}"


@lru_cache(maxsize=1024)  # all pages of an article name them, each several times
def escaped_id(unit_id: str) -> tuple[str, str]:
    """A unit's id and its anchor, as they stand in attributes."""
    unit, anchor = html.escape(unit_id), unit_anchor(unit_id)
    return unit, anchor if len(unit) == len(unit_id) else html.escape(anchor)


def _unit_span(unit_id: str, language: Locale | None) -> str:
    lang = f' lang="{language}" dir="{language.direction}"' if language else ""
    unit, anchor = escaped_id(unit_id)
    return f'<span data-unit="{unit}" id="{anchor}"{lang}>'


def placeables_as_html(text: str) -> str:
    """A text's own emphasis as markup, its other placeables as marks: for people who compare, not for the page.

    >>> placeables_as_html("Do <b1>not</b1> stop.<x2/>")
    'Do <strong>not</strong> stop.<code>x2</code>'
    """
    if "<" not in text:
        return html.escape(text, quote=False)
    names = {"b": "strong", "i": "em"}
    out, at, opened = [], 0, []
    for tag in tags_of(text):
        out.append(html.escape(text[at : tag.start()], quote=False))
        at = tag.end()
        if tag[4]:
            out.append(f"<code>{tag[2]}{tag[3]}</code>")
        elif not tag[1]:
            opened.append(tag[2] + tag[3])
            out.append(f"<{names[tag[2]]}>" if tag[2] in names else "")
        elif not opened or opened.pop() != tag[2] + tag[3]:
            return html.escape(visible_text(text), quote=False)
        else:
            out.append(f"</{names[tag[2]]}>" if tag[2] in names else "")
    rest = html.escape(visible_text(text) if opened else text[at:], quote=False)
    return rest if opened else "".join([*out, rest])
