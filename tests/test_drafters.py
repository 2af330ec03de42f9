"""The engines that a run drafts with: who may be opened, what loads beforehand, what is closed."""

import threading
from pathlib import Path

import pytest
from conftest import MakeDesk
from workspaces import StandIn

from pipeline.config import load_workspace
from pipeline.drafters import Drafters
from pipeline.errors import EngineError
from pipeline.model import Locale

ES = Locale.parse("es")


class Loading(StandIn):
    """A stand-in that can load beforehand."""

    def __init__(self, *, leaves_the_machine: bool = False) -> None:
        super().__init__()
        self.leaves_the_machine = leaves_the_machine
        self.prepared: list[str] = []
        self.loaded = threading.Event()
        self.closed = 0

    def prepare(self, source_locale: Locale, target_locale: Locale) -> None:
        """Note it."""
        self.prepared.append(target_locale.tag)
        self.loaded.set()

    def close(self) -> None:
        """Note it."""
        self.closed += 1


def engines(monkeypatch: pytest.MonkeyPatch, **by_name: StandIn) -> None:
    """Put these into the table of engines."""
    table = {name.replace("_", "-"): (lambda settings, engine=engine: engine) for name, engine in by_name.items()}
    monkeypatch.setattr("pipeline.engines.ENGINES", table)


def test_an_engine_on_this_machine_loads_beforehand(make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What warm_up loads is what `of` then gives, opened once and closed once."""
    desk = make_desk({"a.txt": b"One."})
    engine = Loading()
    engines(monkeypatch, stand_in=engine)
    with Drafters(desk.workspace) as drafters:
        drafters.warm_up([ES])
        assert engine.loaded.wait(10)
        assert [able.name for able in drafters.of(desk.workspace.target(ES))] == [engine.name]
    assert engine.prepared == ["es"] and engine.closed == 1 and engine.asked == []


def test_an_engine_that_sends_text_away_is_left_alone(make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is to be drafted no other machine hears of us."""
    desk = make_desk({"a.txt": b"One."})
    away = Loading(leaves_the_machine=True)
    engines(monkeypatch, stand_in=away)
    with Drafters(desk.workspace) as drafters:
        drafters.warm_up([ES])
        assert drafters.of(desk.workspace.target(ES))  # opened by now, whoever was first
    assert away.prepared == []


def test_what_warm_up_cannot_open_is_said_when_it_is_needed(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken engine stops nobody before there is something to draft."""
    desk = make_desk({"a.txt": b"One."})
    monkeypatch.setattr("pipeline.engines.ENGINES", {})
    with Drafters(desk.workspace) as drafters:
        drafters.warm_up([ES])
        with pytest.raises(EngineError, match="there is no engine 'stand-in'"):
            drafters.of(desk.workspace.target(ES))


@pytest.mark.parametrize(
    ("engine", "more", "line", "says"),
    [
        ("apertum", "", 8, "there is no engine 'apertum'"),
        ("apertium", "[engine.apertium]\nbudgte = 5\n", 11, "no setting 'budgte'; did you mean budget?"),
        ("chat", '[engine.chat]\nmodel = "m"\nurl = "http://example.org"\n', 12, "must begin with https://"),
        ("chat", '[engine.chat]\ntemperature = "nan"\n', 11, "a number from 0 to 2"),
        ("deepl", '[engine.deepl]\ntimeout_s = "soon"\n', 11, "timeout_s is not a number"),
    ],
)
def test_what_is_wrong_with_an_engine_is_named_with_its_line(
    tmp_path: Path, engine: str, more: str, line: int, says: str
) -> None:
    """Whoever mistyped a name or a setting finds it at once."""
    text = f"""\
source_locale = "en"
[site]
name = "Site"
base_url = "https://example.org"

[[target]]
locale = "es"
engines = ["{engine}"]

{more}"""
    (tmp_path / "signoff.toml").write_text(text)
    workspace = load_workspace(tmp_path)
    with Drafters(workspace) as drafters, pytest.raises(EngineError) as told:
        drafters.of(workspace.target(ES))
    assert says in str(told.value) and f"signoff.toml:{line}: " in str(told.value), told.value


def test_after_the_run_nothing_is_opened(make_desk: MakeDesk, stand_in: StandIn) -> None:
    """A thread that still loads when the run ends leaves nothing behind."""
    desk = make_desk({"a.txt": b"One."})
    with Drafters(desk.workspace) as drafters:
        pass
    with pytest.raises(EngineError, match="the run has ended"):
        drafters.of(desk.workspace.target(ES))
