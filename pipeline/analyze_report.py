"""An Analysis for others: JSON for programs, CSV for a spreadsheet, a page with a picture for a budget meeting.

Takes   an Analysis
Gives   a JSON value; CSV text; an HTML page that loads nothing, runs nothing and prints well
"""

import csv
import io
from typing import Any

from jinja2 import Environment

from pipeline.analyze import SECOND_PERSON, Analysis, Count, Kind, Row
from pipeline.run_report import duration

NAMES = {
    Kind.IN_HAND: "a person's text is there",
    Kind.IN_CONTEXT: "exact, in context",
    Kind.EXACT: "exact",
    Kind.REPETITION: "repetition",
    Kind.FROM_95: "95-99 %",
    Kind.FROM_85: "85-94 %",
    Kind.FROM_75: "75-84 %",
    Kind.NEW: "new",
}
_COLOURS = {
    Kind.IN_HAND: "#d9d9d9",
    Kind.IN_CONTEXT: "#1a6b3c",
    Kind.EXACT: "#2e9e5b",
    Kind.REPETITION: "#93d2a8",
    Kind.FROM_95: "#fce38a",
    Kind.FROM_85: "#f6b93b",
    Kind.FROM_75: "#e58e26",
    Kind.NEW: "#b33939",
}
_WIDTH = 640


def as_json(analysis: Analysis) -> dict[str, Any]:
    """The value that `signoff analyze --json` prints."""
    return {
        "rows": [_row(row) for row in analysis.rows],
        "totals": [_row(row) for row in analysis.totals],
        "engines": [
            {
                "engine": cost.engine,
                "locale": cost.locale,
                "segments": cost.segments,
                "characters": cost.characters,
                "seconds": cost.seconds,
                "price_per_million_characters": cost.price,
                "cost": cost.cost,
                "todo": cost.todo,
            }
            for cost in analysis.costs
        ],
        "words_per_hour": dict(analysis.words_per_hour),
        "currency": analysis.currency,
        "refused": list(analysis.refused),
    }


def _row(row: Row) -> dict[str, Any]:
    def count(value: Count) -> dict[str, int]:
        return {"segments": value.segments, "words": value.words, "characters": value.characters}

    return {
        "slug": row.slug,
        "locale": row.locale,
        "kinds": {kind.value: count(row.kinds[kind]) for kind in Kind},
        "total": count(row.total),
        "critical_words": row.critical_words,
        "to_draft": row.to_draft,
        "hours": row.hours,
    }


