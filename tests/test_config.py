"""signoff.toml: every mistake is an error with its line, nothing is silently ignored."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.allowance import Allowance
from pipeline.config import find_workspace, load_workspace
from pipeline.errors import ConfigError
from pipeline.personal_data import Privacy
from review.roster import roster_of

GOOD = """\
source_locale = "en"
policy = "medical-2026-1"

[site]
name = "Site"
base_url = "https://example.org"

[[target]]
locale = "es"
engines = ["apertium"]

[[target]]
locale = "pt-br"
articles = ["heart/*", "pain"]

[[furniture]]
text = "Share"

[headings]
are = ["At home"]

[engine.apertium]
data = "somewhere"

[[person]]
id = "ana"
name = "Ana"
roles = ["linguist"]
locales = ["es"]
[[person.qualification]]
basis = "MA"
verified_by = "bea"
valid_from = 2026-01-01
valid_to = 2027-01-01
"""


def test_settings_of_engines_are_read(tmp_path: Path) -> None:
    """A table within an engine's is flat for the engine; a relative folder is below the workspace."""
    more = (
        '[engine.neural]\nmodels = "../models"\n[engine.neural.token]\npt-BR = ">>pob<<"\n'
        '[engine.deepl]\nmodes = "/opt/modes"\n'
    )
    settings = load_workspace(write(tmp_path, GOOD + more)).settings.engine_settings
    assert settings["neural"] == {"models": str(tmp_path / ".." / "models"), "token.pt-BR": ">>pob<<"}
    assert settings["deepl"] == {"modes": "/opt/modes"}
    with pytest.raises(ConfigError, match=r"pt-BR must be a text in quotes"):
        load_workspace(write(tmp_path, GOOD + more.replace('">>pob<<"', "1")))


def write(folder: Path, text: str | bytes) -> Path:
    (folder / "signoff.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_a_good_file_is_read(tmp_path: Path) -> None:
    """Tags are canonical, addresses end with a slash, patterns say which articles go where."""
    workspace = load_workspace(write(tmp_path, GOOD))
    es, pt = workspace.settings.targets
    assert (es.locale.tag, pt.locale.tag, pt.engines) == ("es", "pt-BR", ("apertium",))
    assert workspace.settings.base_url == "https://example.org/"
    assert [pt.takes(slug) for slug in ("heart/attack", "pain", "painful", "sleep")] == [True, True, False, False]
    assert roster_of(workspace)["ana"].qualifications[0].valid_to is not None


def test_engines_are_told_texts_and_allowed_numbers(tmp_path: Path) -> None:
    """What an engine may spend is kept apart from what it is told; numbers need no quotes."""
    spends = (
        "[engine.deepl]\nbudget = 5_000\nprice_per_million_characters = 20\nrequests_per_minute = 0.5\nin_flight = 2"
    )
    more = f'{spends}\ntimeout_s = 30\nformality = "less"\n[privacy]\npersonal_data = "refuse"\nallow = ["988"]\n'
    settings = load_workspace(write(tmp_path, GOOD + more)).settings
    assert settings.engine_settings["deepl"] == {"timeout_s": "30", "formality": "less"}
    assert settings.allowances["deepl"] == Allowance(
        budget=5_000, price_per_million_characters=20, requests_per_minute=0.5, in_flight=2
    )
    assert settings.allowances["apertium"] == Allowance()
    assert settings.privacy == Privacy(refuse=True, allow=("988",))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("[engine.deepl]\nbudget = 1.5", "budget must be a whole number from 0 on, without quotes, found 1.5"),
        ("[engine.deepl]\nbudget = -1", "budget must be a whole number from 0 on, without quotes, found -1"),
        ('[engine.deepl]\nbudget = "5"', "budget must be a whole number"),
        ("[engine.deepl]\nbudget = true", "budget must be a whole number"),
        ("[engine.deepl]\nrequests_per_minute = 0", "must be a number above 0"),
        ("[engine.deepl]\nprice_per_million_characters = nan", "must be a number from 0 on"),
        ("[engine.deepl]\nin_flight = 0", "in_flight must be a whole number above 0"),
        ('[privacy]\npersonal_data = "no"', 'personal_data must be "warn" or "refuse"'),
        ("[privacy]\nallowed = []", "did you mean allow?"),
    ],
)
def test_what_engines_may_spend_is_checked(tmp_path: Path, lines: str, says: str) -> None:
    """A budget that means nothing would be no budget."""
    with pytest.raises(ConfigError) as caught:
        load_workspace(write(tmp_path, f"{GOOD}{lines}\n"))
    assert says in str(caught.value) and caught.value.line == GOOD.count("\n") + 2


