"""Compile review/checks/data/drugs.tsv from the names of a package: `pip install drug-named-entity-recognition` first.

Takes   the dictionary of drug-named-entity-recognition (MIT; compiled by its authors from MeSH, MedlinePlus, DrugBank)
Gives   lines `key <tab> name`, sorted: single words of six letters and more that MedlinePlus has, or that end as
        International Nonproprietary Names do; and names that the package does not have (ALSO, BRANDS: in our own words)
Always  nothing but names is taken: no texts, no structures
"""

import bz2
import pickle
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from review.checks.inn import key

TARGET = Path(__file__).parent.parent / "review" / "checks" / "data" / "drugs.tsv"
_ENDING = re.compile(
    r"(?:ine|in|ol|ide|ate|one|am|il|[ai]b|ir|ene|ane|ole|ium|cept|ast|ant|cog|tide|ase|grel|platin|tel|ac|xate|zide)$"
)
_SHORT = "lithium quinine heroin cesium cadmium chromium iodine iodide choline lysine".split()  # noqa: SIM905
_NO_DRUGS = {"thyroid", "yeast", "indican", "phenol"}
ALSO = {
    "acetaminophen": "paracetamol acetaminofén",
    "albuterol": "salbutamol",
    "epinephrine": "adrenaline adrénaline adrenalina",
    "norepinephrine": "noradrenaline noradrenalina",
    "furosemide": "frusemide",
    "meperidine": "pethidine petidina",
    "glyburide": "glibenclamide",
    "rifampin": "rifampicin rifampicina",
    "cyclosporine": "ciclosporin",
    "lidocaine": "lignocaine lignocaína",
    "nitroglycerin": "trinitrin trinitrine trinitroglicerina",
    "dipyrone": "metamizole metamizol",
    "aspirin": "acetylsalicylic acetilsalicílico acétylsalicylique",
    "potassium": "kalium",
    "sodium": "natrium",
    "iron": "hierro ferro",
    "copper": "cobre cuivre",
    "sulfur": "azufre soufre enxofre",
    "scopolamine": "hyoscine hioscina",
    "isoproterenol": "isoprenaline isoprenalina",
    "chlorpheniramine": "chlorphenamine clorfenamina",
    "valproate": "valproic valproico valproïque divalproex",
    "levothyroxine": "thyroxine levotiroxina",
    "estradiol": "oestradiol",
    "amphetamine": "amfetamine",
    "cannabis": "marijuana",
    "magnesium": "magnesio",
    "calcium": "calcio",
    "mercury": "mercurio",
    "penicillin": "penicilina",
    "cortisone": "cortisona",
    "oseltamivir": "oseltamivir",
    "naloxone": "naloxona",
    "buprenorphine": "buprenorfina",
    "zopiclone": "zopiclona",
    "flunitrazepam": "flunitrazepam",
    "nicotine": "nicotina",
    "cocaine": "cocaína",
    "artemether": "arteméter",
    "artesunate": "artesunato",
    "diamorphine": "diamorfina",
    "prednisolone": "prednisolona",
    "domperidone": "domperidona",
    "bezafibrate": "bezafibrato",
    "bromazepam": "bromazepam",
    "insulin": "insulina",
    "zinc": "zinco",
    "chloride": "cloruro chlorure cloreto",
    "phosphate": "fosfato",
    "sulfate": "sulphate sulfato",
    "hydrogen": "hidrógeno hidrogênio",
    "methanol": "metanol",
    "ammonia": "amoníaco ammoniac",
    "arsenic": "arsénico",
    "cyanide": "cianuro cyanure cianeto",
    "cortisol": "cortisol",
    "heparin": "heparina",
    "vancomycin": "vancomicina",
    "progesterone": "progesterona",
    "testosterone": "testosterona",
    "estrogen": "estrógeno œstrogène oestrogène",
    "glucose": "glucosa glicose",
    "dextrose": "dextrosa",
    "fructose": "fructosa frutose",
    "interferon": "interferón",
    "melatonin": "melatonina",
    "methylphenidate": "metilfenidato",
    "tretinoin": "tretinoína",
}
"""Name → other names of the same: INN and USAN, and where a language has a word of its own."""
BRANDS = {
    "acetaminophen": "tylenol panadol calpol doliprane efferalgan gelocatil",
    "ibuprofen": "advil motrin nurofen",
    "naproxen": "naprosyn anaprox",
    "diclofenac": "voltaren voltarene cataflam",
    "celecoxib": "celebrex",
    "oxycodone": "oxycontin roxicodone",
    "hydromorphone": "dilaudid",
    "fentanyl": "duragesic",
    "tramadol": "ultram",
    "naloxone": "narcan",
    "warfarin": "coumadin jantoven",
    "acenocoumarol": "sintrom",
    "apixaban": "eliquis",
    "rivaroxaban": "xarelto",
    "dabigatran": "pradaxa",
    "enoxaparin": "lovenox clexane",
    "clopidogrel": "plavix",
    "atorvastatin": "lipitor",
    "simvastatin": "zocor",
    "rosuvastatin": "crestor",
    "pravastatin": "pravachol",
    "lisinopril": "zestril prinivil",
    "enalapril": "vasotec renitec",
    "losartan": "cozaar",
    "valsartan": "diovan",
    "amlodipine": "norvasc",
    "nifedipine": "adalat procardia",
    "metoprolol": "lopressor toprol",
    "atenolol": "tenormin",
    "propranolol": "inderal",
    "carvedilol": "coreg",
    "furosemide": "lasix",
    "hydrochlorothiazide": "microzide",
    "spironolactone": "aldactone",
    "digoxin": "lanoxin",
    "amiodarone": "cordarone pacerone",
    "nitroglycerin": "nitrostat",
    "metformin": "glucophage",
    "glipizide": "glucotrol",
    "sitagliptin": "januvia",
    "empagliflozin": "jardiance",
    "semaglutide": "ozempic wegovy rybelsus",
    "tirzepatide": "mounjaro zepbound",
    "liraglutide": "victoza saxenda",
    "levothyroxine": "synthroid levoxyl euthyrox",
    "prednisone": "deltasone",
    "methylprednisolone": "medrol",
    "dexamethasone": "decadron",
    "omeprazole": "prilosec",
    "esomeprazole": "nexium",
    "pantoprazole": "protonix",
    "famotidine": "pepcid",
    "ranitidine": "zantac",
    "loperamide": "imodium",
    "ondansetron": "zofran",
    "metoclopramide": "reglan primperan",
    "albuterol": "ventolin proventil",
    "tiotropium": "spiriva",
    "montelukast": "singulair",
    "cetirizine": "zyrtec",
    "loratadine": "claritin clarityne",
    "diphenhydramine": "benadryl",
    "pseudoephedrine": "sudafed",
    "sertraline": "zoloft",
    "fluoxetine": "prozac",
    "escitalopram": "lexapro cipralex",
    "citalopram": "celexa",
    "paroxetine": "paxil seroxat",
    "venlafaxine": "effexor",
    "duloxetine": "cymbalta",
    "bupropion": "wellbutrin zyban",
    "mirtazapine": "remeron",
    "trazodone": "desyrel",
    "quetiapine": "seroquel",
    "olanzapine": "zyprexa",
    "risperidone": "risperdal",
    "aripiprazole": "abilify",
    "haloperidol": "haldol",
    "clozapine": "clozaril leponex",
    "alprazolam": "xanax",
    "lorazepam": "ativan",
    "clonazepam": "klonopin rivotril",
    "zolpidem": "ambien stilnox",
    "methylphenidate": "ritalin rubifen",
    "lisdexamfetamine": "vyvanse elvanse",
    "atomoxetine": "strattera",
    "lamotrigine": "lamictal",
    "levetiracetam": "keppra",
    "carbamazepine": "tegretol",
    "valproate": "depakote depakine",
    "topiramate": "topamax",
    "gabapentin": "neurontin",
    "phenytoin": "dilantin",
    "donepezil": "aricept",
    "memantine": "namenda",
    "amoxicillin": "amoxil clamoxyl",
    "azithromycin": "zithromax",
    "ciprofloxacin": "ciproxin",
    "levofloxacin": "levaquin tavanic",
    "metronidazole": "flagyl",
    "cephalexin": "keflex",
    "doxycycline": "vibramycin",
    "fluconazole": "diflucan",
    "terbinafine": "lamisil",
    "valacyclovir": "valtrex",
    "acyclovir": "zovirax",
    "oseltamivir": "tamiflu",
    "remdesivir": "veklury",
    "hydroxychloroquine": "plaquenil",
    "adalimumab": "humira",
    "etanercept": "enbrel",
    "infliximab": "remicade",
    "tocilizumab": "actemra roactemra",
    "rituximab": "rituxan mabthera",
    "trastuzumab": "herceptin",
    "bevacizumab": "avastin",
    "pembrolizumab": "keytruda",
    "imatinib": "gleevec glivec",
    "methotrexate": "trexall",
    "alendronate": "fosamax",
    "denosumab": "xgeva",
    "allopurinol": "zyloprim zyloric",
    "sumatriptan": "imitrex imigran",
    "sildenafil": "viagra",
    "tadalafil": "cialis",
    "isotretinoin": "accutane roaccutane",
}
"""Name → brands of just this substance that are sold in several countries and are no word of a language."""


