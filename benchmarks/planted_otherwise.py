"""Plant errors a second time, by other rules and other words than planted_errors.py and planted_meaning.py.

Takes   an English text, its right translation, the target's language (es, fr, pt), a source of chance with a seed
Gives   wrong translations, each with its family; none where a family finds nothing to spoil
Always  the same seed, the same errors; a planted text differs from the right one

Written as somebody would who has never seen the checks: from what goes wrong in leaflets, consent forms and machine
output. An exchange of words is planted only where the English holds the word that is being betrayed.
"""

# ruff: noqa: E501, SIM905 - tables of words, a family and language a line
import re
from collections.abc import Mapping, Sequence
from random import Random

from planted_errors import Plant, Rule

_NUMBER = re.compile(r"(?<![\w.,/@-])\d+(?:[.,\u00a0\u202f]\d+)*(?![\w@])")
_DECIMAL = re.compile(r"(?<![\w.,])(\d+)([.,])(\d{1,2})(?![\w.,]?\d)")


def _put(text: str, span: tuple[int, int], instead: str) -> str:
    return text[: span[0]] + instead + text[span[1] :]


def _at(pattern: str | re.Pattern[str], put: str, *, flags: int = re.IGNORECASE) -> Plant:
    """A planter that puts a replacement template in one place that a pattern finds."""
    found_by = re.compile(pattern, flags) if isinstance(pattern, str) else pattern

    def plant(source: str, target: str, language: str, chance: Random) -> str:
        found = list(found_by.finditer(target))
        if not found:
            return ""
        match = chance.choice(found)
        return re.sub(r"  +", " ", _put(target, match.span(), match.expand(put)))

    return plant


# numbers ------------------------------------------------------------------------------------------------------------


def _transposed(source: str, target: str, language: str, chance: Random) -> str:
    """Two neighbouring digits of a number change places: 18 → 81."""
    places = [
        m.start() + i
        for m in _NUMBER.finditer(target)
        for i, (a, b) in enumerate(zip(m[0], m[0][1:], strict=False))
        if a.isdigit() and b.isdigit() and a != b and not (i == 0 and b == "0")
    ]
    if not places:
        return ""
    at = chance.choice(places)
    return _put(target, (at, at + 2), target[at + 1] + target[at])


def _number_to(change: str) -> Plant:
    """A planter that spoils one number: a digit more or less, ten times, a nought less, one more, a hundred less."""

    def plant(source: str, target: str, language: str, chance: Random) -> str:
        found = [m for m in _NUMBER.finditer(target) if m[0].isdigit()]
        if change == "zero dropped":
            found = [m for m in found if m[0].endswith("0") and len(m[0]) > 1]
        elif change == "digit dropped":
            found = [m for m in found if len(m[0]) > 1]
        elif change == "year":
            found = [m for m in found if re.fullmatch("(19|20)[0-9]{2}", m[0])]
        if not found:
            return ""
        match = chance.choice(found)
        number = match[0]
        wrong = {
            "zero dropped": number[:-1],
            "zero added": number + "0",
            "digit dropped": number[1:].lstrip("0") or number[:-1],
            "digit doubled": number[0] + number,
            "one more": str(int(number) + 1),
            "year": str(int(number) + chance.choice([-10, -1, 1, 10, -100])),
        }[change]
        return _put(target, match.span(), wrong)

    return plant


def _decimal_shifted(source: str, target: str, language: str, chance: Random) -> str:
    """2,5 → 25 or 0,25; 0,125 → 1,25."""
    found = list(_DECIMAL.finditer(target))
    if not found:
        return ""
    match = chance.choice(found)
    whole, mark, fraction = match.groups()
    ways = [whole.lstrip("0") + fraction, f"{whole}{mark}0{fraction}", f"{whole}{fraction[0]}{mark}{fraction[1:] or 0}"]
    return _put(target, match.span(), chance.choice(ways))


def _range_end(source: str, target: str, language: str, chance: Random) -> str:
    """One end of a range is another number: 14-21 → 14-12, 5 a 7 → 5 a 9."""
    found = list(re.finditer(r"\b(\d{1,3})(\s?[-–]\s?|\s(?:a|à|e|y|et)\s)(\d{1,3})\b", target))
    if not found:
        return ""
    match = chance.choice(found)
    end = chance.choice([1, 3])
    return _put(target, match.span(end), str(int(match[end]) + chance.choice([1, 2, 5, 10])))


def _numbers_swapped(source: str, target: str, language: str, chance: Random) -> str:
    """Two different numbers of the sentence have changed places."""
    found = list(_NUMBER.finditer(target))
    ways = [(a, b) for i, a in enumerate(found) for b in found[i + 1 :] if a[0] != b[0]]
    if not ways:
        return ""
    a, b = chance.choice(ways)
    return target[: a.start()] + b[0] + target[a.end() : b.start()] + a[0] + target[b.end() :]


def _english_decimal(source: str, target: str, language: str, chance: Random) -> str:
    """2,5 → 2.5: where a comma is the decimal mark, a point groups thousands."""
    found = [m for m in _DECIMAL.finditer(target) if m[2] == ","]
    if not found:
        return ""
    match = chance.choice(found)
    return _put(target, match.span(), f"{match[1]}.{match[3]}")


def _english_thousands(source: str, target: str, language: str, chance: Random) -> str:
    """4000, 4.000 or 4 000 → 4,000: read as four."""
    found = list(re.finditer(r"(?<![\w.,])(\d{1,3})([.\u00a0\u202f ]?)(\d{3})(?![\w.,]?\d)", target))
    found = [m for m in found if m[2] or not re.fullmatch("(19|20)[0-9]{2}", m[0])]
    found = [m for m in found if f"{m[1]},{m[3]}" in source or f"{m[1]}{m[3]}" in source]
    if not found:
        return ""
    match = chance.choice(found)
    return _put(target, match.span(), f"{match[1]},{match[3]}")


_NUMBER_WORDS: Mapping[str, Sequence[tuple[str, str]]] = {
    "es": [
        ("dos", "tres"), ("tres", "cuatro"), ("cuatro", "cinco"), ("cinco", "seis"), ("seis", "siete"),
        ("siete", "seis"), ("ocho", "nueve"), ("nueve", "ocho"), ("diez", "doce"), ("doce", "diez"),
        ("quince", "cincuenta"), ("veinte", "treinta"), ("treinta", "veinte"), ("primer", "tercer"),
        ("primera", "segunda"), ("segunda", "tercera"), ("segundo", "tercero"), ("tercera", "cuarta"),
        ("mitad", "tercera parte"), ("doble", "triple"), ("tercio", "cuarto"), ("docena", "decena"),
    ],
    "fr": [
        ("deux", "trois"), ("trois", "quatre"), ("quatre", "cinq"), ("cinq", "six"), ("six", "sept"), ("sept", "huit"),
        ("huit", "neuf"), ("neuf", "huit"), ("dix", "douze"), ("douze", "dix"), ("quinze", "cinquante"),
        ("vingt", "trente"), ("trente", "vingt"), ("premier", "troisième"), ("première", "deuxième"),
        ("deuxième", "troisième"), ("second", "troisième"), ("troisième", "quatrième"), ("moitié", "quart"),
        ("double", "triple"), ("tiers", "quart"), ("douzaine", "dizaine"),
    ],
    "pt": [
        ("dois", "três"), ("duas", "três"), ("três", "quatro"), ("quatro", "cinco"), ("cinco", "seis"), ("seis", "sete"),
        ("sete", "oito"), ("oito", "nove"), ("nove", "oito"), ("dez", "doze"), ("doze", "dez"), ("quinze", "cinquenta"),
        ("vinte", "trinta"), ("trinta", "vinte"), ("primeiro", "terceiro"), ("primeira", "segunda"),
        ("segunda", "terceira"), ("segundo", "terceiro"), ("terceira", "quarta"), ("metade", "terça parte"),
        ("dobro", "triplo"), ("terço", "quarto"), ("dúzia", "dezena"),
    ],
}  # fmt: skip
_ENGLISH_NUMBER = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|first|second|third|half|double|"
    r"twice|dozens?|[2-9]|1[0-9]|2nd|3rd|1st|20|30)\b",
    re.IGNORECASE,
)


def _number_word(source: str, target: str, language: str, chance: Random) -> str:
    if not _ENGLISH_NUMBER.search(source):
        return ""
    words = dict(_NUMBER_WORDS[language])
    found = [m for m in re.finditer(r"\w+", target) if m[0].lower() in words]
    if language in ("es", "pt"):  # "segundo" is also "according to", and a unit of time
        found = [
            m for m in found if m[0].lower() not in ("segundo", "segunda") or re.search("second|2nd", source, re.I)
        ]
    if not found:
        return ""
    match = chance.choice(found)
    return _put(target, match.span(), _cased(words[match[0].lower()], match[0]))


def _cased(word: str, like: str) -> str:
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


def _fraction(source: str, target: str, language: str, chance: Random) -> str:
    found = list(re.finditer(r"(?<![\d/])(\d)/(\d{1,2})(?![\d/])|[½¼¾⅓⅔]", target))
    if not found:
        return ""
    match = chance.choice(found)
    if match[1]:
        return _put(target, match.span(2), str(int(match[2]) * 2))
    return _put(target, match.span(), chance.choice([f for f in "½¼¾⅓⅔" if f != match[0]]))


