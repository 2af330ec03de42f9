"""Does an article come back byte for byte, and how long does that take? Signoff beside mdpo, Translate Toolkit, po4a.

Takes   the documentation that packages left on this machine, and documents that this program makes up from a seed
Gives   a table: of each tool how many documents came back as they were, and its processor seconds per MB
Target  Signoff: 100 % of them, and 3 times as fast as the fastest peer written in Python

Every tool does the same work in one process: each document into a PO file of its own, then each document again from
its PO file, in which every translation is its source (that step is not timed). The peers go into a virtual environment
and a folder of this program's own; nothing of the corpus or of them stays.

    python benchmarks/extraction_beside_others.py [--also DIR] [--keep DIR] [--only TOOL] [--repeat 3]
"""

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
ROOTS = ("/usr/share/doc", "/usr/share", "/usr/lib", "/usr/local", sysconfig.get_path("purelib"))
"""Where packages leave documentation; found at run time, copied into the scratch folder only."""
ENDINGS = {"md": (".md", ".markdown"), "html": (".html", ".htm")}
WANTED = {"md": (300, 60), "html": (200, 40)}
"""Documents collected at most, and documents made up."""
SMALLEST, LARGEST = 400, 400_000
PER_PACKAGE = 30
"""Documents of one package at most, so that no generator's pages decide the figures."""
TOOLS = {
    "md": ("signoff", "mdpo", "translate-toolkit", "po4a"),
    "html": ("signoff", "translate-toolkit", "po4a"),
}


# The corpus ------------------------------------------------------------------------------------------------------


def collected(kind: str, roots: Iterable[str]) -> list[bytes]:
    """Documents of a kind on this machine: UTF-8, no two alike, spread over packages, the same ones each time."""
    by_package: dict[str, list[Path]] = defaultdict(list)
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                if name.lower().endswith(ENDINGS[kind]):
                    package = "/".join(Path(folder, name).relative_to(root).parts[:2])
                    by_package[f"{root} {package}"].append(Path(folder, name))
    found: dict[str, bytes] = {}
    for _, paths in sorted(by_package.items()):
        taken = 0
        for path in sorted(paths, key=lambda path: hashlib.sha256(str(path).encode()).hexdigest()):
            if taken == PER_PACKAGE:
                break
            data = _text_of(path)
            if data and (name := hashlib.sha256(data).hexdigest()) not in found:
                found[name] = data
                taken += 1
    return [found[name] for name in sorted(found)[: WANTED[kind][0]]]


def _text_of(path: Path) -> bytes:
    """The bytes of a document that any tool could be asked to read, or nothing."""
    try:
        if path.is_symlink() or not SMALLEST <= path.stat().st_size <= LARGEST:
            return b""
        data = path.read_bytes()
        data.decode()
    except (OSError, UnicodeDecodeError):
        return b""
    return data


WORDS = (
    "Take one tablet (0.5 mg) twice a day with water",
    "Do not stop the medicine suddenly",
    "Ask your pharmacist",
    "It can make you drowsy & slow",
    "See Dr. Lee, e.g. in the morning",
    "Values < 65 or > 80 are rare",
    "Older adults fall more often",
    "“Never double a dose”",
    "5 °C to 25 °C",
    "What helps? Rest",
    "Naïve patients",
)


def made_up(kind: str) -> Iterator[bytes]:
    """Documents that hold every construct of the format, in random order from a fixed seed."""
    make = {"md": _markdown, "html": _html}[kind]
    for number in range(WANTED[kind][1]):
        text = make(random.Random(f"{kind} {number}"))
        yield (text.replace("\n", "\r\n") if number % 10 == 9 else text).encode()


