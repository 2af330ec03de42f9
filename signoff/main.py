"""The command line: a table of commands, and the one place that turns an error into a line and an exit code.

Exit 0: done. 1: done, with findings that somebody must look at. 2: could not run, and nothing is half done.
"""

import importlib
import os
import sys
from collections.abc import Mapping

import click

from pipeline.errors import LocalizationError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("signoff.starting:init", "Start a new workspace."),
    "doctor": (
        "signoff.starting:doctor",
        "What is installed, which engines serve which locales, what to do about the rest.",
    ),
    "run": ("signoff.drafting:run", "Draft what is new and write the PO files."),
    "segments": ("signoff.drafting:segments", "Show what the extraction sees in one file."),
    "status": ("signoff.reviewing:status", "The board: what is drafted, reviewed, signed."),
    "import": ("signoff.reviewing:import_", "Take a reviewed PO file back."),
    "publish": ("signoff.publishing:publish", "Build the pages of what is signed."),
    "verify": ("signoff.publishing:verify", "Prove a built site against the ledger."),
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
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("signoff: stopped; what was finished is kept, run the same command to go on", err=True)
        code = 2
    except LocalizationError as error:
        click.echo(f"signoff: {error}", err=True)
        code = 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 2
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"signoff: {where}{error.strerror or error}: nothing is half done; mend it and run again", err=True)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
