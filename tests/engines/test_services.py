"""DeepL, Microsoft, LibreTranslate and chat models, against stand-ins on this machine that do well, or badly."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines import stand_in_services as stand_in
from engines.stand_in_services import KEY, Reply, StandIn, answers, said, served, status
from pipeline.engines import (
    Draft,
    Engine,
    Failure,
    Limited,
    Missing,
    NoAccess,
    RateLimited,
    Reachable,
    Refused,
    Serves,
    TakesTerms,
    TermHint,
    Unavailable,
    open_engine,
)
from pipeline.engines.http import retry_after_s
from pipeline.engines.markup import from_markup, from_tags, to_markup, to_tags
from pipeline.errors import EngineError
from pipeline.model import Locale
from pipeline.watched import Watched

EN, ES, PT, PT_BR, ES_MX = (Locale.parse(tag) for tag in ("en", "es", "pt-PT", "pt-BR", "es-MX"))
SERVICES = {"deepl": stand_in.deepl, "microsoft": stand_in.microsoft, "libretranslate": stand_in.libretranslate,
            "chat": stand_in.chat}  # fmt: skip
TAGGED = "5 < 6 & \ue101two\ue201 \ue302 tablets"


OPENED: list[Engine] = []
"""What a test has opened, to be closed at its end."""


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every service has its key in the environment."""
    for name in SERVICES:
        monkeypatch.setenv(f"SIGNOFF_{name.upper()}_KEY", KEY)
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture(params=list(SERVICES))
def service(request: pytest.FixtureRequest) -> Iterator[tuple[Engine, StandIn]]:
    """Each engine with its stand-in."""
    with served(StandIn(SERVICES[request.param])) as there:
        engine = opened(request.param, there)
        yield engine, there


def opened(name: str, there: StandIn, **more: str) -> Engine:
    """The engine, asking the stand-in."""
    model = {"model": "a-model"} if name == "chat" else {}
    OPENED.append(open_engine(name, {"url": there.url, "timeout_s": "1", **model, **more}))
    return OPENED[-1]


def asked(engine: Engine, *texts: str) -> list[Draft | Failure]:
    """The answers to some texts, or to one; they never hold the key."""
    given = engine.translate(texts or ("Take two tablets",), EN, ES)
    assert not any(isinstance(answer, Failure) and KEY in answer.reason for answer in given)
    return given


def test_each_text_gets_its_own_answer(service: tuple[Engine, StandIn]) -> None:
    """One request for all, drafts in order, tags as the service knows them, the key in no address."""
    engine, there = service
    texts = [TAGGED, *(f"text {number}" for number in range(7))]
    drafts = asked(engine, *texts)
    assert [d.text for d in drafts if isinstance(d, Draft)] == [
        "5 < 6 & \ue101twoo\ue201 \ue302 tabletso", *(f"texto {number}" for number in range(7)),
    ]  # fmt: skip
    assert {(d.engine, d.version) for d in drafts if isinstance(d, Draft)} == {(engine.name, engine.version(EN, ES))}
    (heard,) = there.heard
    assert KEY not in heard.path and "\ue101" not in json.dumps(heard.body, ensure_ascii=False)


def test_they_keep_the_contract(service: tuple[Engine, StandIn]) -> None:
    """Each is an Engine with Limits; on this machine only the servers that can be there count as staying."""
    engine, _ = service
    assert isinstance(engine, Engine) and isinstance(engine, Limited) and engine.limits
    assert engine.serves(EN, ES) == Serves()
    assert engine.leaves_the_machine == (engine.name in ("deepl", "microsoft"))
    assert 0 < engine.limits.batch_characters <= 50_000 and engine.max_characters <= 10_000