def _markdown(rnd: random.Random) -> str:
    def s() -> str:
        return rnd.choice(WORDS)

    def inline() -> str:
        return rnd.choice(
            (
                "{}", "**{}**", "*{}*", "_{}_", "`{}`", "[{}](https://example.org/a_b)", "[{}][ref]", "![{}](a.png)",
                "~~{}~~", "<sup>{}</sup>", "{}[^1]", "{}&nbsp;{}", "{}  \n{}", "{}\\\n{}", "[{}](b \"Title\")",
                "<https://example.org> {}", "<!-- no --> {}", "\\*{}\\*",
            )
        ).format(s(), s())  # fmt: skip

    def line() -> str:
        return ". ".join(inline() for _ in range(rnd.randint(1, 4))) + "."

    blocks = (
        lambda: f"{'#' * rnd.randint(1, 4)} {s()}",
        lambda: f"{s()}\n===",
        line,
        line,
        lambda: f"{line()}\n{line()}",
        lambda: f"- {line()}\n- {line()}\n  - {line()}\n\n    {line()}\n- [x] {s()}",
        lambda: f"1. {line()}\n2) {line()}\n   > {line()}",
        lambda: f"> {line()}\n> {line()}\n>\n> {line()}",
        lambda: f"| {s()} | {inline().replace(chr(10), ' ')} |\n|:---|---:|\n| {s()} | a\\|b |\n|{s()}||",
        lambda: f"```python\nprint('{s()}')\n```",
        lambda: f"    {s()}",
        lambda: f'<div title="{s().replace("&", "and")}">\n<p>{s().replace("<", "&lt;")}</p>\n</div>',
        lambda: f"{s()}\n: {line()}",
        lambda: f"$$\n{s()}\n$$",
        lambda: "* * *",
        lambda: f"[^1]: {line()}",
    )
    front = rnd.choice(("", f'---\ntitle: "{s()}"\ndescription: >-\n  {s()}\n  {s()}\ntags: [a, b]\n---\n\n'))
    body = ("\n\n" if rnd.random() < 0.8 else "\n\n\n").join(rnd.choice(blocks)() for _ in range(rnd.randint(8, 40)))
    return f'{front}{body}\n\n[ref]: https://example.org "{s().replace(chr(34), "")}"{rnd.choice(("", chr(10)))}'


def _html(rnd: random.Random) -> str:
    def s() -> str:
        return rnd.choice(WORDS).replace("&", "&amp;").replace("<", "&lt;")

    def line() -> str:
        return rnd.choice(
            (
                "{}. {}", "<b>{}</b> {}", "{} <a href='x' title=\"{}\">here</a>", "{}<br>{}", "{} <img src=a alt='{}'>",
                "<em>{} <strong>{}</strong></em>", "{}&nbsp;{}", "{} <code>x &lt; y</code> {}", "{} <!-- c --> {}",
                "<SPAN lang=en>{}</SPAN> {}", "{} <kbd>Ctrl</kbd>&ndash;{}",
            )
        ).format(s(), s())  # fmt: skip

    blocks = (
        lambda: f"<h{(n := rnd.randint(1, 4))}>{s()}</h{n}>",
        lambda: f"<p>{line()}</p>",
        lambda: f"<p class=x>{line()}\n    {line()}",
        lambda: f"<ul>\n  <li>{line()}\n  <li><p>{line()}</p></li>\n</ul>",
        lambda: f"<table><caption>{s()}</caption><tr><th>{s()}<th>{s()}<tr><td>{line()}<td>5</table>",
        lambda: f"<pre>{s()}\n  {s()}</pre>",
        lambda: f"<div aria-label='{s()}'><p>{line()}</div>",
        lambda: f"<script>if (a < b) {{ document.write('<p>{s()}</p>') }}</script>",
        lambda: f"<dl><dt>{s()}<dd>{line()}</dl>",
        lambda: f"<form><label>{s()} <input placeholder='{s()}'></label><button>{s()}</button></form>",
        lambda: f"<blockquote>{line()}</blockquote><hr/>",
        lambda: f"<figure><img src=a.png alt='{s()}'><figcaption>{line()}</figcaption></figure>",
    )
    head = f"<title>{s()}</title>\n<meta name=description content='{s()}'>\n<style>p {{ color: red }}</style>"
    body = "\n".join(rnd.choice(blocks)() for _ in range(rnd.randint(8, 40)))
    return f"<!DOCTYPE html>\n<html lang=en>\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n"


# The tools: each works in a process of its own, on <work>/in/NNNN.<kind>, and writes <work>/po and <work>/out -----


def work(tool: str, kind: str, folder: Path) -> dict[str, float]:
    """Let one tool do it all; processor seconds of this process and its children, out and back."""
    (folder / "po").mkdir()
    (folder / "out").mkdir()
    out, back = {"signoff": _signoff, "mdpo": _mdpo, "translate-toolkit": _translate_toolkit, "po4a": _po4a}[tool](
        kind, folder
    )
    start = _seconds()
    out()
    between = _seconds()
    _translate_as_is(folder / "po")
    again = _seconds()
    back()
    return {"out": between - start, "back": _seconds() - again}


