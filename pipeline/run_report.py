"""The run report: what a run did, as a page that a content lead can read or send on.

Takes   a RunReport
Gives   HTML; run_history.py writes it
Always  the page loads nothing and runs nothing; all that comes from articles and engines is escaped; light or dark as
        the reader's screen is, and printable. No template language: loading one takes longer than writing the page
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from pipeline.report import EngineTally, LocaleReport, RunReport
from pipeline.wording import many

MOST_WORDS, MOST_ROWS = 60, 200
"""How many words, and rows of any other list, the page has; `run.json` has all."""
BAR = 560
"""Pixels of the longest bar."""
PARTS = (
    ("unchanged", "had a text already"),
    ("from_memory", "from memory"),
    ("drafted", "drafted now"),
    ("over_budget", "left: the budget was used up"),
    ("failed", "no draft"),
)
"""What becomes of a unit: the name of the count in LocaleReport, which is its colour's too, and how people read it."""

_STYLE = """
:root { color-scheme: light dark; --page: #fbfaf7; --card: #fff; --ink: #23211d; --soft: #6b665c; --line: #e2ded4;
  --unchanged: #c9c4b8; --from_memory: #3f8f6b; --drafted: #2f6fb3; --over_budget: #d9a13b; --failed: #c2452d;
  --warn: #fdf3dc; --warn-line: #d9a13b }
@media (prefers-color-scheme: dark) { :root { --page: #191816; --card: #23221f; --ink: #ece8df; --soft: #a49e91;
  --line: #3a3833; --unchanged: #5d594f; --from_memory: #5bb58c; --drafted: #6aa5e3; --over_budget: #e0b45c;
  --failed: #e4735c; --warn: #332b1a; --warn-line: #8a6a2c } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem 4rem;
  background: var(--page); color: var(--ink) }
h1 { font-size: 1.7rem; margin: 0 } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem }
p { margin: .4rem 0; max-width: 46rem } .soft { color: var(--soft) } small, .small { font-size: .85rem }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem;
  min-width: 8rem; flex: 1 }
.tile b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; font-weight: 600 }
.warn { background: var(--warn); border: 1px solid var(--warn-line); border-radius: .5rem; padding: .6rem 1rem;
  margin: 1.25rem 0 } .warn ul { margin: .3rem 0; padding-left: 1.2rem }
.scroll { overflow-x: auto } table { border-collapse: collapse; margin: .5rem 0; width: 100%; font-size: .92rem }
td, th { padding: .3rem .6rem; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: 600; white-space: nowrap } .n { text-align: end; white-space: nowrap;
  font-variant-numeric: tabular-nums } .id { font-family: ui-monospace, monospace; font-size: .82rem }
svg { display: block; max-width: 100%; height: auto } text { fill: var(--ink); font: 14px system-ui, sans-serif }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; margin: 0 .35rem 0 1rem }
.key:first-child { margin-left: 0 } .words td { border: 0; padding: .12rem .6rem } .words td:first-child {
  white-space: nowrap } .words svg { margin-top: .35rem } summary { cursor: pointer; color: var(--soft) }
@media print { body { background: none; padding: 0; max-width: none; font-size: 11pt }
  * { print-color-adjust: exact } h2 { break-after: avoid } tr, svg, .tile { break-inside: avoid } }
""" + "\n".join(f".{name} {{ fill: var(--{name}); background: var(--{name}) }}" for name, _ in PARTS)

_PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><style>{style}</style></head><body>
<h1>{title}</h1>
<p class="soft">{under}</p>
{body}
</body></html>
""")


def as_html(report: RunReport, site: str, currency: str = "") -> str:
    """The page: what it came to, what needs somebody, then the details."""
    locales = {tag: here for tag, here in report.by_locale.items() if _units(here)}
    parts = [_tiles(report, currency), _attention(report)]
    if locales:
        parts += [_picture(locales), _engines(locales, currency), _words(locales), _guards(locales)]
    parts += [_failed(report), _personal_data(report), _changes(report), _files(report)]
    articles, languages = many(report.articles, "article"), many(report.locales, "language")
    under = f"{_when(report)}. {articles} in {languages}, {many(report.segments, 'sentence')}."
    return page(f"{site}: the last run", under, parts)


def page(title: str, under: str, parts: Iterable[Markup]) -> str:
    """A page of a title, a line below it, and parts that are escaped already."""
    style = Markup(_STYLE)  # noqa: S704 - our own
    return _PAGE.format(title=title, under=under, style=style, body=_joined(parts))


def _when(report: RunReport) -> str:
    began = report.started.replace("T", ", ").replace("+00:00", " UTC")
    return f"Began {began}, took {duration(report.seconds)}" if began else f"Took {duration(report.seconds)}"


def _tiles(report: RunReport, currency: str) -> Markup:
    """The few figures that somebody asks for first."""
    tiles = [
        (f"{report.drafted:,}", "drafted now"),
        (f"{report.from_memory:,}", "from memory"),
        (f"{report.unchanged:,}", "had a text already"),
        (f"{len(report.failed):,}", "no draft"),
        (f"{report.characters:,}", "characters sent to engines"),
    ]
    if report.repaired or report.with_errors:
        tiles.append((f"{report.repaired:,}", "drafts repaired"))
        tiles.append((f"{report.with_errors:,}", "drafts with an error, for their reviewers"))
    if report.over_budget:
        tiles.append((f"{report.over_budget:,}", "left, because the budget was used up"))
    if report.cost is not None:
        tiles.append((_money(report.cost, currency), "cost, by the prices in signoff.toml"))
    shown = (Markup('<div class="tile"><b>{}</b>{}</div>').format(figure, what) for figure, what in tiles)
    said = Markup('<p class="soft">A draft is a machine\'s text that nobody has read. It is never published.</p>')
    return Markup('<div class="tiles">{}</div>{}').format(_joined(shown), said)


def _attention(report: RunReport) -> Markup:
    """What waits for somebody; nothing where nothing does."""
    kept = sum(not found.sent for found in report.personal_data)
    lines = [
        *report.broken,
        *(f"Not read: {sentence}" for sentence in report.refused),
        *(f"Edited in place, left alone: {path}. Take it back with signoff import." for path in report.edited),
    ]
    if report.over_budget:
        lines.append(f"The budget was used up: {many(report.over_budget, 'sentence')} left for the next run.")
    if report.personal_data:
        lines.append(
            f"{many(len(report.personal_data), 'text')} held what looks like personal data; {kept} of them kept here."
        )
    if not lines:
        return Markup()
    return Markup('<div class="warn"><b>Needs somebody</b>{}</div>').format(_list(lines))


def _picture(locales: dict[str, LocaleReport]) -> Markup:
    """A bar for each locale: what became of its units."""
    most = max(map(_units, locales.values()))
    bars, row = [], 34
    for line, (tag, here) in enumerate(locales.items()):
        x, pieces = 90.0, []
        for name, what in PARTS:
            if count := getattr(here, name):
                width = BAR * count / most
                piece = Markup('<rect class="{}" x="{:.1f}" y="4" width="{:.1f}" height="24"><title>{}</title></rect>')
                pieces.append(piece.format(name, x, max(width, 1.0), f"{what}: {count:,}"))
                x += width
        bar = Markup('<g transform="translate(0 {})"><text x="80" y="21" text-anchor="end">{}</text>{}{}</g>')
        count_text = Markup('<text x="{:.1f}" y="21">{}</text>').format(x + 8, f"{_units(here):,}")
        bars.append(bar.format(line * row, tag, _joined(pieces), count_text))
    used = [(name, what) for name, what in PARTS if any(getattr(here, name) for here in locales.values())]
    legend = (Markup('<span class="key {}"></span>{}').format(name, what) for name, what in used)
    return Markup(
        '<h2>What became of the sentences</h2><svg viewBox="0 0 {w} {h}" width="{w}" role="img" '
        'aria-label="Sentences by what became of them, a bar for each language">{bars}</svg><p class="small">{key}</p>'
    ).format(w=90 + BAR + 90, h=row * len(bars), bars=_joined(bars), key=_joined(legend))


def _engines(locales: dict[str, LocaleReport], currency: str) -> Markup:
    """A row for each locale and engine."""
    headings = ("language", "by", "drafts#", "no draft#", "refused by guards#", "calls#", "characters#", "cost#")
    rows = []
    for tag, here in locales.items():
        for name, tally in here.engines.items():
            rows.append((tag, name, *_engine_cells(tally, currency)))
        if here.from_memory:
            rows.append((tag, "memory (signed earlier)", f"{here.from_memory:,}", *[""] * 7))
    if not rows:
        return Markup()
    note = (
        "Time is spent in calls, all added up. A draft may serve several sentences, or have been made by a run that "
        "was stopped, and is sent only once. What one engine did not draft, the next in the list was asked for."
    )
    rows_shown = table((*headings, "time#", "sentences/s#"), rows)
    return Markup('<h2>Engines</h2>{}<p class="small soft">{}</p>').format(rows_shown, note)


def _engine_cells(tally: EngineTally, currency: str) -> tuple[str, ...]:
    rate = f"{tally.drafted / tally.seconds:,.0f}" if tally.calls and tally.seconds else ""
    return (
        f"{tally.drafted:,}",
        f"{sum(tally.failed.values()):,}",
        f"{sum(tally.guards.values()):,}",
        f"{tally.calls:,}",
        f"{tally.characters:,}",
        "" if tally.cost is None else _money(tally.cost, currency),
        duration(tally.seconds) if tally.calls else "",
        rate,
    )


def _words(locales: dict[str, LocaleReport]) -> Markup:
    """The words that stayed English, the most frequent first: a column for each locale, a bar for all together."""
    by_locale = {tag: words for tag, here in locales.items() if (words := here.words())}
    ids: dict[str, list[str]] = {}
    for words in by_locale.values():
        for word, found in words.items():
            ids.setdefault(word, []).extend(found)
    if not ids:
        return Markup()
    ordered = sorted(ids, key=lambda word: (-len(ids[word]), word))
    most = len(ids[ordered[0]])
    row = Markup(
        '<tr><td><bdi lang="en">{}</bdi></td>{}<td><svg width="160" height="12" aria-hidden="true">'
        '<rect class="drafted" width="{:.1f}" height="12" rx="2"/></svg></td><td class="id soft">{}</td></tr>\n'
    )
    count = Markup('<td class="n">{}</td>')
    rows = [
        row.format(
            word,
            _joined(count.format(len(words[word]) if word in words else "") for words in by_locale.values()),
            max(160 * len(ids[word]) / most, 1.0),
            ids[word][0],
        )
        for word in ordered[:MOST_WORDS]
    ]
    more = f" These are the {MOST_WORDS} most frequent; run.json has all." if len(ordered) > MOST_WORDS else ""
    return Markup(
        "<h2>Words that stayed English</h2><p>{count}, in so many sentences of each language. What is worth it goes "
        "into the termbase, and the next drafts use it; names that stay as they are belong there as well.{more}</p>"
        '<div class="scroll"><table class="words"><tr><th>word</th>{tags}<th></th><th>such as</th></tr>\n'
        "{rows}</table></div>"
    ).format(
        count=many(len(ordered), "word"),
        more=more,
        tags=_joined(Markup('<th class="n">{}</th>').format(tag) for tag in by_locale),
        rows=_joined(rows),
    )


def _guards(locales: dict[str, LocaleReport]) -> Markup:
    """What guards said: drafts that they refused, and doubts that a reviewer reads."""
    rows = [
        (tag, name, guard, "refused", f"{times:,}")
        for tag, here in locales.items()
        for name, tally in here.engines.items()
        for guard, times in _most_first(tally.guards)
    ]
    rows += [
        (tag, "", kind, "doubt", f"{times:,}")
        for tag, here in locales.items()
        for kind, times in here.kinds_of_doubt().most_common()
    ]
    rows += [
        (tag, name, reason, "no draft", f"{times:,}")
        for tag, here in locales.items()
        for name, tally in here.engines.items()
        for reason, times in _most_first(tally.failed)
    ]
    if not rows:
        return Markup()
    note = (
        "Refused: what the engine gave was no draft; the next engine was asked, or a person translates. "
        "Doubt: the draft stands, and its reviewer reads why to look twice."
    )
    rows_shown = table(("language", "engine", "what", "became", "sentences#"), rows)
    return Markup('<h2>What guards and engines said</h2>{}<p class="small soft">{}</p>').format(rows_shown, note)


def _failed(report: RunReport) -> Markup:
    rows = [(failed.id, failed.locale, failed.reason) for failed in report.failed]
    return _section("No draft: a person translates", ("unit", "language", "why"), rows)


def _personal_data(report: RunReport) -> Markup:
    rows = [
        (found.id, ", ".join(found.what), found.engine, "was sent there" if found.sent else "was kept from it")
        for found in report.personal_data
    ]
    return _section("Looks like personal data", ("unit", "holds", "engine", ""), rows)


def _changes(report: RunReport) -> Markup:
    rows = [
        (
            f"{change.slug}{' (new)' if change.first else ''}",
            change.locale,
            *(
                f"{count:,}" if count else ""
                for count in (
                    change.edited,
                    change.new,
                    change.moved,
                    change.restored,
                    change.deleted,
                    change.unchanged,
                    change.review_words,
                    change.confirm_words,
                )
            ),
        )
        for change in report.changes
    ]
    counts = ("edited#", "new#", "moved#", "back#", "deleted#", "unchanged#", "words to review#", "words to confirm#")
    note = (
        "Sentences, against the file that the reviewers last got; the words are what a person must read because of it. "
        "A sentence that keeps its sign-off costs nothing. To confirm: critical sentences that are signed, and stand "
        "behind another sentence now."
    )
    return _section("What changed in the English", ("article", "language", *counts), rows, note)


def _files(report: RunReport) -> Markup:
    parts = []
    if report.renamed:
        renamed = (
            f"{one.old} is {one.new} now: {one.equal} of {one.sentences} sentences are equal" for one in report.renamed
        )
        parts.append(Markup("<h2>Renamed</h2>{}").format(_list(renamed)))
    if report.leftover:
        left = Markup("<h2>PO files left over from an old name</h2><p>Nobody edited them; they may be deleted.</p>{}")
        parts.append(left.format(_list(report.leftover)))
    if report.written:
        shown = Markup("<h2>PO files</h2><details><summary>{} written</summary>{}</details>")
        parts.append(shown.format(many(len(report.written), "file"), _list(report.written)))
    return _joined(parts)


# -- pieces of a page


def _section(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> Markup:
    """A table below its title; nothing without rows."""
    if not rows:
        return Markup()
    more = f"{len(rows) - MOST_ROWS:,} more stand in run.json. " if len(rows) > MOST_ROWS else ""
    said = Markup('<p class="small soft">{}{}</p>').format(more, note) if more or note else Markup()
    return Markup("<h2>{}</h2>{}{}").format(title, table(headings, rows[:MOST_ROWS]), said)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A heading that ends with `#` is that of a number, `unit` that of an id."""
    kinds = ["n" if heading.endswith("#") else "id" if heading == "unit" else "" for heading in headings]
    head = _joined(
        Markup('<th class="{}">{}</th>').format("n" if kind == "n" else "", heading.rstrip("#"))
        for kind, heading in zip(kinds, headings, strict=True)
    )
    cell = Markup('<td class="{}"><bdi>{}</bdi></td>')
    body = (
        Markup("<tr>{}</tr>\n").format(_joined(cell.format(*pair) for pair in zip(kinds, row, strict=True)))
        for row in rows
    )
    return Markup('<div class="scroll"><table><tr>{}</tr>\n{}</table></div>').format(head, _joined(body))


def _list(lines: Iterable[str]) -> Markup:
    return Markup("<ul>{}</ul>").format(_joined(Markup("<li><bdi>{}</bdi></li>").format(line) for line in lines))


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup().join(parts)


def _units(here: LocaleReport) -> int:
    return sum(getattr(here, name) for name, _ in PARTS)


def _most_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _money(amount: float, currency: str) -> str:
    return f"{amount:,.2f} {currency}".rstrip()


def duration(seconds: float) -> str:
    """`0.4 s`, `2 min 5 s`, `3 h 12 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
