"""How fast do files go out to reviewers and come back? Each format beside the library that others would read it with.

Takes   how many units the files have
Gives   processor seconds to write and to read each format, beside openpyxl, python-docx, Translate Toolkit and polib
        reading the same file; what the last size costs against the one before
Always  the texts are invented; every reading is compared with what was written
Target  linear: ten times the units cost at most twelve times the time

    python benchmarks/hand_off_formats.py [--sizes 200,2000,20000] [--peers-up-to 2000]
"""

import argparse
import io
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import polib
from docx import Document
from openpyxl import load_workbook
from translate.storage.xliff2 import Xliff2File

from pipeline.model import Locale
from pipeline.po import PoEntry, PoFile
from review.formats import FORMATS, read_returned


def file_of(count: int) -> PoFile:
    """An article of so many units."""
    entries = tuple(
        PoEntry(
            id=f"leaflet:{number:04d}:{number:08x}",
            source=f"Take <b1>{number} mg</b1> every evening with a glass of water, and do not stop suddenly.",
            target=f"Tome <b1>{number} mg</b1> cada noche con un vaso de agua, y no lo deje de repente.",
            fuzzy=True,
            notes=("paragraph › How to take it", "CRITICAL (dose, frequency)", "machine draft that nobody has read"),
        )
        for number in range(1, count + 1)
    )
    return PoFile(article="leaflet", target_locale=Locale.parse("es"), export_id="0123456789abcdef", entries=entries)


def with_openpyxl(data: bytes) -> None:
    """Every row as values, the quick way that the library has for it."""
    book = load_workbook(io.BytesIO(data), read_only=True)
    for _ in book["Review"].iter_rows(values_only=True):
        pass


def with_python_docx(data: bytes) -> None:
    """Every cell's text, as its documentation shows it."""
    for row in Document(io.BytesIO(data)).tables[0].rows:
        for cell in row.cells:
            assert isinstance(cell.text, str)


def with_toolkit(data: bytes) -> None:
    """Every unit's texts."""
    for unit in Xliff2File.parsestring(data).units:  # type: ignore[no-untyped-call]
        assert unit.source is not None or unit.isheader()


def with_polib(data: bytes) -> None:
    """Every entry."""
    assert len(polib.pofile(data.decode()))


PEERS: dict[str, tuple[str, Callable[[bytes], None]]] = {
    "po": ("polib", with_polib),
    "xliff": ("Translate Toolkit", with_toolkit),
    "xlsx": ("openpyxl", with_openpyxl),
    "docx": ("python-docx", with_python_docx),
}


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call, the better of two."""
    taken = []
    for _ in range(2):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="200,2000,20000")
    parser.add_argument("--peers-up-to", type=int, default=2000, help="python-docx is quadratic")
    chosen = parser.parse_args()
    english = Locale.parse("en")
    print(f"{'format':8}{'units':>8}{'kB':>8}{'write s':>10}{'read s':>10}{'peer s':>10}  peer")
    for format_, (peer, peer_reads) in PEERS.items():
        before: float | None = None
        for count in map(int, chosen.sizes.split(",")):
            file = file_of(count)
            data = FORMATS[format_].write(file, english)
            name = f"a{FORMATS[format_].ending}"
            back = read_returned(data, name)
            bare = [replace(entry, notes=()) for entry in file.entries]
            assert [replace(entry, notes=()) for entry in back.entries] == bare, format_
            write = seconds(partial(FORMATS[format_].write, file, english))
            read = seconds(partial(read_returned, data, name))
            theirs = f"{seconds(partial(peer_reads, data)):.3f}" if count <= chosen.peers_up_to else "-"
            growth = f"  read: {read / before:.1f} × the time of the size before" if before else ""
            print(f"{format_:8}{count:8}{len(data) // 1024:8}{write:10.3f}{read:10.3f}{theirs:>10}  {peer}{growth}")
            before = read


if __name__ == "__main__":
    main()
