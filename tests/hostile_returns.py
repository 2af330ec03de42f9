"""What can come back instead of what was sent: files made from a real export, each with how its import must end.

Takes   the bytes of a PO file as `signoff run` wrote it for ARTICLE, and its export id
Gives   Cases: the bytes that come back, the outcome of the file, and what becomes of every unit
Always  a case changes one thing; what it does not name must end as in the file that came back well
"""

import gzip
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO

ARTICLE = (
    b"# Taking your medicine\n\nRest is good for you.\n\nTake **one tablet** twice a day.\n\nWalk a little.\n\n"
    b"Walk a little.\n\nDo not drink alcohol with it.\n\nSee [the leaflet](https://a.example/l) for more.\n"
)
"""Seven units: a heading, plain sentences, two that are equal, two that are critical, two with tags."""
UNITS = range(1, 8)
CRITICAL = (3, 6)
EQUAL = (4, 5)
TAGGED = (3, 7)
OTHER_ARTICLE = b"Another text stands here.\n"
"""The workspace has it as `b`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One file that comes back, reviewed by the linguist with `--attest all`."""

    name: str
    data: bytes
    outcome: str = "accepted"
    line: int | None = None
    """Where a refusal must point; None where any line will do."""
    results: Mapping[int, str] = field(default_factory=dict)
    """By unit, what is not `signed`."""
    others: tuple[str, ...] = ()
    """The results of entries that are no unit of the article, in the order of the file."""


class Po:
    """A PO file as blocks of lines, to be damaged."""

    def __init__(self, data: bytes) -> None:
        header, *entries = data.decode().strip("\n").split("\n\n")
        self.header = header.split("\n")
        self.entries = {n: entry.split("\n") for n, entry in zip(UNITS, entries, strict=True)}
        self.order = list(UNITS)

    def __bytes__(self) -> bytes:
        blocks = [self.header, *(self.entries[n] for n in self.order)]
        return ("\n\n".join("\n".join(block) for block in blocks) + "\n").encode()

    def line_of(self, number: int, begins: str) -> int:
        """The line in the file, from 1, of what begins so in an entry."""
        lines = bytes(self).decode().split("\n")
        start = next(i for i, line in enumerate(lines) if f":{number:04d}:" in line)
        while lines[start - 1]:
            start -= 1
        return 1 + next(i for i in range(start, len(lines)) if lines[i].startswith(begins))

    def get(self, number: int, keyword: str) -> str:
        """The text of a keyword, still escaped."""
        line = next(line for line in self.entries[number] if line.startswith(f"{keyword} "))
        return line[len(keyword) + 2 : -1]

    def put(self, number: int, keyword: str, text: str) -> "Po":
        """Another text for a keyword, escaped already."""
        entry = self.entries[number]
        at = next(i for i, line in enumerate(entry) if line.startswith(f"{keyword} "))
        entry[at] = f'{keyword} "{text}"'
        return self

    def drop(self, number: int, begins: str) -> "Po":
        """Without the lines that begin so."""
        self.entries[number] = [line for line in self.entries[number] if not line.startswith(begins)]
        return self

    def above(self, number: int, *lines: str) -> "Po":
        """Lines above an entry."""
        self.entries[number][:0] = lines
        return self


def reviewed(data: bytes) -> bytes:
    """The export as a reviewer returns it who finds all of it right: nothing fuzzy, `ok` on what is critical."""
    po = Po(data)
    for number in UNITS:
        po.drop(number, "#, fuzzy")
        if number in CRITICAL:
            po.above(number, "# ok")
    return bytes(po)


def cases(exported: bytes) -> Iterator[Case]:
    """All of them."""
    good = reviewed(exported)
    yield Case(name="as it should be", data=good)
    yield from _not_po(good)
    yield from _bytes(good)
    yield from _cut(good)
    yield from _syntax(good)
    yield from _headers(good)
    for number in (2, 3, 5, 7):
        yield from _entry(good, number)
    yield from _order(good)
    yield from _flags(exported)


