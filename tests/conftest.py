"""What any test may ask for: the stand-in engine and workspaces that it drafts in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from workspaces import ENGINE, Desk, StandIn, make_workspace

MakeDesk = Callable[..., Desk]

settings.register_profile("laws", deadline=None)  # a busy machine breaks no law
settings.load_profile("laws")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The stand-in engine, put into the table of engines under its name for this test."""
    engine = StandIn()
    monkeypatch.setattr("pipeline.engines.ENGINES", {ENGINE: lambda settings: engine})
    return engine


@pytest.fixture
def make_desk(stand_in: StandIn, tmp_path: Path) -> MakeDesk:
    """Makes a workspace `tmp_path/<name>` (see `make_workspace`) and gives the Desk in it."""

    def make(articles: dict[str, bytes], name: str = "workspace", **options: object) -> Desk:
        return Desk(make_workspace(tmp_path / name, articles=articles, **options))  # type: ignore[arg-type]

    return make
