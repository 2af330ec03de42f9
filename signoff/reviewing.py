"""`signoff import` and `signoff status`: what came back from the reviewers, and where everything stands."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signoff.console import Output
from signoff.desk import (
    as_typed,
    json_option,
    judges,
    login_name,
    open_workspace,
    opened,
    opened_in,
    to_option,
    workspace_option,
)

if TYPE_CHECKING:
    from review.board import Row
    from review.intake import EntryReport, FileReport


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, dir_okay=False, exists=True)
)
@click.option(
    "--reviewer", required=True, metavar="ID", help="Whose review this is: an id from the roster in signoff.toml."
)
@click.option(
    "--attest",
    type=click.Choice(["edited", "all"]),
    help="What the reviewer answers for: the texts she edited, or all that she returned. Without it nothing is signed.",
)
@click.option(
    "--statement",
    is_flag=True,
    help="Take nothing; write FILE.statement beside each file, for the reviewer to sign with her own key.",
)
@click.option(
    "--signature",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE.statement.sig",
    help="Her signature on that statement (ssh-keygen -Y sign -n signoff); for one file.",
)
@click.option("--entered-by", metavar="ID", help="Who types this, if not the reviewer. Default: the login name.")
@workspace_option
@json_option
def import_(
    files: tuple[Path, ...],
    reviewer: str,
    attest: str | None,
    statement: bool,
    signature: Path | None,
    entered_by: str | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Take reviewed files back: merge every entry, sign what the reviewer attests.

    PO, XLIFF, XLSX and DOCX files, told apart by their endings. In a spreadsheet or Word table the verdict `ok` is
    the comment `# ok`, and a row without it is as good as fuzzy.

    An entry that is still marked fuzzy ("needs work" in most editors) is not reviewed: its text is kept, and not
    signed. A critical sentence that came back unchanged is signed only if the reviewer wrote the comment `# ok` above
    it. Nothing that was returned is lost: a text either becomes the current one, or is kept and named with the
    reason. Importing never publishes, and importing the same file again changes nothing.

    \b
    What becomes of an entry:
      signed         the reviewer answers for this text
      proposed       her text is the current one; nobody has signed it yet
      unchanged      came back as it went out; nothing was signed
      seen           she wrote what somebody else had already written
      not-reviewed   empty
      needs-work     not accepted yet (still fuzzy; in a table: no verdict)
      needs-verdict  critical and unchanged: it needs the comment `# ok`
      held           a check found an error, or the entry is not one of ours
      conflict       somebody else changed the same sentence: a person must choose
      stale          the English has changed since the file went out
      unknown        no sentence of the article has this id
      absent         went out, and is not in the file

    Her own signature makes it hers, whoever types: --statement writes what she signs and says how she does that with
    ssh-keygen; --signature is then checked against her public_key in signoff.toml.

    Exit code 0: done. 1: done, and an entry is needs-work, needs-verdict, held, conflict, stale or unknown. 2: a file
    could not be read, or the reviewer is not on the roster.

    \b
    Examples:
      signoff import locales/es/first.po --reviewer ana --attest edited
      signoff import *.po --reviewer ana --attest all
      signoff import first.es.xlsx --reviewer ben --attest all
      signoff import first.po --reviewer ana --attest all --statement
      signoff import first.po --reviewer ana --attest all --signature first.po.statement.sig
    """
    from review.intake import import_file
    from review.merge import Result
    from review.statements import read_signed

    if (statement or signature) and attest is None:
        raise click.UsageError("a statement says what she answers for: --attest edited or --attest all")
    if signature and (statement or len(files) != 1):
        raise click.UsageError("a signature is for one file, and comes after its statement")
    out = Output(as_json=as_json)
    if statement:
        open_workspace(folder)  # checked all the same: the statement is for this workspace's people
        return _write_statements(out, files, reviewer, str(attest))
    signed = read_signed(signature) if signature else None
    typist = entered_by or login_name()
    code = 0
    with opened(folder) as (workspace, store):
        for file in files:
            report = import_file(
                workspace,
                store,
                judges(workspace, store),
                file,
                reviewer=reviewer,
                attest="all" if attest == "all" else "edited" if attest else None,
                entered_by=typist.encode(errors="backslashreplace").decode(),
                signed=signed,
            )
            open_ends = report.count(
                Result.HELD, Result.CONFLICT, Result.NEEDS_VERDICT, Result.UNKNOWN, Result.STALE, Result.NEEDS_WORK
            )
            code = max(code, 2 if report.outcome == "refused" else 1 if open_ends else 0)
            if as_json:
                out.data(_json(report))
            _tell(out, report)
            if attest is None and report.count(Result.PROPOSED, Result.UNCHANGED, Result.SEEN):
                out.explain(
                    "nothing was signed: the reviewer signs with --attest edited (the texts she changed) or "
                    "--attest all (all that are not fuzzy)",
                    indent=2,
                )
    return code


