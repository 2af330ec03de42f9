"""An article's body as HTML, each unit wrapped so that a stranger can find it again.

Takes   a Skeleton, the text of every segment, and the unit's id for every segment
Gives   BodyHtml: safe markup with `<span data-unit="ID" id="uNNNN">…</span>` round each text, for pages.py
Always  a text is text: no character of it becomes markup, only the source's own placeables do
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pipeline.extract import Part, Role, TagError, as_shown, checked_parts, parts_of
from pipeline.model import Locale, Skeleton, Span, tags_of, visible_text
from pipeline.publish.layout import Layout, Slot, UnitIds, is_whole, lay_out

_TOKEN = re.compile(r'<(?:[^<>"]|"[^"]*")*>|[^<]+|<')


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
    layout = _around_texts(skeleton, untranslated)
    languages = other_languages or {}
    kept: dict[int, str] = {}
    shown: set[int] = set()
    out: list[str] = []
    for piece in layout.pieces:
        if isinstance(piece, str):
            out.append(piece)
        elif isinstance(piece, UnitIds):
            out.append(html.escape(" ".join(ids[position] for position in piece.positions)))
        else:
            position = piece.position
            shown.add(position)
            inner = _slot_html(piece, texts[position], kept)
            if not piece.attribute:
                inner = doses_kept_together(left_to_right_runs(inner) if right_to_left else inner)
                inner = f"{_unit_span(ids[position], languages.get(position))}{inner}</span>"
            out.append(inner)
    for position, span in enumerate(skeleton.spans):
        if position not in shown and (why := _refused(texts[position], span)):
            kept[position] = why
    return BodyHtml(
        html="".join(out),
        elsewhere=frozenset(ids) - shown - layout.broken,
        kept=kept,
        removed=layout.removed,
        problems=tuple(
            f"{ids[i]}: its text crosses the edge of a paragraph or of an inline part" for i in sorted(layout.broken)
        ),
    )


@lru_cache(maxsize=16)
def _around_texts(skeleton: Skeleton, untranslated: Locale | None) -> Layout:
    """An article's layout, what stands between its texts finished: the same in all languages but its own."""
    layout = lay_out(skeleton)
    # No article holds a NUL. A text of the body is like an element, one of an attribute like a word.
    stands_for = ("<\0>" if isinstance(piece, Slot) and not piece.attribute else "\0" for piece in layout.pieces)
    markup = "".join(
        piece if isinstance(piece, str) else mark for piece, mark in zip(layout.pieces, stands_for, strict=True)
    )
    if untranslated:
        markup = _marked_untranslated(markup, untranslated)
    between = re.split("<\0>|\0", doses_kept_together(markup))
    texts = [piece for piece in layout.pieces if not isinstance(piece, str)]
    pieces = [between[0], *(piece for pair in zip(texts, between[1:], strict=True) for piece in pair)]
    return replace(layout, pieces=tuple(piece for piece in pieces if piece))


def _refused(text: str, span: Span) -> str:
    """Why a text that the body does not show cannot stand where it belongs; empty if it can."""
    try:
        wanted = as_shown(text)
        _ = wanted == span.source or checked_parts(wanted, span)
    except TagError as error:
        return str(error)
    return ""


def _slot_html(slot: Slot, text: str, kept: dict[int, str]) -> str:
    """The text in HTML; the source's if the text may not stand there, which is then named in `kept`."""
    if text != slot.span.source and (wanted := as_shown(text)) != slot.span.source:
        try:
            parts = checked_parts(wanted, slot.span)
            return _in_html(parts, slot) if slot.inline else escaped(wanted, attribute=slot.attribute)
        except TagError as error:
            kept[slot.position] = str(error)
    if not slot.inline:
        return escaped(slot.span.source, attribute=slot.attribute)
    return _in_html(parts_of(slot.span.source, slot.span.placeables), slot)


