"""What everything above an engine costs, and how near to its own rate an online engine comes.

    python benchmarks/engine_overhead.py

Two measures. First an engine that answers at once, 5,000 made-up segments with tags and numbers in articles of 50: the
time per segment of all that is written once above engines (batches, masking, guards, language, budget), beside the
engine called bare. Second a stand-in for a service on this machine, a real HTTP server that takes 100 ms for each
request of one text, eight at once: the rate beside the theoretical one of 80 a second, and beside httpx alone.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

import httpx

from pipeline.asking import Asked, Asking
from pipeline.draft import draft_texts
from pipeline.engines import Draft, Engine, Failure, Limits, Missing, Serves
from pipeline.engines.libretranslate import LibreTranslate
from pipeline.language import WrongLanguage
from pipeline.model import Locale
from pipeline.personal_data import personal_data
from pipeline.watched import Watched

EN, ES = Locale.parse("en"), Locale.parse("es")
LATENCY_S, AT_ONCE, ARTICLE = 0.1, 8, 50
_SPANISH = "la dosis del medicamento puede bajar un poco cada semana si el médico lo permite y usted descansa bien"
_ENGLISH = "the dose of a medicine may go down each week when your doctor allows it and you rest well at night"
WORDS = _SPANISH.split()


class AtOnce:
    """An engine that answers at once, with Spanish words as many as the source has."""

    name, leaves_the_machine, max_characters, contextual = "at-once", True, 5_000, False

    def __init__(self, limits: Limits | None) -> None:
        self.limits = limits

    def serves(self, source_locale: Locale, target_locale: Locale) -> Serves | Missing:
        return Serves()

    def version(self, source_locale: Locale, target_locale: Locale) -> str:
        return "1"

    def translate(self, texts: Sequence[str], source_locale: Locale, target_locale: Locale) -> list[Draft | Failure]:
        return [Draft(text=spanish(text), engine=self.name, version="1") for text in texts]

    def close(self) -> None: ...


def spanish(text: str) -> str:
    """Spanish words, with the numbers and placeables of the source in their places."""
    return " ".join(
        word if any(c.isdigit() or c > "\ue000" for c in word) else WORDS[place % len(WORDS)]
        for place, word in enumerate(text.split())
    )


def sources(count: int) -> list[str]:
    """Segments of 4 to 24 words; a third has tags, a third numbers."""
    chance = random.Random(1)
    words = _ENGLISH.split()
    made = []
    for number in range(count):
        text = [chance.choice(words) for _ in range(chance.randint(4, 24))]
        if number % 3 == 0:
            text[1], text[-2] = f"<b1>{text[1]}</b1>", f"{text[-2]} <x2/>"
        if number % 3 == 1:
            text[2] = f"{chance.randint(1, 900) / 10} mg"
        made.append(f"{' '.join(text).capitalize()} {number}.")
    return made


def ask(asking: Asking, engine: Engine, texts: list[str]) -> list[Asked]:
    """Articles one after the other, as `signoff run` asks for them."""
    watched = Watched(engine, threading.Event())
    asked = []
    for start in range(0, len(texts), ARTICLE):
        article = texts[start : start + ARTICLE]
        for text in article:
            personal_data(text)
        asked.append(
            asking.ask(watched, article, lambda some: draft_texts(some, watched, EN, ES), EN, ES, lambda done: None)
        )
    return asked


def drafts(asked: list[Asked]) -> int:
    """How many texts were drafted."""
    return sum(isinstance(answer, Draft) for article in asked for answer in article.answers)


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How long it took by a clock."""
    started = clock()
    work()
    return clock() - started


def overhead(count: int, repeat: int) -> None:
    """The first measure, in processor time: what other programs do meanwhile does not count."""
    texts = sources(count)
    guard = WrongLanguage(["en", "es", "ca", "gl", "pt"])
    guard(" ".join(WORDS), ES)  # loads the detector, once in a run
    for title, limits in (("one call an article", None), ("batches of 25", Limits(batch_texts=25, in_flight=4))):
        bare, ours = [], []
        for _ in range(repeat):
            engine = AtOnce(limits)
            bare.append(seconds(lambda e=engine: e.translate(texts, EN, ES), time.process_time))  # type: ignore[misc]
            asking = Asking(wrong_language=guard, budget=10**9)
            done: list[Asked] = []

            def work(a: Asking = asking, e: AtOnce = engine, d: list[Asked] = done) -> None:
                d.extend(ask(a, e, texts))

            ours.append(seconds(work, time.process_time))
            asking.close()
            assert drafts(done) > 0.99 * count, f"only {drafts(done)} of {count} were drafted"
        rate = count / (statistics.median(ours) - statistics.median(bare))
        print(f"{title}: {count} segments in {statistics.median(ours):.3f} s, bare {statistics.median(bare):.3f} s;")
        print(f"  above the engine {1e6 / rate:.0f} µs a segment: {rate:,.0f} segments/s (target 5,000)")


class Service(BaseHTTPRequestHandler):
    """LibreTranslate's shape, 100 ms a request, eight at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the second packet of an answer waits 40 ms for the first
    gate = threading.Semaphore(AT_ONCE)

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["q"]
        with Service.gate:
            time.sleep(LATENCY_S)
        data = json.dumps({"translatedText": [spanish(text) for text in texts]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None: ...


def serve(port: Connection) -> None:
    """The service, in a process of its own: it must not share a lock with what is measured."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    port.send(server.server_port)
    server.serve_forever()


@contextmanager
def served() -> Iterator[str]:
    """The service's address."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{here.recv()}"
    process.terminate()
    process.join()


class OneByOne(LibreTranslate):
    """LibreTranslate, one text a request."""

    def __init__(self, url: str) -> None:
        super().__init__({"url": url})
        self.limits = Limits(batch_texts=1, in_flight=AT_ONCE)


def online(count: int) -> None:
    """The second measure; the peer is httpx alone, eight threads that post the same texts."""
    texts = sources(count)
    guard = WrongLanguage(["en", "es"])
    guard(" ".join(WORDS), ES)
    done: list[Asked] = []
    with served() as url, httpx.Client(trust_env=False) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        engine = OneByOne(url)
        asking = Asking(wrong_language=guard)
        watched = Watched(engine, threading.Event())

        def post(text: str) -> object:
            return client.post(f"{url}/translate", json={"q": [text]}).json()

        def work() -> None:
            done.append(asking.ask(watched, texts, lambda some: draft_texts(some, watched, EN, ES), EN, ES))

        alone_s = seconds(lambda: list(pool.map(post, texts)))
        took_s = seconds(work)
        asking.close()
        engine.close()
    theory = AT_ONCE / LATENCY_S
    print(f"online, {LATENCY_S * 1000:.0f} ms a request, {AT_ONCE} at once, {drafts(done)} of {count} drafted:")
    print(f"  {count / took_s:.1f} segments/s of {theory:.0f} in theory: {count / took_s / theory:.3f} (target 0.9)")
    print(f"  httpx alone: {count / alone_s:.1f} segments/s; ours is {alone_s / took_s:.3f} of it")


def main() -> None:
    """Both measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", type=int, default=5_000)
    parser.add_argument("--online", type=int, default=800)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    overhead(options.segments, options.repeat)
    online(options.online)


if __name__ == "__main__":
    main()