def _write_statements(out: Output, files: Iterable[Path], reviewer: str, attest: str) -> int:
    """Write what the reviewer signs for each file, beside it, and say how."""
    from pipeline.durable import replace_file
    from pipeline.store.ledger import timestamp
    from pipeline.store.store import wall_clock
    from review.statements import ENDING, NAMESPACE, Statement

    for file in files:
        statement = Statement(
            file=hashlib.sha256(file.read_bytes()).hexdigest(),
            name=file.name.encode(errors="backslashreplace").decode(),
            reviewer=reviewer,
            attest=attest,
            time=timestamp(wall_clock()),
        )
        path = file.with_name(file.name + ENDING)
        replace_file(path, statement.data())
        if out.as_json:
            out.data({"statement": str(path), "file": str(file), "sha256": statement.file})
        out.say(f"{path}: for {reviewer} to read and sign:")
        out.say(f"  ssh-keygen -Y sign -n {NAMESPACE} -f ~/.ssh/id_ed25519 {as_typed(path)}")
    return 0


def _json(report: "FileReport") -> dict[str, Any]:
    """A report as programs get it: without the English, which stands at the line that each entry names."""
    told = asdict(report)
    for entry in told["entries"]:
        del entry["source"]
    return told


def _tell(out: Output, report: "FileReport") -> None:
    """What became of one file, and every entry that somebody must look at."""
    from review.merge import Result

    line = f"{report.file}: {report.outcome}{': ' if report.reason else ''}{report.reason}"
    if report.outcome == "refused":
        out.warn(line)
        return
    out.say(line)
    counts = {result: report.count(result) for result in Result if report.count(result)}
    out.say("  " + (", ".join(f"{n} {result.value}" for result, n in counts.items()) or "nothing to do"))
    quiet = (Result.UNCHANGED, Result.SIGNED, Result.PROPOSED, Result.SEEN)
    alike: dict[tuple[Result, str], list[EntryReport]] = {}
    for entry in report.entries:
        if entry.result not in quiet:
            alike.setdefault((entry.result, entry.reason), []).append(entry)
    rows: list[tuple[str, ...]] = []
    for (result, reason), entries in alike.items():
        rows += [
            (str(entry.line or "-"), entry.id or "-", _short(entry.source), result.value, reason)
            for entry in entries[:MOST_PLACES]
        ]
        if len(entries) > MOST_PLACES:
            rows.append(("", "", f"and {len(entries) - MOST_PLACES} more (--json names all)", result.value, reason))
    if rows:
        out.table(("line#", "entry", "English", "result", "why"), rows)
        for result in dict.fromkeys(result for result, _ in alike):
            out.explain(f"{result.value}: {TO_DO[result.value]}", indent=2)
    for entry in report.entries:
        for question in entry.questions:
            out.explain(f"question on {_place(entry)}: {question}", indent=2)


MOST_PLACES = 4
"""So many entries are named for one and the same reason."""

TO_DO = {
    "not-reviewed": "write a translation, or leave it for the next file",
    "needs-work": "kept; if it is right clear the fuzzy mark (in a table: choose the verdict ok), and send it again",
    "needs-verdict": "if it is right as it stands, add the comment ok (in a table: choose the verdict ok)",
    "held": "kept, and goes nowhere until the reason is gone; where a check is wrong: signoff unit ID waive",
    "conflict": "both texts are kept: signoff conflicts",
    "stale": "kept; the next file has the new English beside the old",
    "unknown": "kept; its id was changed, or it was added: only entries that were sent can be taken",
    "absent": "nothing changed for it; it goes out again",
}
"""What a reviewer can do about each result that is not quiet."""


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


SHORT = 48
"""So many characters of a sentence say which one it is."""


def _place(entry: "EntryReport") -> str:
    return f"{entry.id} (line {entry.line})" if entry.line else f"{entry.id} (not in the file)"


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@to_option
@click.option("--waiting", is_flag=True, help="Instead: who has what since when and until when, and what nobody has.")
@workspace_option
@json_option
def status(slugs: tuple[str, ...], tags: str | None, waiting: bool, folder: Path | None, as_json: bool) -> int:
    """The board: per article and locale how many sentences are drafted, proposed, reviewed, signed; what comes next.

    \b
    units       the sentences of today's article
    new         without any text yet
    draft       a machine's text that nobody has read
    proposed    a person's text that nobody has signed
    reviewed    signed by somebody, and the policy asks for one more
                (or it must be confirmed again where it stands today)
    signed      signed by everybody that the policy asks for
    stale       a person's text for a sentence that is no longer in today's English
    live        whether the page stands on the site
    questions   below the board: which sentence, who asks, who may answer
    due         with review_within_days in signoff.toml: until when it need not be signed again
    next        what to do now; explained below the board

    Exit code 0: done. 2: an article could not be read; the others are shown.
    """
    from review.board import board
    from review.ledger_check import clock_warning

    out = Output(as_json=as_json)
    if waiting and slugs:
        raise click.UsageError("--waiting shows what waits in all articles: leave out the slugs")
    if waiting:
        from signoff.packs import show_waiting

        return show_waiting(out, folder, tags)
    with opened_in(folder, tags) as (workspace, store, locales):
        rows, refused = board(workspace, store, judges(workspace, store), locales, slugs)
        with store.read() as transaction:
            ahead = clock_warning(transaction)
    for row in rows if as_json else ():
        out.data(asdict(row))
    if not as_json:
        _show_board(out, rows)
    for reason in refused:
        out.warn(f"not read: {reason}")
    if ahead:
        out.warn(ahead)
    return 2 if refused else 0