_MONTHS: Mapping[str, Sequence[str]] = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(),
}
_DAYS: Mapping[str, Sequence[str]] = {
    "es": "lunes martes miércoles jueves viernes sábado domingo".split(),
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo".split(),
}


def _of_list(lists: Mapping[str, Sequence[str]]) -> Plant:
    def plant(source: str, target: str, language: str, chance: Random) -> str:
        words = lists[language]
        if not (found := [m for m in re.finditer(r"[\w-]+", target) if m[0].lower() in words]):
            return ""
        match = chance.choice(found)
        return _put(target, match.span(), _cased(chance.choice([w for w in words if w != match[0].lower()]), match[0]))

    return plant


def _day_of_month(source: str, target: str, language: str, chance: Random) -> str:
    months = "|".join(_MONTHS[language])
    found = list(re.finditer(rf"\b(\d{{1,2}}) (?:de )?(?:{months})\b", target, re.I))
    if not found:
        return ""
    match = chance.choice(found)
    day = int(match[1])
    return _put(target, match.span(1), str(chance.choice([d for d in (day - 1, day + 1, day + 10) if 1 <= d <= 31])))


def _day_month_exchanged(source: str, target: str, language: str, chance: Random) -> str:
    """03/07/2021 → 07/03/2021."""
    found = [m for m in re.finditer(r"\b(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)?\d{2})\b", target) if m[1] != m[3]]
    if not found:
        return ""
    match = chance.choice(found)
    return _put(target, match.span(), f"{match[3]}{match[2]}{match[1]}{match[2]}{match[4]}")


# units, percent -----------------------------------------------------------------------------------------------------

_UNIT_SWAPS: Mapping[str, Sequence[tuple[str, str]]] = {
    "es": [
        ("mg", "g"), ("mg", "mcg"), ("mcg", "mg"), ("µg", "mg"), ("g", "mg"), ("g", "kg"), ("kg", "g"), ("ml", "l"),
        ("mL", "L"), ("ml", "mg"), ("UI", "mg"), ("cm", "mm"), ("mm", "cm"), ("nm", "mm"), ("μm", "mm"), ("m", "cm"),
        ("km", "m"), ("metros", "centímetros"), ("horas", "días"), ("hora", "semana"), ("horas", "minutos"),
        ("minutos", "horas"), ("minutos", "segundos"), ("segundos", "minutos"), ("días", "semanas"), ("día", "mes"),
        ("semanas", "días"), ("semanas", "meses"), ("meses", "años"), ("mes", "año"), ("años", "meses"), ("año", "mes"),
        ("°C", "°F"), ("gotas", "cucharadas"), ("cucharaditas", "cucharadas"), ("comprimidos", "cápsulas"),
        ("dólares", "euros"),
    ],
    "fr": [
        ("mg", "g"), ("mg", "µg"), ("µg", "mg"), ("mcg", "mg"), ("g", "mg"), ("kg", "g"), ("ml", "l"), ("mL", "L"),
        ("UI", "mg"), ("cm", "mm"), ("mm", "cm"), ("nm", "mm"), ("μm", "mm"), ("m", "cm"), ("km", "m"),
        ("mètres", "centimètres"), ("heures", "jours"), ("heure", "semaine"), ("heures", "minutes"),
        ("minutes", "heures"), ("minutes", "secondes"), ("secondes", "minutes"), ("jours", "semaines"), ("jour", "mois"),
        ("semaines", "jours"), ("semaines", "mois"), ("mois", "ans"), ("ans", "mois"), ("année", "semaine"),
        ("°C", "°F"), ("gouttes", "cuillères"), ("comprimés", "gélules"), ("dollars", "euros"),
    ],
    "pt": [
        ("mg", "g"), ("mg", "mcg"), ("mcg", "mg"), ("µg", "mg"), ("g", "mg"), ("kg", "g"), ("ml", "l"), ("mL", "L"),
        ("UI", "mg"), ("cm", "mm"), ("mm", "cm"), ("nm", "mm"), ("μm", "mm"), ("m", "cm"), ("km", "m"),
        ("metros", "centímetros"), ("horas", "dias"), ("hora", "semana"), ("horas", "minutos"), ("minutos", "horas"),
        ("minutos", "segundos"), ("segundos", "minutos"), ("dias", "semanas"), ("dia", "mês"), ("semanas", "dias"),
        ("semanas", "meses"), ("meses", "anos"), ("mês", "ano"), ("anos", "meses"), ("ano", "mês"), ("°C", "°F"),
        ("gotas", "colheres"), ("comprimidos", "cápsulas"), ("dólares", "euros"),
    ],
}  # fmt: skip


def _unit_swapped(source: str, target: str, language: str, chance: Random) -> str:
    """The unit behind a number is another."""
    ways = [
        (m, b)
        for a, b in _UNIT_SWAPS[language]
        for m in re.finditer(rf"(?<=\d)[\s\u00a0\u202f]?{re.escape(a)}(?![\w/])", target)
    ]
    if not ways:
        return ""
    match, unit = chance.choice(ways)
    space = match[0][: len(match[0]) - len(match[0].lstrip())]
    return _put(target, match.span(), space + unit)


def _unit_lost(source: str, target: str, language: str, chance: Random) -> str:
    ways = [
        m
        for a in {a for a, _ in _UNIT_SWAPS[language]}
        for m in re.finditer(rf"(?<=\d)[\s\u00a0\u202f]?{re.escape(a)}(?![\w/])", target)
    ]
    return _put(target, chance.choice(sorted(ways, key=lambda m: m.start())).span(), "") if ways else ""


# words that are betrayed ----------------------------------------------------------------------------------------------

Swap = tuple[str, Mapping[str, Sequence[tuple[str, str]]]]
"""What the English must hold (a pattern), and per language the exchanges: (what stands, what shall stand)."""

_FREQUENCY: Sequence[Swap] = [
    (r"\bonce\b.*\b(day|daily|week|month)|\bonce daily", {
        "es": [("una vez", "dos veces"), ("una vez", "cuatro veces")], "fr": [("une fois", "deux fois"), ("une fois", "trois fois")],
        "pt": [("uma vez", "duas vezes"), ("uma vez", "três vezes")]}),
    (r"\btwice\b|two times", {
        "es": [("dos veces", "una vez"), ("dos veces", "tres veces")], "fr": [("deux fois", "une fois"), ("deux fois", "trois fois")],
        "pt": [("duas vezes", "uma vez"), ("duas vezes", "três vezes")]}),
    (r"three times|3 times", {
        "es": [("tres veces", "una vez"), ("3 veces", "2 veces")], "fr": [("trois fois", "une fois"), ("3 fois", "2 fois")],
        "pt": [("três vezes", "uma vez"), ("3 vezes", "2 vezes")]}),
    (r"\b(daily|every day|each day|a day|per day)\b", {
        "es": [("al día", "a la semana"), ("al día", "por hora"), ("diariamente", "semanalmente"), ("diaria", "semanal"),
               ("diario", "semanal"), ("todos los días", "cada dos días"), ("cada día", "cada semana"), ("por día", "por semana")],
        "fr": [("par jour", "par semaine"), ("par jour", "par heure"), ("quotidien", "hebdomadaire"), ("quotidienne", "hebdomadaire"),
               ("quotidiennement", "chaque semaine"), ("tous les jours", "tous les deux jours"), ("chaque jour", "chaque semaine")],
        "pt": [("ao dia", "por semana"), ("por dia", "por semana"), ("diariamente", "semanalmente"), ("diária", "semanal"),
               ("diário", "semanal"), ("todos os dias", "dia sim, dia não"), ("a cada dia", "a cada semana")]}),
    (r"\b(weekly|every week|each week|a week|per week)\b", {
        "es": [("a la semana", "al día"), ("por semana", "por día"), ("semanal", "diario"), ("semanalmente", "diariamente"), ("cada semana", "cada mes")],
        "fr": [("par semaine", "par jour"), ("hebdomadaire", "quotidien"), ("chaque semaine", "chaque jour"), ("toutes les semaines", "tous les mois")],
        "pt": [("por semana", "por dia"), ("semanal", "diário"), ("semanalmente", "diariamente"), ("toda semana", "todo mês"), ("a cada semana", "a cada mês")]}),
    (r"\b(monthly|every month|each month|per month|a month)\b", {
        "es": [("al mes", "a la semana"), ("mensual", "semanal"), ("cada mes", "cada día")], "fr": [("par mois", "par semaine"), ("mensuel", "hebdomadaire"), ("chaque mois", "chaque semaine")],
        "pt": [("por mês", "por semana"), ("mensal", "semanal"), ("todo mês", "todo dia")]}),
    (r"\b(often|frequently)\b", {
        "es": [("a menudo", "rara vez"), ("con frecuencia", "rara vez"), ("frecuentemente", "raramente")],
        "fr": [("souvent", "rarement"), ("fréquemment", "rarement")],
        "pt": [("frequentemente", "raramente"), ("muitas vezes", "raramente"), ("com frequência", "raramente")]}),
    (r"\b(rarely|seldom|rare)\b", {
        "es": [("raramente", "con frecuencia"), ("rara vez", "a menudo"), ("raros", "frecuentes"), ("poco frecuentes", "muy frecuentes")],
        "fr": [("rarement", "souvent"), ("rares", "fréquents"), ("rare", "fréquent")],
        "pt": [("raramente", "frequentemente"), ("raros", "frequentes"), ("raras", "frequentes")]}),
    (r"\b(always)\b", {"es": [("siempre", "a veces"), ("siempre", "nunca")], "fr": [("toujours", "parfois"), ("toujours", "jamais")], "pt": [("sempre", "às vezes"), ("sempre", "nunca")]}),
]  # fmt: skip