BAD: dict[str, tuple[Reply, type[Failure], str]] = {
    "429": (status(429), RateLimited, "too many requests"),
    "429-patience": (status(429, {"Retry-After": "7"}), RateLimited, "too many requests"),
    "503-patience": (status(503, {"Retry-After": "7"}), RateLimited, "too many requests"),
    "500": (status(500), Unavailable, "an error (500)"),
    "503": (status(503), Unavailable, "an error (503)"),
    "400": (status(400), Refused, "refused the request (400)"),
    "413": (status(413), Refused, "refused the request (413)"),
    "key": (status(401), NoAccess, "refused the key"),
    "forbidden": (status(403, value={"error": {"code": 403001, "message": "free quota"}}), NoAccess, "refused the key"),
    "quota": (status(456), NoAccess, "quota is used up"),
    "gone": (status(404), NoAccess, "no such service"),
    "redirect": (status(302, {"Location": "http://127.0.0.1:9/"}), NoAccess, "sends us to another address"),
    "slow": (stand_in.never, Unavailable, "no answer within 1 s"),
    "dribble": (stand_in.dribble, Unavailable, "no answer within 1 s"),
    "cut": (stand_in.cut, Unavailable, "connection failed"),
    "cut-within": (stand_in.cut_within, Unavailable, "connection failed"),
    "html": (stand_in.html_page, Unavailable, "not what the service documents"),
    "not-utf8": (answers(b'{"translations": "\xff\xfe"}'), Unavailable, "not what the service documents"),
    "not-json": (answers(b'{"translations": ['), Unavailable, "not what the service documents"),
    "deep": (answers(b"[" * 200_000), Unavailable, "not what the service documents"),
    "gzip": (stand_in.compressed, Unavailable, "not what the service documents"),
    "huge": (stand_in.huge, Unavailable, "larger than"),
    "null": (answers(b"null"), Refused, ""),
    "empty-list": (answers([]), Refused, ""),
    "empty-object": (answers({}), Refused, ""),
    "number": (answers(5), Refused, ""),
}


@pytest.mark.parametrize("wrong", list(BAD))
def test_what_goes_wrong_has_a_class_that_says_what_to_do(service: tuple[Engine, StandIn], wrong: str) -> None:
    """Every text of the request fails in the same way; nothing that the server said is repeated; the next one works."""
    engine, there = service
    reply, kind, why = BAD[wrong]
    there.script.append(reply)
    failures = asked(engine, "one", "two")
    assert [type(failure) for failure in failures] == [kind, kind]
    assert all(isinstance(f, Failure) and why in f.reason and "secret" not in f.reason for f in failures)
    if "patience" in wrong:
        assert all(isinstance(f, RateLimited) and f.retry_after_s == 7 for f in failures)
    assert all(isinstance(answer, Draft) for answer in asked(engine, "one", "two"))


def test_no_cookie_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server would like us to say with the next request is not said."""
    monkeypatch.setenv("SIGNOFF_LIBRETRANSLATE_KEY", KEY)
    with served(StandIn(stand_in.libretranslate)) as there:
        there.script.append(stand_in.status(200, {"Set-Cookie": "who=you; Path=/"}, {"translatedText": ["Uno."]}))
        engine = open_engine("libretranslate", {"url": there.url})
        for _ in range(2):
            engine.translate(["One."], EN, ES)
        engine.close()
        assert len(there.heard) == 2 and not any("cookie" in map(str.lower, heard.headers) for heard in there.heard)


def test_a_missing_key_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that wants a key where none is set: the person reads which variable to set."""
    monkeypatch.delenv("SIGNOFF_CHAT_KEY", raising=False)
    with served(StandIn(stand_in.chat)) as there:
        engine = open_engine("chat", {"url": there.url, "model": "m"})
        (answer,) = engine.translate(["One."], EN, ES)
        engine.close()
        assert isinstance(answer, NoAccess) and "set SIGNOFF_CHAT_KEY" in answer.reason


