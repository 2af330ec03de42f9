"""Write signed articles back in the format that they came in, for a publisher with a site builder of their own.

Takes   the pages that may go out now
Gives   <out>/<locale>/<slug>.<md|html|txt>, in one step, and a list of them with their hashes
Always  the same gate as for the site; a text that would change the article's structure there holds its article. The
        files are the article's own markup, verbatim but for its texts and the language that an HTML page names:
        nothing of it is cleaned, and `verify` does not read them
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from pipeline.config import Workspace
from pipeline.export import Judges
from pipeline.extract import fill
from pipeline.model import ArticleFormat, Locale
from pipeline.publish import Page, Written, write_release
from pipeline.publish.page import Notice
from pipeline.publish.site import MANIFEST
from pipeline.store import Store
from review.putting_out import PublishReport, publishing
from review.releases import signed_pages


def publish_sources(
    workspace: Workspace, store: Store, judges: Judges, *, locales: Sequence[Locale], out: Path
) -> PublishReport:
    """Put what is signed at `out` in its source format. Raises PolicyError, PublishError, WorkspaceBusyError."""
    with publishing(workspace):
        pages, outcomes = signed_pages(workspace, store, judges, locales=locales)
        filled: list[tuple[Page, bytes]] = []
        held: dict[tuple[str, str], tuple[str, ...]] = {}
        for page in pages:
            if Notice.FALLBACK in page.notices:
                why = f"{page.slug} in {page.locale}: is partly in the original, which such a file cannot mark"
                held[page.slug, page.locale.tag] = (why,)
                continue
            done = fill(page.skeleton, {position: text.target for position, text in page.texts.items()})
            reasons = tuple(f"{page.texts[one.position].id} in {page.locale}: {one.reason}" for one in done.kept)
            if reasons:
                held[page.slug, page.locale.tag] = reasons
            else:
                data = done.data
                if page.skeleton.format is ArticleFormat.HTML and page.locale != page.source_locale:
                    data = in_language(data, page.locale)
                filled.append((page, data))
        written = write_release(
            _files(filled),
            out,
            forbidden=(workspace.source_content, workspace.locales, workspace.ledger, workspace.private),
        )
    report = PublishReport(release="source", out=out, written=written is Written.RELEASED)
    for outcome in outcomes:
        reasons = held.get((outcome.slug, outcome.locale), ())
        report.pages.append(replace(outcome, state="held", reasons=reasons, live=False) if reasons else outcome)
    return report


_ROOT = re.compile(rb"""(<html)((?:[^<>"']|"[^"]*"|'[^']*')*)>""", re.IGNORECASE)
_SAYS_LANGUAGE = re.compile(rb"""\s+(?:xml:)?(?:lang|dir)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)


def in_language(page: bytes, locale: Locale) -> bytes:
    """A whole HTML page whose root says that it is in this language, and which way that is read.

    A piece of a page has no root, and is left as it is.

    >>> in_language(b'<html lang="en"><p>Hola.</p></html>', Locale.parse("es"))
    b'<html lang="es" dir="ltr"><p>Hola.</p></html>'
    """
    says = f' lang="{locale}" dir="{locale.direction}"'.encode()
    return _ROOT.sub(lambda root: root[1] + says + _SAYS_LANGUAGE.sub(b"", root[2]) + b">", page, count=1)


def _files(filled: Sequence[tuple[Page, bytes]]) -> Iterator[tuple[PurePosixPath, bytes]]:
    hashes: dict[str, str] = {}
    for page, data in filled:
        path = PurePosixPath(page.locale.tag, f"{page.slug}.{page.skeleton.format}")
        hashes[str(path)] = hashlib.sha256(data).hexdigest()
        yield path, data
    # `verify` refuses it, as it does a preview: it reads pages, and these are none
    manifest = {"format": 1, "kind": "source", "preview": True, "pages": [], "files": hashes}
    yield PurePosixPath(MANIFEST), (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