MISTAKES = [
    ("an unknown key", ("policy =", "polisy ="), 2, "unknown key 'polisy'; did you mean policy?"),
    ("an unknown key that looks like nothing", ("policy =", "zzz ="), 2, "unknown key 'zzz'; known here: "),
    ("an unknown key in a table", ("base_url =", "demmo = true\nbase_url ="), 6, "did you mean demo?"),
    ("an unknown key in the second table of a list", ("articles =", "article ="), 14, "did you mean articles?"),
    ("an unknown table", ("[headings]", "[heading]"), 19, "unknown key 'heading'; did you mean headings?"),
    ("a number for a text", ('name = "Site"', "name = 7"), 5, "name must be a text in quotes, found 7"),
    ("a text for a flag", ("base_url =", 'demo = "yes"\nbase_url ='), 6, "demo must be true or false, found 'yes'"),
    ("a text for a list", ('engines = ["apertium"]', 'engines = "apertium"'), 10, "engines must be a list"),
    ("a number in a list", ('engines = ["apertium"]', "engines = [1]"), 10, "engines must hold texts in quotes only"),
    ("a table for a list of tables", ("[[furniture]]", "[furniture]"), 16, "furniture must be tables [[furniture]]"),
    ("a list of tables for a table", ("[site]", "[[site]]"), 4, "site must be a table [site]"),
    ("a locale that does not exist", ('"pt-br"', '"xx-YY"'), 13, "unknown locale 'xx-YY'"),
    ("a locale as gettext writes it", ('"pt-br"', '"pt_BR"'), 13, "write a BCP 47 tag"),
    ("a broken pattern", ('text = "Share"', 'text = "Share("'), 17, "not a regular expression"),
    ("a rule that says nothing", ('text = "Share"', "to_end = true"), None, "needs either text or element"),
    ("a rule that says two things", ('text = "Share"', 'text = "Share"\nelement = "nav"'), 17, "needs either"),
    ("a relative address", ("https://example.org", "example.org"), 6, "base_url must be an absolute address"),
    ("an address with a query", ("https://example.org", "https://example.org/?a=1"), 6, "must be an absolute address"),
    ("no name", ('name = "Site"\n', ""), 5, "[site] needs name = a text in quotes"),
    ("a locale twice", ('"pt-br"', '"es"'), None, "locale es is named twice"),
    ("an engine twice", ('["apertium"]', '["apertium", "apertium"]'), 10, "apertium is named twice"),
    ("settings of no engine", ("[engine.apertium]", "[engine.apertum]"), 22, "no engine 'apertum'; did you mean aper"),
    ("the source as a target", ('"pt-br"', '"en"'), None, "locale en is named twice"),
    ("no TOML", ("[headings]", "[headings"), 19, "not valid TOML"),
    ("a key twice", ('name = "Site"', 'name = "Site"\nname = "Other"'), None, "not valid TOML"),
]