def _seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


Step = Callable[[], None]


def _translate_as_is(folder: Path) -> None:
    """Every msgstr becomes its msgid."""
    import polib

    for path in folder.glob("*.po"):
        file = polib.pofile(str(path), wrapwidth=0)
        for entry in file:
            entry.msgstr = entry.msgid
            if "fuzzy" in entry.flags:
                entry.flags.remove("fuzzy")
        file.save()


def _each(folder: Path, kind: str, one: Callable[[Path], None]) -> None:
    for path in sorted((folder / "in").glob(f"*.{kind}")):
        try:
            one(path)
        except Exception as error:  # noqa: BLE001  -- whatever a tool throws: it did not do this document
            with (folder / "failures").open("a") as log:
                log.write(f"{path.name}: {type(error).__name__}: {str(error)[:200]}\n")


def _signoff(kind: str, folder: Path) -> tuple[Step, Step]:
    from pipeline.extract import extract, fill
    from pipeline.model import ArticleFormat, Locale, Skeleton
    from pipeline.po import PoEntry, PoFile, read_po, write_po

    locale = Locale.parse("es")
    skeletons: dict[str, tuple[Skeleton, dict[str, int]]] = {}

    def out_one(path: Path) -> None:
        skeleton, segments = extract(path.read_bytes(), ArticleFormat(kind), slug=path.stem)
        entries = tuple(
            PoEntry(id=s.id, source=s.source, notes=(" › ".join((s.kind.value, *s.heading_path)),)) for s in segments
        )
        skeletons[path.name] = skeleton, {segment.id: segment.position for segment in segments}
        file = PoFile(article=path.stem, target_locale=locale, entries=entries)
        (folder / "po" / f"{path.name}.po").write_bytes(write_po(file))

    def back_one(path: Path) -> None:
        skeleton, positions = skeletons[path.name]
        name = f"{path.name}.po"
        returned = read_po((folder / "po" / name).read_bytes(), name)
        filled = fill(skeleton, {positions[entry.id]: entry.target for entry in returned.entries})
        (folder / "out" / path.name).write_bytes(filled.data)

    return (lambda: _each(folder, kind, out_one)), (lambda: _each(folder, kind, back_one))


def _mdpo(kind: str, folder: Path) -> tuple[Step, Step]:
    import importlib  # the peers are in another environment than the project's

    markdown_to_pofile = importlib.import_module("mdpo.md2po").markdown_to_pofile
    pofile_to_markdown = importlib.import_module("mdpo.po2md").pofile_to_markdown

    def out_one(path: Path) -> None:
        po = str(folder / "po" / f"{path.name}.po")
        markdown_to_pofile(str(path), save=True, po_filepath=po, wrapwidth=0, location=True)

    def back_one(path: Path) -> None:
        po = str(folder / "po" / f"{path.name}.po")
        pofile_to_markdown(str(path), po, save=str(folder / "out" / path.name), wrapwidth=0)

    return (lambda: _each(folder, kind, out_one)), (lambda: _each(folder, kind, back_one))


def _translate_toolkit(kind: str, folder: Path) -> tuple[Step, Step]:
    import importlib

    # its own recursion: the folder in one call, one PO file for each document
    to_po, from_po = (importlib.import_module(f"translate.convert.{name}") for name in (f"{kind}2po", f"po2{kind}"))
    source, po, out = (str(folder / name) for name in ("in", "po", "out"))
    quiet = ["--progress=none", "--errorlevel=message"]

    def out_all() -> None:
        to_po.main([*quiet, "--duplicates=msgctxt", source, po])

    def back_all() -> None:
        from_po.main([*quiet, "--threshold=0", "-t", source, po, out])

    return out_all, back_all


PO4A = r"""
use strict; use warnings; use Locale::Po4a::Chooser;
my ($step, $type) = @ARGV;
my %options = $type eq 'text' ? (markdown => 1, neverwrap => 1) : (ontagerror => 'warn');
foreach my $in (sort glob('in/*')) {
    my ($name) = $in =~ m{([^/]+)$};
    my @more = $step eq 'out' ? (po_out_name => "po/$name.po")
                              : (po_in_name => ["po/$name.po"], file_out_name => "out/$name");
    my %charset = (file_in_charset => 'UTF-8', file_out_charset => 'UTF-8');
    eval {
        local $SIG{ALRM} = sub { die "given up\n" };
        alarm 3;
        Locale::Po4a::Chooser::new($type, %options)->process(file_in_name => [$in], %charset, @more);
        1 } or print STDERR "$name: $@\n";
    alarm 0;
}
"""
"""What the `po4a` command does, but going on after a document that it cannot read, or not within 3 seconds."""


