"""Where a theme of the site's own goes wrong.

Takes   the theme's folder, and what a template raised or a finished page could not prove
Gives   a sentence with the file and, where one is known, the line
Always  looks at templates only; what they are no fault of is for others
"""

import html
import traceback
from collections.abc import Sequence
from pathlib import Path

import jinja2

SEARCHED = 40
"""Letters of an unproven text that are looked for in the templates."""
RAISED_BY_TEMPLATES = (jinja2.TemplateError, ArithmeticError, TypeError, ValueError, LookupError, RecursionError)
"""What an expression in a template may raise: `{{ 1 / 0 }}`, a file that is not UTF-8, a template that takes itself."""


def theme_fault(theme: Path, page: str, unproven: Sequence[tuple[str, str]]) -> str:
    """Why a page that is signed cannot be proven in this theme: (text, reason) of all that is not."""
    placed = ((_place_of(theme, text), text, reason) for text, reason in unproven)
    place, text, reason = next((one for one in placed if one[0]), ("", *unproven[0]))
    return (
        f"{place or theme}: with this theme the page {page} is not proven: {reason}{': ' if text else ''}{text}; "
        "mend the theme, or have its words signed (`signoff site-words`); the site is as it was"
    )


def _place_of(theme: Path, text: str) -> str:
    """The line of a template that says a text; empty where none says it in one line."""
    wanted = " ".join(text.split())[:SEARCHED]
    for path in sorted(theme.glob("*.html")):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if wanted and wanted in html.unescape(" ".join(line.split())):
                return f"{path}:{number}"
    return ""


def raised_at(theme: Path, template: str, error: BaseException) -> str:
    """The file and line at which a template failed."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"{error.filename or theme / template}:{error.lineno}"
    if isinstance(error, UnicodeDecodeError):
        return str(next((path for path in theme.glob("*.html") if path.read_bytes() == error.object), theme))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == theme]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(theme / template)
