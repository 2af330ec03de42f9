"""Plant errors in right translations, by rules: what check_planted_errors.py counts the catches of.

Takes   an English text, its right translation, the target's language, a source of chance with a seed
Gives   wrong translations, each with its family; none where a family finds nothing to spoil
Always  the same seed, the same errors; a planted text differs from the right one

The rules are written without looking at what the checks do, and use word lists of their own, not the checks' tables.
A family is dangerous if a reader who believes the text could be harmed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

Plant = Callable[[str, str, str, Random], str]
"""(source, target, language, chance) → the wrong target, or "" where there is nothing to spoil."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to make a translation wrong."""

    family: str
    name: str
    plant: Plant
    dangerous: bool = True


_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,\u00a0\u202f]\d+)*(?![\w])")


def _pick(found: list[re.Match[str]], chance: Random) -> re.Match[str] | None:
    return chance.choice(found) if found else None


def _put(text: str, span: tuple[int, int], instead: str) -> str:
    return text[: span[0]] + instead + text[span[1] :]


def _digit(source: str, target: str, language: str, chance: Random) -> str:
    """One digit of a number is another."""
    if not (found := _pick(list(_NUMBER.finditer(target)), chance)):
        return ""
    places = [at for at in range(*found.span()) if target[at].isdigit()]
    at = chance.choice(places)
    return _put(target, (at, at + 1), chance.choice([d for d in "123456789" if d != target[at]]))


def _zero_more(source: str, target: str, language: str, chance: Random) -> str:
    """A whole number has a nought more."""
    found = _pick([m for m in _NUMBER.finditer(target) if m[0].isdigit() and m[0] != "0"], chance)
    return _put(target, found.span(), found[0] + "0") if found else ""


def _number_lost(source: str, target: str, language: str, chance: Random) -> str:
    found = _pick(list(_NUMBER.finditer(target)), chance)
    return re.sub(r"\s{2,}", " ", _put(target, found.span(), "")) if found else ""


def _point_moved(source: str, target: str, language: str, chance: Random) -> str:
    """0,5 → 5 or 0,05; 3,77 → 37,7."""
    found = _pick([m for m in _NUMBER.finditer(target) if re.fullmatch(r"\d+[.,]\d{1,2}", m[0])], chance)
    if not found:
        return ""
    whole, fraction = re.split("[.,]", found[0])
    comma = found[0][len(whole)]
    moved = chance.choice(
        [f"{whole}{fraction[0]}{comma}{fraction[1:] or '0'}", f"0{comma}{whole}{fraction}", whole + fraction]
    )
    return _put(target, found.span(), moved.lstrip("0") if moved.startswith("00") else moved)


def _english_separator(source: str, target: str, language: str, chance: Random) -> str:
    """A grouped or decimal number written as in English: 1,191 for 1.191 or 1 191."""
    found = _pick(
        [
            m
            for m in _NUMBER.finditer(target)
            if re.fullmatch(r"\d{1,3}(?:[.\u00a0\u202f]\d{3})+", m[0])
            and m[0].replace(".", ",").replace("\u00a0", ",").replace("\u202f", ",") in source
        ],
        chance,
    )
    return _put(target, found.span(), re.sub(r"[.\u00a0\u202f]", ",", found[0])) if found else ""


def _exchanged(source: str, target: str, language: str, chance: Random) -> str:
    """Two different numbers in each other's place."""
    found = list(_NUMBER.finditer(target))
    pairs = [(a, b) for i, a in enumerate(found) for b in found[i + 1 :] if a[0] != b[0]]
    if not pairs:
        return ""
    first, second = chance.choice(pairs)
    return _put(_put(target, second.span(), first[0]), first.span(), second[0])