def _not_po(good: bytes) -> Iterator[Case]:
    """Something else under the name of a PO file: refused where it begins to be something else."""
    box = BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("a.po", good)
    for name, data in {
        "nothing": b"",
        "blank lines": b"\n \n\t\n",
        "a web page": b"<!doctype html>\n<title>Error 502</title>\n",
        "JSON": b'{"a": "b"}\n',
        "CSV": b'"location","source","target"\n"","Rest is good for you.","Descanse."\n',
        "a letter": "Liebe Ana,\n\nanbei die Übersetzung.\n".encode(),
        "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "a ZIP archive": box.getvalue(),
        "gzip": gzip.compress(good, mtime=0),
        "zeros": bytes(4096),
        "only comments": b"# nothing to see\n#. here\n",
        "a PO without its header": good[good.index(b"\n\n") + 2 :],
        "a header alone, without entries": good[: good.index(b"\n\n") + 1],
    }.items():
        alone = name.startswith("a header alone")
        yield Case(
            name=name,
            data=data,
            outcome="accepted" if alone else "refused",
            results=dict.fromkeys(UNITS, "absent") if alone else {},
        )


def _bytes(good: bytes) -> Iterator[Case]:
    """Encodings, line ends, damaged bytes."""
    text = good.decode()
    spanish = bytes(Po(good).put(2, "msgstr", "Señor, ¿descansó usted?")).decode()
    for charset in ("latin-1", "cp1252", "mac-roman"):
        data = spanish.encode(charset, errors="replace")
        at = 1 + next(i for i, line in enumerate(data.split(b"\n")) if not line.isascii())
        yield Case(name=f"saved as {charset}, still called UTF-8", data=data, outcome="refused", line=at)
        declared = spanish.replace("charset=UTF-8", f"charset={charset}").encode(charset, errors="replace")
        yield Case(name=f"saved as {charset} and called so", data=declared, outcome="refused")
    for charset in ("ISO-8859-15", "Shift_JIS", "UTF-16", "US-ASCII"):
        line = text[: text.index("charset=")].count("\n") + 1
        data = text.replace("charset=UTF-8", f"charset={charset}").encode()
        yield Case(name=f"called {charset}", data=data, outcome="refused", line=line)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield Case(name=f"saved as {encoding}", data=text.encode(encoding), outcome="refused", line=1)
    mojibake = spanish.encode().decode("cp1252", errors="replace").encode()
    held = [n for n in UNITS if n == 2]
    yield Case(name="UTF-8 read as cp1252 and saved as UTF-8", data=mojibake, results=dict.fromkeys(held, "held"))
    yield Case(name="byte order mark", data=b"\xef\xbb\xbf" + good, outcome="repaired")
    yield Case(name="CRLF", data=good.replace(b"\n", b"\r\n"), outcome="repaired")
    yield Case(name="byte order mark and CRLF", data=b"\xef\xbb\xbf" + good.replace(b"\n", b"\r\n"), outcome="repaired")
    yield Case(name="CRLF in the first half", data=good.replace(b"\n", b"\r\n", 30), outcome="repaired")
    yield Case(name="CR", data=good.replace(b"\n", b"\r"), outcome="refused", line=1)
    yield Case(name="two byte order marks", data=b"\xef\xbb\xbf" * 2 + good, outcome="refused", line=1)
    yield Case(name="no line feed at the end", data=good.rstrip(b"\n"))
    yield Case(name="blank lines at the end", data=good + b"\n\n\n")
    yield Case(name="every line indented", data=re.sub(rb"(?m)^(?=[#m\"])", b"  ", good))
    yield Case(name="blanks at the ends of lines", data=good.replace(b'"\n', b'" \t\n'))
    lines = good.split(b"\n")
    for line in range(10, len(lines), 9):
        for what, byte in (("FF", b"\xff"), ("NUL", b"\0"), ("half a letter", b"\xc3")):
            damaged = [*lines]
            damaged[line - 1] = damaged[line - 1][:3] + byte + damaged[line - 1][3:]
            yield Case(name=f"the byte {what} in line {line}", data=b"\n".join(damaged), outcome="refused", line=line)


