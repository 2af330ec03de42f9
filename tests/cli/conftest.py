"""The keyboard, for the tests of the command line."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.command_line import Keyboard, Typed, bring_engines, workspace


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution that brings the engines."""
    return bring_engines(tmp_path_factory.mktemp("plugins"))


@pytest.fixture
def keyboard(tmp_path: Path, plugins: Path) -> Keyboard:
    """A keyboard in a demo workspace with two articles, drafted by the stand-in engine."""
    return Keyboard(workspace(tmp_path / "workspace"), plugins)


@pytest.fixture
def type_here(
    plugins: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Typed]:
    """Type a command in this process, so that a test can make the system fail under it."""
    from signoff.main import main

    monkeypatch.syspath_prepend(str(plugins))

    def type_(folder: Path, *words: str) -> Typed:
        before = Path.cwd()
        monkeypatch.setattr(sys, "argv", ["signoff", *words])
        capfd.readouterr()
        os.chdir(folder)
        try:
            with pytest.raises(SystemExit) as end:
                main()
        finally:
            os.chdir(before)
        said = capfd.readouterr()
        assert isinstance(end.value.code, int)
        return Typed(end.value.code, said.out, said.err)

    return type_
