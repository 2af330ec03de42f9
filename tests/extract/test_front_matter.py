"""Front matter, beside a YAML reader that Signoff does not use."""

import unicodedata

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ArticleError
from pipeline.extract import Rules, extract, fill
from pipeline.model import ArticleFormat

MD = ArticleFormat.MARKDOWN
KEYS = Rules(front_matter_keys=("title", "description", "points"))
_text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")), max_size=20)
_line = st.one_of(st.sampled_from(("Take: two", "a # b", "- x", "'", '"', "[a", "*b", "&c", "yes", "5", "a, b")), _text)
_written = st.one_of(
    _line,
    _line.map(lambda text: yaml.safe_dump(text, allow_unicode=True, width=10_000).removesuffix("\n...\n").rstrip("\n")),
    st.tuples(st.sampled_from((">-", "|", ">", "|-")), _line, _line).map(lambda t: f"{t[0]}\n  x{t[1]}\n  x{t[2]}"),
    st.lists(_line.map(lambda t: f"'{t.replace(chr(39), chr(39) * 2)}'"), max_size=3).map(
        lambda t: f"[{', '.join(t)}]"
    ),
    st.lists(_line, min_size=1, max_size=3).map(lambda t: "".join(f"\n  - {one}" for one in t)),
)


def folded(text: object) -> str:
    """A value as one line of NFC."""
    return unicodedata.normalize("NFC", " ".join(str(text).split()))


@settings(max_examples=200, deadline=None)
@given(_written, _line)
def test_what_is_read_is_what_yaml_says(title: str, target: str) -> None:
    """Each text is the one that PyYAML reads, and another text put in its place is read by PyYAML as it was meant."""
    front = f"title: {title}\ndescription: Rest.\n"
    article = f"---\n{front}---\nBody.\n".encode()
    try:
        skeleton, segments = extract(article, MD, slug="a", rules=KEYS)
        wanted = yaml.safe_load(front)
    except (ArticleError, yaml.YAMLError, ValueError):
        return
    texts = wanted["title"] if isinstance(wanted["title"], list) else [wanted["title"]]
    if "[" in segments[0].source or any(not isinstance(text, str) for text in texts):
        return
    found = [folded(s.source) for s in segments if s.source not in ("Body.", "Rest.")]
    if any("<x" in text for text in found):
        return
    assert found == [folded(text) for text in texts if any(c.isalnum() for c in text) and folded(text) != "Rest."]
    filled = fill(skeleton, {0: target})
    if not filled.kept and found:
        again = yaml.safe_load(filled.data.decode().split("---\n")[1])["title"]
        assert folded(target) in map(folded, again if isinstance(again, list) else [again])


@pytest.mark.parametrize(
    ("front", "sources"),
    [
        ("---\npoints:\n- One.\n- 'Two: b'\n---\n", ["One.", "Two: b"]),
        ('---\r\npoints: [One, "Two, 2"] # c\r\n---\r\n', ["One", "Two, 2"]),
        ("---\ntitle:\n  Below\n  the key\n---\n", ["Below the key"]),
        ("---\n'title': Quoted key\n---\n", ["Quoted key"]),
        ("---\ntitle: ~\ndescription:\npoints: []\n---\n", []),
        ("+++\ntitle = '''\nRaw \\n'''\npoints = [\n 'a', # 'no'\n \"b\\u00e9\",\n]\n+++\n", ["Raw \\n", "a", "bé"]),
        ("+++\n[x]\ntitle = 'no'\n+++\n", []),
    ],
)
def test_texts_and_lists_of_texts_are_segments(front: str, sources: list[str]) -> None:
    """Chosen keys with a text or a list of texts, in YAML and TOML; other texts go in as quoted strings."""
    article = f"{front}Body.\n".encode()
    skeleton, segments = extract(article, MD, slug="a", rules=KEYS)
    assert [s.source for s in segments] == [*sources, "Body."]
    filled = fill(skeleton, {s.position: f'¡"{s.source}": # x' for s in segments})
    assert filled.kept == ()
    again, _ = extract(filled.data, MD, slug="a", rules=KEYS)
    assert [span.source for span in again.spans] == [f'¡"{s.source}": # x' for s in segments]


@pytest.mark.parametrize("front", ["title: 5 mg\u00a0\n", "title: \u00a05 mg\n", "title: [5 mg\u00a0, b]\n"])
def test_a_blank_that_yaml_does_not_know_goes_with_the_text(front: str) -> None:
    """It is not left beside a text that needs quotes, where YAML would not be read any more."""
    article = f"---\n{front}---\nBody.\n".encode()
    skeleton, segments = extract(article, MD, slug="a", rules=KEYS)
    assert segments[0].source == "5 mg"
    assert fill(skeleton, {s.position: s.source for s in segments}).data == article
    filled = fill(skeleton, {0: "Take: two"})
    again = yaml.safe_load(filled.data.decode().split("---\n")[1])["title"]
    assert not filled.kept and "Take: two" in (again if isinstance(again, list) else [again])
