"""Draft source texts with any engine: what must hold for every machine is written here, once.

Takes   the sources of one article in document order, with tags (`<b1>…</b1>`, `<x3/>`); an open engine; the
        workspace's `[[protect]]` rules
Gives   per source, in order, a Draft with those tags, or a Failure with the reason
Always  a Draft has exactly the source's tags, each once and nested; is NFC, on one line, without blanks at its edges,
        not the source, not a loop, not chatter. What was put right, or may be wrong, is among its doubts

Engines never see tags: each travels as one private-use character (pipeline/engines/__init__.py says which), and a tag
at the very edge of a source does not travel at all. Protected spans (pipeline/protected.py: names, addresses, phones,
codes, footnote marks) travel in the same way and come back as they were; but plain digits (911) go as they are,
because every engine copies them and knows better where they belong. Batches, retries, pace, budgets and the draft's
language are above, in asking.py.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import eq

from pipeline.engines import (
    ALONE,
    CLOSING,
    MOST_PLACEABLES,
    NO_PLAIN_TEXT,
    OPENING,
    REPAIRED,
    Draft,
    Engine,
    Failure,
    TakesTerms,
    TellsAlong,
    TermHint,
)
from pipeline.errors import EngineError, LocalizationError
from pipeline.guards import lost_sentence, markup_of_its_own, sentences_apart, talk, unescaped
from pipeline.model import Locale, tags_of, visible_text
from pipeline.numerals import localize_numbers
from pipeline.protected import Protect, ProtectedKind, ProtectedSpan, protected_spans

Drafted = Draft | Failure
HintsOf = Callable[[str, Locale], tuple[TermHint, ...]]
"""The terms of a text as an engine gets it, for a target locale (pipeline/terms/workspace.py, `term_hints`)."""

Along = Callable[[str, Drafted], object]
"""Takes a source and what it came to, while its article is still being drafted."""

_TAG_CHARACTER = re.compile(f"[{chr(OPENING + 1)}-{chr(ALONE + MOST_PLACEABLES)}]")
_LINE_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
LONGEST_ANSWER = 20
"""Times the text that was sent, and 1,000 characters: a longer answer is not looked at, whatever it is made of."""
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_CHATTER = re.compile(
    r"(?:sure|certainly|of course)\s*[,!.:]|here(?:'s| is) (?:the|your|a) translat|as an ai\b"
    r"|i(?:'m| am) sorry, but|(?:translation|translated text|traducción|traducció|tradución|tradução)\s*:"
    r"|```|mymemory warning|query length limit|please select two distinct languages",
    re.IGNORECASE,
)
"""What machines say instead of, or before, a translation."""


@dataclass(frozen=True, slots=True)
class _Tag:
    """One placeable of a source."""

    letter: str
    number: int
    alone: bool
    parent: int
    """Index of the pair around it, -1 if none."""
    text: str = ""
    """What stands there if this is no tag but a protected span."""

    def write(self, kind: int) -> str:
        """The tag as text, or the protected text itself; `kind` is OPENING, CLOSING or ALONE."""
        if self.text:
            return self.text
        slash, end = ("/", "") if kind == CLOSING else ("", "/" if kind == ALONE else "")
        return f"<{slash}{self.letter}{self.number}{end}>"


@dataclass(frozen=True, slots=True)
class _Masked:
    """A source ready to be sent: `before` + what becomes of `text` + `after` is the draft."""

    source: str
    text: str
    """Empty if there is nothing in it to translate: then the source is its own draft."""
    tags: tuple[_Tag, ...]
    """Tag i travels as character i + 1 of its kind."""
    before: str
    after: str


def draft_texts(
    sources: Sequence[str],
    engine: Engine,
    source_locale: Locale,
    target_locale: Locale,
    protect: Sequence[Protect] = (),
    hints: HintsOf | None = None,
    along: Along = lambda source, drafted: None,
) -> list[Drafted]:
    """One Draft or Failure per source. Raises EngineError if the engine cannot serve, breaks, or loses count.

    `hints` finds the terms of a text as it is sent; an engine that does not take terms is not given any. `along` hears
    of each source as soon as the engine has answered, in a thread of the engine's.
    """
    masked = [_mask(source, engine.max_characters, protect) for source in sources]
    sent = [item for item in masked if isinstance(item, _Masked) and item.text]
    judged: dict[int, tuple[object, Drafted]] = {}

    def judge(place: int, answer: object) -> Drafted:
        if place not in judged or judged[place][0] is not answer:
            judged[place] = answer, _judge(sent[place], answer, source_locale, target_locale)
            along(sent[place].source, judged[place][1])
        return judged[place][1]

    answers = enumerate(_ask(engine, [item.text for item in sent], source_locale, target_locale, hints, judge))
    drafted = list[Drafted]()
    for item in masked:
        if isinstance(item, Failure):
            drafted.append(item)
        elif item.text:
            drafted.append(judge(*next(answers)))
        else:
            version = engine.version(source_locale, target_locale)
            drafted.append(Draft(text=item.source, engine=engine.name, version=version))
    return drafted


def _ask(
    engine: Engine,
    texts: list[str],
    source_locale: Locale,
    target_locale: Locale,
    hints: HintsOf | None,
    judge: Callable[[int, object], Drafted],
) -> list[object]:
    """The engine's answers, as many as texts. An engine may be somebody else's code: nothing it returns is trusted.

    `judge` is told of answers before the last is there, so that the engine need not wait for us.
    """
    if not texts:
        return []
    try:
        if hints and isinstance(engine, TakesTerms) and engine.takes_terms:
            terms = [hints(text, target_locale) for text in texts]
            answers = list[object](engine.translate_with_terms(texts, terms, source_locale, target_locale))
        elif isinstance(engine, TellsAlong):
            answers = list[object](engine.translate_telling(texts, source_locale, target_locale, judge))
        else:
            answers = list[object](engine.translate(texts, source_locale, target_locale))
    except LocalizationError:
        raise
    except Exception as error:  # its words are left to the traceback: they may quote an address with a key
        raise EngineError(f"engine {engine.name!r} broke: {type(error).__name__}") from error
    if len(answers) != len(texts):
        raise EngineError(f"engine {engine.name!r} was given {len(texts)} texts and answered {len(answers)}")
    return answers


# -- before the engine


def _mask(source: str, max_characters: int, protect: Sequence[Protect]) -> _Masked | Failure:
    """Tags and protected spans to characters; tags at the edges and footnote marks at the end taken off."""
    for character in NO_PLAIN_TEXT.findall(source):
        category = unicodedata.category(character)
        if category == "Co":
            return Failure(reason=f"the source has the private-use character U+{ord(character):04X}", final=True)
        if category == "Cs" or character == "\0":
            return Failure(reason=f"the source has the character U+{ord(character):04X}, which is not text", final=True)
    before, text, after = _edges(source)
    spans = [span for span in protected_spans(text, protect) if not text[span.start : span.end].isdecimal()]
    while spans and spans[-1].kind is ProtectedKind.FOOTNOTE_MARK and spans[-1].end == len(text):
        kept = text[: spans.pop().start].rstrip()
        text, after = kept, text[len(kept) :] + after
    masked = _number_tags(text, spans)
    if isinstance(masked, str):
        return Failure(reason=masked, final=True)
    text, tags = masked
    if not visible_text(text):
        return Failure(reason="the source has no text to translate", final=True)
    if any(tag.text for tag in tags) and not any(letter.isalnum() for letter in _TAG_CHARACTER.sub("", text)):
        return _Masked(source, "", (), "", "")
    if len(text) > max_characters:
        return Failure(reason=f"the source is longer than the engine's {max_characters} characters", final=True)
    return _Masked(source, text, tags, before, after)


def _edges(source: str) -> tuple[str, str, str]:
    """What stands before, in, and after the text: blanks, standalone tags at an edge, pairs around all of it."""
    if "<" not in source:
        return "", source.strip(), ""
    before, text, after = "", source, ""
    while True:
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        before, after, text = before + text[:start], text[end:] + after, text[start:end]
        tags = list(tags_of(text))
        first, last = (tags[0], tags[-1]) if tags else (None, None)
        if first and first.start() == 0 and first[4]:
            before, text = before + first[0], text[first.end() :]
        elif last and last.end() == len(text) and last[4]:
            after, text = last[0] + after, text[: last.start()]
        elif (
            first
            and last
            and first.start() == 0
            and last.end() == len(text)
            and first is not last
            and ((first[1], first[2], first[3]) == ("", last[2], last[3]) and last[1])
        ):
            before, after, text = before + first[0], last[0] + after, text[first.end() : last.start()]
        else:
            return before.lstrip(), text, after.rstrip()


def _number_tags(text: str, spans: Sequence[ProtectedSpan]) -> tuple[str, tuple[_Tag, ...]] | str:
    """The text with characters for tags and protected spans, and what they stand for; or why it cannot be sent."""
    if not spans and "<" not in text:
        return text, ()
    tags, names, stack = list[_Tag](), set[str](), list[int]()
    pieces, position = list[str](), 0
    room = max(0, MOST_PLACEABLES - sum(not found[1] for found in tags_of(text)))
    places: list[re.Match[str] | ProtectedSpan] = [*tags_of(text), *spans[:room]]
    for found in sorted(places, key=_start):
        if isinstance(found, ProtectedSpan):
            pieces.append(text[position : found.start])
            position = found.end
            tags.append(_Tag("", 0, True, stack[-1] if stack else -1, text[found.start : found.end]))
            pieces.append(chr(ALONE + len(tags)))
            continue
        closing, letter, number, alone = found.groups()
        name = f"{letter}{number}"
        pieces.append(text[position : found.start()])
        position = found.end()
        if closing:
            if alone or not stack or (tags[stack[-1]].letter, tags[stack[-1]].number) != (letter, int(number)):
                return f"the source's tags are not nested at {found[0]}"
            pieces.append(chr(CLOSING + stack.pop() + 1))
            continue
        if name in names:
            return f"the source has the tag {found[0]} twice"
        names.add(name)
        tags.append(_Tag(letter, int(number), bool(alone), stack[-1] if stack else -1))
        pieces.append(chr((ALONE if alone else OPENING) + len(tags)))
        if not alone:
            stack.append(len(tags) - 1)
    if stack:
        return f"the source's tag {tags[stack[-1]].write(OPENING)} is not closed"
    if len(tags) > MOST_PLACEABLES:
        return f"the source has more than {MOST_PLACEABLES} tags"
    return "".join([*pieces, text[position:]]), tuple(tags)


def _start(place: re.Match[str] | ProtectedSpan) -> int:
    return place.start if isinstance(place, ProtectedSpan) else place.start()


# -- after the engine


def _judge(masked: _Masked, answer: object, source_locale: Locale, target_locale: Locale) -> Drafted:
    """The answer with its tags, if it will do."""
    if isinstance(answer, Failure):
        return answer
    if not isinstance(answer, Draft) or not isinstance(answer.text, str):
        return Failure(reason=f"the engine answered {type(answer).__name__} instead of a draft")
    if len(answer.text) > LONGEST_ANSWER * len(masked.text) + 1_000:
        reason = f"the draft is far too long: {len(answer.text)} characters for {len(masked.text)}"
        return Failure(reason=reason, final=True, guard=absurd_length.__name__.replace("_", " "))
    text = unicodedata.normalize("NFC", _on_one_line(answer.text)).replace("\t", " ").strip()
    text = unescaped(masked.text, text)
    text = localize_numbers(masked.text, text, source_locale, target_locale)
    bare_source, bare_draft = (_without_tags(masked.tags, side) for side in (masked.text, text))
    for refused in REFUSALS:
        if reason := refused(bare_source, bare_draft):
            return Failure(reason=reason, final=True, guard=refused.__name__.replace("_", " "))
    restored, doubts = _restore(masked, text, source_locale, target_locale)
    if missing := _missing_numbers(masked.text, text):
        doubts.append(f"numbers of the source that are not in the draft: {', '.join(missing)}")
    if apart := sentences_apart(bare_source, bare_draft):
        doubts.append(apart)
    if restored == answer.text and not doubts and not _TAG_CHARACTER.search("".join(answer.doubts)):
        return answer
    passed_on = (_TAG_CHARACTER.sub(lambda found: _name(masked.tags, found[0]), doubt) for doubt in answer.doubts)
    return replace(answer, text=restored, doubts=(*passed_on, *doubts))


def _on_one_line(text: str) -> str:
    return " ".join(part.strip(" \t") for part in _LINE_BREAKS.split(text)) if _LINE_BREAKS.search(text) else text


def _name(tags: tuple[_Tag, ...], character: str) -> str:
    """The tag that a character stands for; "" if for none."""
    kind, place = ord(character) & 0xFF00, (ord(character) & 0xFF) - 1
    if not 0 <= place < len(tags) or tags[place].alone != (kind == ALONE):
        return ""
    return tags[place].write(kind)


def _without_tags(tags: tuple[_Tag, ...], text: str) -> str:
    """The text without its tags' characters; those of no tag stay, for `not_clean_text` to see."""
    if not tags:
        return text
    return _TAG_CHARACTER.sub(lambda found: "" if _name(tags, found[0]) else found[0], text)


