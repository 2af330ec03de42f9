"""Plant errors that change the meaning by a word of its kind: right for left, weekly for daily, another drug.

Takes   an English text, its right translation, the target's language, a source of chance with a seed
Gives   wrong translations, as planted_errors.py does, whose tuple of rules takes these in
Always  word lists of its own, written apart from the checks' tables
"""

import re
from random import Random

from planted_errors import Plant, Rule, _pick, _put


def _words(text: str) -> list[tuple[str, str]]:
    """`a>b; c<>d`: what is put in the place of what; `<>` both ways."""
    ways = []
    for part in text.split(";"):
        if "<>" in part:
            one, other = (side.strip() for side in part.split("<>"))
            ways += [(one, other), (other, one)]
        elif ">" in part:
            one, other = (side.strip() for side in part.split(">"))
            ways.append((one, other))
    return ways


def _exchange(**by_language: str) -> Plant:
    """A word or phrase is another one of its kind."""
    tables = {language: _words(text) for language, text in by_language.items()}

    def plant(source: str, target: str, language: str, chance: Random) -> str:
        found = [
            (match, wrong)
            for right, wrong in tables.get(language, ())
            for match in re.finditer(rf"(?<!\w){re.escape(right)}(?!\w)", target, re.IGNORECASE)
        ]
        if not found:
            return ""
        match, wrong = chance.choice(found)
        return _put(target, match.span(), wrong.capitalize() if match[0][0].isupper() else wrong)

    return plant


