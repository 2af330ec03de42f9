"""Pages per second: 1,000 articles in three languages built and built again, beside Hugo and MkDocs on the same pages.

Run     .venv/bin/python benchmarks/site_build.py [--articles 1000] [--hugo HUGO] [--mkdocs MKDOCS] [--verify]
Takes   the articles of `source_content/`, each copied with a number in its title; the "translations" are made-up words
        of the same shape, so no text is anybody's; the peers get the very same Markdown, one file a language
Gives   processor seconds (user + system, of the process and its children) of a first build and of one without changes,
        and the largest memory; Signoff writes a second page for every page (the trace), the peers do not
Notes   Hugo: `apt-get install hugo`; MkDocs: `pip install mkdocs` in an environment of its own. A peer that is not
        named is left out, and the table says so.
"""

import argparse
import functools
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCALES = ("en", "es", "fr")


def main() -> None:
    """Measure each builder twice and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--hugo", help="the program")
    parser.add_argument("--mkdocs", help="the program")
    parser.add_argument("--only", choices=["signoff"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        build_with_signoff(options.folder, options.articles)
        return
    with tempfile.TemporaryDirectory() as scratch:
        compare(Path(scratch), options)


def compare(scratch: Path, options: argparse.Namespace) -> None:
    """All builders on the same articles."""
    number = options.articles
    own = [sys.executable, str(Path(__file__)), "--only", "signoff", "--folder", str(scratch / "signoff")]
    rows = [measured("Signoff", [*own, "--articles", str(number)], scratch)]
    if options.hugo:
        lay_out_for_hugo(scratch / "hugo", number)
        rows.append(measured("Hugo", [options.hugo, "--quiet", "--source", str(scratch / "hugo")], scratch))
    if options.mkdocs:
        lay_out_for_mkdocs(scratch / "mkdocs", number)
        rows.append(
            measured("MkDocs", [options.mkdocs, "build", "-q", "-f", str(scratch / "mkdocs/mkdocs.yml")], scratch)
        )
    print(f"\n{number} articles × {len(LOCALES)} languages\n")
    print("| | first build, CPU s | again, CPU s | pages/s, first | largest memory |\n|---|---|---|---|---|")
    for name, first, again, memory in rows:
        print(f"| {name} | {first:.1f} | {again:.2f} | {number * len(LOCALES) / first:.0f} | {memory} MB |")


def measured(name: str, command: list[str], scratch: Path) -> tuple[str, float, float, int]:
    """Processor seconds of a first run and a second one, and the larger memory of the two in MB."""
    seconds, memory = [], 0
    for _ in range(2):
        process = subprocess.Popen(command, cwd=scratch, env=os.environ | {"PYTHONPATH": str(ROOT)})
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{name} failed: {' '.join(command)}")
        seconds.append(usage.ru_utime + usage.ru_stime)
        memory = max(memory, usage.ru_maxrss // 1024)
    return name, seconds[0], seconds[1], memory


def articles(number: int) -> Iterator[tuple[str, str]]:
    """Slugs and Markdown: the sample articles in turn, each with its number in the title."""
    samples = sorted((ROOT / "source_content").glob("*.md"))
    for index in range(number):
        path = samples[index % len(samples)]
        text = path.read_text("utf-8")
        yield f"{path.stem}-{index:04d}", re.sub(r'(?m)^(title: "?[^"\n]*|# .*)', rf"\1 {index:04d}", text)


@functools.lru_cache(maxsize=4096)  # the samples' sentences come again and again: making them up is not what is timed
def translated(text: str, tag: str) -> str:
    """Made-up words of the same length and place; tags, numbers and blanks stay."""
    if tag == "en":
        return text
    shift = 7 if tag == "es" else 11
    vowels = str.maketrans("aeiou", "eioua" if shift == 7 else "iouae")
    return "".join(part if part.startswith("<") else part.translate(vowels) for part in re.split(r"(<[^<>]*>)", text))


# Signoff


def build_with_signoff(folder: Path, number: int) -> None:
    """Articles to a site on the disk: cut, fill, render, write in one step. What was signed is known, not judged."""
    from pipeline.extract import extract
    from pipeline.model import ArticleFormat, Locale, Segment, Skeleton
    from pipeline.publish import Memo, Page, PagePlan, PageText, Reviewer, SiteInfo, site_files, write_release

    source = Locale.parse("en")
    people = ("A Stand-in, medical linguist, 2026-11-03",)

    @functools.lru_cache(maxsize=2)
    def cut(slug: str, text: str) -> tuple[Skeleton, tuple[Segment, ...], list[str]]:
        skeleton, segments = extract(text.encode(), ArticleFormat.MARKDOWN, slug=slug)
        return skeleton, segments, [segment.id for segment in segments]

    def page(slug: str, text: str, locale: Locale) -> Page:
        skeleton, segments, ids = cut(slug, text)
        own = locale == source
        return Page(
            slug=slug,
            locale=locale,
            source_locale=source,
            skeleton=skeleton,
            segments=segments,
            revision=skeleton.sha256,
            reviewers=() if own else (Reviewer(name="A Stand-in", role="medical linguist"),),
            reviewed_on=None if own else date(2026, 11, 3),
            updated_on=date(2026, 11, 4),
            texts={
                s.position: PageText(
                    position=s.position,
                    id=ids[s.position],
                    source=s.source,
                    target=translated(s.source, locale.tag),
                    lang=locale,
                    state="source" if own else "signed-off",
                    origin="" if own else "text by A Stand-in",
                    people=() if own else people,
                )
                for s in segments
            },
        )

    plans = [
        PagePlan(
            slug=slug,
            locale=locale,
            revision=hashlib.sha256(text.encode()).hexdigest(),
            updated_on=date(2026, 11, 4),
            made_from=hashlib.sha256(f"{locale} {text}".encode()).hexdigest(),
            load=functools.partial(page, slug, text, locale),
        )
        for slug, text in articles(number)
        for locale in map(Locale.parse, LOCALES)
    ]
    site = SiteInfo(name="Benchmark", base_url="https://example.org/", source_locale=source)
    memo = Memo.load(folder.with_suffix(".json"))
    write_release(site_files(plans, site, preview=False, memo=memo), folder)
    memo.save()


# The peers


def lay_out_for_hugo(folder: Path, number: int) -> None:
    """A site with three languages, one layout for pages and one for lists."""
    (folder / "layouts" / "_default").mkdir(parents=True)
    head = '<!doctype html><html lang="{{ .Lang }}"><meta charset="utf-8"><title>{{ .Title }}</title><body>'
    (folder / "layouts/_default/single.html").write_text(
        head + "{{ range .AllTranslations }}<a href='{{ .RelPermalink }}'>{{ .Lang }}</a>{{ end }}{{ .Content }}</body>"
    )
    (folder / "layouts/_default/list.html").write_text(
        head + "{{ range .Pages }}<a href='{{ .RelPermalink }}'>{{ .Title }}</a>{{ end }}</body>"
    )
    languages = "".join(f'[languages.{tag}]\nlanguageName = "{tag}"\n' for tag in LOCALES)
    (folder / "config.toml").write_text(
        f'baseURL = "https://example.org/"\ndefaultContentLanguage = "en"\n'
        f'disableKinds = ["taxonomy", "term"]\n[markup.goldmark.renderer]\nunsafe = true\n{languages}'
    )
    (folder / "content").mkdir()
    for slug, text in articles(number):
        for tag in LOCALES:
            (folder / "content" / f"{slug}.{tag}.md").write_text(translated_article(text, tag))


def lay_out_for_mkdocs(folder: Path, number: int) -> None:
    """A site with its own theme and a folder for each language."""
    (folder / "docs").mkdir(parents=True)
    (folder / "docs/index.md").write_text("# Benchmark\n")
    (folder / "mkdocs.yml").write_text("site_name: Benchmark\ntheme: mkdocs\nplugins: []\n")
    for tag in LOCALES:
        (folder / "docs" / tag).mkdir()
    for slug, text in articles(number):
        for tag in LOCALES:
            (folder / "docs" / tag / f"{slug}.md").write_text(translated_article(text, tag))


def translated_article(text: str, tag: str) -> str:
    """The article with its body in made-up words; front matter stays."""
    front, mark, body = text.rpartition("\n---\n")
    return front + mark + re.sub(r"(?m)^([^|\[<`]*)$", lambda line: translated(line[0], tag), body)


if __name__ == "__main__":
    main()