def test_headers_that_never_end_hold_up_nobody(
    service: tuple[Engine, StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No single read takes too long and the body never begins: the deadline around every engine ends it."""
    engine, there = service
    monkeypatch.setattr("pipeline.watched.START_S", 1.0)
    there.script.append(stand_in.dribble_headers)
    with pytest.raises(EngineError, match="did not answer within 2 s"):
        Watched(engine, threading.Event()).translate(["one"] * 25, EN, ES)
    assert isinstance(asked(engine)[0], Draft)


def test_a_redirect_is_never_followed(service: tuple[Engine, StandIn]) -> None:
    """The other address hears nothing: no text, no key."""
    engine, there = service
    with served(StandIn(SERVICES[engine.name])) as other:
        for code in (301, 302, 303, 307, 308):
            there.script.append(status(code, {"Location": f"{other.url}/v2/translate"}))
            assert isinstance(asked(engine)[0], NoAccess)
        assert other.heard == []


@pytest.mark.parametrize("nothing", ["", " ", None, 5, ["x"]])
def test_an_empty_answer_is_a_failure_of_that_text_only(service: tuple[Engine, StandIn], nothing: Any) -> None:
    """`""`, `null` and other values for one text leave its neighbours alone; but a chat model has only one answer."""
    engine, there = service
    there.make = lambda text: nothing if text == "two" else stand_in.translated(text)
    one, two, three = asked(engine, "one", "two", "three")
    assert isinstance(two, Failure)
    if engine.name != "chat" or isinstance(nothing, str):
        assert isinstance(one, Draft) and isinstance(three, Draft)


def test_too_few_or_too_many_answers_are_none(service: tuple[Engine, StandIn]) -> None:
    """Nobody can tell which text a short list belongs to."""
    engine, there = service
    good = SERVICES[engine.name]
    for change in (lambda texts: texts[1:], lambda texts: [*texts, *texts]):
        there.answer = lambda _, heard, change=change: _resized(good(there, heard), change)  # type: ignore[misc]
        assert [type(answer) for answer in asked(engine, "one", "two", "three")] == [Refused] * 3


def _resized(answer: tuple[int, Any], change: Any) -> tuple[int, Any]:
    code, value = answer
    if isinstance(value, list):
        return code, change(value)
    if "choices" in value:
        content = json.loads(value["choices"][0]["message"]["content"])
        return code, said(json.dumps({"translations": change(content["translations"])}))
    (name,) = value
    return code, {name: change(value[name])}


def test_nobody_there_is_unavailable() -> None:
    """A server that is not running says so text by text."""
    engine = opened("libretranslate", StandIn(stand_in.libretranslate, url="http://127.0.0.1:9"))
    (answer,) = engine.translate(["one"], EN, ES)
    assert isinstance(answer, Unavailable) and "connection failed" in answer.reason


def test_a_proxy_of_the_environment_hears_nothing_that_is_for_this_machine(
    service: tuple[Engine, StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts for a server on this machine do not take the way over another one."""
    engine, there = service
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert isinstance(asked(opened(engine.name, there))[0], Draft)


def test_without_a_key_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The services that need one say which variable to set."""
    for name in ("deepl", "microsoft"):
        monkeypatch.delenv(f"SIGNOFF_{name.upper()}_KEY")
        engine = open_engine(name)
        missing = engine.serves(EN, ES)
        assert isinstance(missing, Missing) and f"SIGNOFF_{name.upper()}_KEY" in missing.todo
        with pytest.raises(EngineError, match="needs a key"):
            engine.translate(["one"], EN, ES)


@pytest.mark.parametrize("key", ["schlüssel", "a\nb"])
def test_a_key_that_no_header_can_hold_is_not_repeated(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """Neither in an exception."""
    monkeypatch.setenv("SIGNOFF_DEEPL_KEY", key)
    with served(StandIn(stand_in.deepl)) as there:
        (answer,) = opened("deepl", there).translate(["one"], EN, ES)
        assert isinstance(answer, Failure) and key not in answer.reason and there.heard == []


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://example.org", "https://me:pw@example.org", "https://e.org/?key=x", "http://[x",
     "https://", "http://10.0.0.1:5000", "http://127.0.0.1.example.org", "https://e.org:port", "//e.org"],
)  # fmt: skip
@pytest.mark.parametrize("name", list(SERVICES))
def test_texts_go_out_encrypted_or_not_at_all(name: str, url: str) -> None:
    """Plain HTTP to another machine, other schemes, and keys in addresses are refused before anything is sent."""
    with pytest.raises(EngineError, match="its url"):
        open_engine(name, {"url": url})


@pytest.mark.parametrize("name", list(SERVICES))
@pytest.mark.parametrize(
    ("told", "says"),
    [({"timeout_s": "soon"}, "not a number"), ({"timeout_s": "-1"}, "above 0"), ({"key": "x"}, "no setting 'key'")],
)
def test_bad_settings_are_refused(name: str, told: dict[str, str], says: str) -> None:
    """A key in the workspace's file is as unknown as a misspelt setting."""
    with pytest.raises(EngineError, match=says):
        open_engine(name, told)


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["one", "\ud800", "\0"])
SHAPES = st.sampled_from(["translations", "text", "translatedText", "choices", "message", "content", "finish_reason"])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SHAPES, inner, max_size=3))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=VALUES, inside=st.booleans())
def test_no_answer_at_all_can_break_an_adapter(service: tuple[Engine, StandIn], value: Any, inside: bool) -> None:
    """Whatever JSON comes back, alone or as what a chat model says: as many drafts or failures as texts."""
    engine, there = service
    there.script.append(answers(said(json.dumps(value)) if inside else value))
    given_back = asked(engine, "one", "two")
    assert len(given_back) == 2 and all(isinstance(answer, Draft | Failure) for answer in given_back)