def _restore(masked: _Masked, text: str, source_locale: Locale, target_locale: Locale) -> tuple[str, list[str]]:
    """The draft with every tag of the source once and nested; a doubt for each that was lost: put back, or a guess."""
    tags, doubts, sure = masked.tags, list[str](), dict[int, str]()
    if not tags:
        return masked.before + text + masked.after, doubts
    counts = Counter(found[0] for found in _TAG_CHARACTER.finditer(text))
    lost = {place for place, tag in enumerate(tags) if any(counts[c] != 1 for c in _characters(place, tag))}
    if lost:
        source = localize_numbers(masked.text, masked.text, source_locale, target_locale)
        text, sure = _put_back(tags, source, text, lost)
        lost -= sure.keys()
    while (torn := _first_torn(tags, text, lost)) is not None:
        lost.add(torn)
    parents = _parents(tags, text, lost)
    kept = _TAG_CHARACTER.sub(lambda found: _keep(tags, found[0], lost), text)
    kept = re.sub(" {2,}", " ", kept).strip() if lost else kept
    stray = [place for place in sorted(lost) if tags[place].alone]
    kept += "".join(_behind(tags[place]) for place in stray if tags[place].parent in lost)
    for place in sorted(lost, reverse=True):
        if not tags[place].alone:
            kept = f"{tags[place].write(OPENING)}{kept}{tags[place].write(CLOSING)}"
    kept += "".join(_behind(tags[place]) for place in stray if tags[place].parent not in lost)
    doubts += [
        f"the {'place' if tags[place].alone else 'extent'} of {_names(tags[place])[0]} is a guess: the engine lost it"
        for place in sorted(lost)
    ]
    doubts += [
        f"{REPAIRED}{_names(tags[place])[0]}, which the engine lost or doubled, put {where}"
        for place, where in sorted(sure.items())
        if place not in lost
    ]
    if not lost:
        doubts += [
            f"{_names(tag)[0]} moved into or out of another tag"
            for place, tag in enumerate(tags)
            if parents.get(place) != tag.parent
        ]
    return masked.before + kept + masked.after, doubts