_UNITS: Mapping[str, list[tuple[str, str]]] = {
    "es": [
        ("mg", "g"),
        ("mcg", "mg"),
        ("µg", "mg"),
        ("ml", "l"),
        ("mL", "L"),
        ("g", "mg"),
        ("horas", "días"),
        ("días", "horas"),
        ("semanas", "meses"),
        ("minutos", "horas"),
        ("años", "meses"),
        ("meses", "años"),
        ("segundos", "minutos"),
        ("km", "m"),
        ("°C", "°F"),
        ("metros", "pies"),
        ("mm", "cm"),
    ],
    "fr": [
        ("mg", "g"),
        ("µg", "mg"),
        ("ml", "l"),
        ("mL", "L"),
        ("g", "mg"),
        ("heures", "jours"),
        ("jours", "heures"),
        ("semaines", "mois"),
        ("minutes", "heures"),
        ("ans", "mois"),
        ("mois", "ans"),
        ("secondes", "minutes"),
        ("°C", "°F"),
        ("mètres", "pieds"),
        ("mm", "cm"),
    ],
    "pt": [
        ("mg", "g"),
        ("mcg", "mg"),
        ("ml", "l"),
        ("mL", "L"),
        ("g", "mg"),
        ("horas", "dias"),
        ("dias", "horas"),
        ("semanas", "meses"),
        ("minutos", "horas"),
        ("anos", "meses"),
        ("meses", "anos"),
        ("segundos", "minutos"),
        ("°C", "°F"),
        ("metros", "pés"),
        ("mm", "cm"),
    ],
}


def _unit(source: str, target: str, language: str, chance: Random) -> str:
    """The unit behind a number is another of its kind."""
    ways = []
    for right, wrong in _UNITS.get(language, ()):
        ways += [(m.span(1), wrong) for m in re.finditer(rf"\d[\s\u00a0]?({re.escape(right)})(?![\w/])", target)]
    if not ways:
        return ""
    span, wrong = chance.choice(ways)
    return _put(target, span, wrong)


_WORDS = {
    "es": "dos tres cuatro cinco seis siete ocho nueve diez doce".split(),  # noqa: SIM905
    "fr": "deux trois quatre cinq six sept huit dix douze".split(),  # noqa: SIM905
    "pt": "dois três quatro cinco seis sete oito nove dez doze".split(),  # noqa: SIM905
}


def _number_word(source: str, target: str, language: str, chance: Random) -> str:
    words = _WORDS.get(language, [])
    found = _pick([m for m in re.finditer(r"\w+", target) if m[0] in words], chance)
    return _put(target, found.span(), chance.choice([w for w in words if w != found[0]])) if found else ""


_MAGNITUDES = {
    "es": {"millones": "mil", "mil millones": "millones", "mil": "millones"},
    "fr": {"millions": "milliards", "milliards": "millions", "mille": "millions"},
    "pt": {"milhões": "bilhões", "bilhões": "milhões", "mil": "milhões"},
}


def _magnitude(source: str, target: str, language: str, chance: Random) -> str:
    ways = _MAGNITUDES.get(language, {})
    pattern = "|".join(sorted(ways, key=len, reverse=True))
    found = _pick(list(re.finditer(rf"(?<=\d )(?:{pattern})\b", target)), chance) if ways else None
    return _put(target, found.span(), ways[found[0]]) if found else ""


def _percent(source: str, target: str, language: str, chance: Random) -> str:
    found = _pick(list(re.finditer(r"[\s\u00a0\u202f]?%", target)), chance)
    return _put(target, found.span(), "") if found else ""


_MONTHS = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),  # noqa: SIM905
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),  # noqa: SIM905
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(),  # noqa: SIM905
}


def _month(source: str, target: str, language: str, chance: Random) -> str:
    names = _MONTHS.get(language, [])
    found = _pick([m for m in re.finditer(r"\w+", target) if m[0].lower() in names], chance)
    return _put(target, found.span(), chance.choice([n for n in names if n != found[0].lower()])) if found else ""


_CONTACT = re.compile(r"(?:https?://|www\.)[^\s)>\]]+|[\w.+-]+@[\w-]+\.[\w.]+")