_COMPARISON: Sequence[Swap] = [
    (r"\bat least\b|\bminimum\b", {
        "es": [("al menos", "como máximo"), ("por lo menos", "a lo sumo"), ("como mínimo", "como máximo")],
        "fr": [("au moins", "au plus"), ("au moins", "au maximum"), ("au minimum", "au maximum")],
        "pt": [("pelo menos", "no máximo"), ("no mínimo", "no máximo"), ("ao menos", "no máximo")]}),
    (r"\bat most\b|\bmaximum\b|\bup to\b|\bno more than\b", {
        "es": [("como máximo", "como mínimo"), ("máximo", "mínimo"), ("máxima", "mínima"), ("hasta", "al menos"), ("no más de", "no menos de")],
        "fr": [("au maximum", "au minimum"), ("maximal", "minimal"), ("maximale", "minimale"), ("jusqu'à", "au moins"), ("jusqu’à", "au moins"), ("au plus", "au moins")],
        "pt": [("no máximo", "no mínimo"), ("máximo", "mínimo"), ("máxima", "mínima"), ("até", "pelo menos"), ("não mais de", "não menos de")]}),
    (r"\b(more|greater|larger) than\b|\bover\b|\babove\b|\bexceed", {
        "es": [("más de", "menos de"), ("más que", "menos que"), ("mayor que", "menor que"), ("mayor de", "menor de"), ("superior a", "inferior a"), ("mayores de", "menores de"), ("superan", "no llegan a")],
        "fr": [("plus de", "moins de"), ("plus que", "moins que"), ("supérieur à", "inférieur à"), ("supérieure à", "inférieure à"), ("plus élevé que", "moins élevé que")],
        "pt": [("mais de", "menos de"), ("mais do que", "menos do que"), ("mais que", "menos que"), ("maior que", "menor que"), ("maior do que", "menor do que"), ("superior a", "inferior a"), ("acima de", "abaixo de")]}),
    (r"\b(less|fewer|smaller|lower) than\b|\bunder\b|\bbelow\b", {
        "es": [("menos de", "más de"), ("menor que", "mayor que"), ("menor de", "mayor de"), ("inferior a", "superior a"), ("menores de", "mayores de"), ("por debajo de", "por encima de")],
        "fr": [("moins de", "plus de"), ("inférieur à", "supérieur à"), ("inférieure à", "supérieure à"), ("au-dessous de", "au-dessus de")],
        "pt": [("menos de", "mais de"), ("menor que", "maior que"), ("menor do que", "maior do que"), ("inferior a", "superior a"), ("abaixo de", "acima de"), ("menores de", "maiores de")]}),
    (r"\b(higher|greater|larger|bigger|most|highest)\b", {
        "es": [("mayor", "menor"), ("mayores", "menores"), ("más alto", "más bajo"), ("más alta", "más baja"), ("la mayoría de", "una minoría de")],
        "fr": [("plus élevé", "moins élevé"), ("plus élevée", "moins élevée"), ("plus grand", "plus petit"), ("plus grande", "plus petite"), ("la plupart des", "peu de")],
        "pt": [("maior", "menor"), ("maiores", "menores"), ("mais alto", "mais baixo"), ("mais alta", "mais baixa"), ("a maioria dos", "uma minoria dos"), ("a maioria das", "uma minoria das")]}),
    (r"\b(lower|smaller|lowest|fewer|less)\b", {
        "es": [("menor", "mayor"), ("menores", "mayores"), ("más bajo", "más alto"), ("más baja", "más alta"), ("menos", "más")],
        "fr": [("plus faible", "plus forte"), ("plus bas", "plus haut"), ("plus petit", "plus grand"), ("moins", "plus"), ("inférieure", "supérieure"), ("inférieur", "supérieur")],
        "pt": [("menor", "maior"), ("menores", "maiores"), ("mais baixo", "mais alto"), ("mais baixa", "mais alta"), ("menos", "mais")]}),
]  # fmt: skip

_MAGNITUDE: Sequence[Swap] = [
    (r"\bbillion", {"es": [("mil millones", "millones"), ("mil millones", "billones"), ("mil millones", "mil")], "fr": [("milliards", "millions"), ("milliard", "million"), ("milliards", "billions")],
                    "pt": [("bilhões", "milhões"), ("bilhão", "milhão"), ("bilhões", "trilhões")]}),
    (r"\bmillion", {"es": [("millones", "mil millones"), ("millones", "miles"), ("millón", "billón"), ("millones de", "mil")], "fr": [("millions", "milliards"), ("million", "milliard"), ("millions", "milliers")],
                    "pt": [("milhões", "bilhões"), ("milhão", "bilhão"), ("milhões", "milhares")]}),
    (r"\bthousand|\d[,]000\b", {"es": [("mil", "millones"), ("miles", "millones"), ("mil", "cien")], "fr": [("mille", "millions"), ("milliers", "millions"), ("mille", "cent")],
                                 "pt": [("mil", "milhões"), ("milhares", "milhões"), ("mil", "cem")]}),
    (r"\bhundred", {"es": [("cientos", "miles"), ("cien", "mil"), ("centenares", "millares")], "fr": [("centaines", "milliers"), ("cent", "mille"), ("cents", "mille")],
                    "pt": [("centenas", "milhares"), ("cem", "mil"), ("cento", "mil")]}),
    (r"\b(dozens?|tens of)\b", {"es": [("decenas", "centenas"), ("docenas", "cientos")], "fr": [("dizaines", "centaines"), ("douzaines", "centaines")], "pt": [("dezenas", "centenas"), ("dúzias", "centenas")]}),
]  # fmt: skip