def _po4a(kind: str, folder: Path) -> tuple[Step, Step]:
    def run(step: str) -> None:
        with (folder / "failures").open("a") as log:
            module = {"md": "text", "html": "xhtml"}[kind]
            subprocess.run(["perl", "-e", PO4A, step, module], cwd=folder, stdout=log, stderr=log, check=False)

    return (lambda: run("out")), (lambda: run("back"))


# Installing the peers, running, telling --------------------------------------------------------------------------


def install(scratch: Path) -> dict[str, str]:
    """mdpo and Translate Toolkit in a virtual environment, po4a unpacked beside it; the environment to run them in."""
    python = scratch / "peers" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", scratch / "peers"], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "mdpo", "translate-toolkit[markdown]", "polib"], check=True
        )
    debs = scratch / "debs"
    if not debs.exists() and shutil.which("apt-get") and not shutil.which("po4a"):
        (debs / "partial").mkdir(parents=True)
        command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "--download-only"]
        subprocess.run([*command, "-o", f"Dir::Cache::archives={debs}", "po4a"], check=False)
        for package in debs.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, scratch / "po4a"], check=True)
    modules = [scratch / "po4a/usr/share/perl5", *(scratch / "po4a/usr/lib").glob("*/perl5/*")]
    return {
        **os.environ,
        "PERL5LIB": ":".join(map(str, modules)),
        "PERL_SIGNALS": "unsafe",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(tool: str, kind: str, corpus: list[bytes], scratch: Path, environment: dict[str, str]) -> dict[str, Any]:
    """One tool over the whole corpus in a fresh process: seconds, how many came back as they were, and how many not."""
    folder = scratch / f"{tool}-{kind}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "in").mkdir(parents=True)
    for number, data in enumerate(corpus):
        (folder / "in" / f"{number:04d}.{kind}").write_bytes(data)
    ours = tool == "signoff"
    python = sys.executable if ours else scratch / "peers" / "bin" / "python"
    command = [python, __file__, "--work", tool, kind, folder]
    path = {"PYTHONPATH": str(PROJECT)} if ours else {}
    done = subprocess.run(command, env=environment | path, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{tool} on {kind} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    results: Counter[str] = Counter()
    for number, data in enumerate(corpus):
        out = folder / "out" / f"{number:04d}.{kind}"
        back = out.read_bytes() if out.exists() else None
        results["same"] += back == data
        results["same but for blanks"] += back is not None and b"".join(back.split()) == b"".join(data.split())
        results["none"] += back is None
    return {**json.loads(done.stdout.splitlines()[-1]), **results}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--also", action="append", default=[], help="another folder with documents")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it there")
    parser.add_argument("--only", choices=TOOLS["md"], action="append")
    parser.add_argument("--kind", choices=tuple(TOOLS), action="append", help="only documents of this kind")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        tool, kind, folder = options.work
        print(json.dumps(work(tool, kind, Path(folder))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        scratch = (options.keep or Path(temporary)).resolve()
        scratch.mkdir(exist_ok=True)
        environment = install(scratch)
        for kind, tools in TOOLS.items():
            if options.kind and kind not in options.kind:
                continue
            found = collected(kind, [*ROOTS, *options.also])
            corpus = [*found, *made_up(kind)]
            size = sum(map(len, corpus))
            print(f"\n{kind}: {len(found)} documents found, {len(corpus) - len(found)} made up, {size / 1e6:.1f} MB")
            print("| tool | byte for byte | but for blanks | none | out, s/MB | back, s/MB | both, s/MB |")
            print("|---|---|---|---|---|---|---|")
            for tool in tools:
                if options.only and tool not in options.only:
                    continue
                runs = [run(tool, kind, corpus, scratch, environment) for _ in range(options.repeat)]
                best = min(runs, key=lambda one: float(one["out"] + one["back"]))
                out, back = best["out"] / size * 1e6, best["back"] / size * 1e6
                share = 100 * best["same"] / len(corpus)
                print(
                    f"| {tool} | {best['same']} ({share:.1f} %) | {best['same but for blanks']} | {best['none']} "
                    f"| {out:.2f} | {back:.2f} | {out + back:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
