"""What a style sheet may do to a page: arrange it, and say nothing.

Takes   the bytes of a style sheet: CSS as of 2023 (css-snapshot), nesting included
Gives   why it is not taken, as a sentence
Always  what is not understood is not taken; linear time. Text that it hides or shrinks is not looked for
"""

import re
from collections.abc import Iterator

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PART = re.compile(r""""[^"\\\n]*"|'[^'\\\n]*'|[{};]|[^"'{};]+|.""", re.DOTALL)
_STRING = re.compile(r""""[^"]*"|'[^']*'""")
_ORNAMENT = re.compile(r"""["'](?:[\s✓✔•○●□■▪▫▸▾→←↑↓|()«»“”‘’]|·(?=\s))*["']""")
"""What a sheet may set beside a text. No point, comma, dash or sign: `.5 mg`, `-5` and `< 5` are other doses."""
_RULES = {"charset", "container", "layer", "media", "page", "supports"}
"""At-rules that only arrange. `@counter-style` writes words, `@import` and `@font-face` fetch."""
_NAMES_FONTS = re.compile(r"font|--")
_WRITES = re.compile(r"content|list-style|quotes|text-emphasis|hyphenate-character|text-overflow|string-set")
"""Properties whose value a reader can see as text."""
_SHOWN = re.compile(r"attr\(\s*(?!(?:href|lang)\s*\))|var\(|env\(|counters?\(")
_TURNS = re.compile(r"unicode-bidi\s*:.*override|text-security|^direction\s*:\s*rtl|^counter-", re.DOTALL)
"""`5–10 mg` from right to left is `10–5`; a counter that begins elsewhere is another step."""


def why_not_taken(data: bytes) -> str:
    """Why a style sheet could put words on a page or turn its digits round, as a sentence; empty if it cannot.

    >>> why_not_taken(b'p::after { content: "Take 5 mg." }')
    'it writes on the page: content: "Take 5 mg."'
    >>> why_not_taken(b'p::before { content: "\\xe2\\x9c\\x93"; font-family: "Noto Sans" }')
    ''
    """
    try:
        css = _COMMENT.sub(" ", data.decode())
    except UnicodeDecodeError:
        return "it is not UTF-8"
    if "\\" in css:
        return "it holds a backslash, behind which any letter could stand"
    for name in re.findall(r"@([\w-]+)", _STRING.sub("", css)):
        if name.lower() not in _RULES:
            return f"it uses @{name}"
    if re.search(r"url\(|image-set\(|src\(", css, re.IGNORECASE):
        return "it shows something from an address"
    return next((why for declaration in _declarations(css) if (why := _why_not(declaration))), "")


def _declarations(css: str) -> Iterator[str]:
    """All that stands between braces and semicolons and is no selector."""
    here: list[str] = []
    for part in _PART.findall(css):
        if part in "{};":
            if part != "{":
                yield "".join(here).strip()
            here.clear()
        else:
            here.append(part)
    yield "".join(here).strip()


def _why_not(declaration: str) -> str:
    name = declaration.partition(":")[0].strip().lower()
    strings = _STRING.findall(declaration)
    if _STRING.sub("", declaration).count('"') or _STRING.sub("", declaration).count("'"):
        return f"a quotation mark is never closed: {declaration[:80]}"
    writes = not all(map(_ORNAMENT.fullmatch, strings)) and not _NAMES_FONTS.match(name)
    if writes or (_WRITES.search(name) and _SHOWN.search(declaration.lower())):
        return f"it writes on the page: {declaration[:80]}"
    return (
        f"it turns text round, numbers it anew or hides it: {declaration[:80]}"
        if _TURNS.search(declaration.lower())
        else ""
    )