_DIRECTION: Sequence[Swap] = [
    (r"\bincreas|\brais|\brise|\brising|\brose\b", {
        "es": [("aumentar", "disminuir"), ("aumenta", "disminuye"), ("aumentan", "disminuyen"), ("aumento", "descenso"), ("aumentó", "disminuyó"), ("aumentado", "disminuido"), ("incremento", "descenso"), ("incrementar", "reducir"), ("creciente", "decreciente"), ("elevar", "bajar")],
        "fr": [("augmenter", "diminuer"), ("augmente", "diminue"), ("augmentent", "diminuent"), ("augmentation", "diminution"), ("augmenté", "diminué"), ("accroître", "réduire"), ("hausse", "baisse"), ("croissante", "décroissante"), ("croissant", "décroissant")],
        "pt": [("aumentar", "diminuir"), ("aumenta", "diminui"), ("aumentam", "diminuem"), ("aumento", "redução"), ("aumentou", "diminuiu"), ("aumentado", "diminuído"), ("crescente", "decrescente"), ("elevar", "baixar")]}),
    (r"\bdecreas|\breduc|\blower|\bdeclin|\bfall|\bdrop", {
        "es": [("disminuir", "aumentar"), ("disminuye", "aumenta"), ("disminución", "aumento"), ("reducir", "aumentar"), ("reduce", "aumenta"), ("reducción", "aumento"), ("reducido", "aumentado"), ("descenso", "ascenso"), ("disminuyó", "aumentó"), ("bajar", "subir")],
        "fr": [("diminuer", "augmenter"), ("diminue", "augmente"), ("diminution", "augmentation"), ("réduire", "augmenter"), ("réduit", "augmente"), ("réduction", "augmentation"), ("baisse", "hausse"), ("baisser", "monter")],
        "pt": [("diminuir", "aumentar"), ("diminui", "aumenta"), ("diminuição", "aumento"), ("reduzir", "aumentar"), ("reduz", "aumenta"), ("redução", "aumento"), ("reduziu", "aumentou"), ("queda", "alta"), ("baixar", "subir")]}),
    (r"\bbefore\b|\bprior to\b", {"es": [("antes de", "después de"), ("antes del", "después del"), ("antes", "después")], "fr": [("avant", "après"), ("avant de", "après")], "pt": [("antes de", "depois de"), ("antes do", "após o"), ("antes da", "depois da"), ("antes", "depois")]}),
    (r"\bafter\b|\bfollowing\b", {"es": [("después de", "antes de"), ("después del", "antes del"), ("tras", "antes de"), ("luego de", "antes de")], "fr": [("après", "avant")], "pt": [("depois de", "antes de"), ("após", "antes de"), ("depois", "antes"), ("depois da", "antes da")]}),
    (r"\bhigh\b|\bhigher\b", {"es": [("alto", "bajo"), ("alta", "baja"), ("altos", "bajos"), ("altas", "bajas"), ("elevado", "bajo"), ("elevada", "baja")], "fr": [("élevé", "faible"), ("élevée", "faible"), ("élevés", "faibles"), ("haute", "basse"), ("haut", "bas"), ("forte", "faible")], "pt": [("alto", "baixo"), ("alta", "baixa"), ("altos", "baixos"), ("altas", "baixas"), ("elevado", "baixo")]}),
    (r"\blow\b|\blower\b", {"es": [("bajo", "alto"), ("baja", "alta"), ("bajos", "altos"), ("bajas", "altas")], "fr": [("faible", "élevé"), ("faibles", "élevés"), ("basse", "haute"), ("bas", "haut")], "pt": [("baixo", "alto"), ("baixa", "alta"), ("baixos", "altos"), ("baixas", "altas")]}),
    (r"\bpositive", {"es": [("positivo", "negativo"), ("positiva", "negativa"), ("positivos", "negativos")], "fr": [("positif", "négatif"), ("positive", "négative"), ("positifs", "négatifs")], "pt": [("positivo", "negativo"), ("positiva", "negativa"), ("positivos", "negativos")]}),
    (r"\bnegative", {"es": [("negativo", "positivo"), ("negativa", "positiva"), ("negativos", "positivos")], "fr": [("négatif", "positif"), ("négative", "positive"), ("négatifs", "positifs")], "pt": [("negativo", "positivo"), ("negativa", "positiva"), ("negativos", "positivos")]}),
    (r"\bstart|\bbegin|\bbegan", {"es": [("empezar", "dejar"), ("comenzó", "terminó"), ("comenzar", "terminar"), ("inicio", "fin"), ("iniciar", "suspender"), ("comienzo", "final"), ("empezó", "terminó"), ("comenzaron", "terminaron")], "fr": [("commencer", "arrêter"), ("commencé", "cessé"), ("début", "fin"), ("débuté", "cessé"), ("commence", "finit")], "pt": [("começar", "parar"), ("começou", "terminou"), ("iniciar", "interromper"), ("início", "fim"), ("começaram", "terminaram")]}),
    (r"\bstop|\bdiscontinu|\bend\b", {"es": [("dejar de", "empezar a"), ("suspender", "iniciar"), ("deje de", "empiece a"), ("interrumpir", "iniciar"), ("fin", "inicio"), ("final", "principio"), ("detener", "iniciar")], "fr": [("arrêter", "commencer"), ("arrêtez", "commencez"), ("fin", "début"), ("interrompre", "commencer")], "pt": [("parar de", "começar a"), ("pare de", "comece a"), ("interromper", "iniciar"), ("fim", "início"), ("parar", "começar")]}),
    (r"\bimprov|\bbetter\b", {"es": [("mejorar", "empeorar"), ("mejora", "empeora"), ("mejor", "peor"), ("mejores", "peores")], "fr": [("améliorer", "aggraver"), ("amélioration", "aggravation"), ("meilleure", "pire"), ("mieux", "pire"), ("améliore", "aggrave")], "pt": [("melhorar", "piorar"), ("melhora", "piora"), ("melhor", "pior"), ("melhores", "piores")]}),
    (r"\bworse|\bworsen", {"es": [("empeorar", "mejorar"), ("empeora", "mejora"), ("empeoran", "mejoran"), ("peor", "mejor")], "fr": [("aggraver", "améliorer"), ("s'aggrave", "s'améliore"), ("s'aggravent", "s'améliorent"), ("pire", "meilleur")], "pt": [("piorar", "melhorar"), ("piora", "melhora"), ("piorarem", "melhorarem"), ("pior", "melhor")]}),
    (r"\binside|\bindoor|\binternal|\binner", {"es": [("dentro", "fuera"), ("interior", "exterior"), ("interiores", "exteriores"), ("interna", "externa"), ("interno", "externo")], "fr": [("intérieur", "extérieur"), ("interne", "externe"), ("dans", "hors de")], "pt": [("dentro", "fora"), ("interior", "exterior"), ("interno", "externo"), ("interna", "externa")]}),
    (r"\boutside|\boutdoor|\bexternal|\bouter", {"es": [("fuera", "dentro"), ("exterior", "interior"), ("exteriores", "interiores"), ("externa", "interna")], "fr": [("extérieur", "intérieur"), ("externe", "interne"), ("dehors", "dedans"), ("hors de", "dans")], "pt": [("fora", "dentro"), ("exterior", "interior"), ("externo", "interno"), ("externa", "interna")]}),
    (r"\bearly|\bearlier|\bprevious", {"es": [("temprana", "tardía"), ("temprano", "tarde"), ("anterior", "posterior"), ("anteriores", "posteriores"), ("principios", "finales"), ("comienzos", "finales")], "fr": [("précoce", "tardive"), ("début", "fin"), ("précédente", "suivante"), ("antérieure", "postérieure"), ("tôt", "tard")], "pt": [("precoce", "tardia"), ("início", "fim"), ("anterior", "posterior"), ("cedo", "tarde"), ("anteriores", "posteriores")]}),
    (r"\blate\b|\blater\b", {"es": [("finales", "principios"), ("fines", "principios"), ("tarde", "temprano"), ("más tarde", "antes"), ("posteriormente", "anteriormente")], "fr": [("fin", "début"), ("tard", "tôt"), ("plus tard", "plus tôt"), ("tardive", "précoce")], "pt": [("fim", "início"), ("final", "início"), ("tarde", "cedo"), ("mais tarde", "antes"), ("posteriormente", "anteriormente")]}),
    (r"\bhyper|\bhypo", {"es": [("hipertensión", "hipotensión"), ("hiperglucemia", "hipoglucemia"), ("hipotensión", "hipertensión"), ("hipoxia", "hiperoxia"), ("hipoglucemia", "hiperglucemia")], "fr": [("hypertension", "hypotension"), ("hyperglycémie", "hypoglycémie"), ("hypotension", "hypertension"), ("hypoglycémie", "hyperglycémie")], "pt": [("hipertensão", "hipotensão"), ("hiperglicemia", "hipoglicemia"), ("hipotensão", "hipertensão"), ("hipoglicemia", "hiperglicemia")]}),
    (r"\bsafe", {"es": [("seguro", "peligroso"), ("segura", "peligrosa"), ("seguros", "peligrosos"), ("seguras", "peligrosas")], "fr": [("sûr", "dangereux"), ("sûre", "dangereuse"), ("sûrs", "dangereux"), ("sans danger", "dangereux")], "pt": [("seguro", "perigoso"), ("segura", "perigosa"), ("seguros", "perigosos"), ("seguras", "perigosas")]}),
    (r"\bdangerous|\bharmful", {"es": [("peligroso", "seguro"), ("peligrosa", "segura"), ("perjudicial", "beneficioso"), ("dañino", "inofensivo")], "fr": [("dangereux", "sûr"), ("dangereuse", "sûre"), ("nocif", "bénéfique")], "pt": [("perigoso", "seguro"), ("perigosa", "segura"), ("prejudicial", "benéfico")]}),
    (r"\bsevere|\bserious", {"es": [("grave", "leve"), ("graves", "leves")], "fr": [("grave", "bénigne"), ("graves", "bénins"), ("sévère", "légère"), ("sévères", "légers")], "pt": [("grave", "leve"), ("graves", "leves")]}),
    (r"\bmild", {"es": [("leve", "grave"), ("leves", "graves")], "fr": [("léger", "sévère"), ("légère", "grave"), ("légers", "graves"), ("bénigne", "grave"), ("modérée", "grave")], "pt": [("leve", "grave"), ("leves", "graves")]}),
    (r"\bacute", {"es": [("agudo", "crónico"), ("aguda", "crónica"), ("agudos", "crónicos")], "fr": [("aigu", "chronique"), ("aiguë", "chronique"), ("aigus", "chroniques")], "pt": [("agudo", "crônico"), ("aguda", "crônica"), ("agudos", "crônicos")]}),
    (r"\bslow", {"es": [("lentamente", "rápidamente"), ("lenta", "rápida"), ("lento", "rápido"), ("ralentizar", "acelerar")], "fr": [("lentement", "rapidement"), ("lente", "rapide"), ("ralentir", "accélérer")], "pt": [("lentamente", "rapidamente"), ("lenta", "rápida"), ("retardar", "acelerar")]}),
    (r"\bfast|\bquick|\brapid", {"es": [("rápidamente", "lentamente"), ("rápida", "lenta"), ("rápido", "lento")], "fr": [("rapidement", "lentement"), ("rapide", "lente"), ("rapides", "lents")], "pt": [("rapidamente", "lentamente"), ("rápida", "lenta"), ("rápido", "lento")]}),
    (r"\bopen", {"es": [("abrir", "cerrar"), ("abierto", "cerrado"), ("abiertos", "cerrados"), ("abra", "cierre")], "fr": [("ouvrir", "fermer"), ("ouvert", "fermé"), ("ouverts", "fermés"), ("ouvrez", "fermez")], "pt": [("abrir", "fechar"), ("aberto", "fechado"), ("abertos", "fechados"), ("abra", "feche")]}),
    (r"\bhot\b|\bwarm", {"es": [("caliente", "fría"), ("calientes", "fríos"), ("tibia", "fría")], "fr": [("chaude", "froide"), ("chaud", "froid")], "pt": [("quente", "fria"), ("quentes", "frios"), ("morna", "fria")]}),
    (r"\ball\b|\beveryone\b|\bevery\b", {"es": [("todos", "algunos"), ("todas", "algunas"), ("todo", "algo de")], "fr": [("tous", "certains"), ("toutes", "certaines")], "pt": [("todos", "alguns"), ("todas", "algumas")]}),
    (r"\bsome\b|\bfew\b", {"es": [("algunos", "todos"), ("algunas", "todas"), ("pocos", "muchos"), ("pocas", "muchas")], "fr": [("certains", "tous"), ("certaines", "toutes"), ("quelques", "tous les"), ("peu de", "beaucoup de")], "pt": [("alguns", "todos"), ("algumas", "todas"), ("poucos", "muitos"), ("poucas", "muitas")]}),
    (r"\bmany\b|\bmuch\b", {"es": [("muchos", "pocos"), ("muchas", "pocas"), ("mucho", "poco")], "fr": [("de nombreux", "de rares"), ("nombreuses", "rares"), ("beaucoup", "peu")], "pt": [("muitos", "poucos"), ("muitas", "poucas"), ("muito", "pouco")]}),
    (r"\bonly\b", {"es": [("solo", "también"), ("únicamente", "incluso")], "fr": [("seulement", "aussi"), ("uniquement", "également")], "pt": [("apenas", "também"), ("somente", "até")]}),
    (r"\band\b", {"es": [("y", "o")], "fr": [("et", "ou")], "pt": [("e", "ou")]}),
]  # fmt: skip

