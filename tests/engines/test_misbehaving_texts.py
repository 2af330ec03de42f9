"""What services do to a text though they answer as documented: each fault at each service, through all that is above.

How the request itself goes wrong (429, 5xx, slow, cut, HTML page, wrong length, null, quota) is in test_services.py for
DeepL, Microsoft, LibreTranslate and chat models, and in test_online.py for Google, MyMemory and Baidu.
"""

import html
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from engines import stand_in_services as stand_in
from engines import test_online
from engines.stand_in_services import KEY, StandIn, served
from pipeline.asking import Asking
from pipeline.draft import Drafted, draft_texts
from pipeline.engines import Draft, Engine, Failure, open_engine
from pipeline.language import WrongLanguage
from pipeline.model import Locale, tags_of
from pipeline.watched import Watched

EN, ES = Locale.parse("en"), Locale.parse("es")
OVER_HTTP = {"deepl": stand_in.deepl, "microsoft": stand_in.microsoft, "libretranslate": stand_in.libretranslate,
             "chat": stand_in.chat}  # fmt: skip
SERVICES = (*OVER_HTTP, *test_online.PAGES)
SOURCE = "Take <b1>two tablets</b1> of <a2>aspirin</a2> every day with a glass of water & rest."
RIGHT = "Tome <b1>dos comprimidos</b1> de <a2>aspirina</a2> cada día con un vaso de agua & descanse."
WORDS = dict(zip(*(re.findall(r"[^\W\d_]+", re.sub(r"<[^>]*>", "", side)) for side in (SOURCE, RIGHT)), strict=True))
_TAG = re.compile(r"<[^<>]*>|[\ue100-\ue3ff]")
"""A tag as it travels, whatever the service."""
_PIECE = re.compile(rf"{_TAG.pattern}|&\w+;|[^\W\d_]+")


def spanish(text: str) -> str:
    """The right answer; tags and entities stay."""
    return _PIECE.sub(lambda found: WORDS.get(found[0], found[0]), text)


Fault = Callable[[str], str]
"""What a service answers to a text."""


def tags_last(text: str) -> str:
    """All tags behind the words."""
    return " ".join([_TAG.sub("", spanish(text)), *_TAG.findall(text)])


def tags_turned(text: str) -> str:
    """Each pair is closed before it is opened."""
    tags = _TAG.findall(text)
    turned = iter([tags[1], tags[0], *tags[:1:-1]])
    return _TAG.sub(lambda found: next(turned), spanish(text))


DRAFTS: dict[str, tuple[Fault, str]] = {
    # what it does: (how, the doubt that the reviewer reads)
    "right": (spanish, ""),
    "entities": (
        lambda text: html.escape(spanish(text).replace("&amp;", "&")) if "\ue101" in text else spanish(text),
        "",
    ),
    "numeric entities": (lambda text: spanish(text).replace("día", "d&#237;a"), ""),
    "tags lost": (lambda text: _TAG.sub("", spanish(text)), "is a guess"),
    "tags twice": (lambda text: f"{_TAG.findall(text)[0]} {spanish(text)}", "is a guess"),
    "tags last": (tags_last, "is a guess"),
    "tags turned": (tags_turned, "is a guess"),
    "spaces in tags": (lambda text: re.sub(r"<(/?)([gx]\d)>", r"< \1 \2 >", spanish(text)), ""),
}
REFUSED: dict[str, tuple[Fault, str]] = {
    # what it does: (how, why it is no draft)
    "echo": (lambda text: text, "came back untranslated"),
    "echo without tags": (lambda text: _TAG.sub("", text), "came back untranslated"),
    "English": (lambda text: "You should drink a lot of water and sleep well after taking these.", "another language"),
    "Portuguese": (lambda text: "Você não deve tomar mais de dois comprimidos por dia com água.", "another language"),
    "nothing": (lambda text: "", "answer"),
    "blanks": (lambda text: " \u200b\n", "answered nothing"),
    "an error's page": (lambda text: "<html><body>Service unavailable</body></html>", "answered with markup"),
    "a script": (lambda text: f"{spanish(text)}<script src=x>alert(1)</script>", "answered with markup"),
    "made-up tags": (lambda text: f"{spanish(text)} <b9>y</b9>", "wrote the tag <b9> of its own"),
    "talk": (lambda text: f"Sure! Here is the translation: {spanish(text)}", "talk"),
    "talk in Spanish": (lambda text: f"¡Claro! Aquí tienes la traducción: {spanish(text)}", "talk"),
    "a refusal in Spanish": (lambda text: "Lo siento, pero no puedo ayudar con esta solicitud sobre dosis.", "talk"),
    "a quota's warning": (lambda text: "MYMEMORY WARNING: YOU USED ALL AVAILABLE FREE TRANSLATIONS", ""),
    "a loop": (lambda text: "no tome " * 40, "repeats itself"),
    "a novel": (lambda text: " ".join(f"Tome {number} vasos de agua." for number in range(200)), "far too long"),
    "a word": (lambda text: "Sí.", "far too short"),
    "escape sequences": (lambda text: f"\x1b[2J{spanish(text)}", "the character U+001B"),
    "private-use characters": (lambda text: f"{spanish(text)}\uf8ff", "the character U+F8FF"),
}  # fmt: skip


