"""A termbase as TBX: both editions and both styles are read, ours is written, and no file can do harm."""

from pathlib import Path

from hypothesis import given

from pipeline.terms import Termbase
from pipeline.terms.rows import Reading, termbase_of
from pipeline.terms.tbx import read_tbx, write_tbx

from .termbases import termbases

GOLDEN = Path(__file__).parent.parent / "golden" / "terms"


def read(text: str | bytes) -> Reading:
    return read_tbx(text.encode() if isinstance(text, str) else text, "terms.tbx")


@given(termbases())
def test_reading_undoes_writing_and_writing_is_byte_stable(termbase: Termbase) -> None:
    """Every termbase comes back from its own TBX, and is written the same again."""
    data = write_tbx(termbase)
    reading = read(data)
    again = termbase_of(reading.rows, "terms.tbx")
    assert again == termbase
    assert not reading.refused
    assert write_tbx(again) == data