_MODALITY: Sequence[Swap] = [
    (r"\bmust\b|\bhave to\b|\bneed to\b|\brequired\b", {
        "es": [("debe", "puede"), ("deben", "pueden"), ("tiene que", "puede"), ("es necesario", "es posible"), ("necesario", "opcional"), ("obligatorio", "voluntario"), ("necesita", "puede"), ("debe", "debería")],
        "fr": [("doit", "peut"), ("doivent", "peuvent"), ("devez", "pouvez"), ("il faut", "on peut"), ("nécessaire", "facultatif"), ("obligatoire", "facultatif")],
        "pt": [("deve", "pode"), ("devem", "podem"), ("tem que", "pode"), ("precisa", "pode"), ("necessário", "opcional"), ("obrigatório", "opcional")]}),
    (r"\bshould\b", {
        "es": [("debe", "puede"), ("deben", "pueden"), ("debería", "podría"), ("deberían", "podrían")],
        "fr": [("doit", "peut"), ("doivent", "peuvent"), ("devrait", "pourrait"), ("devraient", "pourraient"), ("devez", "pouvez")],
        "pt": [("deve", "pode"), ("devem", "podem"), ("deveria", "poderia"), ("deveriam", "poderiam")]}),
    (r"\bmay\b|\bmight\b|\bcan\b|\bcould\b", {
        "es": [("puede", "debe"), ("pueden", "deben"), ("podría", "debería"), ("podrían", "deberían"), ("posible", "seguro"), ("es posible que", "es obligatorio que")],
        "fr": [("peut", "doit"), ("peuvent", "doivent"), ("pourrait", "devrait"), ("pourraient", "devraient"), ("pouvez", "devez")],
        "pt": [("pode", "deve"), ("podem", "devem"), ("poderia", "deveria"), ("poderiam", "deveriam")]}),
    (r"\blikely\b|\bprobabl", {"es": [("probable", "improbable"), ("probablemente", "difícilmente")], "fr": [("probable", "improbable"), ("probablement", "sûrement pas"), ("susceptibles", "incapables")], "pt": [("provável", "improvável"), ("provavelmente", "dificilmente")]}),
    (r"\brecommend|\badvis", {"es": [("recomienda", "exige"), ("recomiendan", "prohíben"), ("recomendado", "prohibido"), ("recomienda", "desaconseja"), ("recomendó", "prohibió")], "fr": [("recommande", "déconseille"), ("recommandé", "déconseillé"), ("recommandent", "interdisent"), ("conseillé", "déconseillé")], "pt": [("recomenda", "proíbe"), ("recomendam", "proíbem"), ("recomendado", "proibido"), ("recomendou", "proibiu"), ("aconselha", "desaconselha")]}),
    (r"\bavoid\b|\bprevent", {"es": [("evite", "busque"), ("evitar", "provocar"), ("prevenir", "provocar"), ("impedir", "permitir")], "fr": [("éviter", "provoquer"), ("évitez", "cherchez"), ("prévenir", "provoquer"), ("empêcher", "permettre")], "pt": [("evite", "procure"), ("evitar", "provocar"), ("prevenir", "provocar"), ("impedir", "permitir")]}),
]  # fmt: skip

_LATERALITY: Sequence[Swap] = [
    (r"\bleft\b(?! the| for| in | a )", {"es": [("izquierdo", "derecho"), ("izquierda", "derecha"), ("izquierdo", "ambos")], "fr": [("gauche", "droit"), ("gauche", "droite")], "pt": [("esquerdo", "direito"), ("esquerda", "direita")]}),
    (r"\bright\b", {"es": [("derecho", "izquierdo"), ("derecha", "izquierda")], "fr": [("droit", "gauche"), ("droite", "gauche")], "pt": [("direito", "esquerdo"), ("direita", "esquerda")]}),
    (r"\bboth\b", {"es": [("ambos", "uno de los"), ("ambas", "una de las"), ("los dos", "uno de los")], "fr": [("les deux", "l'un des deux")], "pt": [("ambos", "um dos"), ("ambas", "uma das"), ("os dois", "um dos")]}),
    (r"\bupper\b", {"es": [("superior", "inferior"), ("superiores", "inferiores"), ("alta", "baja")], "fr": [("supérieure", "inférieure"), ("supérieures", "inférieures"), ("haut", "bas")], "pt": [("superior", "inferior"), ("superiores", "inferiores")]}),
    (r"\blower\b", {"es": [("inferior", "superior"), ("inferiores", "superiores")], "fr": [("inférieure", "supérieure"), ("inférieures", "supérieures"), ("bas", "haut")], "pt": [("inferior", "superior"), ("inferiores", "superiores")]}),
    (r"\b(front|anterior)\b", {"es": [("anterior", "posterior"), ("delantera", "trasera")], "fr": [("antérieure", "postérieure"), ("avant", "arrière")], "pt": [("anterior", "posterior"), ("frontal", "traseira")]}),
    (r"bilateral", {"es": [("bilateral", "unilateral"), ("bilaterales", "unilaterales")], "fr": [("bilatérale", "unilatérale"), ("bilatéraux", "unilatéraux"), ("bilatérales", "unilatérales")], "pt": [("bilateral", "unilateral"), ("bilaterais", "unilaterais")]}),
]  # fmt: skip

_POPULATION: Sequence[Swap] = [
    (r"\bchild|\bkids?\b|\bpa?ediatric", {"es": [("niños", "adultos"), ("niño", "adulto"), ("niños", "ancianos"), ("hijos", "padres"), ("pediátricos", "adultos")], "fr": [("enfants", "adultes"), ("enfant", "adulte"), ("enfants", "personnes âgées"), ("pédiatriques", "adultes")], "pt": [("crianças", "adultos"), ("criança", "adulto"), ("crianças", "idosos"), ("pediátricos", "adultos")]}),
    (r"\badult", {"es": [("adultos", "niños"), ("adulto", "niño"), ("adultos", "adolescentes")], "fr": [("adultes", "enfants"), ("adulte", "enfant"), ("adultes", "nourrissons")], "pt": [("adultos", "crianças"), ("adulto", "bebê"), ("adultos", "adolescentes")]}),
    (r"\b(infant|baby|babies|newborn|neonat)", {"es": [("lactantes", "adultos"), ("bebé", "niño"), ("bebés", "adolescentes"), ("recién nacidos", "adultos")], "fr": [("nourrissons", "adultes"), ("bébé", "adulte"), ("nouveau-nés", "adolescents"), ("bébés", "adultes")], "pt": [("bebês", "adultos"), ("bebê", "adulto"), ("recém-nascidos", "adolescentes"), ("lactentes", "adultos")]}),
    (r"\b(old|older|elderly)\b", {"es": [("personas mayores", "personas jóvenes"), ("ancianos", "jóvenes"), ("adultos mayores", "adultos jóvenes"), ("mayores", "jóvenes")], "fr": [("personnes âgées", "personnes jeunes"), ("âgées", "jeunes"), ("plus âgés", "plus jeunes")], "pt": [("idosos", "jovens"), ("pessoas mais velhas", "pessoas mais jovens"), ("idosas", "jovens")]}),
    (r"\b(young|younger|youth|teen|adolescen)", {"es": [("jóvenes", "mayores"), ("adolescentes", "ancianos"), ("joven", "anciano")], "fr": [("jeunes", "âgées"), ("adolescents", "adultes")], "pt": [("jovens", "idosos"), ("adolescentes", "idosos")]}),
    (r"\bwom[ae]n\b|\bfemale", {"es": [("mujeres", "hombres"), ("mujer", "hombre")], "fr": [("femmes", "hommes"), ("femme", "homme")], "pt": [("mulheres", "homens"), ("mulher", "homem"), ("feminino", "masculino")]}),
    (r"\bm[ae]n\b|\bmale", {"es": [("hombres", "mujeres"), ("hombre", "mujer"), ("varones", "mujeres")], "fr": [("hommes", "femmes"), ("homme", "femme")], "pt": [("homens", "mulheres"), ("homem", "mulher"), ("masculino", "feminino")]}),
    (r"\bpregnan", {"es": [("embarazadas", "lactantes"), ("embarazada", "enferma"), ("embarazo", "lactancia")], "fr": [("enceintes", "allaitantes"), ("enceinte", "malade"), ("grossesse", "ménopause")], "pt": [("grávidas", "lactantes"), ("grávida", "doente"), ("gestantes", "lactantes"), ("gravidez", "amamentação")]}),
    (r"\bbreast-?feed", {"es": [("lactancia", "embarazo"), ("amamantando", "embarazada")], "fr": [("allaitement", "accouchement"), ("allaitez", "êtes enceinte")], "pt": [("amamentação", "gravidez"), ("amamentando", "grávida")]}),
    (r"\bpatient", {"es": [("pacientes", "médicos"), ("paciente", "médico")], "fr": [("patients", "médecins"), ("patient", "médecin")], "pt": [("pacientes", "médicos"), ("paciente", "médico")]}),
    (r"\bdoctor|\bphysician", {"es": [("médico", "paciente"), ("médicos", "pacientes"), ("doctor", "paciente")], "fr": [("médecin", "patient"), ("médecins", "patients")], "pt": [("médico", "paciente"), ("médicos", "pacientes")]}),
    (r"\bmother", {"es": [("madre", "padre"), ("madres", "padres")], "fr": [("mère", "père"), ("mères", "pères")], "pt": [("mãe", "pai"), ("mães", "pais")]}),
]  # fmt: skip

