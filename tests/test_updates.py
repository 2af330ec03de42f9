"""When the English changes: what is signed and still stands counts, what changed comes back with what it was."""

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polib
import pytest
from conftest import MakeDesk
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from workspaces import ENGINE, Change, Clock, Desk, StandIn, drafted, make_workspace, rewrite

from pipeline.model import ReviewState
from pipeline.report import RunReport
from pipeline.store.ledger import EventKind
from pipeline.updates import ArticleChange

REST = "Rest until the fever is gone."
WALK = "Walk a little every morning, also when it rains."
TAKE = "Take 2 tablets in the evening."
DRINK = "Do not drink alcohol with it."
CALL = "Call a friend who lives nearby, and stay with them until somebody comes."


def text(*sentences: str) -> bytes:
    return " ".join(sentences).encode() + b"\n"


@pytest.fixture
def signed(make_desk: MakeDesk) -> Desk:
    """A workspace whose only article is signed by both people."""
    desk = make_desk({"a.md": text(REST, TAKE, WALK, CALL)})
    desk.run()
    for by in ("demo-linguist", "demo-clinician"):
        desk.review("a", by)
        desk.run()
    assert set(desk.states("a").values()) == {"signed-off"}
    return desk


def entry(desk: Desk, source: str) -> polib.POEntry:
    return next(entry for entry in polib.pofile(str(desk.po("a"))) if entry.msgid == source)


def only_change(report: RunReport) -> ArticleChange:
    (change,) = report.changes
    return change


# -- what the reviewer sees -------------------------------------------------------------------------------------------


def test_an_edited_sentence_comes_back_with_what_it_was(signed: Desk) -> None:
    """The former English, the words that changed, the number loudly, the former signed text; as msgstr a new draft."""
    today = TAKE.replace("2", "3")
    signed.write("a.md", text(REST, today, WALK, CALL))
    signed.run()
    found = entry(signed, today)
    assert found.previous_msgid == TAKE
    assert "changed: Take {-2-}{+3+} tablets in the evening. — NUMBER CHANGED" in found.comment
    assert f"former text, signed: {drafted(TAKE)}" in found.comment
    assert (found.msgstr, found.flags) == (drafted(today), ["fuzzy"])


def test_a_former_text_that_was_withdrawn_says_so(signed: Desk) -> None:
    """Nobody takes it for a good start because people signed it once."""
    today, written = TAKE.replace("2", "3"), f"{drafted(TAKE)} Sí."
    signed.clock.tick()
    signed.review("a", "demo-linguist", rewrite)
    signed.withdraw(source=TAKE, target=written, reason="it reads as another dose")
    signed.write("a.md", text(REST, today, WALK, CALL))
    signed.run()
    comment = entry(signed, today).comment
    assert f"former text, WITHDRAWN, do not use it: {written} — withdrawn by demo-clinician on 2026-06-01" in comment
    assert "it reads as another dose" in comment


def test_a_sentence_that_stands_has_no_hints(signed: Desk) -> None:
    """What did not change looks as before, but for the sentence that it follows."""
    before = {e.msgid: e for e in polib.pofile(str(signed.po("a")))}
    signed.write("a.md", text(REST, TAKE, WALK + " Then rest.", CALL))
    signed.run()
    for sentence in (REST, TAKE, WALK):
        assert str(entry(signed, sentence)) == str(before[sentence])
    assert "changed: " not in entry(signed, "Then rest.").comment


def test_both_halves_of_a_split_sentence_show_it_whole(signed: Desk) -> None:
    """What is in the other half is not shown as gone."""
    one, other = "Call a friend who lives nearby.", "Stay with them until somebody comes."
    signed.write("a.md", text(REST, TAKE, WALK, one, other))
    report = signed.run()
    for half in (one, other):
        assert entry(signed, half).previous_msgid == CALL
        assert "changed (split in 2): Call a friend who lives nearby{-, and stay-}{+. Stay+} with them" in (
            entry(signed, half).comment
        )
    assert [old for old, _ in only_change(report).pairs] == [4, 4]


def test_a_merged_sentence_shows_all_that_it_was(signed: Desk) -> None:
    """Both former sentences with both former texts."""
    both = "Rest until the fever is gone, and take 2 tablets in the evening."
    signed.write("a.md", text(both, WALK, CALL))
    signed.run()
    found = entry(signed, both)
    assert found.previous_msgid == f"{REST} {TAKE}"
    assert "changed (2 merged): " in found.comment
    assert all(f"former text, signed: {drafted(was)}" in found.comment for was in (REST, TAKE))