def as_csv(analysis: Analysis) -> str:
    """One line for each article, locale and kind; the totals are for the spreadsheet to make."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    writer.writerow(["article", "locale", "kind", "segments", "words", "characters"])
    for row in analysis.rows:
        # A spreadsheet takes what begins so for a formula.
        slug = f"'{row.slug}" if row.slug[:1] in "=+-@" else row.slug
        for kind in Kind:
            count = row.kinds[kind]
            writer.writerow([slug, row.locale, kind.value, count.segments, count.words, count.characters])
    return out.getvalue()


def assumptions(analysis: Analysis) -> str:
    """How the hours were estimated, in words."""
    speeds = ", ".join(
        f"{NAMES[kind]} {analysis.words_per_hour[kind]:,.0f}" for kind in Kind if kind is not Kind.IN_HAND
    )
    return (
        f"Hours assume these words an hour for the person who corrects and signs: {speeds}; and "
        f"{analysis.words_per_hour[SECOND_PERSON]:,.0f} for the second person, who reads what is critical. "
        "[analyze.words_per_hour] in signoff.toml sets your own."
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ site }}: words before translation</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem }
td, th { padding: .2rem .6rem; text-align: start; vertical-align: top }
th { border-bottom: 1px solid } .n { text-align: end; font-variant-numeric: tabular-nums }
tr.sum td { border-top: 1px solid; font-weight: 600 }
.key { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 .9rem }
svg { max-width: 100%; height: auto } .small { font-size: .85rem; color: #555 }
@media print { body { margin: 0; max-width: none; font-size: 11pt } * { print-color-adjust: exact }
  h2 { break-after: avoid } tr, svg { break-inside: avoid } }
</style></head><body>
<h1>{{ site }}: what there is to translate and review</h1>
<svg viewBox="0 0 {{ width + 180 }} {{ 34 * bars|length + 6 }}" width="{{ width + 180 }}" role="img"
 aria-label="Words by kind of match, a bar for each language">
{% for bar in bars %}<g transform="translate(0 {{ 34 * loop.index0 }})">
<text x="60" y="20" text-anchor="end" font-size="15">{{ bar.locale }}</text>
{% for part in bar.parts %}<rect x="{{ 70 + part.x }}" y="3" width="{{ part.width }}" height="24"
 fill="{{ part.fill }}"><title>{{ part.name }}: {{ "{:,}".format(part.words) }} words</title></rect>
{% endfor %}<text x="{{ 78 + bar.end }}" y="20" font-size="13">{{ "{:,}".format(bar.words) }} words</text></g>
{% endfor %}</svg>
<p>{% for kind in kinds %}<span class="key" style="background: {{ colours[kind] }}"></span>{{ names[kind] }}
{% endfor %}</p>
{% for total in a.totals %}<h2>{{ total.locale }}</h2>
<p>About <strong>{{ "{:,.1f}".format(total.hours) }} hours</strong> of review. {{ "{:,}".format(total.critical_words) }}
words are critical and need a second person.
{% for cost in a.costs if cost.locale == total.locale %}Drafts by {{ cost.engine }}:
{{ "{:,}".format(cost.segments) }} sentences, {{ "{:,}".format(cost.characters) }} characters,
{% if cost.seconds is not none %}about {{ duration(cost.seconds) }},{% endif %}
{% if cost.cost is none %}price not known{% else %}{{ "{:,.2f}".format(cost.cost) }}{{ " " if a.currency
}}{{ a.currency }}{% endif %}.
{% if cost.todo %}<strong>Not as things are: {{ cost.todo }}.</strong>
{% endif %}{% endfor %}</p>
<table><tr><th>article</th>{% for kind in kinds %}<th class="n">{{ names[kind] }}</th>{% endfor %}
<th class="n">words</th><th class="n">hours</th></tr>
{% for row in a.rows if row.locale == total.locale %}<tr><td>{{ row.slug }}</td>
{% for kind in kinds %}<td class="n">{{ "{:,}".format(row.kinds[kind].words) }}</td>{% endfor %}
<td class="n">{{ "{:,}".format(row.total.words) }}</td><td class="n">{{ "{:,.1f}".format(row.hours) }}</td></tr>
{% endfor %}<tr class="sum"><td>all</td>
{% for kind in kinds %}<td class="n">{{ "{:,}".format(total.kinds[kind].words) }}</td>{% endfor %}
<td class="n">{{ "{:,}".format(total.total.words) }}</td><td class="n">{{ "{:,.1f}".format(total.hours) }}</td></tr>
</table>{% endfor %}
{% if a.refused %}<h2>Articles that could not be read</h2><ul>{% for line in a.refused %}<li>{{ line }}</li>{% endfor %}
</ul>{% endif %}
<p class="small">{{ assumptions }} A word is what stands between blanks and has a letter or a digit. A segment is
counted once in each language, in the first kind that fits, from left to right.</p>
</body></html>
"""


def as_html(analysis: Analysis, site: str) -> str:
    """The page: a bar for each locale, then its articles."""
    most = max((total.total.words for total in analysis.totals), default=0) or 1
    page = Environment(autoescape=True).from_string(_PAGE)
    return page.render(
        a=analysis,
        site=site,
        bars=[_bar(total, most) for total in analysis.totals],
        kinds=list(Kind),
        names=NAMES,
        colours=_COLOURS,
        width=_WIDTH,
        assumptions=assumptions(analysis),
        duration=duration,
    )


def _bar(total: Row, most: int) -> dict[str, Any]:
    parts, x = [], 0.0
    for kind in Kind:
        words = total.kinds[kind].words
        width = _WIDTH * words / most
        if words:
            parts.append(
                {
                    "x": round(x, 1),
                    "width": round(width, 1),
                    "fill": _COLOURS[kind],
                    "name": NAMES[kind],
                    "words": words,
                }
            )
        x += width
    return {"locale": total.locale, "parts": parts, "end": round(x, 1), "words": total.total.words}