def _put_back(tags: tuple[_Tag, ...], source: str, text: str, lost: set[int]) -> tuple[str, dict[int, str]]:
    """The text with those lost tags that have one sure place, and where each of them is. The others are taken out."""
    from pipeline.put_back import put_back_alone, put_back_pair, undoubled

    sure: dict[int, str] = {}
    for place in sorted(lost):
        characters = _characters(place, tags[place])
        if len(characters) == 1 and (once := undoubled(text, characters[0])):
            text, sure[place] = once, "once"
            continue
        without = re.sub(" {2,}", " ", re.sub("|".join(characters), "", text)).strip()
        placed = (
            put_back_alone(source, without, characters[0])
            if len(characters) == 1
            else put_back_pair(source, without, *characters)
        )
        text = placed[0] if placed else without
        if placed:
            sure[place] = placed[1]
    return text, sure


def _behind(tag: _Tag) -> str:
    """What stands alone, put behind a text that has lost it."""
    return f" {tag.text}" if tag.text else tag.write(ALONE)


def _characters(place: int, tag: _Tag) -> tuple[str, ...]:
    """The characters that the tag in that place travels as."""
    return tuple(chr(kind + place + 1) for kind in ((ALONE,) if tag.alone else (OPENING, CLOSING)))


def _names(tag: _Tag) -> tuple[str, ...]:
    return (tag.write(ALONE),) if tag.alone else (tag.write(OPENING), tag.write(CLOSING))