# -- each service's own


def test_deepl_gets_its_own_codes_and_the_free_plan_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portuguese, Spanish of America and English have codes of their own; a key that ends in `:fx` is a free one."""
    with served(StandIn(stand_in.deepl)) as there:
        engine = opened("deepl", there, formality="prefer_more")
        for locale, code in ((ES, "ES"), (PT, "PT-PT"), (PT_BR, "PT-BR"), (ES_MX, "ES-419")):
            engine.translate(["one"], EN, locale)
            assert (there.heard[-1].body["target_lang"], there.heard[-1].body["source_lang"]) == (code, "EN")
        assert there.heard[-1].body["formality"] == "prefer_more" and "prefer_more" in engine.version(EN, ES)
    assert isinstance(engine.serves(EN, Locale.parse("vai")), Missing)
    for key, address in (("x", "https://api.deepl.com"), ("x:fx", "https://api-free.deepl.com")):
        monkeypatch.setenv("SIGNOFF_DEEPL_KEY", key)
        assert open_engine("deepl")._service.url == address  # type: ignore[attr-defined]


def test_microsoft_gets_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of one region names it; the service's `pt` is Brazilian."""
    monkeypatch.setenv("SIGNOFF_MICROSOFT_REGION", "westeurope")
    with served(StandIn(stand_in.microsoft)) as there:
        engine = opened("microsoft", there)
        for locale, code in ((PT, "pt-pt"), (PT_BR, "pt"), (ES, "es")):
            engine.translate(["one"], EN, locale)
            assert f"&to={code}&" in there.heard[-1].path
        assert there.heard[-1].headers["Ocp-Apim-Subscription-Region"] == "westeurope"


def test_libretranslate_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of one's own may want none; then none is sent."""
    monkeypatch.delenv("SIGNOFF_LIBRETRANSLATE_KEY")
    with served(StandIn(lambda _, heard: (200, {"translatedText": heard.body["q"]}))) as there:
        assert isinstance(opened("libretranslate", there).translate(["one"], EN, ES)[0], Draft)
        assert "api_key" not in there.heard[0].body


