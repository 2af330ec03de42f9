"""How many words must people read again after one sentence of an article was edited? Ours beside gettext's msgmerge.

Takes   nothing: it writes 100 articles of invented English, about 40 sentences in 12 paragraphs each, translates them
        with a stand-in (`Rest` → `Resto`) and lets two invented people sign every sentence, in a real workspace
Gives   for each kind of edit, one in every article: the words that `signoff run` asks people to review or to confirm,
        and the words that msgmerge marks fuzzy or leaves empty, with a paragraph as unit and with a sentence as unit;
        texts that are offered as current for an English that they were not made for; and how long laying two
        revisions side by side takes beside difflib
Target  less than half of the words of msgmerge with paragraphs, and never a wrong text offered as current

    python benchmarks/review_after_edits.py [--articles 100] [--seed 1]
"""

import argparse
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import polib

from pipeline.align import align
from pipeline.changes import word_count
from pipeline.config import Workspace, load_workspace
from pipeline.drafters import Drafters
from pipeline.extract import Rules, extract
from pipeline.model import ArticleFormat, Locale
from pipeline.report import RunReport
from pipeline.run import run
from review.intake import import_file
from signoff.desk import judges, open_store

SETTINGS = """
policy = "medical-2026-1"
[site]
name = "Benchmark"
base_url = "https://example.org/"
[[target]]
locale = "es"
engines = []
"""
PEOPLE = {"ana": "linguist", "ben": "medical reviewer"}
PERSON = """
[[person]]
id = "{id}"
name = "{id}"
roles = ["{role}"]
locales = ["es"]
[[person.qualification]]
basis = "invented"
proof = "none"
verified_by = "nobody"
valid_from = 2020-01-01
"""
Paragraphs = list[list[str]]


# -- invented English -------------------------------------------------------------------------------------------------

WHO = [
    "nurse",
    "doctor",
    "neighbour",
    "pharmacist",
    "patient",
    "child",
    "parent",
    "helper",
    "visitor",
    "dentist",
    "trainer",
    "midwife",
]
WHAT = [
    "bandage",
    "cream",
    "tablet",
    "inhaler",
    "spray",
    "plaster",
    "drink",
    "meal",
    "walk",
    "bath",
    "scan",
    "needle",
    "mask",
    "splint",
    "syrup",
    "lotion",
]
WHEN = [
    "in the morning",
    "before a meal",
    "after a long walk",
    "at night",
    "on most days",
    "when it rains",
    "during the visit",
]
HOW = ["slowly", "gently", "often", "carefully", "quietly", "calmly", "quickly", "rarely", "fully", "softly"]
WHERE = [
    "at home",
    "in the clinic",
    "near the window",
    "in a cool room",
    "beside the bed",
    "in the garden",
    "on the ward",
]
SHAPES = (
    "The {who} keeps the {what} {where}, and checks it {how} {when}.",
    "Use {number} mg of the {what} {when} unless the {who} tells you to wait.",
    "Most people feel better {when}, even if the {what} works {how} at first.",
    "Do not share the {what} with a {who2}, also not {when}.",
    "A {who} can show you how the {what} is used {where}.",
    "It takes about {number} minutes until the {what} is ready {where}.",
    "If the {what} feels cold, let it lie {where} for {number} minutes and then try again {how}.",
    "Ask the {who} or a {who2} for a new {what} every {number} weeks.",
    "Breathe {how} {when}, and write down how the {what} changed your sleep {where}.",
    "Many a {who} has seen that the {what} helps a {who2} {when}.",
)


def sentence(chance: random.Random) -> str:
    """One of some millions."""
    who, who2 = chance.sample(WHO, 2)
    return chance.choice(SHAPES).format(
        who=who,
        who2=who2,
        what=chance.choice(WHAT),
        when=chance.choice(WHEN),
        where=chance.choice(WHERE),
        how=chance.choice(HOW),
        number=chance.randint(2, 90),
    )


def article(chance: random.Random) -> Paragraphs:
    """Twelve paragraphs of two to five sentences."""
    return [[sentence(chance) for _ in range(chance.randint(2, 5))] for _ in range(12)]


def written(paragraphs: Paragraphs) -> bytes:
    """As a Markdown file."""
    return "".join(" ".join(sentences) + "\n\n" for sentences in paragraphs if sentences).encode()


# -- edits ------------------------------------------------------------------------------------------------------------


def one_word(article: Paragraphs, chance: random.Random) -> None:
    paragraph = chance.choice(article)
    at = chance.randrange(len(paragraph))
    words = paragraph[at].split()
    words[chance.randrange(1, len(words) - 1)] = "perhaps"
    paragraph[at] = " ".join(words)


def a_number(article: Paragraphs, chance: random.Random) -> None:
    places = [(p, i) for p in article for i, said in enumerate(p) if re.search(r"\d", said)]
    paragraph, at = chance.choice(places)
    paragraph[at] = re.sub(r"\d+", lambda found: str(int(found[0]) + 1), paragraph[at])


