"""`signoff analyze` and `run --dry-run` as they are typed."""

from workspaces import files_below

from cli.command_line import Keyboard


def test_analyze_and_dry_run_print_the_same_and_draft_nothing(keyboard: Keyboard) -> None:
    """A table, the hours with what they assume, the engines with what they cost; and the files asked for."""
    counted = keyboard("analyze", "--to", "es", "--csv", "words.csv", "--html", "words.html")
    assert counted.code == 0
    assert "es: 39 words in 8 segments" in counted.out
    assert "drafts by stand-in: " in counted.out
    assert "Hours assume these words an hour" in counted.out
    assert (keyboard.folder / "words.csv").read_text().startswith("article,locale,kind,")
    assert "<svg" in (keyboard.folder / "words.html").read_text()
    before = files_below(keyboard.folder)
    dry = keyboard("run", "--to", "es", "--dry-run")
    assert (dry.code, dry.out) == (0, counted.out)
    assert files_below(keyboard.folder) == before
    short = keyboard("run", "--to", "es", "--dry-run", "--budget", "10", "--offline", "--engine", "stand-in").out
    assert "about 0.1 s" in short and "the budget of 10 characters ends the run before" in short
    assert "does not name google for es" in keyboard("run", "--dry-run", "--engine", "google").sentence()
    as_json = keyboard("analyze", "pain", "--json").json()
    assert [row["slug"] for row in as_json["rows"]] == ["pain"]