def _keep(tags: tuple[_Tag, ...], character: str, lost: set[int]) -> str:
    return "" if (ord(character) & 0xFF) - 1 in lost else _name(tags, character)


def _first_torn(tags: tuple[_Tag, ...], text: str, lost: set[int]) -> int | None:
    """The first pair that is closed before it opens, crosses another, or holds nothing; None if all are nested."""
    stack = list[tuple[int, int]]()
    for found in _TAG_CHARACTER.finditer(text):
        place, kind = (ord(found[0]) & 0xFF) - 1, ord(found[0]) & 0xFF00
        if not _name(tags, found[0]) or place in lost or kind == ALONE:
            continue
        if kind == OPENING:
            stack.append((place, found.end()))
            continue
        if not stack or stack[-1][0] != place:
            return place
        if not text[stack.pop()[1] : found.start()].strip():
            return place
    return stack[-1][0] if stack else None


def _parents(tags: tuple[_Tag, ...], text: str, lost: set[int]) -> dict[int, int]:
    """For each tag in the draft the pair around it, -1 if none."""
    parents, stack = dict[int, int](), list[int]()
    for found in _TAG_CHARACTER.finditer(text):
        place, kind = (ord(found[0]) & 0xFF) - 1, ord(found[0]) & 0xFF00
        if not _name(tags, found[0]) or place in lost:
            continue
        if kind == CLOSING:
            if stack and stack[-1] == place:
                stack.pop()
            continue
        parents[place] = stack[-1] if stack else -1
        if kind == OPENING:
            stack.append(place)
    return parents


