"""How long does it take to prove 1,000 pages, and does the memory grow with their number?

Takes   the articles of `source_content/`, each copied with a number in its title; every sentence is "translated" by a
        stand-in (`Rest` → `Resto`) and signed by two invented people, in a real workspace with its ledger
Gives   for each size: pages (English ones among them), texts, the ledger's size, processor seconds and the largest
        memory of `verify` in a process of its own, from the site's folder and the ledger alone
Target  time and memory in proportion to nothing but the ledger and the pages: 1,000 pages in under 30 s

    python benchmarks/verify_site.py [--pages 250 1000]
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.articles import find_articles, read_article, record_revisions
from pipeline.config import Workspace, load_workspace
from pipeline.export import Judges
from pipeline.model import text_hash, visible_text
from pipeline.store import Store
from pipeline.store.ledger import EventKind
from review.proof import prove
from review.publisher import Cause, ReleaseName
from review.releases import publish
from review.roster import record_roster, roster_of
from signoff.desk import judges, open_store

ROOT = Path(__file__).parents[1]
SETTINGS = """
[site]
name = "Benchmark"
base_url = "https://example.org/"
[[target]]
locale = "es"
[[target]]
locale = "fr"
"""
PEOPLE = {"ana": "linguist", "ben": "medical reviewer"}
PERSON = """
[[person]]
id = "{id}"
name = "{id}"
roles = ["{role}"]
locales = ["es", "fr"]
[[person.qualification]]
basis = "invented"
proof = "none"
verified_by = "nobody"
valid_from = 2020-01-01
"""
_WORD = re.compile(r"(?<![<\w/])[^\W\d_]+")


def main() -> None:
    """Measure each size and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", type=int, nargs="+", default=[250, 1000])
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--prove", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make(options.make, options.pages[0] // 3)
        return
    if options.prove:
        found = prove(options.prove / "site", options.prove / "ledger")
        used = resource.getrusage(resource.RUSAGE_SELF)
        assert not found.unproven, found.unproven[:3]
        seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss // 1024
        size = sum(path.stat().st_size for path in (options.prove / "ledger").glob("*.jsonl")) // 1_000_000
        print(f"| {found.pages} | {found.texts} | {size} MB | {seconds:.1f} | {memory} MB |")
        return
    print("| pages | texts | ledger | CPU s | largest memory |\n|---|---|---|---|---|")
    for pages in options.pages:
        with tempfile.TemporaryDirectory() as scratch:
            # Each in a process of its own: a process begins with the memory peak of the one that started it.
            for what in (["--make", scratch, "--pages", str(pages)], ["--prove", scratch]):
                command = [sys.executable, __file__, *what]
                subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})


def lay_out(folder: Path, articles: int) -> None:
    """A workspace with so many articles, two languages and two people."""
    folder.mkdir(exist_ok=True)
    people = "".join(PERSON.format(id=name, role=role) for name, role in PEOPLE.items())
    (folder / "signoff.toml").write_text('policy = "medical-2026-1"\n' + SETTINGS + people, encoding="utf-8")
    (folder / "source_content").mkdir()
    samples = sorted((ROOT / "source_content").glob("*.md"))
    for index in range(articles):
        text = samples[index % len(samples)].read_text(encoding="utf-8")
        numbered = re.sub(r"(?m)^(title: .*?)(['\"]?)$", rf"\1 {index}\2", text, count=1)
        (folder / "source_content" / f"article-{index:04d}.md").write_text(numbered, encoding="utf-8")


def make(folder: Path, articles: int) -> None:
    """The workspace, signed and published."""
    lay_out(folder, articles)
    workspace = load_workspace(folder)
    with open_store(workspace) as store:
        sign(store, workspace, find_articles(workspace))
        locales = [target.locale for target in workspace.settings.targets]
        # No checks: the stand-in writes no number as Spanish does, and what is measured is what comes after.
        unchecked = Judges(risk=judges(workspace).risk, findings=lambda unit: ())
        nobody = ReleaseName(person=None, cause=Cause.PUBLISH)
        report = publish(workspace, store, unchecked, locales=locales, out=folder / "site", name=nobody)
    held = [page for page in report.pages if page.state == "held"]
    assert not held, held[:3]


def sign(store: Store, workspace: Workspace, paths: Sequence[Path], only: str = "") -> None:
    """Two people sign the sentences of articles in every language, without the detour over files.

    With `only` those that have this in them. A few articles at a time: what one transaction touches is in memory.
    """
    for start in range(0, len(paths), 25):
        _sign(store, workspace, paths[start : start + 25], only)


def _sign(store: Store, workspace: Workspace, paths: Sequence[Path], only: str) -> None:
    risk_of = judges(workspace).risk
    with store.write() as transaction:
        entries = record_roster(transaction, workspace.ledger, roster_of(workspace))
        cut = [read_article(workspace, path) for path in paths]
        for read in record_revisions(transaction, workspace, cut)[0]:
            for target in workspace.settings.targets:
                for segment in (segment for segment in read.segments if only in segment.source):
                    words = _WORD.sub(lambda word: word[0] + "o", segment.source)
                    pair = {
                        "slug": read.article.slug,
                        "number": segment.number,
                        "locale": target.locale.tag,
                        "source": segment.source,
                        "source_hash": segment.source_hash,
                        "target": words,
                        "target_hash": text_hash(words),
                    }
                    transaction.append(EventKind.TEXT, {**pair, "by": "ana", "supersedes": []})
                    for by, role in PEOPLE.items():
                        transaction.append(
                            EventKind.SIGN_OFF,
                            {
                                **pair,
                                "context_hash": segment.context_hash,
                                "visible_hash": text_hash(visible_text(words)),
                                "by": by,
                                "role": role,
                                "roster_entry": entries[by],
                                "verdict": "approved",
                                "attested_by": by,
                                "risk": risk_of(segment)[0].value,
                                **transaction.under_policy(),
                                "supersedes": [],
                            },
                        )


if __name__ == "__main__":
    main()
