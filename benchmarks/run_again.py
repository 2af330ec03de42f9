"""What does `signoff run` cost when little or nothing changed, and does it grow with the corpus?

Takes   how many articles; the sample articles, each copy with a word of its own in every sentence that has "the"
Gives   a table: processor and wall seconds of the first run into three locales, of a run without changes, of one after
        an edit in one article, and the largest memory of each; the floor is reading and hashing the same files
Target  a run without changes over 1,000 articles × 3 locales ≤ 2 s

The engine answers at once (an entry point in a folder of this program's own), so what is timed is Signoff.

    python benchmarks/run_again.py [--articles 1000]
"""

import argparse
import hashlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LOCALES = ("es", "es-MX", "es-AR")
ENGINE = '''
from pipeline.engines import Draft, Serves

WORDS = ("la dosis del medicamento puede bajar un poco cada semana si el médico lo permite y usted descansa bien "
         "por la noche, pero no debe dejar de tomarlo de golpe").split()

class AtOnce:
    """Spanish words, with the numbers and placeables of the source in their places."""
    name, leaves_the_machine, max_characters, contextual, limits = "at-once", False, 5_000, False, None
    def serves(self, source_locale, target_locale): return Serves()
    def version(self, source_locale, target_locale): return "1"
    def translate(self, texts, source_locale, target_locale):
        return [Draft(text=spanish(text), engine=self.name, version="1") for text in texts]
    def close(self): pass

def spanish(text):
    return " ".join(
        word if any(not c.isascii() or c.isdigit() for c in word) else WORDS[(place + len(text)) % len(WORDS)]
        for place, word in enumerate(text.split())
    )

def open_engine(settings): return AtOnce()
'''


def make_workspace(folder: Path, articles: int) -> None:
    """A workspace of copies of the sample articles, no two alike."""
    samples = sorted(path for path in (PROJECT / "source_content").iterdir() if path.suffix in (".md", ".txt", ".html"))
    (folder / "source_content").mkdir(parents=True)
    for number in range(articles):
        sample = samples[number % len(samples)]
        text = re.sub(r"\bthe\b", f"the {number}th", sample.read_text(encoding="utf-8"))
        (folder / "source_content" / f"a{number:05d}{sample.suffix}").write_text(text, encoding="utf-8")
    targets = "".join(f'[[target]]\nlocale = "{locale}"\nengines = ["at-once"]\n' for locale in LOCALES)
    site = '[site]\nname = "Many"\nbase_url = "https://example.org/"\n'
    (folder / "signoff.toml").write_text(site + targets, encoding="utf-8")


def install_engine(folder: Path) -> None:
    """A package that is found on PYTHONPATH, as pip would leave one."""
    info = folder / "at_once-1.dist-info"
    info.mkdir(parents=True)
    (folder / "at_once.py").write_text(ENGINE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: at-once\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[signoff.engines]\nat-once = at_once:open_engine\n")


def timed(what: str, command: list[str], environment: dict[str, str]) -> None:
    """Run a command and print a line of the table."""
    watcher = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss)\n"
        "sys.exit(done.stderr if done.returncode not in (0, 1) else 0)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", watcher, *command], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    wall = time.perf_counter() - start
    cpu, kilobytes = done.stdout.split()
    print(f"| {what} | {float(cpu):.2f} | {wall:.2f} | {int(kilobytes) / 1000:.0f} |", flush=True)


def floor(workspace: Path) -> None:
    """Read and hash the articles and PO files: the least that anybody must do who trusts no time stamp."""
    start, wall = time.process_time(), time.perf_counter()
    for folder in ("source_content", "locales"):
        for path in sorted((workspace / folder).rglob("*.*")):
            hashlib.sha256(path.read_bytes()).hexdigest()
    cpu, wall = time.process_time() - start, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"| floor: read and hash | {cpu:.2f} | {wall:.2f} | {peak:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        workspace, package = Path(temporary, "workspace"), Path(temporary, "package")
        make_workspace(workspace, options.articles)
        install_engine(package)
        environment = {**os.environ, "PYTHONPATH": f"{PROJECT}:{package}"}
        command = [sys.executable, "-m", "signoff", "run", "--workspace", str(workspace)]
        print(f"{options.articles} articles × {len(LOCALES)} locales")
        print("| run | processor, s | wall, s | largest memory, MB |\n|---|---|---|---|")
        timed("first", command, environment)
        timed("nothing changed", command, environment)
        article = next((workspace / "source_content").glob("*0.md"))
        article.write_text(article.read_text(encoding="utf-8") + "\n\nDo not drive today.\n", encoding="utf-8")
        timed("one sentence more in one article", command, environment)
        floor(workspace)


if __name__ == "__main__":
    main()
