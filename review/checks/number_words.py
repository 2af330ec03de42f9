"""How languages write numbers in words, as far as numbers_kept needs it: small numbers and magnitudes.

A language is one line in each table. One that is not here is not silently passed: numbers_kept then only warns.
"""

SMALL_NUMBERS: dict[str, dict[str, int]] = {
    language: {word: value for words, value in zip(line.split("|"), VALUES, strict=True) for word in words.split()}
    for VALUES in [(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 30, 40, 50, 60, 90, 100)]
    for language, line in {
        "en": "zero no|one once first a an single another|two twice second both pair couple double half|three third"
        " thrice triple|four fourth quarter|five fifth|six sixth|seven seventh|eight eighth|nine ninth"
        "|ten tenth|eleven|twelve dozen|fifteen|twenty|thirty|forty|fifty|sixty|ninety|hundred",
        "es": "cero ningún ninguna|un una uno primer primero primera sola solo|dos segundo segunda ambos ambas doble"
        " par medio media mitad|tres tercer tercero tercera triple|cuatro cuarto cuarta|cinco quinto quinta"
        "|seis sexto sexta|siete séptimo|ocho octavo|nueve noveno|diez décimo|once|doce docena|quince|veinte"
        "|treinta|cuarenta|cincuenta|sesenta|noventa|cien ciento",
        "pt": "zero nenhum nenhuma|um uma primeiro primeira só única|dois duas segundo segunda ambos ambas dobro"
        " par meio meia metade|três terceiro terceira triplo|quatro quarto quarta|cinco quinto quinta"
        "|seis sexto sexta|sete sétimo|oito oitavo|nove nono|dez décimo|onze|doze dúzia|quinze|vinte"
        "|trinta|quarenta|cinquenta|sessenta|noventa|cem cento",
        "fr": "zéro aucun aucune|un une premier première seul seule|deux deuxième second seconde double paire demi"
        " demie moitié|trois troisième triple tiers|quatre quatrième quart|cinq cinquième|six sixième"
        "|sept septième|huit huitième|neuf neuvième|dix dixième|onze|douze douzaine|quinze quinzaine|vingt"
        "|trente|quarante|cinquante|soixante|nonante|cent",
        "ca": "zero cap|un una primer primera|dos dues segon segona ambdós doble parell mig mitja meitat"
        "|tres tercer tercera triple|quatre quart quarta|cinc cinquè|sis sisè|set setè|vuit vuitè|nou novè"
        "|deu desè|onze|dotze dotzena|quinze|vint|trenta|quaranta|cinquanta|seixanta|noranta|cent",
        "it": "zero nessun nessuna|un uno una primo prima|due secondo seconda entrambi doppio paio mezzo mezza metà"
        "|tre terzo terza triplo|quattro quarto quarta|cinque quinto quinta|sei sesto|sette settimo"
        "|otto ottavo|nove nono|dieci decimo|undici|dodici dozzina|quindici|venti|trenta|quaranta"
        "|cinquanta|sessanta|novanta|cento",
        "de": "null kein keine|ein eine einen einem einer eines eins einmal erste ersten|zwei zweimal zweite zweiten"
        " beide doppelt halb halbe hälfte paar|drei dreimal dritte dritten|vier viermal vierte viertel|fünf"
        "|sechs|sieben|acht|neun|zehn|elf|zwölf dutzend|fünfzehn|zwanzig|dreißig|vierzig|fünfzig|sechzig"
        "|neunzig|hundert",
    }.items()
}
"""Language → word in lower case → value; ordinals, halves and pairs count as their number."""

MAGNITUDES: dict[str, dict[str, int]] = {
    "en": {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12},
    "es": {
        "mil": 10**3,
        "millón": 10**6,
        "millones": 10**6,
        "millardo": 10**9,
        "millardos": 10**9,
        "billón": 10**12,
        "billones": 10**12,
    },
    "pt": {
        "mil": 10**3,
        "milhão": 10**6,
        "milhões": 10**6,
        "bilhão": 10**9,
        "bilhões": 10**9,
        "bilião": 10**12,
        "biliões": 10**12,
        "trilhão": 10**12,
        "trilhões": 10**12,
    },
    "fr": {
        "mille": 10**3,
        "million": 10**6,
        "millions": 10**6,
        "milliard": 10**9,
        "milliards": 10**9,
        "billion": 10**12,
        "billions": 10**12,
    },
    "ca": {"mil": 10**3, "milió": 10**6, "milions": 10**6, "bilió": 10**12, "bilions": 10**12},
    "it": {"mila": 10**3, "milione": 10**6, "milioni": 10**6, "miliardo": 10**9, "miliardi": 10**9},
    "de": {"tausend": 10**3, "million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9},
}
"""Language → word in lower case → factor. English billions are Spanish millardos and French milliards."""