def _cut(good: bytes) -> Iterator[Case]:
    """The file ends too early: between two entries what is left is taken, elsewhere nothing is."""
    text = good.decode()
    starts = [found.start() for found in re.finditer("(?m)^(?:# ok|#. (?:heading|paragraph))$", text)]
    firsts = [at for at in starts if text[:at].endswith("\n\n")]
    for number, at in zip(UNITS, firsts, strict=True):
        gone = dict.fromkeys(range(number, 8), "absent")
        yield Case(name=f"cut before entry {number}", data=text[:at].encode(), results=gone)
        msgid = text.index("msgid", at)
        msgstr = text.index("msgstr", at)
        end = text.index("\n", msgstr)
        for what, cut in (
            ("in its msgctxt", text.index("msgctxt", at) + 12),
            ("before its msgid", msgid),
            ("in its msgid", msgid + 11),
            ("before its msgstr", msgstr),
            ("after the word msgstr", msgstr + 6),
            ("in its msgstr", msgstr + 14),
            ("before its last quote", end - 1),
        ):
            yield Case(name=f"cut in entry {number} {what}", data=text[:cut].encode(), outcome="refused")
        notes = text.index("\n", at) + 1
        yield Case(name=f"cut in the comments of entry {number}", data=text[:notes].encode(), results=gone)


def _syntax(good: bytes) -> Iterator[Case]:
    """Broken by hand, by mail or by a merge: refused at the line."""
    number = 4

    def broken(name: str, begins: str, change: Callable[[str], list[str]], off: int = 0) -> Case:
        po = Po(good)
        line = po.line_of(number, begins) + off
        entry = po.entries[number]
        at = next(i for i, text in enumerate(entry) if text.startswith(begins))
        entry[at : at + 1] = change(entry[at])
        return Case(name=name, data=bytes(po), outcome="refused", line=line)

    yield broken("msgid misspelt", "msgid", lambda line: [line.replace("msgid", "msgld")])
    yield broken("a keyword in capitals", "msgstr", lambda line: [line.upper()])
    yield broken("the last quote is gone", "msgstr", lambda line: [line[:-1]])
    yield broken("the first quote is gone", "msgstr", lambda line: [line.replace(' "', " ", 1)])
    yield broken("typographic quotes", "msgstr", lambda line: [re.sub('"(.*)"', "“\\1”", line)])
    yield broken("a quote inside a text", "msgstr", lambda line: [f'{line[:12]}"{line[12:]}'])
    yield broken("a comma after the text", "msgstr", lambda line: [f"{line},"])
    yield broken("an unknown escape", "msgstr", lambda line: [f"{line[:12]}\\q{line[12:]}"])
    yield broken("a backslash before the last quote", "msgstr", lambda line: [f'{line[:-1]}\\"'])
    yield broken("msgstr twice", "msgstr", lambda line: [line, line], 1)
    yield broken("msgid twice", "msgid", lambda line: [line, line], 1)
    yield broken("msgctxt after msgid", "msgid", lambda line: [line, 'msgctxt "x"'], 1)
    yield broken("msgstr before msgid", "msgid", lambda line: ['msgstr ""', line])
    yield broken("no msgid", "msgid", lambda line: [])
    yield broken("plural forms", "msgstr", lambda line: ['msgid_plural "x"', f"msgstr[0]{line[6:]}"])
    yield broken("an indexed msgstr", "msgstr", lambda line: [f"msgstr[0]{line[6:]}"])
    yield broken("a domain", "msgctxt", lambda line: ['domain "x"', line])
    yield broken("a merge left its marks", "msgstr", lambda line: ["<<<<<<< HEAD", line, "=======", line, ">>>>>>> x"])
    yield broken("quoted by a mail program", "msgstr", lambda line: [f"> {line}"])
    yield broken("half obsolete", "msgstr", lambda line: [f"#~ {line}"])
    yield broken("a comment inside an entry", "msgstr", lambda line: ["# so what", line])
    yield broken("a text of 70 kB", "msgstr", lambda line: [f'msgstr "{"a" * 70_000}"'])
    yield broken("an empty msgid", "msgid", lambda line: ['msgid ""'], -1)
    yield broken("U+0004 in a text", "msgstr", lambda line: [f"{line[:12]}\x04{line[12:]}"])
    many = "".join(f'\nmsgctxt "x:{i}"\nmsgid "x"\nmsgstr ""\n' for i in range(50_001))
    yield Case(name="50,001 entries too many", data=good + many.encode(), outcome="refused")
    po = Po(good)
    po.order.append(4)
    yield Case(name="an entry twice", data=bytes(po), outcome="refused")
    other = bytes(po).decode()
    sent = po.get(4, "msgstr")
    last = other.rindex(sent)
    yield Case(
        name="an entry twice with another text",
        data=(other[:last] + "Camine." + other[last + len(sent) :]).encode(),
        outcome="refused",
    )


