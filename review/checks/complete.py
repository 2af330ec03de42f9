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

SHORTEST = 45
"""Letters of a source below which its length says nothing."""
FAR_TOO_SHORT, TOO_SHORT, RATHER_SHORT = 0.56, 0.70, 0.84
SHORT = 80
"""Letters of a source below which a length says less: what is said in fewer words shows more."""
FAR_TOO_LONG, TOO_LONG = 2.4, 1.75
"""Of the usual length."""
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]{0,3}\s+(?=[\"'“‘«(\[¿¡\s]{0,3}[^\W\d_a-zß-öø-ÿ])|[。！？]")


def complete(source: str, target: str, context: Context) -> Iterator[Finding]:
    """An ERROR where the target is far too short or long; a WARNING where a sentence, or the end, seems lost."""
    usual = table(context.target_locale.language, "lengths").get("per_english", 0.0)
    if len(source) < SHORTEST or not usual or context.source_locale.language == context.target_locale.language:
        return
    before, after = seen_text(source), seen_text(target)
    if len(before) < SHORTEST:
        return
    length = len(after) / len(before) / usual
    if len(before) < SHORT and length < 1:
        length = min(1, length + 0.16)
    lost = length < RATHER_SHORT and _sentences(after) < _sentences(before)
    broken_off = length < RATHER_SHORT and _breaks_off(source, target, context)
    if length < FAR_TOO_SHORT or (length < TOO_SHORT and (lost or broken_off)) or length > FAR_TOO_LONG:
        sure = measured(context.target_locale.language, "lengths") and not is_technical(source)
        severity = Severity.ERROR if sure else Severity.WARNING
    elif length < TOO_SHORT or lost or broken_off or (length > TOO_LONG and len(before) > SHORT):
        severity = Severity.WARNING
    else:
        return
    percent = round(100 * len(after) / len(before) / usual)
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
