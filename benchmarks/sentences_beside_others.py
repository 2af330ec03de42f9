"""Where do sentences end? Our splitter beside pysbd, sentencex and blingfire, on the same paragraphs in one run.

Takes   our own paragraphs (tests/golden/sentences/en-*); the gold set, the articles and TICO-19 where they lie beside
        the project (../shared), and the answers of `sentences_judged.json` for those without a gold
Gives   a table: for each set the ends that there are, and for each tool the false and the missed ones
Always  the peers live in a scratch environment that this program makes; a text without a gold is judged only where
        the tools disagree, and what nobody has judged is counted apart

    python benchmarks/sentences_beside_others.py [--shared DIR] [--peers DIR] [--show] [--open]

`--show` prints each error of ours; `--open` prints the disagreements that nobody has judged. The answer file holds
hashes of paragraphs and offsets, no text: an offset is the number of characters before the end that are not blank.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.extract import split_sentences

PROJECT = Path(__file__).resolve().parent.parent
OWN = PROJECT / "tests" / "golden" / "sentences"
JUDGED = Path(__file__).with_name("sentences_judged.json")
PEERS = ("pysbd==0.3.4", "sentencex==1.0.32", "blingfire==0.1.8", "numpy", "setuptools")
OURS = "signoff"
_PEER_PROGRAM = """
import json, sys
tool, texts = sys.argv[1], json.load(sys.stdin)
if tool == "pysbd":
    import pysbd
    split = pysbd.Segmenter(language="en", clean=False).segment
elif tool == "sentencex":
    import sentencex
    split = lambda text: list(sentencex.segment("en", text))
else:
    import blingfire
    split = lambda text: [text[a:b] for a, b in blingfire.text_to_sentences_and_offsets(text)[1]]
json.dump([split(text) for text in texts], sys.stdout)
"""

Ends = frozenset[int]
"""Ends between the sentences of one paragraph; each is the number of characters before it that are not blank."""


@dataclass(slots=True)
class Score:
    """What one tool did on one set."""

    false: int = 0
    missed: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.false + self.missed


def inked(text: str) -> int:
    """How many characters of a text are not blank."""
    return sum(not letter.isspace() for letter in text)


def marked(paragraph: str) -> tuple[str, Ends]:
    """A paragraph with its ends written as `‖`: the text, and the ends."""
    parts = paragraph.split("‖")
    ends, done = set[int](), 0
    for part in parts[:-1]:
        done += inked(part)
        ends.add(done)
    return "".join(parts), frozenset(ends)


def our_own(*, later: bool, folder: Path = OWN) -> dict[str, Ends]:
    """Our own paragraphs: written before the rules were mended by them, or `later`, after that."""
    paths = [path for path in sorted(folder.glob("en-*/*.txt")) if (path.parent.name == "en-later") == later]
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    return dict(marked(line) for line in lines if line.strip())


def gold_set(path: Path) -> dict[str, Ends]:
    """The medical gold set; its last line, with markup, is no plain text and left out."""
    items = [
        item.replace("~", "\u00a0").replace("\\n", "\n")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("- ") and not line.startswith("- markup:")
        for item in line.partition(": ")[2].split(" // ")
    ]
    return dict(marked(item) for item in items)


def paragraphs(folder: Path) -> list[str]:
    """The lines of plain-text articles."""
    lines = [line for path in sorted(folder.glob("*.txt")) for line in path.read_text("utf-8-sig").splitlines()]
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def first_column(path: Path) -> list[str]:
    """The English of a tab-separated file: id, English, translation."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return list(dict.fromkeys(row[1].strip() for row in rows if len(row) > 2))


def key(paragraph: str) -> str:
    """What the answer file calls a paragraph."""
    return hashlib.sha256(paragraph.encode()).hexdigest()[:16]


def our_ends(paragraph: str) -> Ends:
    """Ends by our own splitter."""
    return frozenset(inked(paragraph[:end]) for _, end in split_sentences(paragraph)[:-1])