_LATERALITY = _exchange(
    es="izquierdo<>derecho; izquierda<>derecha; izquierdos<>derechos; superior<>inferior; superiores<>inferiores;"
    "interno<>externo; interna<>externa; anterior<>posterior; unilateral<>bilateral; proximal<>distal",
    fr="gauche>droit; droite>gauche; droit>gauche; supérieur<>inférieur; supérieure<>inférieure;"
    "supérieures<>inférieures; interne<>externe; antérieur<>postérieur; unilatérale<>bilatérale",
    pt="esquerdo<>direito; esquerda<>direita; superior<>inferior; superiores<>inferiores; interno<>externo;"
    "interna<>externa; anterior<>posterior; unilateral<>bilateral; proximal<>distal",
)
_FREQUENCY = _exchange(
    es="al día<>a la semana; diario>semanal; diaria>semanal; diariamente>semanalmente; una vez>dos veces;"
    "dos veces>tres veces; tres veces>dos veces; cada día>cada semana; todos los días>todas las semanas;"
    "siempre>a veces; a veces>siempre; a menudo<>rara vez; con frecuencia>rara vez; mensual>semanal; semanal>mensual",
    fr="par jour<>par semaine; quotidienne>hebdomadaire; quotidien>hebdomadaire; une fois>deux fois;"
    "deux fois>trois fois; trois fois>une fois; tous les jours>toutes les semaines; chaque jour>chaque semaine;"
    "toujours>parfois; parfois>toujours; souvent<>rarement; fréquemment>rarement",
    pt="por dia<>por semana; ao dia>à semana; diária>semanal; diário>semanal; diariamente>semanalmente;"
    "uma vez>duas vezes; duas vezes>três vezes; três vezes>uma vez; todos os dias>todas as semanas;"
    "sempre>às vezes; às vezes>sempre; frequentemente>raramente; raramente>frequentemente; mensal>semanal",
)
_COMPARISON = _exchange(
    es="al menos>como máximo; por lo menos>como mucho; como mínimo<>como máximo; más de<>menos de; máximo<>mínimo;"
    "máxima<>mínima; hasta>al menos; mayor que<>menor que; superior a<>inferior a; por encima de<>por debajo de;"
    "más que>menos que; mayores de>menores de; menores de>mayores de; o más>o menos",
    fr="au moins>au plus; au maximum<>au minimum; plus de<>moins de; maximum<>minimum; maximale<>minimale;"
    "supérieur à<>inférieur à; supérieure à<>inférieure à; jusqu'à>au moins; au-dessus de>au-dessous de;"
    "ou plus>ou moins",
    pt="pelo menos>no máximo; no mínimo<>no máximo; mais de<>menos de; máximo<>mínimo; máxima<>mínima; até>pelo menos;"
    "maior que<>menor que; superior a<>inferior a; acima de<>abaixo de; mais do que>menos do que; ou mais>ou menos",
)
_DIRECTION = _exchange(
    es="aumenta<>disminuye; aumentar<>disminuir; aumentan>disminuyen; aumento>descenso; aumentó>disminuyó;"
    "reducir>aumentar; reduce>aumenta; reducción>aumento; disminución>aumento; reducen>aumentan; alto>bajo; alta>baja;"
    "altos>bajos; altas>bajas; elevada>baja; elevado>bajo; mejora>empeora; mejorar>empeorar; incremento>reducción;"
    "empeora>mejora; positivo<>negativo; positiva<>negativa; hipertensión>hipotensión; hipoglucemia<>hiperglucemia;"
    "inhibe>activa; subir<>bajar; crecimiento>descenso",
    fr="augmente>diminue; augmenter>réduire; augmentation>diminution; diminue>augmente; réduire>augmenter;"
    "réduit>augmente; réduction>augmentation; diminution>augmentation; élevé>faible; élevée>faible; élevés>faibles;"
    "faible>élevé; haut>bas; haute>basse; améliorer>aggraver; amélioration>aggravation; positif<>négatif;"
    "positive<>négative; hypertension>hypotension; hypoglycémie<>hyperglycémie; croissance>baisse; hausse<>baisse",
    pt="aumenta<>diminui; aumentar<>diminuir; aumento>queda; aumentou>diminuiu; reduzir>aumentar; reduz>aumenta;"
    "redução>aumento; diminuição>aumento; alto>baixo; alta>baixa; altos>baixos; altas>baixas; elevada>baixa;"
    "baixo>alto; baixa>alta; melhora>piora; melhorar>piorar; positivo<>negativo; positiva<>negativa;"
    "hipertensão>hipotensão; hipoglicemia<>hiperglicemia; crescimento>declínio; aumentam>diminuem",
)
_MODALITY = _exchange(
    es="puede<>debe; pueden<>deben; debería>podría; podría>debería; deberían>podrían; podrían>deberían;"
    "recomienda>desaconseja; obligatorio>opcional; obligatoria>opcional; permite>prohíbe; posible>imposible;"
    "probable>improbable; seguro>peligroso; debe>puede; tiene que>puede; hay que>se puede; necesario>innecesario",
    fr="peut<>doit; peuvent<>doivent; pourrait>devrait; devrait>pourrait; devraient>pourraient;"
    "pourraient>devraient; devez>pouvez; pouvez>devez; recommandé>déconseillé; obligatoire>facultatif;"
    "possible>impossible; il faut>on peut; probable>improbable; autorisé>interdit",
    pt="pode<>deve; podem<>devem; deveria>poderia; poderia>deveria; deveriam>poderiam; poderiam>deveriam;"
    "recomendado>desaconselhado; obrigatório>opcional; obrigatória>opcional; permite>proíbe; possível>impossível;"
    "provável>improvável; seguro>perigoso; é preciso>é possível; precisa>pode",
)
_POPULATION = _exchange(
    es="adultos<>niños; adulto>niño; niños>ancianos; mujeres<>hombres; mujer<>hombre; embarazadas>lactantes;"
    "lactantes>adultos; ancianos>niños; personas mayores>niños; adolescentes>adultos; madre>padre; humanos>animales;"
    "animales>humanos; bebés>adultos; niño>adulto; niña>adulta; recién nacidos>adultos",
    fr="adultes<>enfants; adulte>enfant; enfants>personnes âgées; femmes<>hommes; femme<>homme; nourrissons>adultes;"
    "personnes âgées>enfants; adolescents>adultes; mère>père; humains>animaux; animaux>humains; enfant>adulte;"
    "enceintes>allaitantes",
    pt="adultos<>crianças; adulto>criança; crianças>idosos; mulheres<>homens; mulher<>homem; idosos>crianças;"
    "adolescentes>adultos; mãe>pai; humanos>animais; animais>humanos; bebês>adultos; criança>adulto;"
    "grávidas>lactantes; gestantes>lactantes",
)
_SCALE = _exchange(
    es="millones>mil millones; mil millones>millones; miles>millones; millón>billón; doble>mitad; mitad>doble",
    fr="millions>milliards; milliards>millions; milliers>millions; million>milliard; moitié>double; double>moitié",
    pt="milhões<>bilhões; milhão<>bilhão; milhares>milhões; dobro>metade; metade>dobro",
)
_TIME = _exchange(
    es="antes<>después; mañana>noche; noche>mañana; durante>después de; primer>último; primera>última;"
    "primero>último; primeros>últimos; último>primer; últimos>primeros; hoy>ayer; inmediatamente>más tarde;"
    "horas<>días; semanas>meses; años>meses; minutos>horas; días>semanas; desde>hasta; temporal>permanente",
    fr="avant<>après; matin<>soir; pendant>après; premier<>dernier; première<>dernière; premiers<>derniers;"
    "aujourd'hui>hier; immédiatement>plus tard; heures<>jours; semaines>mois; ans>mois; minutes>heures;"
    "jours>semaines; temporaire>permanent",
    pt="antes<>depois; manhã<>noite; durante>depois de; primeiro<>último; primeira<>última; primeiros<>últimos;"
    "hoje>ontem; imediatamente>mais tarde; horas<>dias; semanas>meses; anos>meses; minutos>horas; dias>semanas;"
    "desde>até; temporário>permanente",
)
_KIND = _exchange(
    es="leve<>grave; leves<>graves; agudo<>crónico; aguda<>crónica; agudas<>crónicas; oral>intravenosa;"
    "viral>bacteriana; virus>bacteria; benigno<>maligno; corazón>hígado; riñón>corazón; pulmón>riñón; pulmones>riñones;"
    "hígado>riñón; frío<>caliente; norte<>sur; este>oeste; comprimidos>cápsulas; comprimido>cápsula; causa>previene;"
    "confirmados>sospechosos; riesgo>beneficio; enfermos>sanos; muertes>recuperaciones; abrir<>cerrar; seco>húmedo",
    fr="léger>grave; légers>graves; graves>légers; aigu<>chronique; aiguë>chronique; chroniques>aiguës; "
    "orale>intraveineuse;"
    "viral>bactérien; virale>bactérienne; virus>bactérie; cœur>foie; poumons>reins; foie>rein; froid<>chaud; nord<>sud;"
    "comprimés>gélules; confirmés>suspects; risque>bénéfice; décès>guérisons; ouvert>fermé; sec>humide",
    pt="leve<>grave; leves<>graves; agudo<>crônico; aguda<>crônica; agudas<>crônicas; oral>intravenosa;"
    "viral>bacteriana; vírus>bactéria; coração>fígado; pulmões>rins; pulmão>rim; frio<>quente; norte<>sul; "
    "leste<>oeste;"
    "comprimidos>cápsulas; confirmados>suspeitos; risco>benefício; mortes>recuperações; aberto>fechado; causa>previne",
)