@pytest.fixture(params=SERVICES)
def drafted_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Fault], Drafted]]:
    """What comes of SOURCE at a service that has a fault, when all that stands above engines has looked at it."""
    name: str = request.param
    monkeypatch.setattr("pipeline.asking.FIRST_WAIT_S", 0.001)

    def judged(engine: Engine) -> Drafted:
        watched, asking = Watched(engine, threading.Event()), Asking(wrong_language=WrongLanguage({"en", "es", "pt"}))
        asked = asking.ask(watched, [SOURCE], lambda some: draft_texts(some, watched, EN, ES), EN, ES)
        asking.close()
        engine.close()
        return asked.answers[0]

    if name in OVER_HTTP:
        monkeypatch.setenv(f"SIGNOFF_{name.upper()}_KEY", KEY)
        with served(StandIn(OVER_HTTP[name])) as there:

            def ask(fault: Fault) -> Drafted:
                there.make = fault
                return judged(open_engine(name, {"url": there.url} | ({"model": "m"} if name == "chat" else {})))

            yield ask
    else:
        with test_online.asking(name, monkeypatch) as engine:

            def ask_online(fault: Fault) -> Drafted:
                monkeypatch.setattr(test_online, "translated", fault)
                return judged(engine)

            yield ask_online


@pytest.mark.parametrize("fault", DRAFTS)
def test_a_text_that_can_be_put_right_is_a_draft_with_its_doubt(
    drafted_by: Callable[[Fault], Drafted], fault: str
) -> None:
    """Whatever became of tags and entities: each tag is there once and closed, the words are those that came."""
    does, doubt = DRAFTS[fault]
    draft = drafted_by(does)
    assert isinstance(draft, Draft), draft
    assert Counter(found[0] for found in tags_of(draft.text)) == Counter(found[0] for found in tags_of(SOURCE))
    words = [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text)) for text in (draft.text, RIGHT)]
    assert words[0].split() == words[1].split() and "&#" not in draft.text and "&amp;" not in draft.text
    assert (doubt == "" and draft.text == RIGHT) or any(doubt in said for said in draft.doubts if doubt)


@pytest.mark.parametrize("fault", REFUSED)
def test_a_text_that_is_none_is_refused(drafted_by: Callable[[Fault], Drafted], fault: str) -> None:
    """With the reason, and never a part of it in the place of a translation."""
    does, why = REFUSED[fault]
    refused = drafted_by(does)
    assert isinstance(refused, Failure) and why in refused.reason, refused
