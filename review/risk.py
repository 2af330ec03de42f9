"""Say which segments could harm if translated wrongly, by visible rules, and which rule spoke.

Takes   a segment's source and the visible texts of the headings above it (model.py)
Gives   its Risk and the names of the rules that spoke, for the reviewer's note, policy and triage
Always  the same text under the same headings has the same risk; a segment is critical exactly if a rule spoke

English only: the source of a workspace is English today. A rule that speaks too often costs a second reader; one that
stays silent may cost more, so the rules lean to speaking. A content lead may raise a risk, and lower it with a reason.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.model import Risk, visible_text


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRule:
    """One reason why a segment is critical."""

    name: str
    pattern: re.Pattern[str]
    """Looked for in the visible text, in any letter case."""
    examples: tuple[str, ...]
    """It speaks in each of these; the tests say so."""
    silent: tuple[str, ...] = ()
    """It does not speak in these, though they look alike."""
    in_headings: bool = False
    """Whether it speaks for all that stands below a heading in which it is found."""


def _rule(
    name: str, ways: tuple[str, ...], *examples: str, silent: tuple[str, ...] = (), in_headings: bool = False
) -> RiskRule:
    """A rule that speaks where any of its ways is found."""
    return RiskRule(
        name=name,
        pattern=re.compile("|".join(ways), re.IGNORECASE),
        examples=examples,
        silent=silent,
        in_headings=in_headings,
    )


_COUNT = r"(?:\d[\d.,/]*|an?|one|half|two|three|four|five|six|seven|eight|nine|ten|twelve)"
_FORM = r"(?:tablet|capsule|pill|puff|drop|patch|injection|teaspoon|tablespoon|suppositor|dose)(?:s|es|y|ies)?"
_DRUG = (
    r"(?:\w{2,}(?:arin|statin|pril|sartan|olol|azole|cillin|m[yi]cin|cycline|floxacin|oxetine|azepam|azolam|idone|apine"
    r"|triptyline|profen|oxib|gliptin|gliflozin|glutide|prazole|vir|mab|tinib|xaban|formin|thiazide|emide|setron|triptan"
    r"|terol|sone|solone|caine|codone|morphone|barbital)s?|aspirin|insulin|lithium|digoxin|warfarin|acetaminophen"
    r"|paracetamol|morphine|codeine|methotrexate|antibiotics?|antacids?|antidepressants?|blood thinners?|opioids?"
    r"|sedatives?|sleeping pills?|painkillers?|birth control pills?|MAOIs?|NSAIDs?|st\.? john['’]s wort)"
)
"""A drug by its stem (WHO's list of INN stems) or class; the whole list of names would slow every run."""
_OTHER_DRUGS = (
    r"(?:other |any |some |certain |over-the-counter |prescription |your ){1,3}(?:medic\w+|drugs?|supplements?)"
)
_PERIOD = r"(?:hour|day|daily|night|week|weekly|month|year)"

# A visible text has single spaces, so a space is a space here.
RULES: tuple[RiskRule, ...] = (
    _rule(
        "dose",
        (
            r"\d[ -]?(?:mg|mcg|µg|μg|ug|g|kg|ml|cc|iu|units?|mmol|meq|puffs?|drops?|sprays?)\b",
            rf"\b{_COUNT}[ -](?:\w+ )?{_FORM}\b",
            r"\b(?:maximum|daily|usual|starting|recommended|missed|double|next|prescribed) dos(?:es?|age)\b",
            r"\b(?:high|low|large|small|heavy)(?:er)? (?:doses?|dosages?)\b",
            r"\b(?:more|less|higher|larger|increased|increasing) (?:amounts? )?of (?:the|this|your|a) (?:drug|medic)",
            r"\b(?:dosages|dosing)\b",
            r"\b(?:the right|correct|wrong|your|follow(?:ing)? (?:the )?) ?dos(?:e|age)\b",
        ),
        "Take 5 mg in the evening.",
        "Swallow two tablets with water.",
        "Never exceed the maximum dose.",
        "Half a tablet is enough.",
        "The vial holds 100 units of insulin.",
        "In high doses it makes people sleepy.",
        "Work with a doctor to find the right dosage.",
        "Some take larger amounts of the drug.",
        silent=("She lives 5 miles away.", "About 20 people took part."),
    ),
    _rule(
        "frequency",
        (
            rf"\b(?:once|twice|thrice|(?:{_COUNT}|several) times)(?: (?:an?|per|each|every))? {_PERIOD}",
            r"\bevery (?:\d+|other|second|two|three|four|six|eight|twelve|few)(?: ?(?:to|[-–]) ?\d+)?"
            r"[ -](?:hour|day|week|month|minute)",
            r"\b(?:take|use|apply|inject|inhale|give|given|taken|used)\b.{0,60}"
            r"\b(?:daily|nightly|weekly|every day)\b",
            r"\b(?:b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|q\.?d\.?s|p\.?r\.?n)\b",
        ),
        "Use the cream twice a day.",
        "Check it every 4 hours.",
        "Take it daily before breakfast.",
        "Give it t.i.d.",
        silent=("Most people read the news daily.",),
    ),
    _rule(
        "contraindication",
        (
            r"\bcontra-?indicat",
            r"\bnot (?:suitable|recommended|safe|advised) (?:for|in|if|with|during)\b",
            r"\b(?:do not|don['’]t|should not|must not|cannot) (?:take|use|be (?:taken|used|given))\b",
            r"\b(?:do not|don['’]t|should not|must not|cannot) have\b(?! an account)",
            r"\bwho should not\b",
            r"\bavoid (?:taking|using)\b",
            r"\b(?:do not|don['’]t|should not|must not|cannot) (?:drink|eat|swallow|inject|inhale|apply|drive)\b",
            r"\b(?:people|patients|anyone|those|women|children) (?:with|who)\b.{0,80}"
            r"\b(?:should|must)(?: not|n['’]t)\b",
            r"\ballergic to\b",
            r"\b(?:talk|speak|ask|check|consult|tell)\b.{0,50}\b(?:doctor|pharmacist|nurse|provider|team)\b.{0,20}"
            r"\bbefore (?:you )?(?:tak|us|start|stop|chang)\w{0,4}\b",
        ),
        "It is contraindicated in liver disease.",
        "This test is not suitable for people with a pacemaker.",
        "Do not take this if you are allergic to penicillin.",
        "Talk to your doctor before taking it.",
        "People with asthma should not use it.",
        silent=("It is not suitable.", "Don't have an account?"),
        in_headings=True,
    ),
    _rule(
        "interaction",
        (
            r"\b(?:drug|medicine|medication|food|alcohol)s? interactions?\b",
            r"^interactions?$",
            r"\bgrapefruit\b",
            r"\binteract(?:s|ing|ions?)? with (?:\w+ ){0,3}(?:medic|drug|alcohol|food|supplement|vitamin|blood)",
            r"\b(?:mix|combin|tak|drink)\w*\b.{0,60}\b(?:with|and|together)\b.{0,30}\balcohol\b",
            r"\bdrink alcohol\b",
            r"\b(?:mix|combin)(?:e|es|ed|ing|ation)\b.{0,80}\b(?:alcohol|opioids?|depressants?|substances?|drugs?|medic)",
            r"\b(?:alcohol|opioids?|heroin|cocaine|depressants?)\b.{0,60}\b(?:mix|combin|together|at the same time)",
            r"\b(?:at the same time as|together with|along with) (?:\w+ ){0,2}(?:alcohol|opioid|drug|substance|medic)",
            r"\beffects? of (?:alcohol|opioids?|other (?:drugs?|medic|substances))",
            rf"\b(?:tak|us|giv|start|combin|mix|work)\w{{0,4}}\b.{{0,40}}\b(?:with|alongside) (?:\w+ )?{_DRUG}\b",
            rf"\b(?:tak|us|giv|start|combin|mix|work)\w{{0,4}}\b.{{0,40}}\b(?:with|alongside) {_OTHER_DRUGS}\b",
            rf"\b(?:if|while|when) you(?:['’]re| are)? (?:also |already )?(?:tak|us)(?:e|ing) (?:\w+ )?{_DRUG}\b",
            rf"\b(?:if|while|when|whether) you(?:['’]re| are)? (?:also |already )?(?:tak|us)(?:e|ing) {_OTHER_DRUGS}\b",
        ),
        "Ask before you take it with warfarin.",
        "Tell us if you take other medicines.",
        "Tell your nurse if you are also taking lithium.",
        "Some foods interact with other medicines.",
        "Do not drink grapefruit juice.",
        "Taking it together with alcohol makes you drowsy.",
        "Combining it with other substances is dangerous.",
        "It strengthens the effects of alcohol.",
        silent=("Children interact with other pupils.",),
        in_headings=True,
    ),
    _rule(
        "overdose",
        (
            r"\boverdos",
            r"\bpoison",
            r"\btoo much (?:of )?(?:\w+ ){0,3}(?:medicine|medication|insulin|drug)\b",
            r"\bmore than (?:the )?(?:prescribed|recommended|maximum|you should)\b",
            r"\b(?:take|taken|took|swallow|swallowed) (?:\w+ ){0,2}(?:too much|too many|more than)\b",
            r"\bdouble (?:up|the)\b",
        ),
        "An overdose can damage the liver.",
        "What if I took too much of this medicine?",
        "Never take more than the recommended amount.",
        "If a child swallowed too many, bring the pack.",
        silent=("You should not worry too much.",),
        in_headings=True,
    ),
    _rule(
        "withdrawal",
        (
            r"\bwithdrawal (?:symptom|syndrome|effect|reaction|bleed)",
            r"^withdrawal$",
            r"\b(?:symptoms?|signs?|process|period|risks?) of (?:\w+ )?withdrawal\b",
            r"\bwithdrawal (?:is|can|may|from (?:the |this )?(?:drug|medic|\w+(?:pam|lam|ine|ol)\b))",
            r"\b(?:abrupt|sudden)(?:ly)? (?:\w+ ){0,2}(?:cessation|ceas|stop|discontinu|quit|withdraw|reduc)",
            r"\btaper(?:ed|ing|s)?\b",
            r"\bstop(?:ping|s|ped)? (?:taking|using|treatment|(?:the|your|this) medic)",
            r"\bstop\w*\b.{0,40}\b(?:suddenly|abruptly)\b",
        ),
        "Stopping suddenly can cause withdrawal symptoms.",
        "The dose is tapered over weeks.",
        "Ask before you stop taking it.",
        "The symptoms of withdrawal differ.",
        "Abrupt cessation is dangerous.",
        silent=("She made a withdrawal from the bank.", "Stop at the desk."),
        in_headings=True,
    ),
    _rule(
        "emergency",
        (
            r"\bemergenc",
            r"\bambulance\b",
            r"\b(?:call|dial|phone|ring) (?:911|999|112|111|000|988)\b",
            r"\blife-?threatening\b",
            r"\banaphyla",
            r"\bimmediate (?:medical|help|care|attention)",
            r"\burgent\b",
            r"\bas soon as possible\b",
            r"\b(?:deadly|fatal|lethal)\b",
            r"\brespiratory (?:depression|arrest|failure)\b",
            r"\b(?:stops?|stopped|trouble|difficulty|slowed|shallow) breathing\b",
            r"\b(?:right away|immediately|straight away|at once|urgently)\b",
        ),
        "Call 911.",
        "Go to the emergency room.",
        "Tell your doctor right away.",
        "Seek immediate medical care.",
        "See a doctor as soon as possible.",
        "Some of these can turn deadly.",
        "Call if she has trouble breathing.",
        silent=("A family doctor knows you well.",),
        in_headings=True,
    ),
    _rule(
        "self-harm",
        (
            r"\bsuicid",
            r"\bself-?harm",
            r"\b(?:hurt|harm|kill|cut)(?:ing)? (?:yourself|themsel|himself|herself)",
            r"\bend(?:ing)? (?:your|their|his|her) (?:own )?life\b",
            r"\bwant(?:s|ing)? to die\b",
        ),
        "If you think of suicide, you are not alone.",
        "Some people think about hurting themselves.",
        silent=("You may hurt for a day.",),
        in_headings=True,
    ),
    _rule(
        "consent",
        (
            r"\bconsent",
            r"\bright to (?:refuse|say no|stop|withdraw|change)\b",
            r"\b(?:your|their) permission\b",
            r"\bagree(?:ing|s|d)? to (?:the|a|this|any|have)\b",
        ),
        "You will be asked to sign a consent form.",
        "You have the right to refuse.",
        "Nobody will share it without your permission.",
        silent=("Doctors agree that sleep helps.",),
        in_headings=True,
    ),
    _rule(
        "negated instruction",
        (
            r"(?:^|[.,;:—–(!?] ?|\b(?:and|but|or|please|then|so|always) )(?:do not|don['’]t|never|avoid)\b"
            r"(?! have an account)",
            r"\b(?:must|should|ought) (?:not|never)\b",
            r"\b(?:must|should)n['’]t\b",
            r"\bnot to be (?:taken|used|given)\b",
            r"\bnever (?:\w+ )?(?:take|use|give|stop|mix|share|drive|leave|exceed|start|swallow|inject)\b",
        ),
        "Do <b1>not</b1> stop.",
        "Keep it dry and don't freeze it.",
        "You should not drive.",
        "Never share needles.",
        silent=("Most people do not need surgery.", "It is not common."),
    ),
    _rule(
        "pregnancy",
        (
            r"\bpregnan",
            r"\bbreast-? ?feed",
            r"\bunborn\b",
            r"\btrying to conceive\b",
            r"\bbirth defect",
        ),
        "Tell us if you are pregnant or breastfeeding.",
        "It may cause birth defects.",
        silent=("She was born in May.",),
        in_headings=True,
    ),
    _rule(
        "children",
        (
            r"\b(?:infants?|newborns?|toddlers?|bab(?:y|ies))\b",
            r"\breach of children\b",
            r"\bunder the age of\b",
            r"\b(?:children|child|teenagers|teens) (?:\w+ ){0,2}(?:under|younger|aged?|below|over|older|up to)\b",
            r"\b(?:children|adolescents|teenagers)\b.{0,20}\d{1,2} ?(?:to|and|-|–) ?\d{1,2} (?:years?|months?)\b",
            r"\b(?:give|giving|given|used|safe|for|in) (?:\w+ ){0,2}child(?:ren)?\b",
        ),
        "It is not given to children.",
        "Children under 12 need half.",
        "Keep it out of the reach of children.",
        "Children from 6 to 12 years",
        silent=("She has two children.",),
        in_headings=True,
    ),
)


@lru_cache(maxsize=4096)
def risk(source: str, heading_path: tuple[str, ...] = ()) -> tuple[Risk, tuple[str, ...]]:
    """The risk of a segment and the names of the rules that spoke, in the order of RULES.

    A rule that speaks only because of a heading above says so.

    >>> risk("Drink water.", ("Overdose",))
    (<Risk.CRITICAL: 'critical'>, ('overdose (in the heading "Overdose")',))
    """
    text = visible_text(source)
    spoke = tuple(filter(None, (_reason(rule, text, heading_path) for rule in RULES)))
    return (Risk.CRITICAL if spoke else Risk.STANDARD), spoke


def _reason(rule: RiskRule, text: str, heading_path: tuple[str, ...]) -> str:
    """The rule's name if it speaks, with the heading if that is why; else empty."""
    if rule.pattern.search(text):
        return rule.name
    if rule.in_headings:
        for heading in heading_path:
            if rule.name in _spoken_in(heading):
                return f'{rule.name} (in the heading "{heading}")'
    return ""


@lru_cache(maxsize=1024)
def _spoken_in(heading: str) -> frozenset[str]:
    """The rules that speak in a heading: all that stands below it asks."""
    return frozenset(rule.name for rule in RULES if rule.in_headings and rule.pattern.search(heading))
