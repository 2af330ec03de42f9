"""What the docs point at is there: files, headings, commands and their options."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from signoff.main import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_TYPED = re.compile(r"(?:^|(?<=[\s/$&(;:]))signoff +([a-z][a-z-]*)((?: +(?!#|&&)[^\s#&|;]+)*)")


def words_of(page: Path) -> str:
    """A page without its code."""
    return _CODE.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))


def commands_in(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Every `signoff <command> …` in a page's code, with what follows on the line."""
    text = page.read_text(encoding="utf-8")
    for code in (*_FENCE.findall(text), *_CODE.findall(_FENCE.sub("", text))):
        for line in code.splitlines():
            for typed in _TYPED.finditer(line):
                yield typed[1], typed[2].split()


def anchors_of(page: Path) -> set[str]:
    """The anchors that a forge gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """A link within the repository names a file that is there, and a heading that is in it."""
    for link in _LINK.findall(words_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        assert not anchor or anchor in anchors_of(target), f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    """What a page tells people to type is a command, with options that it has."""
    for name, rest in commands_in(page):
        assert name in COMMANDS, f"signoff {name}"
        command = cli.get_command(click.Context(cli), name)
        if isinstance(command, click.Group) and rest:
            rest = rest[
                sum(isinstance(parameter, click.Argument) for parameter in command.params) :
            ]  # `unit ID answer`
            assert rest[0] in command.commands, f"signoff {name} {rest[0]}"
            command = command.commands[rest[0]]
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
        unknown = {word.partition("=")[0] for word in rest if re.fullmatch(r"--?[a-z][\w=-]*", word)} - known
        assert not unknown, f"signoff {name}: {', '.join(sorted(unknown))}"


def test_the_index_names_every_page() -> None:
    """Nobody has to find a page of docs/ by its file name: docs/README.md leads to all of them."""
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(words_of(index))}
    assert {page for page in PAGES if page.parent == index.parent} - {index} <= linked