def peer_environment(folder: Path) -> Path:
    """A Python that has the peers; made in `folder` if it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return python


def peer_ends(python: Path, tool: str, texts: Sequence[str]) -> list[Ends]:
    """Ends by one of the peers. A peer that hangs is ended after ten minutes."""
    done = subprocess.run(
        [python, "-c", _PEER_PROGRAM, tool], input=json.dumps(texts), capture_output=True, text=True, timeout=600
    )
    if done.returncode:
        raise SystemExit(f"{tool} failed:\n{done.stderr}")
    answers = json.loads(done.stdout)
    return [_ends_of(text, sentences) for text, sentences in zip(texts, answers, strict=True)]


def _ends_of(text: str, sentences: Sequence[str]) -> Ends:
    ends, done = set[int](), 0
    for sentence in sentences:
        done += inked(sentence)
        ends.add(done)
    return frozenset(ends - {0, inked(text)})


def score(gold: Ends, found: Ends, text: str, into: Score, judged: Mapping[int, bool] | None = None) -> None:
    """Count the errors of one paragraph. With `judged`, only ends that somebody judged count."""
    known = gold | found if judged is None else frozenset(judged)
    for end in sorted((found - gold) & known):
        into.false += 1
        into.errors.append(f"false  {_around(text, end)}")
    for end in sorted((gold - found) & known):
        into.missed += 1
        into.errors.append(f"missed {_around(text, end)}")


def _around(text: str, end: int) -> str:
    """The words beside an end."""
    at = inked_at(text, end)
    return f"{text[max(0, at - 40) : at]} ‖ {text[at : at + 30].strip()}"


def inked_at(text: str, end: int) -> int:
    """The offset right behind the `end`-th character that is not blank."""
    seen = 0
    for place, letter in enumerate(text):
        seen += not letter.isspace()
        if seen == end:
            return place + 1
    return len(text)


def disputed(found: Mapping[str, Ends]) -> Ends:
    """Ends that some tools set and others do not."""
    sets = list(found.values())
    return frozenset.union(*sets) - frozenset.intersection(*sets)


def sets_to_score(shared: Path) -> Iterator[tuple[str, dict[str, Ends] | None, list[str]]]:
    """(name, gold or None, paragraphs) of each set that is there."""
    for name, later in (("ours, before", False), ("ours, later", True)):
        own = our_own(later=later)
        yield name, own, list(own)
    if (path := shared / "data" / "sentences.md").exists():
        gold = gold_set(path)
        yield "gold set", gold, list(gold)
    if texts := paragraphs(shared / "articles"):
        yield "five articles", None, texts
    if (path := shared / "data" / "tico19" / "fr.tsv").exists():
        yield "tico19 English", None, first_column(path)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=PROJECT.parent / "shared")
    parser.add_argument("--peers", type=Path, help="where the peers are, or shall be; default: a scratch folder")
    parser.add_argument("--show", action="store_true", help="print each error of ours")
    parser.add_argument("--open", action="store_true", help="print disagreements that nobody has judged")
    options = parser.parse_args()
    answers = json.loads(JUDGED.read_text("utf-8")) if JUDGED.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        python = peer_environment(options.peers or Path(scratch) / "peers")
        tools = (OURS, *(peer.partition("==")[0] for peer in PEERS[:3]))
        print(f"{'set':18}{'ends':>6}" + "".join(f"{tool:>22}" for tool in tools) + "   unjudged")
        for name, gold, texts in sets_to_score(options.shared):
            found = {tool: peer_ends(python, tool, texts) for tool in tools[1:]}
            found[OURS] = [our_ends(text) for text in texts]
            scores = {tool: Score() for tool in tools}
            ends = unjudged = 0
            for index, text in enumerate(texts):
                said = {tool: found[tool][index] for tool in tools}
                judged = None
                if gold is not None:
                    right = gold[text]
                else:
                    judged = {int(end): verdict for end, verdict in answers.get(key(text), {}).items()}
                    open_ones = disputed(said) - judged.keys()
                    unjudged += len(open_ones)
                    agreed = frozenset.intersection(*said.values()) - judged.keys()
                    right = agreed | {end for end, verdict in judged.items() if verdict}
                    if options.open:
                        for end in sorted(open_ones):
                            by = ",".join(tool for tool in tools if end in said[tool])
                            print(f"  {key(text)} {end} [{by}] {_around(text, end)}", file=sys.stderr)
                ends += len(right)
                for tool in tools:
                    score(right, said[tool], text, scores[tool], judged)
            cells = "".join(
                f"{f'{one.false} false {one.missed} missed':>22}" for one in (scores[tool] for tool in tools)
            )
            print(f"{name:18}{ends:>6}{cells}   {'-' if gold is not None else unjudged}")
            if options.show:
                for error in scores[OURS].errors:
                    print(f"    {error}")


if __name__ == "__main__":
    main()
