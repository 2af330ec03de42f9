"""The direction of the house: signoff → review → pipeline, never back."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "pipeline": {"pipeline"},
    "review": {"review", "pipeline"},
    "signoff": {"signoff", "review", "pipeline"},
}
MODULES = [path.relative_to(ROOT) for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside of functions; relative imports made absolute."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            yield ".".join((*above, *([node.module] if node.module else [])))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_point_one_way(module: Path) -> None:
    """A package imports only itself and what is below it."""
    ours = {name for name in imported(ROOT / module) if name.split(".")[0] in MAY_IMPORT}
    assert {name.split(".")[0] for name in ours} <= MAY_IMPORT[module.parts[0]]


def test_the_nouns_import_nothing_but_the_errors() -> None:
    """pipeline/model.py stands on its own, and pipeline/errors.py on nothing of ours."""
    of_model = {name for name in imported(ROOT / "pipeline/model.py") if name.split(".")[0] in MAY_IMPORT}
    of_errors = {name for name in imported(ROOT / "pipeline/errors.py") if name.split(".")[0] in MAY_IMPORT}
    assert (of_model, of_errors) == ({"pipeline.errors"}, set())