def inserted(article: Paragraphs, chance: random.Random) -> None:
    paragraph = chance.choice(article)
    paragraph.insert(chance.randint(0, len(paragraph)), sentence(chance))


def deleted(article: Paragraphs, chance: random.Random) -> None:
    paragraph = chance.choice(article)
    del paragraph[chance.randrange(len(paragraph))]


def split(article: Paragraphs, chance: random.Random) -> None:
    places = [(p, i) for p in article for i, said in enumerate(p) if ", and " in said]
    paragraph, at = chance.choice(places)
    one, other = paragraph[at].split(", and ", 1)
    paragraph[at : at + 1] = [f"{one}.", f"Then {other}"]


def moved_sentence(article: Paragraphs, chance: random.Random) -> None:
    one, other = chance.sample(article, 2)
    other.insert(chance.randint(0, len(other)), one.pop(chance.randrange(len(one))))


def moved_paragraph(article: Paragraphs, chance: random.Random) -> None:
    article.insert(chance.randrange(len(article)), article.pop(chance.randrange(len(article))))


EDITS: tuple[Callable[[Paragraphs, random.Random], None], ...] = (
    one_word,
    a_number,
    inserted,
    deleted,
    split,
    moved_sentence,
    moved_paragraph,
)


# -- ours -------------------------------------------------------------------------------------------------------------


def translated(text: str) -> str:
    """The stand-in's text for a sentence; every check lets it pass."""
    return re.sub(r"[^\W\d_]+", lambda word: word[0] + "o", text)


@dataclass(frozen=True)
class Cost:
    """Words that people must read again, and wrong texts."""

    review: int
    confirm: int = 0
    """Of ours: critical sentences behind another one. Of msgmerge: fuzzy ones among `review`."""
    wrong: int = 0
    """Texts in msgstr, not marked fuzzy, that were made for another English."""
    wrong_fuzzy: int = 0
    """The same, marked fuzzy."""


def run_in(workspace: Workspace) -> RunReport:
    with open_store(workspace) as store, Drafters(workspace) as engines:
        return run(workspace, store, judges(workspace), engines, locales=[Locale.parse("es")])


def sign(workspace: Workspace, by: str) -> None:
    """One person translates what is empty and accepts everything."""
    returned = workspace.root / "returned.po"
    with open_store(workspace) as store:
        for path in sorted((workspace.locales / "es").glob("*.po")):
            po = polib.pofile(str(path), wrapwidth=0)
            for entry in po:
                entry.msgstr, entry.tcomment = entry.msgstr or translated(entry.msgid), "ok"
            po.save(str(returned))
            import_file(workspace, store, judges(workspace), returned, reviewer=by, attest="all", entered_by=by)


def signed_workspace(folder: Path, articles: Sequence[Paragraphs]) -> None:
    """Everything translated and signed by both people."""
    (folder / "source_content").mkdir(parents=True)
    people = "".join(PERSON.format(id=id_, role=role) for id_, role in PEOPLE.items())
    (folder / "signoff.toml").write_text(SETTINGS + people, encoding="utf-8")
    write_articles(folder, articles)
    workspace = load_workspace(folder)
    for by in PEOPLE:
        run_in(workspace)
        sign(workspace, by)
    run_in(workspace)


def write_articles(folder: Path, articles: Sequence[Paragraphs]) -> None:
    for number, paragraphs in enumerate(articles):
        (folder / "source_content" / f"a{number:03d}.md").write_bytes(written(paragraphs))


def ours(signed: Path, folder: Path, articles: Sequence[Paragraphs]) -> Cost:
    """What `run` says after the edits, in a copy of the signed workspace; every msgstr is looked at."""
    shutil.copytree(signed, folder)
    write_articles(folder, articles)
    changes = run_in(load_workspace(folder)).changes
    entries = [entry for path in (folder / "locales" / "es").glob("*.po") for entry in polib.pofile(str(path))]
    other = [entry for entry in entries if entry.msgstr and entry.msgstr != translated(entry.msgid)]
    return Cost(
        review=sum(change.review_words for change in changes),
        confirm=sum(change.confirm_words for change in changes),
        wrong=sum("fuzzy" not in entry.flags for entry in other),
        wrong_fuzzy=sum("fuzzy" in entry.flags for entry in other),
    )


# -- msgmerge ---------------------------------------------------------------------------------------------------------


def units(paragraphs: Paragraphs, *, blocks: bool) -> list[str]:
    """The texts of an article as one PO file holds them: each once."""
    _, segments = extract(written(paragraphs), ArticleFormat.MARKDOWN, slug="a", rules=Rules())
    joined: dict[int, list[str]] = {}
    for segment in segments:
        joined.setdefault(segment.block if blocks else segment.position, []).append(segment.source)
    return list(dict.fromkeys(" ".join(sources) for sources in joined.values()))


def po_file(path: Path, sources: Sequence[str], *, done: bool) -> None:
    po = polib.POFile(wrapwidth=0)
    po.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit", "Language": "es"}
    po.extend(polib.POEntry(msgid=source, msgstr=translated(source) if done else "") for source in sources)
    po.save(str(path))


