"""A target says all that its source says: as far as its length, its sentences and its end show it.

A length is judged against the median of the language (table `lengths`); short texts are left alone. On human
translations the shortest of a thousand had two thirds of the usual length.
"""

import re
from collections.abc import Iterator

from pipeline.model import Finding, Severity
from review.checks.context import Context
from review.checks.end_mark import last_mark
from review.checks.tables import measured, table
from review.checks.words_in_text import is_technical, seen_text

SHORTEST = 40
"""Letters of a source below which its length says nothing."""
TOO_SHORT = ((200, 0.66, 0.80), (120, 0.62, 0.75), (80, 0.56, 0.69), (60, 0.54, 0.64), (SHORTEST, 0.48, 0.58))
"""From so many letters of the source on: below which part of the usual length a target is far too short, too short."""
RATHER_SHORT = 0.84
LONG_ENOUGH = 80
"""Letters of a source from which on too long a target is asked about."""
FAR_TOO_LONG, TOO_LONG = 2.4, 1.75
"""Of the usual length."""
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]{0,3}\s++(?=[\"'“‘«(\[¿¡\s]{0,3}[^\W\d_a-zß-öø-ÿ])|[。！？]")


def complete(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR where the target is far too short or long; a WARNING where a sentence, or the end, seems lost."""
    usual = table(context.target_locale.language, "lengths").get("per_english", 0.0)
    if len(source) < SHORTEST or not usual or context.source_locale.language == context.target_locale.language:
        return
    before, after = seen_text(source), seen_text(target)
    if len(before) < SHORTEST:
        return
    length = len(after) / len(before) / usual
    far, short = next((far, short) for letters, far, short in TOO_SHORT if len(before) >= letters)
    lost = length < RATHER_SHORT and _sentences(after) < _sentences(before)
    broken_off = length < RATHER_SHORT and _breaks_off(source, target, context)
    if length < far or (length < short and (lost or broken_off)) or length > FAR_TOO_LONG:
        sure = measured(context.target_locale.language, "lengths") and not is_technical(source)
        severity = Severity.ERROR if sure else Severity.WARNING
    elif length < short or lost or broken_off or (length > TOO_LONG and len(before) >= LONG_ENOUGH):
        severity = Severity.WARNING
    else:
        return
    percent = round(100 * length)
    what = f"a translation is usually longer: this has {percent} % of the usual length"
    if length > 1:
        what = f"a translation is usually shorter: this has {percent} % of the usual length"
    elif broken_off:
        what = f"the translation seems to break off: it has no end mark and {percent} % of the usual length"
    elif lost:
        what = (
            f"a sentence seems to be missing: the source has {_sentences(before)}, the translation {_sentences(after)}"
        )
    yield Finding(
        check="complete",
        severity=severity,
        message=what,
        source_span=(0, len(source)),
        target_span=(0, len(target)),
    )


def _sentences(text: str) -> int:
    return 1 + len(_SENTENCE_END.findall(text))


def _breaks_off(source: str, target: str, context: Context) -> bool:
    """Whether the source ends with a mark and the target with none."""
    return (
        bool(last_mark(source, context.source_locale.language)[1])
        and not (last_mark(target, context.target_locale.language)[1])
    )
