"""The command line: a table of commands, and the one place that turns an error into a line and an exit code.

Exit 0: done. 1: done, with findings that somebody must look at. 2: could not run, and nothing is half done.
"""

import contextlib
import errno
import importlib
import io
import logging
import os
import sys
import traceback
from collections.abc import Mapping

import click

from pipeline.errors import LocalizationError
from signoff.console import shown

COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("signoff.starting:init", "Start a new workspace."),
    "doctor": (
        "signoff.starting:doctor",
        "What is installed, which engines serve which locales, what to do about the rest.",
    ),
    "analyze": ("signoff.analyzing:analyze", "Count words, cost and hours of review before a run."),
    "run": ("signoff.drafting:run", "Draft what is new and write the PO files."),
    "segments": ("signoff.drafting:segments", "Show what the extraction sees in one file."),
    "memory": ("signoff.memory:memory", "Search, import or export the translation memory."),
    "status": ("signoff.reviewing:status", "The board: what is drafted, reviewed, signed."),
    "triage": ("signoff.triaging:triage", "What to review first, and why."),
    "send": ("signoff.packs:send", "Make a pack of files for one reviewer."),
    "pack": ("signoff.packs:pack", "List, extend, recall or reassign packs."),
    "digest": ("signoff.packs:digest", "What waits on each person, for a mailer to send."),
    "report": ("signoff.packs:report", "Words, hours and turnaround per person, as CSV."),
    "import": ("signoff.reviewing:import_", "Take a reviewed file back."),
    "check": ("signoff.checking:check", "What may be wrong in PO files from anywhere."),
    "conflicts": ("signoff.acts:conflicts", "Choose between texts that two people wrote."),
    "questions": ("signoff.acts:questions", "What reviewers ask, and nobody has answered."),
    "unit": ("signoff.unit:unit", "Decide on one sentence: waive, dismiss, answer, editorial, keep-english."),
    "retract": ("signoff.acts:retract", "Take back your own signature on one sentence."),
    "revoke": ("signoff.acts:revoke", "Lapse all signatures of a person since a day."),
    "redact": ("signoff.keeping:redact", "Erase a person's name and proofs, for good."),
    "publish": ("signoff.publishing:publish", "Build the pages of what is signed."),
    "site-words": ("signoff.publishing:site_words", "Have the site's own words translated and signed, too."),
    "verify": ("signoff.publishing:verify", "Prove a built site against the ledger."),
    "withdraw": ("signoff.releasing:withdraw", "Take a text off every page, for good."),
    "release": ("signoff.releasing:release", "List the releases, or go back to one."),
    "evidence": ("signoff.proving:evidence", "Prove one page, for an auditor."),
    "inventory": ("signoff.proving:inventory", "List all translated materials."),
    "terms": ("signoff.terms:terms", "Import, export or search the termbase."),
    "ledger": ("signoff.keeping:ledger", "Verify, export or import the chain of events."),
    "backup": ("signoff.keeping:backup", "Copy store, ledger and returned files into one archive."),
    "restore": ("signoff.keeping:restore", "Bring a backup back."),
}
"""Every command, in the order of the work: (where it is, its line in --help)."""


class Commands(click.Group):
    """Loads a command's module when it is used, so that `signoff status` does not pay for the engines."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None for a name that is not in the table."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, without importing them all."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


EPILOG = """
\b
The way of a sentence:
  signoff run                                draft, write locales/<locale>/<slug>.po
  (a reviewer edits the PO file)
  signoff import FILE --reviewer ana --attest edited
  signoff publish                            build what is signed
  signoff verify                             prove what was built
"""


@click.group(
    cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="signoff")
def cli() -> None:
    """Medical articles in your readers' languages.

    No sentence reaches a reader unless a qualified, named person signed off exactly that text against exactly that
    English, and anyone can verify it.
    """


def main() -> None:
    """Run the command line and exit: 0 done, 1 findings, 2 could not run."""
    # What libraries log beside the errors that they raise: a connection that Ctrl-C closed is no news to a person.
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a letter shows its number
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(prog_name="signoff", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = 0
    except click.ClickException as error:
        code = _stop(_usage(error))
    except (click.Abort, KeyboardInterrupt):
        code = _stop("stopped; what was finished is kept, run the same command to go on")
    except LocalizationError as error:
        code = _stop(str(error))
    except (BrokenPipeError, SystemExit):  # click and rich exit by themselves when nobody reads on: `| head -1`
        code = _nobody_reads()
    except OSError as error:
        code = _stop(_system(error))
    except Exception:  # noqa: BLE001 - else Python would exit with 1, which means findings
        traceback.print_exc()
        code = _stop("the lines above are a fault of Signoff, not of yours: please report them; nothing is half done")
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except (OSError, ValueError):
            _nobody_reads()
    sys.exit(code if isinstance(code, int) else 0)


def _stop(sentence: str) -> int:
    """Say on one line of stderr why the command could not run."""
    click.echo(f"signoff: {shown(sentence)}", err=True)
    return 2


def _usage(error: click.ClickException) -> str:
    """What was typed wrong, and where the help is."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "signoff"
    message = error.format_message().rstrip(".")
    return f"{message[:1].lower()}{message[1:]}: see {command} --help"


def _system(error: OSError) -> str:
    """What the system refused, at which path."""
    path = error.filename2 or error.filename
    where = f"{os.fsdecode(path)}: " if isinstance(path, str | bytes | os.PathLike) else ""
    what = "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error)).lower()
    return f"{where}{what}: what was finished is kept, nothing is half done; put it right and run the same again"


def _nobody_reads() -> int:
    """Stdout was closed from the other side: say nothing, so that the interpreter's own last flush says nothing too."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 2


if __name__ == "__main__":
    main()