def test_after_two_edits_the_hint_is_what_somebody_signed(signed: Desk) -> None:
    """The English in between, which nobody reviewed, is not what the reviewer knows."""
    signed.write("a.md", text(REST, TAKE.replace("2", "3"), WALK, CALL))
    signed.run()
    today = TAKE.replace("2", "4")
    signed.write("a.md", text(REST, today, WALK, CALL))
    signed.run()
    assert entry(signed, today).previous_msgid == TAKE
    assert "{-2-}{+4+}" in entry(signed, today).comment


def test_the_hints_go_when_the_new_sentence_is_signed_off(signed: Desk) -> None:
    """Not before: the second person needs them too."""
    today = TAKE.replace("2", "3")
    signed.write("a.md", text(REST, today, WALK, CALL))
    for by in ("demo-linguist", "demo-clinician"):
        signed.run()
        assert entry(signed, today).previous_msgid == TAKE
        signed.review("a", by)
    signed.run()
    assert entry(signed, today).previous_msgid is None
    assert "changed: " not in entry(signed, today).comment


def test_an_edit_that_was_taken_back_costs_nothing(signed: Desk) -> None:
    """The sentence is the one that was signed."""
    before = signed.po("a").read_bytes()
    signed.write("a.md", text(REST, WALK, CALL))
    signed.run()
    signed.write("a.md", text(REST, TAKE, WALK, CALL))
    change = only_change(signed.run())
    assert (change.restored, change.review_words) == (1, 0)
    assert signed.po("a").read_bytes() == before


# -- what the content lead sees ---------------------------------------------------------------------------------------


def test_a_run_says_what_changed_and_what_it_costs(signed: Desk) -> None:
    """Words of the sentences that need a person again; a moved one keeps its sign-off."""
    signed.write("a.md", text(CALL, REST, TAKE.replace("2", "3"), DRINK))
    change = only_change(signed.run())
    assert (change.slug, change.locale, change.first) == ("a", "es", False)
    assert (change.edited, change.new, change.moved, change.deleted, change.unchanged) == (1, 1, 1, 1, 1)
    assert change.review_words == 6 + 6
    assert change.pairs == ((2, 5),)
    assert signed.run().changes == []


def test_a_critical_sentence_behind_another_one_is_counted_to_confirm(signed: Desk) -> None:
    """It is signed, and not for this place; when it is confirmed it counts no more."""
    signed.write("a.md", text(WALK, TAKE, REST, CALL))
    change = only_change(signed.run())
    assert (change.confirm, change.confirm_words, change.review_words) == (1, 6, 0)
    for by in ("demo-linguist", "demo-clinician"):
        signed.review("a", by)
        signed.run()
    signed.write("a.md", text(WALK, TAKE, REST, CALL, "New one."))
    assert only_change(signed.run()).confirm == 0


def test_each_locale_is_compared_with_what_went_out_in_it(make_desk: MakeDesk) -> None:
    """A locale that was left out for a while is told all that changed since."""
    desk = make_desk({"a.md": text(REST)}, locales=("es", "ca"))
    desk.run()
    desk.write("a.md", text(REST, WALK))
    desk.run(to=["es"])
    desk.write("a.md", text(REST, WALK, CALL))
    assert {change.locale: change.new for change in desk.run().changes} == {"es": 1, "ca": 2}


def test_a_publish_in_between_takes_nothing_from_the_report(signed: Desk) -> None:
    """It puts the English into the ledger, and the reviewers have not seen it yet."""
    signed.write("a.md", text(REST, TAKE, WALK, CALL, DRINK))
    signed.publish()
    assert only_change(signed.run()).new == 1


# -- the law ----------------------------------------------------------------------------------------------------------

WORDS = ("rest", "walk", "water", "morning", "doctor", "not", "evening", "tablet", "3", "slowly")
Act = tuple[str, int, int]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "word",
                "number",
                "delete",
                "insert",
                "move",
                "split",
                "merge",
                "back",
                "copy",
                "sign",
                "rewrite",
                "clone",
                "rename",
            ]
        ),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    min_size=3,
    max_size=9,
)


