"""The real engine for the tests of this folder."""

from collections.abc import Iterator

import pytest

from pipeline.engines import Missing
from pipeline.engines.apertium import Apertium
from pipeline.model import Locale


@pytest.fixture(scope="session")
def apertium() -> Iterator[Apertium]:
    """Apertium as installed; without it these tests fail, they are never skipped."""
    with Apertium({}) as engine:
        for tag in ("es", "ca", "gl", "pt-BR"):
            if isinstance(answer := engine.serves(Locale.parse("en"), Locale.parse(tag)), Missing):
                pytest.fail(f"{answer.todo} (`make` installs what the tests need)")
        yield engine