def test_a_chat_model_gets_terms_context_and_a_shape() -> None:
    """All texts in one request as data, temperature 0, a JSON schema, the terms of each text."""
    with served(StandIn(stand_in.chat)) as there:
        engine = opened("chat", there)
        assert isinstance(engine, TakesTerms) and engine.takes_terms
        terms = [
            [TermHint(span=(5, 11), accepted=("comprimido", "tableta"), forbidden=("pastilla",))],
            [TermHint(span=(0, 7), accepted=(), do_not_translate=True), TermHint(span=(0, 1), accepted=())],
        ]
        answers = engine.translate_with_terms(["Take tablet now", "Signoff it"], terms, EN, ES)
        assert all(isinstance(answer, Draft) for answer in answers)
        body = there.heard[0].body
        assert body["temperature"] == 0 and body["model"] == "a-model" and body["stream"] is False
        assert body["response_format"]["json_schema"]["strict"] is True
        assert "English (en) into Spanish (es)" in body["messages"][0]["content"]
        assert json.loads(body["messages"][1]["content"])["texts"] == [
            {"id": 1, "text": "Take tablet now",
             "terms": [{"source": "tablet", "use": ["comprimido", "tableta"], "never": ["pastilla"]}]},
            {"id": 2, "text": "Signoff it", "terms": [{"source": "Signoff", "use": ["Signoff"]}]},
        ]  # fmt: skip


GOOD = '{"translations": [{"id": 1, "text": "Tome dos"}]}'


@pytest.mark.parametrize("content", [GOOD, f"```json\n{GOOD}\n```", f"<think>Hm. {{</think>\n{GOOD}"])
def test_a_chat_model_may_wrap_its_json(content: str) -> None:
    """A fence around it, or thoughts before it, are what servers leave on."""
    with served(StandIn(stand_in.chat, script=deque([answers(said(content))]))) as there:
        (draft,) = opened("chat", there).translate(["Take two"], EN, ES)
        assert isinstance(draft, Draft) and draft.text == "Tome dos"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said("Sure! Here is the translation: Tome dos"), "talk"),
        (said(f"Here you are: {GOOD}"), "talk"),
        (said("I'm sorry, but I can't help with medical advice."), "talk"),
        (said(None, refusal="I can't."), "refused to translate"),
        (said("", refusal="I can't."), "refused to translate"),
        (said(GOOD, finish_reason="length"), "cut off"),
        (said(GOOD, finish_reason="content_filter"), "filter"),
        (said('{"translations": [{"id": 2, "text": "Tome dos"}]}'), "not as many"),
        (said('{"translations": [{"id": 1, "text": "a"}, {"id": 1, "text": "b"}]}'), "another shape"),
        (said('{"translations": [{"id": "1", "text": "a"}]}'), "another shape"),
        (said('{"translations": ["Tome dos"]}'), "another shape"),
        (said('["Tome dos"]'), "another shape"),
        (said("[" * 100_000), "talk"),
        ({"choices": []}, "not what the service documents"),
        ({"error": "busy"}, "not what the service documents"),
    ],
)
def test_talk_of_a_chat_model_is_no_draft(answer: Any, why: str) -> None:
    """A refusal, chatter, half an answer or another shape: the text is refused, never drafted with it."""
    with served(StandIn(stand_in.chat)) as there:
        there.script.append(answers(answer))
        (refused,) = opened("chat", there).translate(["Take two"], EN, ES)
        assert isinstance(refused, Refused) and why in refused.reason and "sorry" not in refused.reason


@pytest.mark.parametrize("content", ["```" + " " * 1_000_000, "<think>" * 200_000, " " * 1_000_000, "`" * 1_000_000])
def test_megabytes_of_a_chat_models_talk_are_read_in_a_moment(content: str) -> None:
    """Whatever they are made of; a regular expression took minutes for the first one, and held everything up."""
    with served(StandIn(stand_in.chat)) as there:
        there.script.append(answers(said(content)))
        (refused,) = opened("chat", there, timeout_s="60").translate(["Take two"], EN, ES)
        assert isinstance(refused, Refused) and "talk" in refused.reason


def test_a_chat_models_version_changes_with_what_it_is_told() -> None:
    """Model, instructions and shape are in the version, so that drafts made otherwise are not taken for these."""
    told = {"url": "http://localhost:11434", "model": "m"}
    versions = {
        open_engine("chat", {**told, **more}).version(EN, ES)
        for more in ({}, {"model": "n"}, {"instructions": "Use tú."}, {"structured": "none"}, {"temperature": "none"})
    }
    assert len(versions) == 5
    assert isinstance(open_engine("chat", {"model": "m"}).serves(EN, ES), Missing)
    assert open_engine("chat", {"url": "https://e.org/v1", "model": "m"}).leaves_the_machine
    for bad in ({"structured": "xml"}, {"temperature": "hot"}):
        with pytest.raises(EngineError, match=r"structured must|temperature is a number"):
            open_engine("chat", bad)