def _in_html(parts: list[Part], slot: Slot) -> str:
    """A text's parts as markup. Raises TagError where a tag would stand in an attribute, or a link in a link."""
    out: list[str] = []
    in_attribute, links = slot.attribute, 0
    for part in parts:
        if part.placeable is None:
            out.append(escaped(part.text, attribute=in_attribute))
            continue
        tag = f"{part.placeable.letter}{part.placeable.number}"
        closes, alone = part.role is Role.CLOSE, part.role is Role.ALONE
        inline = slot.inline[f"</{tag}>" if closes else f"<{tag}/>" if alone else f"<{tag}>"]
        if inline.starts_in_attribute != in_attribute:
            raise TagError(f"<{tag}> stands inside of the words of an image, or no longer does")
        in_attribute = inline.ends_in_attribute
        links += inline.html.count("<a ") - inline.html.count("</a>")
        if links > 1:
            raise TagError(f"<{tag}> is a link inside of a link")
        kept_apart = alone and inline.html and not in_attribute and is_whole(inline.html)
        out.append(f'<span data-kept="{tag}" translate="no">{inline.html}</span>' if kept_apart else inline.html)
    return "".join(out)


def escaped(text: str, *, attribute: bool) -> str:
    """A text as it stands between tags, or between double quotes; as nh3 writes it.

    >>> escaped('5 < 7 & "so"', attribute=True)
    '5 &lt; 7 &amp; &quot;so&quot;'
    """
    text = html.escape(text, quote=False).replace("\u00a0", "&nbsp;")
    return text.replace('"', "&quot;") if attribute else text


def _marked_untranslated(markup: str, language: Locale) -> str:
    """All words outside of units say that they are in the article's language, and are not to be translated."""
    own = f' lang="{language}" dir="{language.direction}"'
    out: list[str] = []
    unit = block = 0  # how deep inside of a unit's span, of a <pre>
    for token in _TOKEN.findall(markup):
        if token.startswith("<span"):
            unit += bool(unit) or " data-unit=" in token
        elif token.startswith("</span") and unit:
            unit -= 1
        elif token.startswith("<pre"):
            block += 1
            token = f'{token[:-1]}{"" if " lang=" in token else own} translate="no">'
        elif token.startswith("</pre"):
            block -= 1
        elif not unit and not block and not token.startswith("<") and _LETTER.search(html.unescape(token)):
            token = f'<span{own} translate="no">{token}</span>'
        out.append(token)
    return "".join(out)


_LETTER = re.compile(r"[^\W\d_]")
"""Words are in a language; a number, a footnote mark or a check box is not."""


_LATIN_RUN = re.compile(r"&[a-zA-Z0-9#]+;|[+(]?[A-Za-z0-9](?:[A-Za-z0-9µ%°²³.,:/()+–-]|[ \u00a0](?=[A-Za-z0-9µ%°(+]))*")


def left_to_right_runs(markup: str) -> str:
    """`<bdi dir="ltr">` round what has a Latin letter or is a phone number: or else `5 mg` is shown as `mg 5`.

    A number alone, and a full stop or comma at a run's end, are left to the sentence.
    """

    def held(run: re.Match[str]) -> str:
        core = run[0].rstrip(".,:(–-")
        held_together = re.search("[A-Za-zµ%°]|[0-9][ \u00a0-][0-9]", core) and not run[0].startswith("&")
        return f'<bdi dir="ltr">{core}</bdi>{run[0][len(core) :]}' if held_together else run[0]

    return "".join(token if token.startswith("<") else _LATIN_RUN.sub(held, token) for token in _TOKEN.findall(markup))


_UNITS = (
    "mg|mcg|[µμ]g|ng|kg|g|ml|mL|dl|dL|cl|l|L|mmol|[µμ]mol|mol|mEq|IU|IE|UI|mmHg|mm|cm|km|m|kcal|kJ|h|min|s|%|°C|°F|Hz"
    "|мг|мкг|мл|г|кг|ملغ|مغ|مل"
)
_NUMBER_ALONE = r"\d(?<![\w.,;&#/]\d)(?:[\d.,/]|&nbsp;(?=\d))*(?:[–-]\d[\d.,]*)?"
"""What stands before it is asked at its first digit: so a search is a search for digits."""
_DOSE = re.compile(rf"{_NUMBER_ALONE}(?: |&nbsp;)(?:{_UNITS})(?:/[\w²³]+(?:\.\d+)?)*(?![\w/])")
_TAG_OR_DOSE = re.compile(rf'<(?:[^<>"]|"[^"]*")*>|({_DOSE.pattern})')
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
