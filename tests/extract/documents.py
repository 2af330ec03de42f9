"""Documents that hold every construct of a format, nested in each other, in which every word is there once.

Takes   a random.Random
Gives   a document as text; its words look like `qabcz`, so a witness can say of each where it went
"""

import re
from collections.abc import Callable
from itertools import count
from random import Random

WORD = re.compile("q[a-p]+z")
"""One word of such a document."""


class _Maker:
    def __init__(self, rnd: Random) -> None:
        self.rnd = rnd
        self.numbers = count(1)

    def word(self) -> str:
        digits = f"{next(self.numbers):x}".translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))
        return f"q{digits}z"

    def words(self, most: int = 4) -> str:
        return " ".join(self.word() for _ in range(self.rnd.randint(1, most)))

    def sentence(self) -> str:
        return self.words().capitalize().replace("Q", "q", 1) + self.rnd.choice(".!?.;…")

    def one_of(self, *makers: Callable[[], str]) -> str:
        return self.rnd.choice(makers)()

    def several(self, make: Callable[[], str], most: int, between: str = "") -> str:
        return between.join(make() for _ in range(self.rnd.randint(1, most)))


class _Markdown(_Maker):
    def inline(self, depth: int = 0) -> str:
        w = self.words
        inner: Callable[[], str] = (lambda: self.inline(depth + 1)) if depth < 2 else w
        return self.one_of(
            self.sentence,
            lambda: f"{w()} 5\u00a0mg {w()}.",
            lambda: f"**{inner()}**",
            lambda: f"*{inner()}*",
            lambda: f"__{w()}__",
            lambda: f"~~{inner()}~~",
            lambda: f"[{inner()}](https://example.org/a_(b))" if depth == 0 else w(),
            lambda: f"[{w()}](<a b> 'tip')" if depth == 0 else w(),
            lambda: f"[{w()}][ref] [{w()}][]" if depth == 0 else w(),
            lambda: f"![{w()}](pill.png)",
            lambda: f"![{w()}][ref]",
            lambda: f"`{w()}`",
            lambda: f"`` {w()} ` ``",
            lambda: f"<sup>{w()}</sup>",
            lambda: f"<span title='x'>{inner()}</span>",
            lambda: f"<code>{w()}</code>",
            lambda: f'<span translate="no">{w()}</span>',
            lambda: f"{w()}[^note]",
            lambda: f"{w()} &amp; &lt;{w()}&gt; &#8212; {w()}",
            lambda: f"\\*{w()}\\* \\[{w()}\\] \\$5",
            lambda: f"{w()}  \n{w()}",
            lambda: f"{w()}\\\n{w()}",
            lambda: f"{w()}\n{w()}",
            lambda: f"{w()}<br>{w()}",
            lambda: "<https://example.org>",
            lambda: f"{w()}<!-- no -->",
            lambda: f"$E = mc^2$ {w()}",
            lambda: f"{w()} $5-$10 {w()}",
            lambda: f"1 < 2 {w()} a_b {w()} 3 * 4",
            lambda: f"{w()} | {w()}",
        )

    def line(self) -> str:
        return self.several(self.inline, 4, " ")

    def flat(self) -> str:
        return self.line().replace("\\\n", " ").replace("\n", " ").replace(" | ", " ")

    def block(self, depth: int = 0) -> str:
        makers: list[Callable[[], str]] = [
            self.line,
            self.line,
            lambda: f"{'#' * self.rnd.randint(1, 6)} {self.flat()}{self.rnd.choice(('', ' ##'))}",
            lambda: f"{self.words()}\n{self.rnd.choice('=-') * 3}",
            lambda: f"```sh\n{self.words()}\n\n{self.words()}\n```",
            lambda: f"~~~\n{self.words()}\n~~~",
            lambda: f"    {self.words()}",
            lambda: self.rnd.choice(("***", "- - -", "___")),
            self.table,
            lambda: f"<div class='x'>\n<p title='tip'>{self.words()}</p>\n</div>",
            lambda: f"<details>\n<summary>{self.words()}</summary>\n\n{self.line()}\n\n</details>",
            lambda: "<!-- two\n\nlines -->",
            lambda: f"<pre>\n{self.words()}\n\n{self.words()}</pre>",
            lambda: f"$$\n{self.words()}^2\n$$",
            lambda: f"{self.words()}\n: {self.flat()}\n: {self.flat()}",
        ]
        if depth < 3:
            makers += [lambda: self.listing(depth), lambda: self.listing(depth), lambda: self.quote(depth)]
        return self.one_of(*makers)

    def blocks(self, depth: int, most: int) -> str:
        return self.several(lambda: self.block(depth), most, "\n\n")

    def listing(self, depth: int) -> str:
        mark = self.rnd.choice(("-", "*", "+", "1.", "2)", "- [ ]", "- [x]"))
        items = [f"{mark} {self.words()}"]
        for _ in range(self.rnd.randint(1, 3)):
            inner = self.line() + self.rnd.choice(("", "\n\n" + self.blocks(depth + 1, 2)))
            pad = " " * (len(mark.split(" ")[0]) + 1)
            items.append(f"{mark} " + inner.replace("\n", f"\n{pad}"))
        return self.rnd.choice(("\n", "\n\n")).join(items)

    def quote(self, depth: int) -> str:
        lead = self.rnd.choice(("", "[!NOTE]\n"))
        return "\n".join(f"> {line}".rstrip() for line in (lead + self.blocks(depth + 1, 2)).split("\n"))

    def table(self) -> str:
        columns = self.rnd.randint(1, 3)

        def row() -> str:
            cells = " | ".join(self.rnd.choice((self.words, self.flat, lambda: "a\\|b"))() for _ in range(columns))
            return f"| {cells} |"

        return f"{row()}\n|{':--|' * columns}\n" + self.several(row, 3, "\n")

    def document(self) -> str:
        front = self.one_of(
            str,
            lambda: (
                f'---\ntitle: "{self.words()}: {self.words()}"\ndescription: >-\n  {self.words()}\ntags: [x]\n---\n'
            ),
            lambda: f"+++\ntitle = '{self.words()}'\n+++\n",
        )
        notes = f'[^note]: {self.flat()}\n\n[ref]: https://example.org "tip"\n'
        return f"{front}{self.blocks(0, 14)}\n\n{notes}"