_NOT = {"es": "no", "pt": "não"}
_FRENCH_NOT = re.compile(
    r"\b(?:ne\s+|n['’])(\w+(?:[-'’]\w+)*)\s+((?:\w+\s+){0,1}?)(?:pas|jamais|plus)\b\s?", re.IGNORECASE
)


def _negation_lost(source: str, target: str, language: str, chance: Random) -> str:
    """A "not", "never" or "without" is gone, or "never" is always."""
    if language == "fr":
        found = _pick(list(_FRENCH_NOT.finditer(target)), chance)
        return _put(target, found.span(), f"{found[1]} {found[2]}") if found else ""
    ways = [(m, "") for m in re.finditer(rf"(?<!\w){_NOT[language]}\s+(?=\w)", target, re.IGNORECASE)]
    ways += [(m, {"es": "siempre", "pt": "sempre"}[language]) for m in re.finditer(r"(?<!\w)nunca(?!\w)", target)]
    if not ways:
        return ""
    match, instead = chance.choice(ways)
    return _put(target, match.span(), instead)


def _without(source: str, target: str, language: str, chance: Random) -> str:
    """Without is with."""
    ways = {"es": ("sin", "con"), "fr": ("sans", "avec"), "pt": ("sem", "com")}[language]
    found = _pick(list(re.finditer(rf"(?<!\w){ways[0]}(?=\s)", target)), chance)
    return _put(target, found.span(), ways[1]) if found else ""


