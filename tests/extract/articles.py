"""Made-up articles for the property tests: any text at all, and text rich in the structure of a format."""

import re
import string

from hypothesis import strategies as st

from pipeline.model import ArticleFormat

WORDS = (
    "Take",
    "2",
    "tablets",
    "daily.",
    "Dr.",
    "Lee",
    "said:",
    "stop!",
    "No.",
    "5 mg",
    "b.i.d.",
    "café",
    "cafe\u0301",
    "½",
    "5\u00a0mg",
    "“quoted.”",
    "It",
    "is",
    "safe.1",
    "why?",
    "[1]",
    "A.",
    "&",
    "<",
    "\u200b",
    "中文。",
    "e.g.",
)
MARKDOWN_PARTS = (
    "*",
    "**",
    "_",
    "__",
    "***",
    "`",
    "``",
    "~~",
    "[",
    "](u)",
    '](u "t.")',
    "[^1]",
    "![",
    "![alt. Text](i.png)",
    "\\",
    "\\*",
    "&amp;",
    "&nbsp;",
    "&#60;b1&#62;",
    "<b1>",
    "</b1>",
    "<x2/>",
    "<sup>",
    "</sup>",
    "<br>",
    "<code>",
    "</code>",
    "<img alt='Pill one.' src=p>",
    '<a href=q title="Tip">',
    "</a>",
    "<!-- c -->",
    "  \n",
    "\\\n",
    "\n",
    "\r\n",
    "<http://a.b>",
    "|",
    "[ref]",
    "[ref][]",
    "\\|",
    "\t",
    "$x$",
    "<span\n> c=d>",
)
MARKDOWN_STARTS = (
    "",
    "# ",
    "## ",
    "- ",
    "* ",
    "1. ",
    "  - ",
    "    ",
    "> ",
    "> > ",
    "- [ ] ",
    "| ",
    "|---|---|\n| ",
    "[^1]: ",
    "[ref]: /u\n",
    "```\n",
    "<div>\n",
    "</div>\n",
    "<p title='Hi.'>",
    "---\n",
    "===\n",
    "<!--\n",
    "-->\n",
    ">\n> <b>\n> ",
    "\\# ",
    "<td>",
    "<script>\n",
    "</script>\n",
)
HTML_PARTS = (
    "<p>",
    "</p>",
    "<p title='A tip.'>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<a href='x' title=\"T\">",
    "</a>",
    "<br>",
    "<br/>",
    "<img src=a alt='Alt. Text'>",
    "<img alt=bare>",
    "<img alt=''>",
    "<ul>",
    "<li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "<th>",
    "</table>",
    "<h1>",
    "</h1>",
    "<h2>",
    "</h2>",
    "<code>",
    "</code>",
    "<pre>",
    "</pre>",
    "<script>",
    "</script>",
    "<!-- c -->",
    "&amp;",
    "&lt;b1&gt;",
    "&notit;",
    "&#1;",
    "&nbsp",
    "<title>",
    "</title>",
    "<meta name=description content='D. E'>",
    "<nav>",
    "</nav>",
    "<span translate=no>",
    "</span>",
    "<input placeholder='Name'>",
    "<sup>",
    "</sup>",
    "\n",
    "\r\n",
    "<b",
    "<svg/>",
    "a<b",
    "<!DOCTYPE html>",
    "<x-y>",
    "</x-y>",
    "<option label='L'>",
    "<textarea>",
    "</textarea>",
)
any_text = st.text(st.characters(codec="utf-8"), max_size=200)
words = st.sampled_from(WORDS)


def _joined(parts: st.SearchStrategy[str], size: int) -> st.SearchStrategy[str]:
    glue = st.sampled_from((" ", " ", " ", "", "\n"))
    return st.lists(st.tuples(parts, glue), min_size=1, max_size=size).map(
        lambda pairs: "".join(a + b for a, b in pairs)
    )


_line = st.tuples(
    st.lists(st.sampled_from(MARKDOWN_STARTS), max_size=2).map("".join),
    _joined(st.one_of(words, words, st.sampled_from(MARKDOWN_PARTS)), 8),
).map("".join)
markdown_text = st.tuples(
    st.sampled_from(
        (
            "",
            "",
            "\ufeff",
            '---\ntitle: "A: b"\ndescription: >-\n  Two\n  lines.\n---\n',
            "---\r\ntitle: It's # no\r\nx: [a]\r\n---\r\n",
        )
    ),
    st.lists(st.tuples(_line, st.sampled_from(("\n", "\n\n", "\r\n\r\n"))).map("".join), min_size=1, max_size=8).map(
        "".join
    ),
).map("".join)
html_text = _joined(st.one_of(words, words, st.sampled_from(HTML_PARTS)), 25)
plain_text = st.lists(
    st.tuples(
        st.sampled_from(("", "", "  ", "\t", "\u00a0", "\ufeff")),
        st.sampled_from(("", "", "• ", "- ", "1. ", "• 1. ", "A) ")),
        _joined(words, 8),
        st.sampled_from(("\n", "\n\n", "\r\n", "\r", " \n", "\u2028")),
    ).map("".join),
    min_size=1,
    max_size=8,
).map("".join)
TEXTS = {
    ArticleFormat.PLAIN_TEXT: st.one_of(any_text, plain_text),
    ArticleFormat.MARKDOWN: st.one_of(any_text, markdown_text, markdown_text),
    ArticleFormat.HTML: st.one_of(any_text, html_text, html_text),
}
hostile = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.lists(
        st.sampled_from(
            (
                *MARKDOWN_STARTS,
                *MARKDOWN_PARTS,
                *HTML_PARTS,
                *WORDS,
                *string.punctuation,
                " ",
                "\n\n",
                "\ue000",
                "\ue001",
            )
        ),
        max_size=8,
    ).map("".join),
)


def letters(text: str) -> str:
    """Only the letters and digits of a text."""
    return "".join(re.findall(r"[^\W_]", text))