STEPS = (
    ("signoff run", "run", "signoff run"),
    (
        "a person chooses",
        "choose",
        "two people wrote different texts: signoff conflicts; or edit the PO file and import it",
    ),
    ("a content lead answers", "answer", "somebody asks, and nobody has answered: signoff questions"),
    (
        "translate ",
        "translate",
        "no engine drafted it: translate it in locales/<locale>/<article>.po, then signoff import FILE --reviewer ID "
        "--attest edited; or name another engine in signoff.toml: signoff run",
    ),
    ("review ", "review", "edit locales/<locale>/<article>.po, then signoff import FILE --reviewer ID --attest edited"),
    (
        "confirm again",
        "confirm",
        "what was signed stands elsewhere today: signoff run, then review the PO file again",
    ),
    ("sign again", "overdue", "its review was due: review the PO file again and import it with --attest all"),
    ("a second person", "sign", "a second person reviews the same PO file and it is imported with --attest all"),
    ("signoff publish", "publish", "signoff publish"),
)
"""How `Row.next` begins, the word for it on the board, and what the word means below it."""

MOST_QUESTIONS = 10
"""So many open questions stand below the board."""

COUNTS = ("units", "new", "draft", "proposed", "reviewed", "signed", "stale")


def _show_board(out: Output, rows: "list[Row]") -> None:
    """The rows by article, so that a name of any length fits into 80 columns; totals; what the next steps mean."""
    width = max([6, *(len(row.locale) for row in rows)])
    out.say(f"{'':{width + 2}}" + "".join(f"{name:>{len(name) + 2}}" for name in COUNTS) + "  live  next", "bold")
    steps: list[str] = []
    articles = list(dict.fromkeys(row.slug for row in rows))
    for slug in articles:
        out.say(slug, "bold")
        for row in (row for row in rows if row.slug == slug):
            step = next((word for begins, word, _ in STEPS if row.next.startswith(begins)), row.next)
            steps.append(step)
            live = "old" if row.live_english else "yes" if row.live else "no"
            due = f"  (due {row.review_due})" if row.review_due else ""
            out.say(f"  {row.locale:{width}}{_cells(_counts(row))}  {live:4}  {step}{due}".rstrip())
    if len(articles) > 1:
        out.say(f"all {len(articles)} articles", "bold")
        for locale in dict.fromkeys(row.locale for row in rows):
            of_locale = [row for row in rows if row.locale == locale]
            totals = [sum(column) for column in zip(*map(_counts, of_locale), strict=True)]
            out.say(f"  {locale:{width}}{_cells(totals)}  {sum(row.live for row in of_locale):<4}")
    asked = [(row, question) for row in rows for question in row.questions]
    if asked:
        out.say()
        out.say(f"{len(asked)} open question{'s' if len(asked) > 1 else ''}", "bold")
    for row, question in asked[:MOST_QUESTIONS]:
        whom = " or ".join(question.waits_on) or "a content lead, and the roster has none"
        what = " about the English" if question.about == "english" else ""
        out.explain(
            f"{question.id} in {row.locale}: {question.by} waits for {whom} since {question.since}{what}", indent=2
        )
    if len(asked) > MOST_QUESTIONS:
        out.explain(f"and {len(asked) - MOST_QUESTIONS} more: signoff questions", indent=2)
    meant = [(word, meaning) for _, word, meaning in STEPS if word in steps]
    if meant:
        out.say()
    for word, meaning in meant:
        out.explain(f"next: {word:7} = {meaning}")
    if any(row.live_english for row in rows):
        out.explain("live: old = the page on the site rests on an earlier English, and says so")


def _counts(row: "Row") -> tuple[int, ...]:
    """The numbers of a row, as in COUNTS."""
    return (row.units, row.untranslated, row.draft, row.proposed, row.reviewed, row.signed_off, row.stale)


def _cells(counts: Iterable[int]) -> str:
    """Numbers below their headings; a dash for none, so that the eye finds what there is."""
    return "".join(f"{count or '-':>{len(name) + 2}}" for name, count in zip(COUNTS, counts, strict=True))