class Lead:
    """Somebody who edits an article, a sentence at a time."""

    def __init__(self) -> None:
        self.sentences = [REST, TAKE, "Ask your doctor.", WALK, "Ask your doctor.", CALL]
        self.gone: list[str] = []
        self.slug = "a"

    def edit(self, how: str, one: int, other: int) -> None:
        """One act on the article; `one` and `other` choose where."""
        if not self.sentences:
            self.sentences.append(f"Rest {one} days.")
            return
        at = one % len(self.sentences)
        words = self.sentences[at].rstrip(".").split()
        match how:
            case "word":
                words[other % len(words)] = WORDS[other % len(WORDS)]
                self._put(at, words)
            case "number":
                self._put(at, re.sub(r"\d+", str(other), " ".join(words)).split())
            case "delete":
                self.gone.append(self.sentences.pop(at))
            case "insert":
                self.sentences.insert(at, f"Drink {other} glasses of {WORDS[one % len(WORDS)]}.")
            case "move":
                self.sentences.insert(other % len(self.sentences), self.sentences.pop(at))
            case "split" if len(words) > 3:
                cut = 1 + other % (len(words) - 2)
                self._put(at, words[:cut])
                self.sentences.insert(at + 1, " ".join(words[cut:]).capitalize() + ".")
            case "merge" if at + 1 < len(self.sentences):
                self._put(at, [*words, "and", *self.sentences.pop(at + 1).rstrip(".").split()])
            case "back" if self.gone:
                self.sentences.insert(at, self.gone[other % len(self.gone)])
            case "copy":
                self.sentences.insert(other % len(self.sentences), self.sentences[at])

    def _put(self, at: int, words: list[str]) -> None:
        self.gone.append(self.sentences[at])
        self.sentences[at] = " ".join(words).capitalize() + "."


# Without shrinking: each act is a real run, so it would take minutes, and nine acts can be read as they are.
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(ACTS)
def test_every_sign_off_on_a_sentence_that_stands_counts_and_no_other(acts: list[Act]) -> None:
    """After any sequence of edits to the English; and a text is only ever offered for its own sentence."""
    engine = StandIn()
    folder = Path(tempfile.mkdtemp(prefix="signoff-updates-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.engines.ENGINES", {ENGINE: lambda settings: engine})
        lead = Lead()
        desk = Desk(make_workspace(folder, articles={"a.md": text(*lead.sentences)}), Clock())
        known: dict[int, str] = {}
        signed: dict[int, str] = {}
        try:
            for how, one, other in acts:
                desk.run()
                if how in ("sign", "rewrite"):
                    for by in ("demo-linguist", "demo-clinician"):
                        change = rewrite if how == "rewrite" and by == "demo-linguist" else only(one, other)
                        desk.review(lead.slug, by, change)
                        desk.run()
                elif how == "clone":
                    shutil.rmtree(folder / ".signoff")
                else:
                    if how == "rename" and lead.sentences:
                        (folder / "source_content" / f"{lead.slug}.md").unlink()
                        lead.slug = "abc"[one % 3]
                    lead.edit(how, one, other)
                    desk.write(f"{lead.slug}.md", text(*lead.sentences) if lead.sentences else b"\n")
                    desk.run()
                look(desk, lead, known, signed, people_acted=how in ("sign", "rewrite"))
            assert desk.publish().pages
            assert desk.prove().unproven == ()
            assert desk.check().wrong == ()
        finally:
            shutil.rmtree(folder)


def only(one: int, other: int) -> Change:
    """A reviewer who accepts two sentences in three, by their English."""

    def change(entry: polib.POEntry) -> None:
        if (len(entry.msgid) + one + other) % 3:
            entry.flags = []
            entry.tcomment = "ok"

    return change


def look(desk: Desk, lead: Lead, known: dict[int, str], signed: dict[int, str], *, people_acted: bool) -> None:
    """Hold the store against what the lead wrote. `known` and `signed` are {number: source}; an edit takes no sign-off.

    Where a sentence stands more than once and only some of its places are signed, as many signed ones must be left as
    there must be by counting; which ones, tests/test_align.py says.
    """
    if not lead.sentences:
        return  # an empty article is refused, and its files stay as they were
    entries = list(polib.pofile(str(desk.po(lead.slug))))
    today: Mapping[int, str] = {int(str(e.msgctxt).split(":")[1]): e.msgid for e in entries}
    assert list(today.values()) == lead.sentences
    for number, source in today.items():
        assert known.setdefault(number, source) == source
    states = desk.states(lead.slug)
    counted = {n for n in today if states.get(n) == ReviewState.SIGNED_OFF.value}
    with desk.store() as store, store.read() as transaction:
        said = {(e.body["number"], e.body["source"]) for e in transaction.events(EventKind.SIGN_OFF)}
    assert {(number, today[number]) for number in counted} <= said
    if people_acted:  # a rewritten text needs its sign-offs again
        for number in today:
            signed.pop(number, None)
        signed |= {number: today[number] for number in counted}
    assert {(number, today[number]) for number in counted} <= signed.items()
    in_all, with_sign_off = Counter(known.values()), Counter(signed.values())
    for source, times in Counter(today.values()).items():
        still = sum(today[number] == source for number in counted)
        assert still >= min(times, in_all[source]) - (in_all[source] - with_sign_off[source])
    for e in entries:
        ours = drafted(e.msgid)
        assert re.fullmatch(rf"{re.escape(ours)}( Sí\.)*", e.msgstr)