def _headers(good: bytes) -> Iterator[Case]:
    """The header: what was sent, where, in which language."""
    text = good.decode()

    def header(name: str, old: str, new: str, outcome: str = "refused", **more: object) -> Case:
        assert old in text
        return Case(name=name, data=text.replace(old, new, 1).encode(), outcome=outcome, **more)  # type: ignore[arg-type]

    export = re.search('"X-Export-Id: .*\n', text)
    assert export
    article, language = '"X-Article-Id: a\\n"\n', '"Language: es\\n"\n'
    yield header("another article", article, '"X-Article-Id: b\\n"\n')
    yield header("an article that is not there", article, '"X-Article-Id: zzz\\n"\n')
    yield header("a path for an article", article, '"X-Article-Id: ../../etc/passwd\\n"\n')
    yield header("another language of nobody here", language, '"Language: fr\\n"\n')
    yield header("another language of the workspace", language, '"Language: ca\\n"\n')
    yield header("a language that does not exist", language, '"Language: xx-not-one\\n"\n')
    yield header("no language", language, "")
    yield header("a language with its country", language, '"Language: es_ES\\n"\n')
    yield header("an unknown export", export[0], '"X-Export-Id: 0123456789abcdef\\n"\n')
    yield header("an export id that is no id", export[0], '"X-Export-Id: é\' OR 1=1\\n"\n')
    yield header("two languages", language, language * 2)
    yield header("a field without a colon", language, f'{language}"Remark\\n"\n')
    # Without the export every text that was ever sent is known, and only one was: nothing is lost by it.
    yield header("no export id", export[0], "", "accepted")
    yield header("no article", article, "", "repaired")
    plain = dict.fromkeys(UNITS, "signed")
    yield header("neither export nor article", article + export[0], "", "repaired", results=plain)
    yield header("no export id and another article", article + export[0], '"X-Article-Id: b\\n"\n')
    yield header("names in small letters", "X-Export-Id", "x-export-id", "accepted")
    yield header("the language in an old spelling", language, '"Language: ES\\n"\n', "accepted")
    yield header(
        "what Poedit adds",
        language,
        f'{language}"X-Generator: Poedit 3.4.2\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
        '"POT-Creation-Date: 2026-06-01 09:00+0200\\n"\n"Last-Translator: Ana\\n"\n',
        "accepted",
    )
    yield header("a fuzzy header", 'msgid ""', '#, fuzzy\nmsgid ""', "accepted")
    po = Po(good)
    first = po.header.index('msgstr ""') + 1
    po.header[first:] = reversed(po.header[first:])
    yield Case(name="the header's fields turned round", data=bytes(po))
    entries = text[text.index("\n\n") + 2 :]
    yield Case(
        name="the header at the end", data=f"{entries}\n{text[: text.index(chr(10) * 2)]}\n".encode(), outcome="refused"
    )