# -- what they share

TEXTS = st.lists(st.sampled_from(["a", " ", "<", ">", "&", "g1", "amp;", "\ue101", "\ue201", "\ue302", "\ue3ff"])).map(
    "".join
)


@given(TEXTS)
def test_markup_and_back_is_the_text(text: str) -> None:
    """Escaping, tags and what looks like either come back as they were, as XML and as HTML."""
    assert from_markup(to_markup(text)) == text
    assert from_markup(to_markup(text, empty="<x{n}></x{n}>")) == text


def test_tags_without_escaping_are_for_models() -> None:
    """`<` stays as it is, in both directions; a number beyond all placeables is no tag."""
    assert to_tags(TAGGED) == "5 < 6 & <g1>two</g1> <x2/> tablets"
    assert from_tags("< g1 >two</g1> <x2></x2> <X3/> <g999>") == "\ue101two\ue201 \ue302 \ue303 <g999>"


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("120", "", 120.0),
        (" 0 ", "", 0.0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:49 GMT", 10.0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", "", 0.0),
        ("soon", "", None),
        ("-5", "", None),
        ("1e9", "", None),
        ("٣", "", None),
        ("9" * 400, "", None),
        ("", "", None),
    ],
)
def test_retry_after_is_read_as_the_standard_says(header: str, date: str, seconds: float | None) -> None:
    """A number of seconds or a date beside the answer's own; anything else is as if it was not there."""
    assert retry_after_s(header, date) == seconds


# -- servers on this machine


def reached(name: str, url: str) -> Serves | Missing:
    """What the engine's server says of English to Spanish."""
    more = {"model": "a-model"} if name == "chat" else {}
    OPENED.append(open_engine(name, {"url": url, **more}))
    assert isinstance(OPENED[-1], Reachable)
    return OPENED[-1].reach(EN, ES)


@pytest.mark.parametrize("name", ["libretranslate", "chat"])
def test_a_server_that_is_not_there_is_not_called_ready(name: str) -> None:
    """Nobody listens; or something else does, which has no such page: what to do is said, and no text was sent."""
    with served(StandIn(SERVICES[name])) as there:
        gone = there.url
        answer = reached(name, gone)
        assert isinstance(answer, Missing) and "no such service at its url" in answer.todo and gone in answer.todo
        assert there.heard == []
    answer = reached(name, gone)
    assert isinstance(answer, Missing) and "connection failed" in answer.todo and "start the server" in answer.todo


def test_a_server_without_the_pair_says_what_it_has() -> None:
    """LibreTranslate lists its pairs; one that is there is ready."""
    with served(StandIn(SERVICES["libretranslate"])) as there:
        there.has["/languages"] = [{"code": "en", "targets": ["fr", "de"]}, {"code": "fr", "targets": ["en"]}]
        answer = reached("libretranslate", there.url)
        assert isinstance(answer, Missing) and "en into es, but de, fr: start it with --load-only en,es" in answer.todo
        there.has["/languages"][0]["targets"].append("es")
        assert reached("libretranslate", there.url) == Serves()
        odds: list[Any] = [{}, [1], [{"code": "en"}], "x", None]
        for odd in odds:
            there.has["/languages"] = odd
            assert isinstance(reached("libretranslate", there.url), Missing)


def test_a_chat_server_that_answers_is_ready() -> None:
    """Which models it lists is not judged: some list a file's name, and take any."""
    with served(StandIn(SERVICES["chat"])) as there:
        there.has["/v1/models"] = {"object": "list", "data": []}
        assert reached("chat", there.url) == Serves()


def test_a_server_elsewhere_is_not_asked() -> None:
    """Nothing leaves this machine only to see who is there."""
    assert reached("libretranslate", "https://translate.example.org") == Serves()
