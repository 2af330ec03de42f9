"""What comes of a returned entry: the rules by example, and what holds in every situation."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Locale, Risk
from review.merge import (
    Export,
    FileOutcome,
    Merged,
    Result,
    Returned,
    Situation,
    Verdict,
    absent,
    approval,
    file_outcome,
    merge,
    resolved_id,
    verdict,
)

GOLDEN = Path(__file__).parent / "golden" / "merge"
ES = Locale.parse("es")


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_the_rules_by_example(case: str) -> None:
    """Each folder is one entry as it came back, and what comes of it; its name begins with the rule."""
    read = json.loads((GOLDEN / case / "case.json").read_text(encoding="utf-8"))
    given_ = read["given"]
    given_["ever_exported"] = frozenset(given_.get("ever_exported", ()))
    given_["verdict"] = Verdict(given_.get("verdict", "none"))
    merged = merge(Situation(**given_))
    expected = read["expected"]
    assert {name: getattr(merged, name) for name in expected} == expected, merged.reason
    assert merged.reason


# ---- in every situation

TEXTS = st.sampled_from(["", "\u200b", "Tome 2.", "Tome dos.", "Tome 3.", "Él.", "E\u0301l.", "<x1/>", " "])


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    return Situation(
        returned=draw(TEXTS),
        id_known=draw(st.booleans()),
        source_matches=draw(st.booleans()),
        source_current=draw(st.booleans()),
        base=draw(st.none() | TEXTS),
        current=draw(TEXTS),
        ever_exported=draw(st.frozensets(TEXTS, max_size=3)),
        current_by=draw(st.sampled_from(["", "ana", "apertium"])),
        fuzzy=draw(st.booleans()),
        verdict=draw(st.sampled_from(Verdict)),
        verdicts_only=draw(st.booleans()),
    )


ATTESTS = st.sampled_from([None, "edited", "all"])


@given(situations())
def test_no_text_is_lost(situation: Situation) -> None:
    """A returned text that is not empty becomes current, is the current one already, or is kept, with a reason."""
    merged = merge(situation)
    assert merged.reason
    if situation.returned:
        is_current = same(situation.returned, situation.current)
        assert merged.becomes_current or merged.keep or is_current
    else:
        assert not merged.keep
        assert not merged.becomes_current


def same(one: str, other: str) -> bool:
    return one == other or {one, other} == {"Él.", "E\u0301l."}


@given(situations())
def test_the_current_text_is_replaced_only_if_it_is_what_was_sent(situation: Situation) -> None:
    """T becomes current only for a known unit of today's English whose text nobody else changed since."""
    merged = merge(situation)
    if merged.becomes_current:
        sent = situation.ever_exported if situation.base is None else {situation.base}
        assert situation.id_known
        assert situation.source_matches
        assert situation.source_current
        assert not situation.verdicts_only
        assert all(same(text, situation.current) for text in sent)
        assert sent or not situation.current


@given(situations())
def test_a_merge_signs_nothing(situation: Situation) -> None:
    """Signed, needs-verdict and absent are never the result of a merge."""
    assert merge(situation).result not in (Result.SIGNED, Result.NEEDS_VERDICT, Result.ABSENT)


@given(situations(), ATTESTS, st.sampled_from(Risk), st.booleans())
def test_what_is_signed_is_current_reviewed_and_attested(
    situation: Situation, attest: Literal["edited", "all"] | None, risk: Risk, verdict_ok: bool
) -> None:
    """Only an attestation signs, never a fuzzy or questioned text, and only the text that is current then."""
    merged = merge(situation)
    if approval(merged, attest, risk=risk, verdict_ok=verdict_ok) is Result.SIGNED:
        assert attest is not None
        assert not situation.fuzzy
        assert situation.verdict is not Verdict.QUESTION
        assert merged.becomes_current or same(situation.returned, situation.current)
        assert situation.id_known
        assert situation.source_matches
        assert situation.source_current
        assert merged.edited or (attest == "all" and (verdict_ok or risk is Risk.STANDARD))


@given(situations(), st.sampled_from(Risk), st.booleans())
def test_without_an_attestation_the_result_stays(situation: Situation, risk: Risk, verdict_ok: bool) -> None:
    """Without --attest edits are kept but nothing is signed."""
    merged = merge(situation)
    assert approval(merged, None, risk=risk, verdict_ok=verdict_ok) is merged.result


# ---- approval

UNCHANGED = Merged(result=Result.UNCHANGED, reason="as sent", approves=True)
PROPOSED = Merged(result=Result.PROPOSED, reason="edited", becomes_current=True, approves=True, edited=True)