_NEGATION_LOST: Mapping[str, Sequence[tuple[str, str]]] = {
    "es": [(r"\bno (?=\w)", ""), (r"\bnunca\b", "siempre"), (r"\bsin\b", "con"), (r"\bni\b", "y"), (r"\bningún\b", "algún"), (r"\bninguna\b", "alguna"), (r"\bnadie\b", "alguien"), (r"\ba menos que\b", "siempre que"), (r"\btampoco\b", "también"), (r"\bnada\b", "algo")],
    "fr": [(r"\bn['’](\w+) (?:pas|plus|jamais)\b", r"\1"), (r"\bne (\w+) (?:pas|plus|jamais)\b", r"\1"), (r"\bne (?:pas|jamais) ", ""), (r"\bjamais\b", "toujours"), (r"\bsans\b", "avec"), (r"\baucune?\b", "chaque"), (r"\bni\b", "et"), (r"\bpersonne ne\b", "tout le monde"), (r"\bà moins que\b", "pourvu que"), (r"\bnon\b", "")],
    "pt": [(r"\bnão (?=\w)", ""), (r"\bnunca\b", "sempre"), (r"\bsem\b", "com"), (r"\bnem\b", "e"), (r"\bnenhum\b", "algum"), (r"\bnenhuma\b", "alguma"), (r"\bninguém\b", "alguém"), (r"\ba menos que\b", "desde que"), (r"\bnada\b", "algo")],
}  # fmt: skip
_ENGLISH_NOT = re.compile(
    r"\b(not|no|never|without|cannot|nor|neither|none|nobody|nothing|unless)\b|n['’]t\b", re.IGNORECASE
)


def _not_lost(source: str, target: str, language: str, chance: Random) -> str:
    """A negation is gone or has become its contrary."""
    if not _ENGLISH_NOT.search(source):
        return ""
    ways = [(m, put) for pattern, put in _NEGATION_LOST[language] for m in re.finditer(pattern, target, re.IGNORECASE)]
    if not ways:
        return ""
    match, put = chance.choice(ways)
    wrong = match.expand(put)
    return _put(target, match.span(), _cased(wrong, match[0]) if wrong else "")


_VERBS: Mapping[str, str] = {
    "es": "es|son|está|están|puede|pueden|debe|deben|tiene|tienen|hay|ha|han|fue|fueron|era|causa|use|tome|lave|necesita|"
    "recomienda|funciona|ayuda|requiere|muestra|muestran|produce|afecta|llame|consulte|tosen?|contiene|incluye|hace",
    "fr": "peut|peuvent|doit|doivent|sont|était|étaient|sera|fait|font|cause|provoque|nécessite|montre|montrent|"
    "recommande|permet|permettent|prenez|utilisez|consultez|appelez|lavez|contient|comprend|semble|reste|est",
    "pt": "é|são|está|estão|pode|podem|deve|devem|tem|têm|há|foi|foram|era|causa|use|tome|lave|precisa|recomenda|funciona|"
    "ajuda|requer|mostra|mostram|produz|afeta|ligue|consulte|contém|inclui|faz",
}


def _not_added(source: str, target: str, language: str, chance: Random) -> str:
    """A "not" stands before a verb that the English affirms."""
    found = list(re.finditer(rf"(?<![\w'’])({_VERBS[language]})(?![\w'’-])", target, re.IGNORECASE))
    before = re.compile(r"\b(no|se|não|nem|ne|que|ni)\s+$|\b(lo|la|le|les|los|las|me|te)\s+$", re.IGNORECASE)
    found = [m for m in found if not before.search(target[: m.start()])]
    if not found:
        return ""
    match = chance.choice(found)
    verb = match[0][0].lower() + match[0][1:]
    if language == "fr":
        wrong = f"n'{verb} pas" if verb[0] in "aeéiou" else f"ne {verb} pas"
    else:
        wrong = {"es": "no", "pt": "não"}[language] + " " + verb
    return _put(target, match.span(), _cased(wrong, match[0]))


def _swapped(swaps: Sequence[Swap]) -> Plant:
    def plant(source: str, target: str, language: str, chance: Random) -> str:
        ways = []
        for english, pairs in swaps:
            if re.search(english, source, re.IGNORECASE):
                for a, b in pairs.get(language, ()):
                    found = list(re.finditer(rf"(?<![\w-]){re.escape(a)}(?![\w-])", target, re.IGNORECASE))
                    if found:
                        ways.append((chance.choice(found), b))
        if not ways:
            return ""
        match, b = chance.choice(ways)
        return _put(target, match.span(), _cased(b, match[0]))

    return plant


def _first_of_and(source: str, target: str, language: str, chance: Random) -> str:
    """Left and right of one sentence change places."""
    sides = {
        "es": r"(izquierd[oa]s?)|(derech[oa]s?)",
        "fr": r"(gauches?)|(droite?s?)",
        "pt": r"(esquerd[oa]s?)|(direit[oa]s?)",
    }
    found = list(re.finditer(rf"\b(?:{sides[language]})\b", target))
    if not (re.search(r"\bleft\b", source) and re.search(r"\bright\b", source)) or {bool(m[1]) for m in found} != {
        True,
        False,
    }:
        return ""
    stems = {"es": ("izquierd", "derech"), "pt": ("esquerd", "direit")}

    def other(match: re.Match[str]) -> str:
        if language == "fr":
            return "droit" if match[1] else "gauche"
        left, right = stems[language]
        return match[0].replace(left, right) if match[1] else match[0].replace(right, left)

    return re.sub(rf"\b(?:{sides[language]})\b", other, target)


# drugs --------------------------------------------------------------------------------------------------------------

_DRUGS: Sequence[Mapping[str, str]] = [
    dict(zip(("en", "es", "fr", "pt"), row.split("/"), strict=True))
    for row in """chloroquine/cloroquina/chloroquine/cloroquina
hydroxychloroquine/hidroxicloroquina/hydroxychloroquine/hidroxicloroquina
remdesivir/remdesivir/remdésivir/remdesivir
ibuprofen/ibuprofeno/ibuprofène/ibuprofeno
acetaminophen/acetaminofén/acétaminophène/acetaminofeno
paracetamol/paracetamol/paracétamol/paracetamol
aspirin/aspirina/aspirine/aspirina
lopinavir/lopinavir/lopinavir/lopinavir
ritonavir/ritonavir/ritonavir/ritonavir
oseltamivir/oseltamivir/oseltamivir/oseltamivir
favipiravir/favipiravir/favipiravir/favipiravir
ribavirin/ribavirina/ribavirine/ribavirina
dexamethasone/dexametasona/dexaméthasone/dexametasona
prednisone/prednisona/prednisone/prednisona
prednisolone/prednisolona/prednisolone/prednisolona
azithromycin/azitromicina/azithromycine/azitromicina
clarithromycin/claritromicina/clarithromycine/claritromicina
amoxicillin/amoxicilina/amoxicilline/amoxicilina
penicillin/penicilina/pénicilline/penicilina
warfarin/warfarina/warfarine/varfarina
heparin/heparina/héparine/heparina
insulin/insulina/insuline/insulina
metformin/metformina/metformine/metformina
digoxin/digoxina/digoxine/digoxina
lithium/litio/lithium/lítio
sertraline/sertralina/sertraline/sertralina
fluoxetine/fluoxetina/fluoxétine/fluoxetina
clonazepam/clonazepam/clonazépam/clonazepam
lorazepam/lorazepam/lorazépam/lorazepam
diazepam/diazepam/diazépam/diazepam
morphine/morfina/morphine/morfina
hydromorphone/hidromorfona/hydromorphone/hidromorfona
codeine/codeína/codéine/codeína
methotrexate/metotrexato/méthotrexate/metotrexato
cetirizine/cetirizina/cétirizine/cetirizina
sertaconazole/sertaconazol/sertaconazole/sertaconazol
lisinopril/lisinopril/lisinopril/lisinopril
losartan/losartán/losartan/losartana
interferon/interferón/interféron/interferona
tocilizumab/tocilizumab/tocilizumab/tocilizumabe
levothyroxine/levotiroxina/lévothyroxine/levotiroxina
risperidone/risperidona/rispéridone/risperidona
ropinirole/ropinirol/ropinirole/ropinirol
naproxen/naproxeno/naproxène/naproxeno
naloxone/naloxona/naloxone/naloxona""".split("\n")
]


def _drug(like: bool) -> Plant:
    """Another drug stands there: with `like` the one whose name is written most like it, else any."""

    def plant(source: str, target: str, language: str, chance: Random) -> str:
        ways = [
            (m, drug)
            for drug in _DRUGS
            if re.search(rf"\b{drug['en']}\b", source, re.IGNORECASE)
            for m in re.finditer(rf"\b{drug[language]}\b", target, re.IGNORECASE)
        ]
        if not ways:
            return ""
        match, drug = chance.choice(ways)
        others = [d for d in _DRUGS if d is not drug and d["en"].lower() not in source.lower()]
        if like:
            others.sort(key=lambda d: -len(set(_pairs(d["en"])) & set(_pairs(drug["en"]))))
            others = others[:2]
        return _put(target, match.span(), _cased(chance.choice(others)[language], match[0]))

    return plant