def msgmerge(folder: Path, before: Sequence[Paragraphs], today: Sequence[Paragraphs], *, blocks: bool) -> Cost:
    """What msgmerge makes of the same edits: words of what is fuzzy or empty after it."""
    old, new, merged = folder / "old.po", folder / "new.pot", folder / "merged.po"
    review = fuzzy = wrong = wrong_fuzzy = 0
    for was, now in zip(before, today, strict=True):
        po_file(old, units(was, blocks=blocks), done=True)
        po_file(new, units(now, blocks=blocks), done=False)
        subprocess.run(["msgmerge", "--quiet", "--output-file", merged, old, new], check=True)
        for entry in polib.pofile(str(merged)):
            if entry.obsolete:
                continue
            is_fuzzy = "fuzzy" in entry.flags
            words = word_count(entry.msgid) if is_fuzzy or not entry.msgstr else 0
            review, fuzzy = review + words, fuzzy + words * is_fuzzy
            other = bool(entry.msgstr) and entry.msgstr != translated(entry.msgid)
            wrong, wrong_fuzzy = wrong + (other and not is_fuzzy), wrong_fuzzy + (other and is_fuzzy)
    return Cost(review=review, confirm=fuzzy, wrong=wrong, wrong_fuzzy=wrong_fuzzy)


# -- time -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    source: str
    source_hash: str


def side_by_side(size: int, chance: random.Random) -> list[tuple[str, float, float]]:
    """(what, seconds of ours, seconds of difflib's opcodes alone) for revisions of `size` sentences."""
    plain = [sentence(chance) for _ in range(size)]
    cases = {
        "one sentence in ten edited": (
            plain,
            [s if n % 10 else s.replace(".", " again.") for n, s in enumerate(plain)],
        ),
        "shuffled": (plain, chance.sample(plain, size)),
        "all replaced": (plain, [sentence(chance) for _ in range(size)]),
        "two sentences in turn": (["Rest.", "Walk."] * (size // 2), ["Walk.", "Walk.", "Rest."] * (size // 3)),
    }
    rows = []
    for name, (before, today) in cases.items():
        start = time.perf_counter()
        align([Line(s, s) for s in before], [Line(s, s) for s in today])
        middle = time.perf_counter()
        SequenceMatcher(None, before, today, autojunk=False).get_opcodes()
        rows.append((name, middle - start, time.perf_counter() - middle))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sentences", type=int, default=1000, help="of the two revisions that are timed")
    options = parser.parse_args()
    if not shutil.which("msgmerge"):
        raise SystemExit("msgmerge is not here: install GNU gettext")
    chance = random.Random(options.seed)
    before = [article(chance) for _ in range(options.articles)]
    words = sum(word_count(said) for paragraphs in before for sentences in paragraphs for said in sentences)
    count = sum(len(sentences) for paragraphs in before for sentences in paragraphs)
    print(f"{options.articles} articles, {count} sentences, {words} words; one edit in each; words to read again\n")
    print(f"{'edit':<18}{'ours':>7}{'+confirm':>9}{'msgmerge':>10}{'ours is':>9}{'by sentence':>13}  wrong texts")
    totals = [0, 0, 0, 0, 0]
    with tempfile.TemporaryDirectory() as scratch:
        signed = Path(scratch) / "signed"
        signed_workspace(signed, before)
        for edit in EDITS:
            today = [[list(sentences) for sentences in paragraphs] for paragraphs in before]
            for paragraphs in today:
                edit(paragraphs, chance)
            mine = ours(signed, Path(scratch) / edit.__name__, today)
            block = msgmerge(Path(scratch), before, today, blocks=True)
            single = msgmerge(Path(scratch), before, today, blocks=False)
            both = mine.review + mine.confirm
            print(
                f"{edit.__name__:<18}{mine.review:>7}{mine.confirm:>9}{block.review:>10}"
                f"{f'{both / block.review:.0%}' if block.review else '-':>9}{single.review:>13}"
                f"  msgmerge {block.wrong} + {block.wrong_fuzzy} fuzzy, ours {mine.wrong} + {mine.wrong_fuzzy} fuzzy"
            )
            found = (mine.review, mine.confirm, block.review, single.review, mine.wrong + mine.wrong_fuzzy)
            totals = [total + more for total, more in zip(totals, found, strict=True)]
            shutil.rmtree(Path(scratch) / edit.__name__)
    share = (totals[0] + totals[1]) / totals[2]
    print(f"{'all':<18}{totals[0]:>7}{totals[1]:>9}{totals[2]:>10}{f'{share:.0%}':>9}{totals[3]:>13}")
    print(f"\nwrong texts that ours offers, as current or fuzzy: {totals[4]}; target: words below 50 %")
    print(f"\n{options.sentences} sentences side by side, seconds      ours   difflib's difference alone")
    for name, seconds, theirs in side_by_side(options.sentences, chance):
        print(f"  {name:<38}{seconds:>9.2f}{theirs:>9.2f}")


if __name__ == "__main__":
    main()