def _entry(good: bytes, n: int) -> Iterator[Case]:
    """One entry edited in every way that somebody thought of."""
    po = Po(good)
    source, sent, id_ = po.get(n, "msgid"), po.get(n, "msgstr"), po.get(n, "msgctxt")
    other_id, other_source = po.get(6, "msgctxt"), po.get(6, "msgid")

    def case(name: str, change: Callable[[Po], object], result: str, *others: str, outcome: str = "accepted") -> Case:
        damaged = Po(good)
        change(damaged)
        results = {n: result} if result != "signed" and outcome == "accepted" else {}
        return Case(name=f"entry {n}: {name}", data=bytes(damaged), outcome=outcome, results=results, others=others)

    def text(new: str) -> Callable[[Po], object]:
        return lambda po: po.put(n, "msgstr", new)

    def comment(*lines: str) -> Callable[[Po], object]:
        return lambda po: po.drop(n, "# ok").above(n, *lines)

    critical = n in CRITICAL
    hers = f"{sent} Sí."
    yield case("another text", text(hers), "signed")
    yield case("another text, fuzzy", lambda po: po.put(n, "msgstr", hers).above(n, "#, fuzzy"), "needs-work")
    yield case("fuzzy among flags", lambda po: po.above(n, "#, c-format, fuzzy , no-wrap"), "needs-work")
    yield case("emptied", text(""), "not-reviewed")
    yield case("only blanks", text("  "), "not-reviewed")
    yield case("only a zero-width space", text("\u200b"), "not-reviewed")
    yield case("only a no-break space", text("\u00a0"), "not-reviewed")
    yield case("the English", text(source), "signed" if n in EQUAL else "held")  # of three words many are the same
    yield case("a number that the English lacks", text(f"{sent} 250 mg."), "held")
    yield case("a bidirectional override", text(f"{sent}\u202e"), "held")
    yield case("a control character", text(f"{sent[:3]}\x07{sent[3:]}"), "held")
    yield case("a zero-width space inside", text(f"{sent[:3]}\u200b{sent[3:]}"), "held")
    yield case("a line feed inside", text(f"{sent[:3]}\\n{sent[3:]}"), "held")
    yield case("a tag of nobody's", text(f"{sent} <x9/>"), "held")
    yield case("mojibake", text(f"{sent} â€œhoyâ€\u009d"), "held")
    # An editor adds these to texts that nobody touched: a critical one needs its own `ok` all the same.
    yield case("a blank at its end", text(f"{sent} "), "signed")
    yield case("a line feed at its end", text(f"{sent}\\n"), "signed")
    yield case(
        "a blank at its end and no ok",
        lambda po: po.drop(n, "# ok").put(n, "msgstr", f" {sent}"),
        "needs-verdict" if critical else "signed",
    )
    yield case("decomposed letters", text(unicodedata.normalize("NFD", f"{sent} Sí.")), "signed")
    yield case("wrapped", lambda po: po.put(n, "msgstr", f'"\n"{sent[:4]}"\n"{sent[4:]}'), "signed")
    yield case("no ok", comment(), "needs-verdict" if critical else "signed")
    yield case("OK, in words", comment("# OK, as in the leaflet"), "signed")
    yield case("okay is another word", comment("# okapi"), "needs-verdict" if critical else "signed")
    yield case("a question", comment("# ? is this for children"), "unchanged")
    yield case("a question and an ok", comment("# ok", "# ? is this for children"), "unchanged")
    yield case("a question and another text", lambda po: po.put(n, "msgstr", hers).above(n, "# ?really"), "proposed")
    yield case("ok as a note of ours", comment("#. ok"), "needs-verdict" if critical else "signed")
    yield case("our notes are gone", lambda po: po.drop(n, "#."), "signed")
    yield case("our notes are another's", lambda po: po.drop(n, "#.").above(n, "#. invented"), "signed")
    yield case("a reference", lambda po: po.above(n, "#: file.txt:3"), "signed")
    yield case("a former English", lambda po: po.above(n, '#| msgid "Something else"'), "signed")
    yield case("removed", lambda po: po.order.remove(n), "absent")
    yield case(
        "obsolete",
        lambda po: po.entries.update({n: [f"#~ {line}" for line in po.entries[n] if line.startswith("msg")]}),
        "absent",
    )
    yield case("another English", lambda po: po.put(n, "msgid", f"{source} Now."), "held")
    yield case("a letter of the English", lambda po: po.put(n, "msgid", source.swapcase()), "held")
    yield case("a blank more in the English", lambda po: po.put(n, "msgid", f"{source} "), "held")
    yield case(
        "no id",
        lambda po: po.drop(n, "msgctxt"),
        "absent" if n in EQUAL else "signed",
        *(["unknown"] if n in EQUAL else []),
    )
    yield case("an id of nobody", lambda po: po.put(n, "msgctxt", "a:0099:00000000"), "absent", "unknown")
    yield case("a digit of the id", lambda po: po.put(n, "msgctxt", f"{id_[:-1]}z"), "absent", "unknown")
    yield case("the id in capitals", lambda po: po.put(n, "msgctxt", id_.upper()), "absent", "unknown")
    yield case("an id of another article", lambda po: po.put(n, "msgctxt", f"b{id_[1:]}"), "absent", "unknown")
    yield case("an id that is a path", lambda po: po.put(n, "msgctxt", "../../x:0001:00000000"), "absent", "unknown")
    yield case(
        "an entry added",
        lambda po: po.above(n, 'msgctxt "x"', 'msgid "Added."', 'msgstr "Añadido."', ""),
        "signed",
        "unknown",
    )
    if n in EQUAL:
        return
    yield case(
        "once more without its id",
        lambda po: po.above(n, f'msgid "{source}"', f'msgstr "{hers}"', ""),
        "held",
        "held",
    )
    yield case(
        "once more without its id, the same",
        lambda po: po.above(n, f'msgid "{source}"', f'msgstr "{sent}"', ""),
        "signed",
        "seen",
    )
    swapped = case("the id of another", lambda po: po.put(n, "msgctxt", other_id), "absent")
    yield Case(name=swapped.name, data=swapped.data, results={n: "absent"}, others=("held",))
    crossed = case(
        "ids exchanged with another",
        lambda po: po.put(n, "msgctxt", other_id).put(6, "msgctxt", id_),
        "held",
    )
    yield Case(name=crossed.name, data=crossed.data, results={n: "held", 6: "held"})
    yield case(
        "the id and the English of another",
        lambda po: po.put(n, "msgctxt", other_id).put(n, "msgid", other_source),
        "",
        outcome="refused",
    )


def _order(good: bytes) -> Iterator[Case]:
    """Another order is no change."""
    po = Po(good)
    po.order.reverse()
    yield Case(name="turned round", data=bytes(po))
    po.order.sort(key=lambda n: po.get(n, "msgid"))
    yield Case(name="sorted by the English", data=bytes(po))
    for n in UNITS:
        po = Po(good)
        po.order = [n]
        yield Case(name=f"only entry {n}", data=bytes(po), results={m: "absent" for m in UNITS if m != n})


def _flags(exported: bytes) -> Iterator[Case]:
    """As it went out: nobody has cleared a fuzzy flag, so nobody has reviewed anything."""
    yield Case(name="the export itself", data=exported, results=dict.fromkeys(UNITS, "needs-work"))
    # OmegaT clears the flags of texts that nobody opened: what is critical still needs its own word.
    cleared = exported.replace(b"#, fuzzy\n", b"")
    yield Case(
        name="the flags cleared and nothing else", data=cleared, results=dict.fromkeys(CRITICAL, "needs-verdict")
    )
