"""A small site for the tests of publish/: one article in English, Spanish and Arabic, and the ledger that proves it."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pipeline.extract import extract
from pipeline.model import ArticleFormat, Locale, visible_text
from pipeline.publish import (
    Page,
    PageText,
    Review,
    Reviewer,
    SiteInfo,
    SourceFacts,
    render_site,
    source_facts,
    write_release,
)

SLUG = "heart/high-blood-pressure"
ARTICLE = b"""---
title: High blood pressure
description: Why it goes unnoticed, and what to do.
---
# High blood pressure

High blood pressure rarely hurts. That is why it often goes unnoticed for years.

## Treatment

Take `amlodipine 5 mg` **once** a day, as your [doctor](https://example.org/doctor) says. Do *not* stop suddenly.

- Eat less salt.
- Walk every day. ![A pair of shoes](shoes.png)

Call [112](tel:112) if you have chest pain.
"""
SPANISH = (
    "La presión arterial alta",
    "Por qué pasa inadvertida y qué hacer.",
    "La presión arterial alta",
    "La presión arterial alta rara vez duele.",
    "Por eso suele pasar inadvertida durante años.",
    "Tratamiento",
    "Tome <x1/> <b2>una vez</b2> al día, como le diga su <a3>médico</a3>.",
    "<i1>No</i1> lo deje de golpe.",
    "Coma menos sal.",
    "Camine todos los días.",
    "Un par de zapatos",
    "Llame al <a1>112</a1> si le duele el pecho.",
)
EN, ES, AR = Locale.parse("en"), Locale.parse("es"), Locale.parse("ar")
SITE = SiteInfo(name="Clear Health", base_url="https://health.example.org/", source_locale=EN)
REVIEWERS = (Reviewer(name="Ana Ruiz", role="medical linguist"), Reviewer(name="Jordi Puig", role="medical reviewer"))
SKELETON, SEGMENTS = extract(ARTICLE, ArticleFormat.MARKDOWN, slug=SLUG)


def page(locale: Locale, targets: tuple[str, ...] | None = None) -> Page:
    """The sample article in a locale; English when no targets are given."""
    texts = targets or tuple(segment.source for segment in SEGMENTS)
    return Page(
        slug=SLUG,
        locale=locale,
        source_locale=EN,
        skeleton=SKELETON,
        segments=SEGMENTS,
        revision=SKELETON.sha256,
        reviewers=REVIEWERS if targets else (),
        reviewed_on=date(2026, 11, 3) if targets else None,
        updated_on=date(2026, 11, 4),
        texts={
            segment.position: PageText(
                position=segment.position,
                id=segment.id,
                source=segment.source,
                target=text,
                lang=locale,
                state="signed-off" if targets else "source",
                origin="Apertium 3.8.3 eng-spa, post-edited" if targets else "",
                people=("Ana Ruiz, medical linguist, 2026-11-03",) if targets else (),
            )
            for segment, text in zip(SEGMENTS, texts, strict=True)
        },
    )


def arabic(targets: tuple[str, ...] = SPANISH) -> tuple[str, ...]:
    """Stand-in texts for a right-to-left locale: the tags of the Spanish ones, in Arabic letters."""
    return tuple(text.replace("presión", "ضغط").replace("sal", "ملح") for text in targets)


def pages() -> list[Page]:
    """English, Spanish and Arabic."""
    return [page(EN), page(ES, SPANISH), page(AR, arabic())]


@dataclass
class SampleLedger:
    """What people signed, for `verify_site`: exactly the texts of some pages."""

    signed: list[Page] = field(default_factory=pages)
    site_name: str = SITE.name
    base_url: str = SITE.base_url
    demo: bool = False
    source_locale: Locale = EN

    def _texts(self, locale: Locale) -> dict[str, str]:
        return {
            text.id: visible_text(text.target)
            for one in self.signed
            if one.locale == locale
            for text in one.texts.values()
        }

    def proven(self, slug: str, target_locale: Locale, unit_id: str, visible: str) -> str | None:
        signed = slug == SLUG and self._texts(target_locale).get(unit_id) == visible
        return None if signed else "nobody signed this text"

    def source_text(self, slug: str, unit_id: str) -> str | None:
        return self._texts(EN).get(unit_id)

    def expected(self, slug: str, target_locale: Locale) -> tuple[str, ...]:
        return tuple(segment.id for segment in SEGMENTS)

    def facts(self, slug: str, target_locale: Locale) -> SourceFacts:
        return source_facts(SKELETON)

    def review(self, slug: str, target_locale: Locale) -> Review:
        if target_locale == EN:
            return Review()
        return Review(reviewers=frozenset((who.name, who.role) for who in REVIEWERS), reviewed_on=date(2026, 11, 3))


def build_site(out: Path, *, demo: bool = False, preview: bool = False) -> Path:
    """The sample site on disk."""
    write_release(render_site(pages(), replace(SITE, demo=demo), preview=preview), out)
    return out


def seal(site: Path) -> None:
    """Make `release.json` agree with what lies on the disk: what somebody who tampers with pages would do, too."""
    manifest = json.loads((site / "release.json").read_text())
    manifest["files"] = {
        name: hashlib.sha256((site / name).read_bytes()).hexdigest()
        for name in manifest["files"]
        if (site / name).exists()
    }
    manifest["pages"] = [
        entry | {"sha256": manifest["files"][entry["path"]]}
        for entry in manifest["pages"]
        if entry["path"] in manifest["files"]
    ]
    (site / "release.json").write_text(json.dumps(manifest))