class _Html(_Maker):
    def inline(self, depth: int = 0) -> str:
        w = self.words
        inner: Callable[[], str] = (lambda: self.inline(depth + 1)) if depth < 2 else w
        return self.one_of(
            self.sentence,
            lambda: f"{w()} 5&nbsp;mg {w()}.",
            lambda: f"<b>{inner()}</b>",
            lambda: f"<EM>{inner()}</em>",
            lambda: f"<a href=x title='tip'>{inner()}</a>",
            lambda: f"<img src=a alt='{w()}'>",
            lambda: f'<img alt="{w()} &quot;{w()}&quot;" src=a />',
            lambda: f"<code>{w()} &lt; {w()}</code>",
            lambda: f"<span translate=no>{w()} <b>{w()}</b></span>",
            lambda: f"<span class='x notranslate'>{w()}</span>",
            lambda: f"{w()} &amp {w()} &lt;{w()}&gt; &#8212 {w()} &hellip;",
            lambda: f"{w()}<br>{w()}<BR/>{w()}",
            lambda: f"{w()}<!-- no --> {w()}",
            lambda: f"{w()}<!--[if IE]>no<![endif]-->",
            lambda: f"<script>var no = '<b>';</script>{w()}",
            lambda: f"<x-card kind=a>{inner()}</x-card>",
            lambda: f"<svg viewBox='0 0 1 1'><text>{w()}</text><path d='M0'/></svg>",
            lambda: f"<b><i>{w()}</b> {w()}</i>",
            lambda: f"{w()}</b> {w()}",
            lambda: f"<sup>{w()}</sup><wbr>{w()}",
            lambda: f"<bdo dir=rtl>{w()}</bdo> <kbd>{w()}</kbd>",
            lambda: f"1 < 2 & 3 > 2 {w()}",
            lambda: f"<label>{w()} <input placeholder='{w()}'></label><button type=submit>{w()}</button>",
            lambda: f"<input type=submit value='{w()}'> <select><option label={self.word()}>{w()}</select>",
        )

    def line(self) -> str:
        return self.several(self.inline, 4, self.rnd.choice((" ", "\n  ")))

    def block(self, depth: int = 0) -> str:
        s = self.line
        makers: list[Callable[[], str]] = [
            lambda: f"<p>{s()}</p>",
            lambda: f"<P class=x>{s()}\n",
            s,
            lambda: f"<h2 id=x>{s()}</h2>",
            lambda: f"<pre>{self.words()}\n  {self.words()}</pre>",
            lambda: f"<div aria-label='{self.words()}'><p>{s()}</div>",
            lambda: f"<table><caption>{s()}</caption><thead><tr><th>{s()}<th>{s()}<tbody><tr><td>{s()}</table>",
            lambda: f"<dl><dt>{s()}<dd>{s()}</dl>",
            lambda: f"<figure><img alt='{self.words()}'><figcaption>{s()}</figcaption></figure>",
            lambda: f"<div translate='no'><p>{self.words()}</p></div>",
            lambda: f"<noscript><p>{s()}</p></noscript>",
            lambda: "<iframe src=x>no</iframe><hr>",
            lambda: f"<textarea>{self.words()}</textarea>",
            lambda: f"<details><summary>{s()}</summary>{s()}</details>",
            lambda: "<style>no { color: red }</style><template><p>no</p></template>",
            lambda: f"<blockquote cite=x>{s()}</blockquote>",
        ]
        if depth < 3:
            makers += [
                lambda: f"<ul>{self.several(lambda: f'<li>{s()}', 3)}</ul>",
                lambda: f"<ol><li>{s()}{self.block(depth + 1)}</li></ol>",
                lambda: f"<section>{self.block(depth + 1)}{self.block(depth + 1)}</section>",
                lambda: f"<nav><a href=x>{self.words()}</a></nav>",
            ]
        return self.one_of(*makers)

    def document(self) -> str:
        if self.rnd.random() < 0.2:
            return self.several(self.block, 10, "\n")
        w = self.words
        head = (
            f'<title>{w()} &amp; {w()}</title><meta name=description content="{w()}">'
            f'<meta property="og:title" content="{w()}"><meta name="twitter:description" content="{w()}">'
            '<script type="application/ld+json">{"name": "no"}</script><link rel=x href=y>'
        )
        body = self.several(self.block, 14, "\n")
        return f"<!DOCTYPE html>\n<html lang=en><head>{head}</head>\n<body>\n{body}\n</body></html>\n"


def markdown_document(rnd: Random) -> str:
    """A Markdown article with front matter, footnotes and link definitions."""
    return _Markdown(rnd).document()


def html_document(rnd: Random) -> str:
    """A page as content systems export them, or a fragment."""
    return _Html(rnd).document()
