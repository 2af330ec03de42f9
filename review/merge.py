"""Decide what a returned text does to what we have: the merge rules of PO and every other hand-off format.

Takes   a Situation: one returned entry beside the text it left with and the text we have now; no store, no clock
Gives   Merged: the result for the report, whether the text becomes the current one, and what may be signed of it
Always  a returned text that is not empty is the current text afterwards, or is kept with the reason; a merge
        signs nothing, that is `approval`: the separate act of a person who attests

The rules, first match wins. T is the returned text, O the current one, base the text in that very export.
 0  the same bytes came before: nothing if reviewer and attestation are the same, else only the verdicts are taken
 1  the file is not PO, or of another article, language or an unknown export, or of none: refused as a whole
 2  the id is unknown, the msgid is not that segment's source, or two entries have different texts for it: T is held
 3  T is empty or invisible: not reviewed
 4  the English has changed since: T is kept as a stale revision
 5  no export to compare with: T was exported once: unchanged; O is all that ever was exported: as 8; else as 9
 6  T is base: unchanged
 7  T is O: seen
 8  O is base: T becomes current, proposed
 9  else conflict: both are kept, O stays, a person chooses
Fuzzy makes "needs work" of what could be signed. An entry that is absent or obsolete changes nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pipeline.model import Locale, Risk, slug_in_id
from review.checks.not_empty import is_invisible


class Result(StrEnum):
    """What came of one entry; the words of `signoff import --json`."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    UNCHANGED = "unchanged"
    NOT_REVIEWED = "not-reviewed"
    NEEDS_WORK = "needs-work"
    SEEN = "seen"
    STALE = "stale"
    HELD = "held"
    CONFLICT = "conflict"
    NEEDS_VERDICT = "needs-verdict"
    UNKNOWN = "unknown"
    ABSENT = "absent"


class Verdict(StrEnum):
    """What the reviewer wrote on one entry."""

    NONE = "none"
    OK = "ok"
    QUESTION = "question"


class FileOutcome(StrEnum):
    """What happens to a returned file as a whole (rules 0 and 1)."""

    MERGE = "merge"
    VERDICTS_ONLY = "verdicts only"
    NOTHING = "nothing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What the store knows of one export."""

    article: str
    target_locale: Locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A file that could be read, beside what the store knows. One that could not is refused by its PoSyntaxError."""

    article: str
    """X-Article-Id; empty if it was lost on the way."""
    target_locale: Locale
    export_id: str
    """X-Export-Id; empty if it was lost on the way."""
    export: Export | None
    """The export of that id; None if there is none."""
    known_articles: frozenset[str]
    known_locales: frozenset[Locale]
    came_before: str = ""
    """When the same bytes were imported first, for people to read; empty if never."""
    same_reviewer_and_attestation: bool = False
    """Whether that import was by the same reviewer with the same `--attest`."""
    ids_of: frozenset[str] = frozenset()
    """The articles that the entries' ids name, as they stand in an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One returned entry and all that the rules look at."""

    returned: str
    """T, the msgstr."""
    id_known: bool = True
    """See `resolved_id`."""
    source_matches: bool = True
    """Whether the msgid is the source of the segment with that id."""
    twice: str = ""
    """Where the file has another text for the same unit, as a reason; empty if it has none."""
    source_current: bool = True
    """Whether that source is still in today's article."""
    base: str | None = None
    """The text in the very export that came back; None if the export, or this unit in it, is not known."""
    ever_exported: frozenset[str] = frozenset()
    """Every text that ever went out for this unit."""
    current: str = ""
    """O."""
    current_by: str = ""
    """Who wrote O, for the reason: a person's id, an engine; empty if there is no O."""
    fuzzy: bool = False
    verdict: Verdict = Verdict.NONE
    verdicts_only: bool = False
    """Rule 0: the same bytes came before, so T is in the store already and brings nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What one entry comes to."""

    result: Result
    reason: str
    """A sentence for the report."""
    becomes_current: bool = False
    keep: bool = False
    """Whether T must be kept beside the current text: it is not empty, and not the current one of this very English."""
    approves: bool = False
    """Whether an attestation may sign T: it is the current text of today's English then, not fuzzy, not in question."""
    edited: bool = False
    """Whether T is not what was sent."""