def _address(source: str, target: str, language: str, chance: Random) -> str:
    """A letter of an address is gone, doubled or another, or the address is gone."""
    if not (found := _pick(list(_CONTACT.finditer(target)), chance)):
        return ""
    at = chance.choice([a for a in range(found.start() + 8, found.end() - 2) if target[a].isalpha()] or [found.start()])
    return chance.choice(
        [
            _put(target, (at, at + 1), ""),
            _put(target, (at, at), target[at]),
            _put(target, (at, at + 1), "q" if target[at] != "q" else "z"),
            _put(target, found.span(), ""),
        ]
    )


_PHONE = re.compile(r"(?<!\w)(?:\+?\d[\d() .-]{6,}\d|911|988|112)(?!\w)")


def _phone(source: str, target: str, language: str, chance: Random) -> str:
    found = _pick([m for m in _PHONE.finditer(target) if m[0] in source], chance)
    if not found:
        return ""
    at = chance.choice([a for a in range(*found.span()) if target[a].isdigit()])
    return _put(target, (at, at + 1), str((int(target[at]) + chance.randint(1, 8)) % 10))


_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def _tag_lost(source: str, target: str, language: str, chance: Random) -> str:
    found = _pick(list(_TAG.finditer(target)), chance)
    return _put(target, found.span(), "") if found else ""


def _tag_doubled(source: str, target: str, language: str, chance: Random) -> str:
    found = _pick(list(_TAG.finditer(target)), chance)
    return _put(target, found.span(), found[0] * 2) if found else ""


def _blank(target: str, chance: Random) -> int | None:
    places = [m.start() for m in re.finditer(" ", target)]
    return chance.choice(places) if places else None


def _inserted(*pieces: str) -> Plant:
    """One of some pieces, behind a word."""

    def plant(source: str, target: str, language: str, chance: Random) -> str:
        at = _blank(target, chance)
        return "" if at is None else _put(target, (at, at), chance.choice(pieces))

    return plant


def _inside(*characters: str) -> Plant:
    """One of some characters, inside a word."""

    def plant(source: str, target: str, language: str, chance: Random) -> str:
        places = [m.start() + 1 for m in re.finditer(r"[^\W\d_]{2}", target)]
        return _put(target, (at := chance.choice(places), at), chance.choice(characters)) if places else ""

    return plant


def _mojibake(source: str, target: str, language: str, chance: Random) -> str:
    """UTF-8 read as Windows-1252."""
    places = [m.start() for m in re.finditer(r"[áéíóúñçãõâêôàèùîïœ’]", target)]
    if not places:
        return ""
    broken = target.encode().decode("cp1252", "replace")
    return (
        broken
        if chance.random() < 0.5
        else _put(target, (at := chance.choice(places), at + 1), target[at].encode().decode("cp1252", "replace"))
    )


