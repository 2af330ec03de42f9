"""PO among the hand-off formats: pipeline/po.py, which is the only place that knows it."""

from pipeline.model import Locale
from pipeline.po import PoFile, read_po, write_po

__all__ = ["read_po", "write_po_file"]


def write_po_file(file: PoFile, source_locale: Locale) -> bytes:
    """The file as `write_po` gives it: PO has no place for the source's locale."""
    return write_po(file)