_VERBS = {
    "es": "es son está están puede pueden debe deben tiene tienen se hay tome use beba deje haga ha han",
    "fr": "est sont peut peuvent doit doivent a ont devez prenez utilisez pouvez buvez arrêtez",
    "pt": "é são está estão pode podem deve devem tem têm há tome use beba pare faça foi foram",
}


def _negation_new(source: str, target: str, language: str, chance: Random) -> str:
    """A verb that was not negated is."""
    verbs = "|".join(_VERBS[language].split())
    before = r"(?<!\bno )(?<!\bnão )(?<!\bse )(?<!\bne )(?<!\bn')"
    found = _pick(list(re.finditer(rf"{before}(?<![\w'’-])(?:{verbs})(?![\w'’-])", target, re.IGNORECASE)), chance)
    if not found:
        return ""
    word = found[0]
    if language == "fr":
        particle = "n'" if word[0].lower() in "aeé" else "ne "
        return _put(target, found.span(), f"{particle}{word} pas")
    return _put(target, found.span(), f"{_NOT[language]} {word}")


_DRUGS = _exchange(
    es="clonazepam>clonidina; hidroxizina>hidralazina; metformina>metronidazol; paracetamol>prednisona;"
    "ibuprofeno>ketoprofeno; cloroquina>colchicina; hidroxicloroquina>hidroxizina; remdesivir>oseltamivir;"
    "lopinavir>saquinavir; azitromicina>eritromicina; amoxicilina>ampicilina; insulina>heparina; warfarina>heparina;"
    "prednisona>prednisolona; lorazepam>alprazolam; morfina>metadona; sertralina>cetirizina; aspirina>atenolol;"
    "fluoxetina>duloxetina; carbamazepina>oxcarbazepina; litio>potasio; sodio<>potasio; calcio>magnesio;"
    "ribavirina>rifampicina; tocilizumab>bevacizumab; digoxina>doxazosina; diazepam>diltiazem; tramadol>trazodona",
    fr="clonazépam>clonidine; hydroxyzine>hydralazine; metformine>métronidazole; paracétamol>prednisone;"
    "ibuprofène>kétoprofène; chloroquine>colchicine; hydroxychloroquine>hydroxyzine; remdésivir>oseltamivir;"
    "lopinavir>saquinavir; azithromycine>érythromycine; amoxicilline>ampicilline; insuline>héparine;"
    "warfarine>héparine; prednisone>prednisolone; lorazépam>alprazolam; morphine>méthadone; sertraline>cétirizine;"
    "aspirine>aténolol; fluoxétine>duloxétine; sodium<>potassium; calcium>magnésium; ribavirine>rifampicine;"
    "tocilizumab>bévacizumab; digoxine>doxazosine; diazépam>diltiazem; tramadol>trazodone; remdesivir>oseltamivir",
    pt="clonazepam>clonidina; hidroxizina>hidralazina; metformina>metronidazol; paracetamol>prednisona;"
    "ibuprofeno>cetoprofeno; cloroquina>colchicina; hidroxicloroquina>hidroxizina; remdesivir>oseltamivir;"
    "lopinavir>saquinavir; azitromicina>eritromicina; amoxicilina>ampicilina; insulina>heparina; varfarina>heparina;"
    "prednisona>prednisolona; lorazepam>alprazolam; morfina>metadona; sertralina>cetirizina; aspirina>atenolol;"
    "fluoxetina>duloxetina; sódio<>potássio; cálcio>magnésio; ribavirina>rifampicina; tocilizumabe>bevacizumabe;"
    "digoxina>doxazosina; diazepam>diltiazem; tramadol>trazodona; lítio>potássio",
)

MEANING: tuple[Rule, ...] = (
    Rule("laterality", "other side", _LATERALITY),
    Rule("frequency", "other frequency", _FREQUENCY),
    Rule("comparison", "other bound", _COMPARISON),
    Rule("direction", "other direction", _DIRECTION),
    Rule("modality", "other modality", _MODALITY),
    Rule("population", "other people", _POPULATION),
    Rule("magnitude", "other magnitude", _SCALE),
    Rule("time", "other time", _TIME),
    Rule("kind", "other kind", _KIND),
    Rule("negation", "not lost", _negation_lost),
    Rule("negation", "not put in", _negation_new),
    Rule("negation", "with for without", _without),
    Rule("drugs", "another drug", _DRUGS),
)
"""What changes the meaning with words of its own kind."""
