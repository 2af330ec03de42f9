"""Save a PO file with Weblate's own code, as its server does when a translator's work is committed.

Takes   the path of a PO file; on stdin the steps as JSON: [[id, source, act, text], …] (see reviewing.py). Started with
        the Python of an environment that has Weblate, by test_weblate.py
Gives   the file, saved by weblate.formats.ttkit.PoFormat
Source  weblate/trans/models/translation.py, update_units: these are its calls, without database and web server
"""

import json
import os
import sys
from datetime import UTC, datetime
from unittest.mock import MagicMock


def main(path: str) -> None:
    """Do the steps and save."""
    for name in ("cairo", "gi", "gi.repository"):  # it draws badges with these; they must be compiled
        sys.modules[name] = MagicMock()
    import weblate.settings_example as settings

    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    settings.DATA_DIR = os.environ["HOME"]
    settings.SITE_DOMAIN = "weblate.test.example"
    os.environ["DJANGO_SETTINGS_MODULE"] = "weblate.settings_example"
    import django

    django.setup()
    from weblate.formats.ttkit import PoFormat
    from weblate.utils.state import STATE_EMPTY, STATE_TRANSLATED

    store = PoFormat(path)
    for id_, source, act, text in json.load(sys.stdin):
        if act == "LEAVE":
            continue
        unit, _ = store.find_unit(id_, source)
        target = text if act in ("REWRITE", "EMPTY") else unit.target
        unit.set_target(target)
        unit.set_explanation("")
        unit.set_source_explanation("")
        unit.set_state(STATE_TRANSLATED if target else STATE_EMPTY)
    store.update_header(
        last_translator="Ana <ana@example.org>",
        plural_forms="nplurals=2; plural=n != 1;",
        language="es",
        PO_Revision_Date=datetime.now(tz=UTC).strftime("%Y-%m-%d %H:%M%z"),
    )
    store.save()


if __name__ == "__main__":
    main(sys.argv[1])