def _truncated(source: str, target: str, language: str, chance: Random) -> str:
    words = target.split(" ")
    return " ".join(words[: len(words) // 2]) if len(words) >= 8 else ""


def _tail_lost(source: str, target: str, language: str, chance: Random) -> str:
    """The last third, up to a comma where there is one: what looks finished."""
    words = target.split(" ")
    return " ".join(words[: len(words) * 2 // 3]).rstrip(" ,;:") + "." if len(words) >= 9 else ""


_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÁÉÍÓÚÀÇÊ¿¡«])")


def _sentence_lost(source: str, target: str, language: str, chance: Random) -> str:
    sentences = _END.split(target)
    if len(sentences) < 2 or min(map(len, sentences)) < 12:
        return ""
    del sentences[chance.randrange(len(sentences))]
    return " ".join(sentences)


def _copied(source: str, target: str, language: str, chance: Random) -> str:
    return source if len(source.split()) >= 4 else ""


def _half_english(source: str, target: str, language: str, chance: Random) -> str:
    """The second half is still English."""
    there, here = target.split(" "), source.split(" ")
    return " ".join(there[: len(there) // 2] + here[len(here) // 2 :]) if len(here) >= 10 else ""


def _phrase_english(source: str, target: str, language: str, chance: Random) -> str:
    """Five words in the middle are still English."""
    there, here = target.split(" "), source.split(" ")
    if len(here) < 14 or len(there) < 14:
        return ""
    at = chance.randrange(3, min(len(here), len(there)) - 8)
    return " ".join(there[:at] + here[at : at + 6] + there[at + 6 :])


def _doubled(source: str, target: str, language: str, chance: Random) -> str:
    return f"{target} {target}" if len(target.split()) >= 4 else ""


def _loop(source: str, target: str, language: str, chance: Random) -> str:
    words = target.split(" ")
    return " ".join(words + words[-3:] * 4) if len(words) >= 5 else ""


def _chatter(source: str, target: str, language: str, chance: Random) -> str:
    said = {
        "es": ["Aquí está la traducción: ", "Traducción: ", "Claro, aquí tiene la traducción:\n"],
        "fr": ["Voici la traduction : ", "Traduction : ", "Bien sûr ! Voici la traduction :\n"],
        "pt": ["Aqui está a tradução: ", "Tradução: ", "Claro! Segue a tradução:\n"],
    }
    words: str = chance.choice(
        ["Here is the translation: ", "Sure! Here's the translation:\n", *said.get(language, ())]
    )
    return words + target


def _empty(source: str, target: str, language: str, chance: Random) -> str:
    return chance.choice([" ", "\u200b", "…", "-"])


def _doubled_word(source: str, target: str, language: str, chance: Random) -> str:
    found = _pick(list(re.finditer(r"\b[^\W\d_]{3,}\b", target)), chance)
    return _put(target, found.span(), f"{found[0]} {found[0]}") if found else ""


RULES: tuple[Rule, ...] = (
    Rule("numbers", "digit", _digit),
    Rule("numbers", "nought more", _zero_more),
    Rule("numbers", "number lost", _number_lost),
    Rule("numbers", "exchanged", _exchanged),
    Rule("numbers", "number word", _number_word),
    Rule("numbers", "month", _month),
    Rule("magnitude", "million for thousand", _magnitude),
    Rule("separators", "point moved", _point_moved),
    Rule("separators", "as in English", _english_separator),
    Rule("units", "unit", _unit),
    Rule("percent", "sign lost", _percent),
    Rule("contacts", "address", _address),
    Rule("contacts", "telephone", _phone),
    Rule("markup", "tag lost", _tag_lost),
    Rule("markup", "tag doubled", _tag_doubled),
    Rule(
        "injection",
        "script",
        _inserted("<script>alert(1)</script>", '<img src=x onerror="alert(1)">', "<iframe src='//a.example'></iframe>"),
    ),
    Rule(
        "injection",
        "link",
        _inserted(
            " https://evil.example/x",
            ' <a href="http://evil.example">aquí</a>',
            " [x](http://evil.example)",
            "javascript:alert(1)",
        ),
    ),
    Rule(
        "characters",
        "bidi or zero-width",
        _inside("\u202e", "\u200b", "\u2066", "\u200f", "\ufeff", "\u2060", "\u00ad"),
    ),
    Rule("characters", "control", _inside("\x07", "\x1b", "\ufffd")),
    Rule("characters", "mojibake", _mojibake),
    Rule("completeness", "half lost", _truncated),
    Rule("completeness", "last third lost", _tail_lost),
    Rule("completeness", "sentence lost", _sentence_lost),
    Rule("language", "copied", _copied),
    Rule("language", "half English", _half_english),
    Rule("language", "phrase in English", _phrase_english),
    Rule("text", "doubled", _doubled, dangerous=False),
    Rule("text", "loop", _loop, dangerous=False),
    Rule("text", "chatter", _chatter, dangerous=False),
    Rule("text", "empty", _empty),
    Rule("text", "doubled word", _doubled_word, dangerous=False),
)
"""Every rule; a new family adds its lines."""