# -- what makes a draft no draft: each answers with the reason, or ""; texts come without tags

_seen = lru_cache(maxsize=4)(visible_text)
"""Several guards ask for the same two texts."""


def no_text(source: str, draft: str) -> str:
    """Nothing that a reader would see: blanks, or characters without a width."""
    seen = any(unicodedata.category(character)[0] not in "CZ" for character in _seen(draft))
    return "" if seen else "the engine answered nothing"


def not_clean_text(source: str, draft: str) -> str:
    """Characters or tags that the engine made up: no text of ours has them."""
    for character in NO_PLAIN_TEXT.findall(draft):
        if unicodedata.category(character) in ("Cc", "Cs", "Co"):
            return f"the engine answered with the character U+{ord(character):04X}"
    made_up = next(tags_of(draft), None)
    return f"the engine wrote the tag {made_up[0]} of its own" if made_up else ""


def untranslated(source: str, draft: str) -> str:
    """Four or more words that came back as they were."""
    same = _seen(source).casefold() == _seen(draft).casefold()
    return "came back untranslated" if same and len(_WORD.findall(source)) >= 4 else ""


def chatter(source: str, draft: str) -> str:
    """The machine speaks about the text, or about itself."""
    if _CHATTER.match(draft) and not _CHATTER.match(source):
        return f"the engine answered with talk: {draft[:60]!r}"
    return talk(source, draft)


def repetition_loop(source: str, draft: str) -> str:
    """The same one to eight words, four times or more in a row, and not so in the source."""
    words = draft.casefold().split()
    if len(words) - len(set(words)) < 3 or max(Counter(words).values()) < 4:
        return ""
    most = _most_repeats(draft)
    return f"the engine repeats itself {most} times" if most >= 4 and most > _most_repeats(source) + 1 else ""


def absurd_length(source: str, draft: str) -> str:
    """Over three times as long as the source, or under a sixth; short texts have some room."""
    before, after = len(_seen(source)), len(_seen(draft))
    if after > 3 * before + 40:
        return f"the draft is far too long: {after} characters for {before}"
    return f"the draft is far too short: {after} characters for {before}" if 6 * after + 10 < before else ""


REFUSALS: tuple[Callable[[str, str], str], ...] = (
    no_text,
    not_clean_text,
    markup_of_its_own,
    untranslated,
    chatter,
    repetition_loop,
    absurd_length,
    lost_sentence,
)
"""In this order; the first reason counts."""


def _most_repeats(text: str) -> int:
    """How often in a row the most repeated phrase of one to eight words stands; 1 if none does."""
    words, most = text.casefold().split(), 1
    if len(words) - len(set(words)) < 3:
        return most  # four times the same word are three words that stood before
    for size in range(1, 9):
        same = bytes(map(eq, words[size:], words))  # 1 where the word `size` places before is the same
        most = max(most, len(max(same.split(b"\0"))) // size + 1)
    return most


def _missing_numbers(source: str, draft: str) -> list[str]:
    """Numbers of the source, by their digits alone (separators differ by locale), that the draft has less often."""
    if not (wanted := _NUMBER.findall(source)):
        return []
    have = Counter(re.sub(r"\D", "", number) for number in _NUMBER.findall(draft))
    missing = list[str]()
    for number in wanted:
        digits = re.sub(r"\D", "", number)
        if have[digits] <= 0:
            missing.append(number)
        have[digits] -= 1
    return missing