def _pairs(word: str) -> list[str]:
    return [word[i : i + 2] for i in range(len(word) - 1)]


def _drug_lost(source: str, target: str, language: str, chance: Random) -> str:
    """A drug's name is gone: "the medicine" stands there."""
    medicine = {"es": "el medicamento", "fr": "le médicament", "pt": "o medicamento"}[language]
    ways = [
        m
        for drug in _DRUGS
        if re.search(rf"\b{drug['en']}\b", source, re.IGNORECASE)
        for m in re.finditer(rf"\b{drug[language]}\b", target, re.IGNORECASE)
    ]
    return _put(target, chance.choice(ways).span(), medicine) if ways else ""


_THINGS: Sequence[Swap] = [
    (r"\bvirus", {"es": [("virus", "bacteria"), ("virus", "hongo")], "fr": [("virus", "bactérie")], "pt": [("vírus", "bactéria")]}),
    (r"\bbacteri", {"es": [("bacterias", "virus"), ("bacteriana", "viral")], "fr": [("bactéries", "virus"), ("bactérienne", "virale")], "pt": [("bactérias", "vírus"), ("bacteriana", "viral")]}),
    (r"\bvaccin", {"es": [("vacuna", "tratamiento"), ("vacunas", "pruebas")], "fr": [("vaccin", "traitement"), ("vaccins", "tests")], "pt": [("vacina", "cura"), ("vacinas", "testes")]}),
    (r"\blung|\bpulmonary", {"es": [("pulmones", "riñones"), ("pulmonar", "renal"), ("pulmón", "corazón")], "fr": [("poumons", "reins"), ("pulmonaire", "rénale"), ("poumon", "cœur")], "pt": [("pulmões", "rins"), ("pulmonar", "renal"), ("pulmão", "coração")]}),
    (r"\bheart|\bcardiac", {"es": [("corazón", "hígado"), ("cardíaca", "hepática"), ("cardíaco", "renal")], "fr": [("cœur", "foie"), ("cardiaque", "hépatique")], "pt": [("coração", "fígado"), ("cardíaca", "hepática"), ("cardíaco", "renal")]}),
    (r"\bkidney|\brenal", {"es": [("riñón", "hígado"), ("renal", "hepática"), ("riñones", "pulmones")], "fr": [("reins", "poumons"), ("rénale", "hépatique")], "pt": [("rins", "pulmões"), ("renal", "hepática")]}),
    (r"\bdeath|\bdied|\bdead|\bdie\b", {"es": [("muertes", "casos"), ("murieron", "se recuperaron"), ("muerte", "recuperación"), ("fallecidos", "recuperados")], "fr": [("décès", "cas"), ("morts", "guéris"), ("mort", "guérison")], "pt": [("mortes", "casos"), ("morreram", "se recuperaram"), ("morte", "recuperação")]}),
    (r"\binfluenza|\bflu\b", {"es": [("gripe", "malaria"), ("influenza", "tuberculosis")], "fr": [("grippe", "rougeole")], "pt": [("gripe", "malária"), ("influenza", "tuberculose")]}),
    (r"\bcough", {"es": [("tos", "fiebre")], "fr": [("toux", "fièvre")], "pt": [("tosse", "febre")]}),
    (r"\bfever", {"es": [("fiebre", "tos")], "fr": [("fièvre", "toux")], "pt": [("febre", "tosse")]}),
]  # fmt: skip


# contacts, markup, injection, characters ------------------------------------------------------------------------------


def _url_altered(source: str, target: str, language: str, chance: Random) -> str:
    found = list(re.finditer(r"https?://[^\s)>\"]+|www\.[^\s)>\"]+", target))
    if not found:
        return ""
    match = chance.choice(found)
    wrong = chance.choice(
        [match[0].replace(".org", ".com").replace(".gov", ".org"), match[0] + "-2", match[0].replace("e", "3", 1)]
    )
    return _put(target, match.span(), wrong)