def main() -> int:
    spec = find_spec("drug_named_entity_recognition")
    if spec is None or spec.origin is None:
        print("pip install drug-named-entity-recognition", file=sys.stderr)
        return 2
    with bz2.open(Path(spec.origin).parent / "drug_ner_dictionary.pkl.bz2") as file:
        drugs = pickle.load(file)["drug_canonical_to_data"]  # noqa: S301 - a package that we installed ourselves
    other = {key(word): name for names in (BRANDS, ALSO) for name, words in names.items() for word in words.split()}
    lines = {}
    for name, known in drugs.items():
        listed = "medline_plus_id" in known or ("drugbank_id" in known and _ENDING.search(name))
        if re.fullmatch("[a-z]{5,}", name) and listed and (len(key(name)) >= 6 or name in _SHORT):
            lines[key(name)] = name
    lines |= {key(name): name for name in (*ALSO, *BRANDS, *_SHORT)} | other
    kept = sorted(f"{k}\t{name}\n" for k, name in lines.items() if name not in _NO_DRUGS)
    head = (
        "# Names of drugs: key (review/checks/inn.py), name. Compiled by benchmarks/compile_drug_names.py from\n"
        "# drug-named-entity-recognition 2.0.9, Copyright (c) 2023 Fast Data Science Ltd, MIT licence; names only.\n"
    )
    TARGET.write_text(head + "".join(kept), encoding="utf-8")
    print(f"{len(kept)} names")
    return 0


if __name__ == "__main__":
    sys.exit(main())
