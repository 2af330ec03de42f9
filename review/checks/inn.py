"""How the names of drugs look alike across languages: the key of a name.

International Nonproprietary Names have one stem and the endings and spelling of each language: hydroxyzine,
hidroxizina, hydroxyzine, Hydroxyzin. The key of all of these is the same, and that of hydralazine another one.
"""

import re
import unicodedata
from functools import lru_cache

_SPELLINGS = (
    (re.compile("·"), ""),
    (re.compile("ph"), "f"),
    (re.compile("ch(?=[lr])|[ck]h|q(?=u)"), "c"),
    (re.compile("(?<=c)u(?=[ei])"), ""),
    (re.compile("th"), "t"),
    (re.compile("rh"), "r"),
    (re.compile("[aeo]e(?=[^aeiou])"), "e"),
    (re.compile("y"), "i"),
    (re.compile("h"), ""),
    (re.compile("k"), "c"),
    (re.compile("w"), "v"),
    (re.compile("c(?=[ei])|ç"), "z"),
    (re.compile("x(?=[cz])"), ""),
    (re.compile("j"), "i"),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile("(?:um|us|os|as|es|[aeo])$"), ""),
)
"""What languages spell otherwise, in this order: ph → f, th → t, double letters, endings."""


@lru_cache(maxsize=1 << 15)
def key(name: str) -> str:
    """The letters that a drug's name keeps in all languages.

    >>> key("hydroxyzine") == key("hidroxizina") == key("Hydroxyzin")
    True
    >>> key("chloroquine") == key("cloroquina"), key("prednisone") == key("prednisolone")
    (True, False)
    """
    folded = "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
    for pattern, instead in _SPELLINGS:
        folded = pattern.sub(instead, folded)
    return folded