def file_outcome(file: Returned) -> tuple[FileOutcome, str]:
    """Rules 0 and 1, and the reason in a sentence (empty for MERGE)."""
    if file.came_before and file.same_reviewer_and_attestation:
        return FileOutcome.NOTHING, f"the same file came from the same reviewer on {file.came_before}"
    if file.export_id and file.export is None:
        return FileOutcome.REFUSED, f"the export {file.export_id} is not one of this workspace"
    if file.export and file.article not in ("", file.export.article):
        return FileOutcome.REFUSED, f"the file says article {file.article}, its export was of {file.export.article}"
    if file.export and file.target_locale != file.export.target_locale:
        return FileOutcome.REFUSED, f"the file says {file.target_locale}, its export was {file.export.target_locale}"
    if not file.export and not file.article:
        return FileOutcome.REFUSED, "neither the header nor the entries' ids say which article this is of"
    if file.article and file.article not in file.known_articles:
        return FileOutcome.REFUSED, f"the article {file.article} is not one of this workspace"
    if not file.export and file.ids_of and slug_in_id(file.article) not in file.ids_of:
        others = ", ".join(sorted(file.ids_of))
        return FileOutcome.REFUSED, f"the file says article {file.article}, its entries are of {others}"
    if file.target_locale not in file.known_locales:
        return FileOutcome.REFUSED, f"the language {file.target_locale} is not one of this workspace"
    if file.came_before:
        return FileOutcome.VERDICTS_ONLY, f"the same file came on {file.came_before}: its verdicts are taken, no text"
    return FileOutcome.MERGE, ""


def resolved_id(entry_id: str, source: str, ids_by_source: Mapping[str, Sequence[str]]) -> str:
    """The unit that an entry means: its own id, or without one the only unit with that source; empty if none.

    An id that is given is never replaced, known or not.
    """
    if entry_id:
        return entry_id
    ids = ids_by_source.get(source, ())
    return ids[0] if len(ids) == 1 else ""


def verdict(returned_comments: Iterable[str], exported_comments: Iterable[str] = ()) -> Verdict:
    """What the translator comments say that were not in the export: `ok` (and what may follow), or `? …`.

    A question outweighs an ok.

    >>> verdict(["ok, as in the leaflet", "was here before"], ["was here before"])
    <Verdict.OK: 'ok'>
    """
    before = {_comment(comment) for comment in exported_comments}
    new = [said for said in map(_comment, returned_comments) if said not in before]
    if any(comment.startswith("?") for comment in new):
        return Verdict.QUESTION
    return Verdict.OK if any(map(_is_ok, new)) else Verdict.NONE


def _is_ok(comment: str) -> bool:
    return comment[:2].casefold() == "ok" and not comment[2:3].isalnum()


class About(StrEnum):
    """What a question is about."""

    TRANSLATION = "translation"
    ENGLISH = "english"
    """The source itself: whoever answers for the English must look, and no other wording of the translation helps."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a reviewer asks on one entry."""

    text: str
    """One line, from its `?` on."""
    about: About


_ABOUT_ENGLISH = re.compile(r"\?\s*(?:en|english|source)\s*[:,]", re.IGNORECASE)


def questions(comments: Iterable[str]) -> tuple[Question, ...]:
    """The comments that begin with `?`, each with the lines below it that an editor wrapped it into.

    `? en: …` (or english, source) asks about the English.

    >>> questions(["? en: is this a day", "or a week?", "ok otherwise"])
    (Question(text='? en: is this a day or a week?', about=<About.ENGLISH: 'english'>),)
    """
    texts: list[str] = []
    asking = False
    for comment in map(_comment, comments):
        if comment.startswith("?"):
            texts.append(comment)
        elif asking and not _is_ok(comment):
            texts[-1] += f" {comment}"
        asking = bool(texts) and not _is_ok(comment)
    return tuple(Question(t, About.ENGLISH if _ABOUT_ENGLISH.match(t) else About.TRANSLATION) for t in texts)


def _comment(text: str) -> str:
    """A comment's words: whoever is told to write `# ok` may type the mark into an editor that adds its own."""
    return text.strip().lstrip("#").strip()


def merge(situation: Situation) -> Merged:
    """Apply rules 2 to 9 to one entry, then what holds for every result."""
    result, reason = _rule(situation)
    becomes_current = result is Result.PROPOSED
    could_be_signed = result in (Result.PROPOSED, Result.UNCHANGED, Result.SEEN)
    is_current = becomes_current or _same(situation.returned, situation.current)
    of_this_english = situation.id_known and situation.source_matches
    if situation.fuzzy and could_be_signed:
        result, reason = Result.NEEDS_WORK, f"not accepted yet (fuzzy, or no verdict); {reason}"
    if situation.verdict is Verdict.QUESTION and could_be_signed:
        reason = f"the reviewer asks a question; {reason}"
    return Merged(
        result=result,
        reason=reason,
        becomes_current=becomes_current,
        keep=situation.returned != "" and not (is_current and of_this_english),
        approves=could_be_signed and is_current and not situation.fuzzy and situation.verdict is not Verdict.QUESTION,
        edited=not any(_same(situation.returned, sent) for sent in _sent(situation)),
    )