@pytest.mark.parametrize(
    ("change", "line", "says"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, change: tuple[str, str], line: int | None, says: str) -> None:
    """Where it stands, what is wrong, and what was meant, if that can be guessed."""
    assert change[0] in GOOD
    with pytest.raises(ConfigError) as told:
        load_workspace(write(tmp_path, GOOD.replace(change[0], change[1], 1)))
    assert says in str(told.value)
    if line is not None:
        assert told.value.line == line, str(told.value)
        assert f"signoff.toml:{line}: " in str(told.value)


PEOPLE = [
    ("a date in quotes", ("valid_from = 2026-01-01", 'valid_from = "2026-01-01"'), 33, "without quotes"),
    ("a date with a time", ("valid_from = 2026-01-01", "valid_from = 2026-01-01T00:00:00Z"), 33, "must be a date"),
    ("no date", ("valid_from = 2026-01-01\n", ""), None, "needs valid_from"),
    ("an unknown role", ('["linguist"]', '["linguists"]'), 28, "unknown role 'linguists'"),
    ("a locale that does not exist", ('locales = ["es"]', 'locales = ["zz"]'), 29, "unknown locale 'zz'"),
    ("no locales", ('locales = ["es"]\n', ""), None, "needs locales"),
    ("an unknown key", ('name = "Ana"', 'name = "Ana"\nrole = "x"'), 28, "did you mean roles?"),
    ("an unknown key of a qualification", ("basis =", "basiss ="), None, "needs basis"),
    ("a stand-in", ('name = "Ana"', 'name = "Ana"\nstand_in = true'), 28, "only a workspace with [site] demo = true"),
]


@pytest.mark.parametrize(("change", "line", "says"), [case[1:] for case in PEOPLE], ids=[case[0] for case in PEOPLE])
def test_a_mistake_about_a_person_is_named_with_its_line(
    tmp_path: Path, change: tuple[str, str], line: int | None, says: str
) -> None:
    """Who may sign is read as strictly as the rest."""
    assert change[0] in GOOD
    workspace = load_workspace(write(tmp_path, GOOD.replace(change[0], change[1], 1)))
    with pytest.raises(ConfigError) as told:
        roster_of(workspace)
    assert says in str(told.value)
    if line is not None:
        assert told.value.line == line, str(told.value)


def test_a_person_twice_is_an_error(tmp_path: Path) -> None:
    """Nobody can know whose qualifications count."""
    person = GOOD[GOOD.index("[[person]]") :]
    with pytest.raises(ConfigError, match="person 'ana' is there twice") as told:
        roster_of(load_workspace(write(tmp_path, GOOD + person)))
    assert told.value.line == 36


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: None, "not found: run `signoff init`"),
        (lambda folder: write(folder, GOOD.encode("utf-16")), "is not UTF-8"),
        (lambda folder: write(folder, b"name = '\xe9'"), "is not UTF-8"),
        (lambda folder: write(folder, b""), "needs base_url"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, make: Callable[[Path], object], says: str) -> None:
    """Missing, in another encoding, or empty: a sentence, no traceback."""
    make(tmp_path)
    with pytest.raises(ConfigError, match=says):
        load_workspace(tmp_path)


def test_the_workspace_is_found_from_below(tmp_path: Path) -> None:
    """A command works anywhere inside of a workspace."""
    (tmp_path / "locales" / "es").mkdir(parents=True)
    write(tmp_path, GOOD)
    assert find_workspace(tmp_path / "locales" / "es") == tmp_path


def test_outside_of_a_workspace_the_way_in_is_named(tmp_path: Path) -> None:
    """`signoff init` or `--workspace`."""
    with pytest.raises(ConfigError, match="run `signoff init` or name --workspace"):
        find_workspace(tmp_path)


PROTECT = [
    ('name = "Digital Health Buzz!"', None),
    (r"pattern = 'AB-\d{4}'", None),
    ("", "has either a name or a pattern"),
    ('name = "A"\npattern = "B"', "has either a name or a pattern"),
    ("pattern = 'A+'", "'+' is not allowed in a pattern: write bounds, such as {1,20}"),
    ("pattern = '(a|b|c){1,9}'", "make its bounds narrower"),
    ("pattern = 'a?'", "must match at least one character"),
    ("pattern = '(a'", "not a regular expression"),
    ('text = "A"', "unknown key 'text'"),
]


@pytest.mark.parametrize(("lines", "says"), PROTECT)
def test_what_to_protect_is_read_and_never_slow(tmp_path: Path, lines: str, says: str | None) -> None:
    """A name as it is written, or a bounded pattern; a mistake is named with its line."""
    write(tmp_path, f"{GOOD}\n[[protect]]\n{lines}\n")
    if says is None:
        (rule,) = load_workspace(tmp_path).settings.rules.protect
        assert rule.name == "Digital Health Buzz!" or rule.pattern == r"AB-\d{4}"
        return
    with pytest.raises(ConfigError) as told:
        load_workspace(tmp_path)
    assert says in str(told.value)
    assert told.value.line == (37 if lines else 36), str(told.value)
