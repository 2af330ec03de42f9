"""A text without what is no prose: tags, addresses, codes, versions, placeholders of programs.

Takes   a text, tags and all
Gives   the same text with line feeds in the place of each, so that every place stays where it was
Always  as long as before; remembered, since nearly every check asks
"""

import re
from functools import lru_cache

from pipeline.model import tags_of
from pipeline.protected import ProtectedKind, protected_spans

_CODE = re.compile(
    r"(`{1,3})[^`\n]{1,300}\1"  # code in Markdown
    r"|%(?:\d{1,2}\$)?[-+#0]?\d{0,3}(?:\.\d{1,3})?[duxsfc](?!\w)"  # what a program fills in
    r"|(?<=[Vv]ersion )v?\d+(?:\.\d+){1,4}|(?<=[Vv]ersión )v?\d+(?:\.\d+){1,4}|(?<=[Vv]ersão )v?\d+(?:\.\d+){1,4}"
)


@lru_cache(maxsize=1 << 12)
def without_codes_and_tags(text: str) -> str:
    """The text with as many line feeds in the place of each tag, address, code and version, as long as before.

    A tag's number is none of the text, and F13.20 is no number: `protected_kept` looks at it.
    """
    spans = [tag.span() for tag in tags_of(text)] if "<" in text else []
    if "`" in text or "%" in text or "ersi" in text or "vers" in text:
        spans += [match.span() for match in _CODE.finditer(text)]
    spans += [
        (span.start, span.end)
        for span in protected_spans(text)
        if span.kind in (ProtectedKind.URL, ProtectedKind.EMAIL, ProtectedKind.CODE)
    ]
    if not spans:
        return text
    characters = list(text)
    for start, end in spans:
        characters[start:end] = "\n" * (end - start)
    return "".join(characters)
