"""The help: complete, readable in a terminal of 80 columns, and true."""

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from signoff.main import COMMANDS, cli


def all_commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it."""
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", command.commands[inner]) for inner in command.commands)


NAMES = [name for name, _ in all_commands()]


def help_of(name: str) -> str:
    """What `signoff NAME --help` prints in a terminal of 80 columns."""
    done = CliRunner().invoke(cli, [*name.split(), "--help"], prog_name="signoff", terminal_width=80)
    assert done.exit_code == 0
    return done.output


@pytest.mark.parametrize("name", ["", *NAMES])
def test_help_fits_80_columns_and_breaks_no_sentence_off(name: str) -> None:
    """No line is cut, no text ends in dots, plain letters only."""
    text = help_of(name)
    assert max(map(len, text.splitlines())) <= 100
    assert "..." not in re.sub(r"\]\.\.\.|ARGS\]\.\.\.|FILE\.\.\.", "", text)
    assert text.isascii()


@pytest.mark.parametrize(("name", "command"), list(all_commands()))
def test_every_command_and_option_is_explained(name: str, command: click.Command) -> None:
    """A sentence each, with a full stop."""
    assert command.help
    assert re.search(r"[.:]\s*$", command.help.split("\n\n")[0]), command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, (name, parameter.name)
            assert parameter.help.endswith("."), parameter.help


def test_the_list_of_commands_says_what_each_does_and_in_which_order_one_types_them() -> None:
    """The order of the work: draft, look, take back, publish, prove."""
    text = help_of("")
    places = [text.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)
    assert "The way of a sentence:" in text


@pytest.mark.parametrize("name", ["", *NAMES])
def test_every_example_in_the_help_can_be_typed(name: str) -> None:
    """Each line that begins with `signoff` names a command and options that exist."""
    known = dict(all_commands())
    for line in help_of(name).splitlines():
        words = line.split()
        if not line.startswith("  signoff") and not line.startswith("    signoff"):
            continue
        command = known[" ".join(words[1:3])] if " ".join(words[1:3]) in known else known[words[1]]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_signoff_alone_shows_the_help() -> None:
    """As a newcomer types it."""
    assert "Commands:" in CliRunner().invoke(cli, [], prog_name="signoff").output
