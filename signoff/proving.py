"""`signoff evidence` and `signoff inventory`: what an auditor is given."""

import csv
import io
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.durable import replace_file
from pipeline.model import Locale
from signoff.console import Output
from signoff.desk import json_option, open_workspace, workspace_option

if TYPE_CHECKING:
    from review.evidence import Material


@click.command()
@click.argument("slug", required=False)
@click.argument("tag", metavar="[LOCALE]", required=False)
@click.option(
    "-o", "--out", "out_folder", type=click.Path(path_type=Path), metavar="DIR", help="A new folder for the evidence."
)
@click.option(
    "--check",
    "pack",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Compare the evidence in DIR with the ledger in it; needs no workspace.",
)
@workspace_option
@json_option
def evidence(
    slug: str | None, tag: str | None, out_folder: Path | None, pack: Path | None, folder: Path | None, as_json: bool
) -> int:
    """Prove one page: each sentence with who signed it, in which role, on which qualification, and when.

    Writes a folder that an auditor can keep: evidence.html to read and print, evidence.json with the same as data,
    and of the ledger all that they follow from. Looks at the files in ledger/ only, and at the newest release.

    Exit code 0: done; with --check, all follows from the ledger. 1: with --check, something does not. 2: there is no
    such page, or the ledger is broken.

    \b
    Examples:
      signoff evidence first es -o first-es
      signoff evidence --check first-es
    """
    from review.evidence import EvidenceRoom, check_pack, write_pack

    out = Output(as_json=as_json)
    if pack is not None:
        wrong = check_pack(pack)
        if as_json:
            out.data({"wrong": wrong})
        for sentence in wrong:
            out.say(f"not proven: {sentence}", "red")
        if not wrong:
            out.say("proven: the evidence is what the ledger in the folder says")
        return 1 if wrong else 0
    if not slug or not tag:
        raise click.UsageError("name a page, SLUG and LOCALE, or a folder with --check")
    if out_folder is None and not as_json:
        raise click.UsageError("name a folder with -o, or ask for --json")
    workspace = open_workspace(folder)
    room, locale = EvidenceRoom(workspace.ledger), Locale.parse(tag)
    found = room.page(slug, locale) if out_folder is None else write_pack(room, slug, locale, out_folder.absolute())
    if as_json:
        out.data(found)
    if out_folder is not None:
        out.say(f"evidence of {len(found['sentences'])} sentences: {out_folder / 'evidence.html'}")
    return 0


@click.command()
@click.option(
    "--as",
    "form",
    type=click.Choice(["table", "csv", "html"]),
    default="table",
    help="What to write; --json writes a line of JSON a page. Default: a table for reading.",
)
@click.option("-o", "--out", "file", type=click.Path(path_type=Path, dir_okay=False), help="A file for csv or html.")
@workspace_option
@json_option
def inventory(form: str, file: Path | None, folder: Path | None, as_json: bool) -> int:
    """List all translated materials of the newest release: language, address, day of issue, reviewers with roles.

    Taken from the files in ledger/ only.

    \b
    Examples:
      signoff inventory
      signoff inventory --as csv -o materials.csv
    """
    from review.evidence import EvidenceRoom, inventory_sheet

    out = Output(as_json=as_json)
    if form != "table" and file is None:
        raise click.UsageError(f"name a file for the {form} with -o")
    workspace = open_workspace(folder)
    room = EvidenceRoom(workspace.ledger)
    materials = list(room.inventory())
    for one in materials if as_json else ():
        out.data(asdict(one))
    if form != "table" and file is not None:
        page = inventory_sheet(materials, room.site.name, room.release.time)
        replace_file(file.absolute(), page if form == "html" else _as_csv(materials))
        out.say(f"{len(materials)} pages: {file}")
    elif not as_json:
        rows = [
            (m.locale, m.title, m.address, m.issued_on, m.reviewed_on, "; ".join(m.reviewers), str(m.sentences))
            for m in materials
        ]
        out.table(("locale", "title", "address", "issued", "reviewed", "by", "sentences#"), rows)
    return 0


def _as_csv(materials: "list[Material]") -> bytes:
    """A row a page, as RFC 4180. A text that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = list(type(materials[0]).__dataclass_fields__) if materials else ["slug", "locale"]
    writer.writerow(names)
    for one in materials:
        values = asdict(one)
        writer.writerow([_cell(values[name]) for name in names])
    return out.getvalue().encode()


def _cell(value: object) -> str:
    text = "; ".join(value) if isinstance(value, tuple) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