@pytest.mark.parametrize(
    ("merged", "attest", "risk", "verdict_ok", "result"),
    [
        (PROPOSED, "edited", Risk.STANDARD, False, Result.SIGNED),
        (PROPOSED, "edited", Risk.CRITICAL, False, Result.SIGNED),
        (PROPOSED, "all", Risk.CRITICAL, False, Result.SIGNED),
        (UNCHANGED, "edited", Risk.STANDARD, False, Result.UNCHANGED),
        (UNCHANGED, "edited", Risk.CRITICAL, True, Result.UNCHANGED),
        (UNCHANGED, "all", Risk.STANDARD, False, Result.SIGNED),
        (UNCHANGED, "all", Risk.CRITICAL, False, Result.NEEDS_VERDICT),
        (UNCHANGED, "all", Risk.CRITICAL, True, Result.SIGNED),
        (replace(PROPOSED, approves=False), "all", Risk.STANDARD, True, Result.PROPOSED),
    ],
)
def test_what_an_attestation_signs(
    merged: Merged, attest: Literal["edited", "all"], risk: Risk, verdict_ok: bool, result: Result
) -> None:
    """`edited` signs what was changed, `all` also the rest, a critical unchanged unit only with its own `# ok`."""
    assert approval(merged, attest, risk=risk, verdict_ok=verdict_ok) is result


# ---- verdicts, ids, absent entries


@pytest.mark.parametrize(
    ("comments", "said"),
    [
        (["ok"], Verdict.OK),
        (["OK."], Verdict.OK),
        (["ok, as in the leaflet"], Verdict.OK),
        (["  ok "], Verdict.OK),
        (["okra is a vegetable"], Verdict.NONE),
        (["not ok"], Verdict.NONE),
        ([], Verdict.NONE),
        (["? arm or hand"], Verdict.QUESTION),
        (["?"], Verdict.QUESTION),
        (["ok", "? or not"], Verdict.QUESTION),
    ],
)
def test_what_a_comment_says(comments: list[str], said: Verdict) -> None:
    """`ok` alone or before more is a verdict, `?` a question, which outweighs it."""
    assert verdict(comments) is said


def test_a_verdict_that_was_in_the_export_does_not_count() -> None:
    """A comment that an editor or msgmerge carried along says nothing of this text."""
    assert verdict(["ok"], ["ok "]) is Verdict.NONE


def test_without_an_id_only_a_unique_source_names_a_unit() -> None:
    """An id that is given is never replaced; without one a source must mean one unit only."""
    units = {"Rest.": ["a:0001:00000000"], "Stop.": ["a:0002:00000000", "a:0003:00000000"]}
    assert resolved_id("b:0009:00000000", "Rest.", units) == "b:0009:00000000"
    assert resolved_id("", "Rest.", units) == "a:0001:00000000"
    assert resolved_id("", "Stop.", units) == ""
    assert resolved_id("", "Go.", units) == ""


def test_an_absent_entry_changes_nothing_and_an_obsolete_text_is_kept() -> None:
    """What is not in the file is listed; what was set aside there is not lost."""
    assert (absent().result, absent().keep, absent().becomes_current) == (Result.ABSENT, False, False)
    assert (absent(obsolete_text="Tome 3.").keep, absent(obsolete_text="Tome 3.").approves) == (True, False)


# ---- the file as a whole

FILE = Returned(
    article="heart",
    target_locale=ES,
    export_id="0123456789abcdef",
    export=Export(article="heart", target_locale=ES),
    known_articles=frozenset({"heart", "sleep"}),
    known_locales=frozenset({ES, Locale.parse("fr")}),
)


@pytest.mark.parametrize(
    ("file", "outcome"),
    [
        (FILE, FileOutcome.MERGE),
        (replace(FILE, export_id="", export=None), FileOutcome.MERGE),
        (replace(FILE, article=""), FileOutcome.MERGE),
        (replace(FILE, came_before="2026-03-02", same_reviewer_and_attestation=True), FileOutcome.NOTHING),
        (replace(FILE, came_before="2026-03-02"), FileOutcome.VERDICTS_ONLY),
        (replace(FILE, export=None), FileOutcome.REFUSED),
        (replace(FILE, article="sleep"), FileOutcome.REFUSED),
        (replace(FILE, target_locale=Locale.parse("fr")), FileOutcome.REFUSED),
        (replace(FILE, export_id="", export=None, article="lungs"), FileOutcome.REFUSED),
        (replace(FILE, export_id="", export=None, target_locale=Locale.parse("de")), FileOutcome.REFUSED),
        (replace(FILE, came_before="2026-03-02", export=None), FileOutcome.REFUSED),
    ],
)
def test_a_file_is_merged_or_refused_as_a_whole(file: Returned, outcome: FileOutcome) -> None:
    """The same file is taken once, one of another article, language or an unknown export not at all, with a reason."""
    found, reason = file_outcome(file)
    assert found is outcome
    assert bool(reason) == (outcome is not FileOutcome.MERGE)
