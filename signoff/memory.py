"""`signoff memory search|import|export`: what is signed, found again."""

import unicodedata
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import click

from signoff.console import Output
from signoff.desk import json_option, login_name, opened, opened_in, to_option, workspace_option

SEARCH_PERCENT = 50
"""A search shows what a run would not: the person looks for something."""
MOST_FOUND = 10


@click.group()
def memory() -> None:
    """Search, import or export the translation memory: what people signed, by its English.

    It is kept up by itself: what is signed is in it, what loses its sign-off leaves it. `signoff run` uses it for what
    is new: the same sentence is proposed with its signed text, one that is 75 to 99 percent alike stands in the
    reviewer's comment.
    """


@memory.command()
@click.argument("text")
@to_option
@workspace_option
@json_option
def search(text: str, tags: str | None, folder: Path | None, as_json: bool) -> int:
    """Show how sentences like it were translated.

    Each with both texts, how alike it is, where it stands, who signed it and when.

    The score is that of CAT tools: 100 for the same text, less for each letter that differs. Ten at most are shown,
    down to 50 percent.

    \b
    Example:
      signoff memory search "Do not stop the medicine suddenly." --to es
    """
    from pipeline.leverage import search as search_memory

    out = Output(as_json=as_json)
    wanted = unicodedata.normalize("NFC", " ".join(text.split()))
    with opened_in(folder, tags) as (_, store, locales), store.read() as transaction:
        tried = [locale.tag for locale in locales]
        found = search_memory(transaction, wanted, tried, SEARCH_PERCENT, MOST_FOUND)
    for match in found:
        entry = match.entry
        if as_json:
            out.data(
                {
                    "score": match.score_percent,
                    "source": entry.source,
                    "locale": entry.locale,
                    "target": entry.target,
                    "place": entry.place,
                    "signed": entry.signed,
                    "provenance": entry.provenance,
                }
            )
        else:
            out.say(f"{match.score_percent} %  {entry.source}", "bold")
            out.say(f"  {entry.locale}: {entry.target}")
            out.say(f"  {entry.place}, {entry.said_by}", "dim")
    if not found:
        out.say(f"nothing in the memory is like this in {', '.join(tried)}")
    return 0


@memory.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@workspace_option
@json_option
def import_(file: Path, folder: Path | None, as_json: bool) -> int:
    """Take a TMX file into the memory.

    Nobody has signed its texts here: they are drafts at most.

    The file is kept in ledger/memory/, so that a fresh clone has the same memory. The same file twice is taken once.
    Where a language of the file is named otherwise than in signoff.toml (es-419, es), the nearest locale is taken.

    Exit code 0: done. 1: done, but some of it cannot be used: each is named with its line. 2: the file is broken;
    nothing of it was taken.

    \b
    Example:
      signoff memory import old-site.tmx
    """
    from pipeline.memory_files import import_tmx

    out = Output(as_json=as_json)
    with opened(folder) as (workspace, store):
        done = import_tmx(workspace, store, file, by=login_name())
    if as_json:
        out.data(asdict(done))
    taken = ", ".join(f"{count:,} in {locale}" for locale, count in done.translations.items()) or "none"
    what = "was in the memory already" if done.known else "taken, as drafts that nobody here has signed"
    out.say(f"{file}: {done.units:,} units; translations {taken}; {what}")
    for left_out in done.left_out[:20]:
        out.say(f"  left out: {file}:{left_out.line}: {left_out.reason}", "yellow")
    if len(done.left_out) > 20:
        out.say(f"  … and {len(done.left_out) - 20:,} more: see --json", "yellow")
    return 1 if done.left_out else 0


@memory.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@to_option
@workspace_option
@json_option
def export(file: Path, tags: str | None, folder: Path | None, as_json: bool) -> int:
    """Write what stands signed as a TMX 1.4b file.

    For CAT tools and other Signoffs, with who signed, when, and under which policy.

    The same memory gives the same bytes.

    Exit code 0: done. 1: done, but a text has characters that no XML can hold, and is not in the file.

    \b
    Example:
      signoff memory export signed.tmx --to es
    """
    from pipeline.durable import replace_file
    from pipeline.memory_files import export_tmx

    out = Output(as_json=as_json)
    with opened_in(folder, tags) as (workspace, store, locales):
        data, count, left_out = export_tmx(workspace, store, locales, version("signoff"))
    replace_file(file.resolve(), data)
    if as_json:
        out.data({"file": str(file), "translations": count, "left_out": left_out})
    out.say(f"{count:,} signed translations written to {file}")
    for sentence in left_out:
        out.say(f"  left out: {sentence}", "yellow")
    return 1 if left_out else 0