def _email_altered(source: str, target: str, language: str, chance: Random) -> str:
    found = list(re.finditer(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", target))
    if not found:
        return ""
    match = chance.choice(found)
    name, place = match[0].split("@")
    return _put(target, match.span(), chance.choice([f"{name}s@{place}", f"{name}@{place}.br", f"{name[:-1]}@{place}"]))


def _phone_altered(source: str, target: str, language: str, chance: Random) -> str:
    found = list(re.finditer(r"\+?\(?\d[\d\s().\u00a0-]{5,}\d|\b(?:911|988|112)\b", target))
    if not found:
        return ""
    match = chance.choice(found)
    places = [at for at in range(*match.span()) if target[at].isdigit()]
    at = chance.choice(places)
    return _put(target, (at, at + 1), chance.choice([d for d in "0123456789" if d != target[at]]))


def _contact_lost(source: str, target: str, language: str, chance: Random) -> str:
    found = list(re.finditer(r"https?://[^\s)>\"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b\d{1,4}(?:-\d{3,4}){1,3}\b", target))
    return _put(target, chance.choice(found).span(), "") if found else ""


_TAG = re.compile(r"</?[a-z][^>]*>|\*\*|%(?:\(\w+\))?[sd]|\{\w*\}|`[^`]+`|!?\[[^\]]*\]\([^)]*\)", re.IGNORECASE)


def _markup(change: str) -> Plant:
    def plant(source: str, target: str, language: str, chance: Random) -> str:
        found = list(_TAG.finditer(target))
        if not found:
            return ""
        match = chance.choice(found)
        if change == "dropped":
            return _put(target, match.span(), "")
        if change == "doubled":
            return _put(target, match.span(), match[0] * 2)
        if change == "moved":
            others = [m for m in found if m[0] != match[0]]
            if not others:
                return ""
            other = chance.choice(others)
            a, b = sorted((match, other), key=lambda m: m.start())
            return target[: a.start()] + b[0] + target[a.end() : b.start()] + a[0] + target[b.end() :]
        wrong = re.sub(r"\w+", lambda m: m[0] + "x", match[0], count=1)
        return _put(target, match.span(), wrong if wrong != match[0] else match[0][:-1])

    return plant


def _inject(*snippets: str) -> Plant:
    def plant(source: str, target: str, language: str, chance: Random) -> str:
        places = [0, len(target), *(m.start() for m in re.finditer(" ", target))]
        at = chance.choice(places)
        return _put(target, (at, at), chance.choice(snippets))

    return plant


_HOMOGLYPHS = str.maketrans("aeopcxyiAEOPCXBHKMT", "аеорсхуіАЕОРСХВНКМТ")


def _homoglyph(source: str, target: str, language: str, chance: Random) -> str:
    places = [at for at, c in enumerate(target) if c.translate(_HOMOGLYPHS) != c]
    if not places:
        return ""
    at = chance.choice(places)
    return _put(target, (at, at + 1), target[at].translate(_HOMOGLYPHS))


def _homoglyph_word(source: str, target: str, language: str, chance: Random) -> str:
    words = [m for m in re.finditer(r"[A-Za-z]{4,}", target) if m[0].translate(_HOMOGLYPHS) != m[0]]
    if not words:
        return ""
    match = chance.choice(words)
    return _put(target, match.span(), match[0].translate(_HOMOGLYPHS))


def _inside_word(*characters: str) -> Plant:
    def plant(source: str, target: str, language: str, chance: Random) -> str:
        places = [m.start() + 1 for m in re.finditer(r"(?<=\w)\w(?=\w)", target)]
        if not places:
            return ""
        at = chance.choice(places)
        return _put(target, (at, at), chance.choice(characters))

    return plant


def _broken_encoding(source: str, target: str, language: str, chance: Random) -> str:
    """Ã©, ?, or U+FFFD for one accented letter, or for all of them."""
    places = [at for at, c in enumerate(target) if c in "áéíóúñçàèêâîôûãõüëïÁÉÍÓÚÑ"]
    if not places:
        return ""
    if chance.random() < 0.3:
        return target.encode().decode("latin-1")
    at = chance.choice(places)
    wrong = chance.choice(
        [target[at].encode().decode("latin-1"), "\ufffd", "?" if target[at : at + 2].isalpha() else "\ufffd"]
    )
    return _put(target, (at, at + 1), wrong)


def _entities(source: str, target: str, language: str, chance: Random) -> str:
    """&eacute; for é, the broken escape of a web page."""
    names = {
        "é": "&eacute;",
        "á": "&aacute;",
        "ó": "&oacute;",
        "ã": "&atilde;",
        "ç": "&ccedil;",
        "à": "&agrave;",
        "í": "&#237;",
        "ñ": "&ntilde;",
    }
    places = [at for at, c in enumerate(target) if c in names]
    if not places:
        return ""
    at = chance.choice(places)
    return _put(target, (at, at + 1), names[target[at]])


# completeness, language, text -------------------------------------------------------------------------------------------


def _sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+(?=[A-ZÁÉÍÓÚÀÂÇÊ¿¡])", text) if s.strip()]


def _sentence_lost(source: str, target: str, language: str, chance: Random) -> str:
    parts = _sentences(target)
    if len(parts) < 2 or len(_sentences(source)) < 2:
        return ""
    parts.pop(chance.randrange(len(parts)))
    return " ".join(parts)


def _clause_lost(source: str, target: str, language: str, chance: Random) -> str:
    """A clause between two marks, of four words or more, is gone."""
    found = [m for m in re.finditer(r"[,;:(–—][^,;:()–—.]*(?=[,;:).–—]|$)", target) if len(m[0].split()) >= 4]
    return _put(target, chance.choice(found).span(), "") if found else ""


def _brackets_lost(source: str, target: str, language: str, chance: Random) -> str:
    found = list(re.finditer(r"\s?\([^()]{8,}\)", target))
    return _put(target, chance.choice(found).span(), "") if found else ""


def _cut(share: float) -> Plant:
    """The text stops in the middle."""

    def plant(source: str, target: str, language: str, chance: Random) -> str:
        words = target.split(" ")
        return " ".join(words[: int(len(words) * share)]) if len(words) >= 12 else ""

    return plant


def _sentence_doubled(source: str, target: str, language: str, chance: Random) -> str:
    parts = _sentences(target)
    at = chance.randrange(len(parts)) if parts else 0
    return " ".join([*parts[: at + 1], *parts[at:]]) if parts and len(parts[at]) > 15 else ""


def _phrase_doubled(source: str, target: str, language: str, chance: Random) -> str:
    words = target.split(" ")
    if len(words) < 8:
        return ""
    at = chance.randrange(len(words) - 4)
    return " ".join([*words[: at + 4], *words[at : at + 4], *words[at + 4 :]])


def _as_source(source: str, target: str, language: str, chance: Random) -> str:
    return source if len(source.split()) >= 4 else ""


def _sentence_english(source: str, target: str, language: str, chance: Random) -> str:
    english, parts = _sentences(source), _sentences(target)
    if len(parts) != len(english) or len(parts) < 2:
        return ""
    at = chance.randrange(len(parts))
    return " ".join([*parts[:at], english[at], *parts[at + 1 :]])


def _words_english(source: str, target: str, language: str, chance: Random) -> str:
    """Three to six words of the English stand in the middle."""
    words, english = target.split(" "), source.split(" ")
    if len(words) < 10 or len(english) < 10:
        return ""
    n = chance.randint(3, 6)
    at, start = chance.randrange(len(words) - n), chance.randrange(len(english) - n)
    return " ".join([*words[:at], *english[start : start + n], *words[at + n :]])


_OTHER_TEXT = {
    "es": ["O paciente deve permanecer em casa durante pelo menos duas semanas e evitar o contato com outras pessoas.", "Le patient doit rester à la maison pendant au moins deux semaines et éviter tout contact avec d'autres personnes."],
    "fr": ["El paciente debe permanecer en casa durante al menos dos semanas y evitar el contacto con otras personas.", "Der Patient muss mindestens zwei Wochen zu Hause bleiben und den Kontakt mit anderen vermeiden."],
    "pt": ["El paciente debe quedarse en su casa durante por lo menos dos semanas y evitar el contacto con otras personas.", "Le patient doit rester à la maison pendant au moins deux semaines et éviter tout contact avec d'autres personnes."],
}  # fmt: skip


def _other_language(source: str, target: str, language: str, chance: Random) -> str:
    return chance.choice(_OTHER_TEXT[language]) if len(source.split()) >= 10 else ""


def _chatter(source: str, target: str, language: str, chance: Random) -> str:
    before = {
        "es": ["Aquí tienes la traducción:\n\n", "Traducción: ", "¡Claro! Aquí está el texto traducido: ", "Nota del traductor: "],
        "fr": ["Voici la traduction :\n\n", "Traduction : ", "Bien sûr ! Voici le texte traduit : ", "Note du traducteur : "],
        "pt": ["Aqui está a tradução:\n\n", "Tradução: ", "Claro! Segue o texto traduzido: ", "Nota do tradutor: "],
    }[language] + ["Translation: ", "Here's the translated text:\n", "Sure, here you go: ", "As an AI language model, I cannot give medical advice. "]  # fmt: skip
    return chance.choice(before) + target


def _empty(source: str, target: str, language: str, chance: Random) -> str:
    return chance.choice([" ", "-", "...", "TODO", "N/A", "???"]) if len(source.split()) > 3 else ""


OTHERWISE: tuple[Rule, ...] = (
    Rule("numbers", "transposed", _transposed),
    *(Rule("numbers", name, _number_to(name)) for name in ("zero dropped", "zero added", "digit dropped", "digit doubled", "one more", "year")),
    Rule("numbers", "decimal shifted", _decimal_shifted),
    Rule("numbers", "range end", _range_end),
    Rule("numbers", "numbers swapped", _numbers_swapped),
    Rule("numbers", "number word other", _number_word),
    Rule("numbers", "fraction", _fraction),
    Rule("numbers", "month other", _of_list(_MONTHS)),
    Rule("numbers", "weekday other", _of_list(_DAYS)),
    Rule("numbers", "day of month", _day_of_month),
    Rule("numbers", "day and month", _day_month_exchanged),
    Rule("separators", "English decimal", _english_decimal),
    Rule("separators", "English thousands", _english_thousands),
    Rule("units", "unit swapped", _unit_swapped),
    Rule("units", "unit lost", _unit_lost),
    Rule("percent", "percent lost", _at(r"(?<=\d)[\s\u00a0\u202f]?%", "")),
    Rule("percent", "per mille", _at(r"(?<=\d)([\s\u00a0\u202f]?)%", r"\1‰")),
    Rule("frequency", "frequency otherwise", _swapped(_FREQUENCY)),
    Rule("comparison", "bound otherwise", _swapped(_COMPARISON)),
    Rule("magnitude", "magnitude otherwise", _swapped(_MAGNITUDE)),
    Rule("direction", "direction otherwise", _swapped(_DIRECTION[:-4])),
    Rule("direction", "quantifier", _swapped(_DIRECTION[-4:-1]), dangerous=False),
    Rule("direction", "or for and", _swapped(_DIRECTION[-1:]), dangerous=False),
    Rule("modality", "modality otherwise", _swapped(_MODALITY)),
    Rule("laterality", "side otherwise", _swapped(_LATERALITY)),
    Rule("laterality", "sides exchanged", _first_of_and),
    Rule("population", "people otherwise", _swapped(_POPULATION)),
    Rule("negation", "negation lost", _not_lost),
    Rule("negation", "negation added", _not_added),
    Rule("drugs", "look-alike", _drug(like=True)),
    Rule("drugs", "any other drug", _drug(like=False)),
    Rule("drugs", "drug lost", _drug_lost),
    Rule("kind", "another thing", _swapped(_THINGS)),
    Rule("contacts", "address altered", _url_altered),
    Rule("contacts", "e-mail altered", _email_altered),
    Rule("contacts", "phone altered", _phone_altered),
    Rule("contacts", "contact lost", _contact_lost),
    *(Rule("markup", f"markup {name}", _markup(name)) for name in ("dropped", "doubled", "moved", "altered")),
    Rule("injection", "html", _inject(
        "<script src=//x.example/a.js></script>", "<img src=x onerror=alert(1)>", "<iframe src='https://x.example'></iframe>",
        "<b onclick=alert(1)>ok</b>", "<style>*{display:none}</style>", "<a href=\"javascript:alert(1)\">ok</a>", "<svg/onload=alert(1)>",
        "<SCRIPT>alert(1)</SCRIPT>", "&lt;script&gt;alert(1)&lt;/script&gt;")),
    Rule("injection", "new address", _inject(" https://buy.example/pills ", " www.pharmacy.example ", " [aquí](https://x.example) ", " info@pills.example ")),
    Rule("injection", "template", _inject("{{ config }}", "${7*7}", "<?php echo 1 ?>", "<%= 1 %>", "{% include 'x' %}", "%s", "{0}"), dangerous=False),
    Rule("characters", "homoglyph", _homoglyph),
    Rule("characters", "homoglyph word", _homoglyph_word),
    Rule("characters", "invisible", _inside_word("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e")),
    Rule("characters", "bidi", _inside_word("\u202e", "\u202a", "\u2066", "\u202d")),
    Rule("characters", "control", _inside_word("\x07", "\x1b", "\x00", "\x85", "\x0b")),
    Rule("characters", "broken encoding", _broken_encoding),
    Rule("characters", "entities", _entities),
    Rule("completeness", "a sentence lost", _sentence_lost),
    Rule("completeness", "clause lost", _clause_lost, dangerous=False),
    Rule("completeness", "brackets lost", _brackets_lost, dangerous=False),
    Rule("completeness", "cut at half", _cut(0.5)),
    Rule("completeness", "cut at three quarters", _cut(0.75)),
    Rule("language", "left in English", _as_source),
    Rule("language", "sentence in English", _sentence_english),
    Rule("language", "words in English", _words_english),
    Rule("language", "another language", _other_language),
    Rule("text", "chatter otherwise", _chatter),
    Rule("text", "no text", _empty),
    Rule("text", "sentence doubled", _sentence_doubled),
    Rule("text", "phrase doubled", _phrase_doubled),
    Rule("text", "word doubled", _at(r"\b(\w{3,})\b", r"\1 \1"), dangerous=False),
    Rule("text", "double space", lambda s, t, _l, _c: t.replace(" ", "  ", 1) if " " in t else "", dangerous=False),
)  # fmt: skip
