"""Articles of tests/golden/extract, each with the segments that must come out of it.

`segments.jsonl` has one line for each block that is furniture and for each segment, in reading order, then what is
left alone. To see what a
change does, run `python -m extract.write_golden` in tests/ and read the difference.
"""

import json
from pathlib import Path

import pytest

from pipeline.extract import NO_RULES, Furniture, Rules, extract, fill, split_sentences
from pipeline.model import ArticleFormat, Segment, Skeleton

GOLDEN = Path(__file__).parents[1] / "golden" / "extract"
CASES = sorted(folder for folder in GOLDEN.iterdir() if folder.is_dir())


def read_case(folder: Path) -> tuple[Skeleton, tuple[Segment, ...]]:
    """The article of a case, cut with the case's rules."""
    article = next(folder.glob("article.*"))
    set_by_hand = json.loads((folder / "rules.json").read_text()) if (folder / "rules.json").exists() else {}
    rules = Rules(
        furniture=tuple(Furniture(**rule) for rule in set_by_hand.get("furniture", ())),
        front_matter_keys=tuple(set_by_hand.get("front_matter_keys", NO_RULES.front_matter_keys)),
    )
    return extract(article.read_bytes(), ArticleFormat(article.suffix[1:]), slug=folder.name, rules=rules)


def as_lines(skeleton: Skeleton, segments: tuple[Segment, ...]) -> list[str]:
    """What the golden file says: furniture blocks and segments."""
    lines: list[dict[str, str | list[str]]] = []
    for index, block in enumerate(skeleton.blocks):
        if block.furniture:
            lines.append({"furniture": block.furniture, "bytes": skeleton.data[block.start : block.end].decode()})
        for segment in segments:
            if segment.block == index:
                lines.append(
                    {
                        "kind": segment.kind.value + (f" {block.level}" if block.level else ""),
                        **({"marker": block.marker} if block.marker else {}),
                        "source": segment.source,
                        "under": " > ".join(segment.heading_path),
                        "bytes": skeleton.data[segment.start : segment.end].decode(),
                        **(
                            {
                                "placeables": [
                                    " … ".join(filter(None, (p.opening, p.closing))) for p in segment.placeables
                                ]
                            }
                            if segment.placeables
                            else {}
                        ),
                    }
                )
    for part in skeleton.left_alone:
        lines.append({"left alone": part.reason, "bytes": skeleton.data[part.start : part.end].decode()})
    return [json.dumps(line, ensure_ascii=False) for line in lines]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_golden_article_gives_its_segments(folder: Path) -> None:
    """Each golden article is cut into exactly the segments written beside it."""
    skeleton, segments = read_case(folder)
    assert as_lines(skeleton, segments) == (folder / "segments.jsonl").read_text().splitlines()


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_golden_article_takes_new_texts_everywhere(folder: Path) -> None:
    """Every segment of the golden articles can be replaced, marks of the publisher around it included."""
    skeleton, segments = read_case(folder)
    filled = fill(skeleton, {s.position: f"\ue000¡{s.source}!\ue001" for s in segments})
    assert filled.kept == ()
    assert filled.data.decode().count("\ue000¡") == len(segments)


MAX_GOLD_ERRORS = 1
"""A name after "in the U.S." begins a sentence in one place and is an authority in another."""


def test_sentence_ends_of_the_medical_gold_set() -> None:
    """Over the gold set's paragraphs without markup, ends missed and ends too many are at most MAX_GOLD_ERRORS."""
    errors, needed = [], 0
    for line in (GOLDEN / "sentences.md").read_text().splitlines():
        name, colon, items = line.partition(": ")
        if not line.startswith("- ") or not colon or name == "- markup":
            continue
        for item in items.split(" // "):
            wanted = item.replace("~", "\u00a0").replace("\\n", "\n").split("‖")
            text = "".join(wanted)
            found = [text[start:end] for start, end in split_sentences(text)]
            needed += len(wanted) - 1
            errors += sorted(_ends(wanted) ^ _ends(found))
    assert needed == 77
    assert len(errors) <= MAX_GOLD_ERRORS, errors


def _ends(sentences: list[str]) -> set[int]:
    """After how many visible letters each sentence but the last ends."""
    at, ends = 0, set()
    for sentence in sentences[:-1]:
        at += len("".join(sentence.split()))
        ends.add(at)
    return ends


@pytest.mark.parametrize(
    ("article", "sources"),
    [
        (
            "Take **0.5 mg**. Do *not* stop. See [Dr. Lee](https://x.org/a.b?c=d). Then rest.",
            ["Take <b1>0.5 mg</b1>.", "Do <i1>not</i1> stop.", "See <a1>Dr. Lee</a1>.", "Then rest."],
        ),
        ("**Stop.** Call 911. *Do not wait.* Breathe.", ["Stop.", "Call 911.", "Do not wait.", "Breathe."]),
        (
            "It is habit-forming.[^1] Stop slowly.[^2]\n\n[^1]: A\n[^2]: B",
            ["It is habit-forming.<x1/>", "Stop slowly.<x1/>", "A", "B"],
        ),
        ("It is safe.<sup>1</sup> Ask first.", ["It is safe.<g1>1</g1>", "Ask first."]),
        ("**Stop. Call 911.**", ["Stop.", "Call 911."]),
        ("Do **not stop. Never** double.", ["Do <b1>not stop. Never</b1> double."]),
        ("Use `0.5 mg`. `Klonopin` is a brand.", ["Use <x1/>.", "<x1/> is a brand."]),
        (
            "Take it (e.g. at 8 a.m.). ![Fig. 1. A pill](pill.png) It works.",
            ["Take it (e.g. at 8 a.m.).", "Fig. 1. A pill", "It works."],
        ),
    ],
)
def test_sentence_ends_beside_markup(article: str, sources: list[str]) -> None:
    """Marks go with the sentence on their left, and no sentence ends inside of a pair that others share."""
    _, segments = extract(article.encode(), ArticleFormat.MARKDOWN, slug="a")
    assert [segment.source for segment in segments] == sources
