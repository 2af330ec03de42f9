"""How the names of drugs look alike across languages: the key of a name.

International Nonproprietary Names have one stem and the endings and spelling of each language: hydroxyzine,
hidroxizina, hydroxyzine, Hydroxyzin. The key of all of these is the same, and that of hydralazine another one.
"""

import re
import unicodedata
from functools import lru_cache

_SPELLINGS = tuple(
    tuple(change.split(">"))
    for change in "·> ph>f ch>c kh>c qu>cu cue>ce cui>ci th>t rh>r".split()  # noqa: SIM905 - one line
)
_DIPHTHONG = re.compile("[aeo]e(?=[^aeiou])")
_LATER_SPELLINGS = tuple(
    tuple(change.split(">"))
    for change in "y>i h> k>c w>v ce>ze ci>zi xc>c xz>z j>i".split()  # noqa: SIM905
)
"""What languages spell otherwise, in this order; it is asked of every word, and plain letters are quick to exchange."""
_DOUBLE = re.compile(r"(.)\1+")
_ENDINGS = frozenset(("um", "us", "os", "as", "es"))


@lru_cache(maxsize=1 << 15)
def key(name: str) -> str:
    """The letters that a drug's name keeps in all languages.

    >>> key("hydroxyzine") == key("hidroxizina") == key("Hydroxyzin")
    True
    >>> key("chloroquine") == key("cloroquina"), key("prednisone") == key("prednisolone")
    (True, False)
    """
    folded = name.lower()
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    for written, instead in _SPELLINGS:
        folded = folded.replace(written, instead)
    if "ae" in folded or "ee" in folded or "oe" in folded:
        folded = _DIPHTHONG.sub("e", folded)
    for written, instead in _LATER_SPELLINGS:
        folded = folded.replace(written, instead)
    folded = _DOUBLE.sub(r"\1", folded)
    if folded[-2:] in _ENDINGS:
        return folded[:-2]
    return folded[:-1] if folded.endswith(("a", "e", "o")) else folded