def absent(*, obsolete_text: str = "") -> Merged:
    """The result for a unit of the export that the file lacks, or has among its obsolete entries."""
    reason = "set aside as obsolete in the returned file" if obsolete_text else "not in the returned file"
    return Merged(result=Result.ABSENT, reason=f"{reason}; nothing changes", keep=obsolete_text != "")


def approval(merged: Merged, attest: Literal["edited", "all"] | None, *, risk: Risk, verdict_ok: bool) -> Result:
    """SIGNED if the reviewer's attestation signs this text, NEEDS_VERDICT if it lacks its own `# ok`, else as merged.

    `edited` signs the texts that are not what was sent; `all` also those returned unchanged, of which a critical
    one needs its own verdict. `verdict_ok` is whether `verdict()` is OK. Checks and policy come after, and may still
    hold it.
    """
    if not merged.approves or attest is None:
        return merged.result
    if merged.edited:
        return Result.SIGNED
    if attest == "edited":
        return merged.result
    return Result.NEEDS_VERDICT if risk is Risk.CRITICAL and not verdict_ok else Result.SIGNED


def _rule(situation: Situation) -> tuple[Result, str]:
    """The first of the rules 2 to 9 that matches, and why."""
    returned, base = situation.returned, situation.base
    if not situation.id_known:
        return Result.UNKNOWN, "no unit has this id"
    if not situation.source_matches:
        return Result.HELD, "the English in the file is not the English of this unit"
    if situation.twice:
        return Result.HELD, situation.twice
    if is_invisible(returned):
        return Result.NOT_REVIEWED, "there is no text" if not returned else "there is no visible text"
    if not situation.source_current:
        return Result.STALE, "the English has changed since this was sent; kept beside the new sentence"
    if situation.verdicts_only:
        return _seen_again(situation)
    if base is None:
        return _without_base(situation)
    if _same(returned, base):
        return Result.UNCHANGED, _as_sent(situation)
    if _same(returned, situation.current):
        return Result.SEEN, "the text is the current one already"
    if _same(situation.current, base):
        return Result.PROPOSED, "the reviewer's text is the current one now"
    return Result.CONFLICT, _conflict(situation)


def _seen_again(situation: Situation) -> tuple[Result, str]:
    """Rule 0 for one entry: T came before, so it is only compared."""
    if not _same(situation.returned, situation.current):
        return Result.UNCHANGED, "this text came before in the same file, and is not the current one"
    if any(_same(situation.returned, sent) for sent in _sent(situation)):
        return Result.UNCHANGED, _as_sent(situation)
    return Result.SEEN, "the text is the current one already"


def _without_base(situation: Situation) -> tuple[Result, str]:
    """Rule 5: nobody knows which text was sent, so only what cannot be mistaken is taken."""
    returned, current = situation.returned, situation.current
    if any(_same(returned, sent) for sent in situation.ever_exported):
        return Result.UNCHANGED, _as_sent(situation)
    # Two equal texts are no conflict, whatever was sent
    if _same(returned, current):
        return Result.SEEN, "the text is the current one already"
    # "Every text ever exported" of none says nothing: then only an empty place is filled
    if all(_same(sent, current) for sent in situation.ever_exported) and (situation.ever_exported or not current):
        return Result.PROPOSED, "the reviewer's text is the current one now, though the file does not name its export"
    return Result.CONFLICT, _conflict(situation) + "; the file does not name its export"


def _as_sent(situation: Situation) -> str:
    if _same(situation.returned, situation.current):
        return "the text came back as it was sent"
    return f"the text came back as it was sent; the current one, by {situation.current_by or 'nobody'}, is another now"


def _conflict(situation: Situation) -> str:
    return f"the current text, by {situation.current_by or 'nobody'}, is not the one that was sent; both are kept"


def _sent(situation: Situation) -> frozenset[str]:
    """The texts that T is compared with to say "edited"."""
    return situation.ever_exported if situation.base is None else frozenset((situation.base,))


def _same(one: str, other: str) -> bool:
    """Whether two texts are one: an editor may return another normal form of the same letters."""
    return one == other or unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
