"""What waits on whom: open packs, what is late, what nobody has been sent yet; the digest that each person gets.

Takes   the store, today
Gives   rows for `signoff status --waiting`; a text and a page per person, for a mailer to send
Always  the same store on the same day gives the same bytes; whoever has nothing to do gets no digest
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.articles import recorded_article
from pipeline.config import Workspace
from pipeline.export import Judges
from pipeline.model import Locale
from pipeline.store import Transaction
from pipeline.store.history import UnitKey
from pipeline.wording import many
from review.acts import OpenQuestion, answerers, questions_on
from review.pack_pages import HEAD, rendered
from review.packs import Pack, read_packs
from review.policy import Role, policy_in_force
from review.roster import Person, on_roster, roster_of
from review.signoffs import next_step, step_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Sentences that wait for one and the same thing."""

    locale: str
    pack: str
    """Empty for what nobody has been sent."""
    reviewer: str
    """Who has it; empty for what nobody has been sent."""
    step: str
    """Of what nobody has been sent: who may take it next, `linguist or reviser`; empty in a pack."""
    since: str
    """The day on which the pack was sent; empty for what nobody has been sent."""
    due: str
    overdue: bool
    articles: tuple[str, ...]
    units: int
    """So many still wait."""
    of: int
    """So many were sent."""
    asked_by: str = ""
    """Of questions that nobody has answered: who asked; then `step` is who may answer."""
    waits_on: tuple[str, ...] = ()
    """Of questions: the ids of those who may answer."""
    ids: tuple[str, ...] = ()
    """Of questions: the sentences, by id."""


def waiting(transaction: Transaction, workspace: Workspace, judges: Judges, locales: Sequence[Locale]) -> list[Waiting]:
    """The open packs, the most urgent first; the questions, by asker; then what waits for somebody to be sent it."""
    today = transaction.now()[:10]
    packs = [pack for pack in read_packs(transaction).values() if pack.state == "open"]
    tags = [locale.tag for locale in locales]
    rows = [_row(pack, today) for pack in packs if pack.locale in tags]
    rows.sort(key=lambda row: (row.due or "9999", row.since, row.pack))
    out = {(pack.locale, *unit) for pack in packs for unit in pack.out}
    leads = answerers(workspace)
    rows += [row for locale in locales for row in _asked(transaction, locale, leads)]
    return rows + [row for locale in locales for row in _with_nobody(transaction, workspace, judges, locale, out)]


def _row(pack: Pack, today: str) -> Waiting:
    return Waiting(
        locale=pack.locale,
        pack=pack.id,
        reviewer=pack.reviewer,
        step="",
        since=pack.sent[:10],
        due=pack.due,
        overdue=pack.overdue(today),
        articles=tuple(sorted({slug for slug, _ in pack.out})),
        units=len(pack.out),
        of=pack.units,
    )


def _asked(transaction: Transaction, locale: Locale, leads: tuple[str, ...]) -> list[Waiting]:
    """Who waits for answers since when, on which sentences."""
    asked: dict[str, list[OpenQuestion]] = {}
    for slug in transaction.articles():
        for question in questions_on(transaction, slug, locale):
            asked.setdefault(question.by, []).append(question)
    return [
        Waiting(
            locale=locale.tag,
            pack="",
            reviewer="",
            step=Role.CONTENT_LEAD.value,
            since=min(question.on for question in questions),
            due="",
            overdue=False,
            articles=tuple(dict.fromkeys(question.slug for question in questions)),
            units=len(ids := tuple(dict.fromkeys(question.id for question in questions))),
            of=len(ids),
            asked_by=by,
            waits_on=leads,
            ids=ids,
        )
        for by, questions in sorted(asked.items())
    ]


def _with_nobody(
    transaction: Transaction, workspace: Workspace, judges: Judges, locale: Locale, out: set[tuple[str, str, int]]
) -> list[Waiting]:
    """What is neither signed nor out nor waits for an answer, by the step that it waits for."""
    profile = policy_in_force(workspace).profile()
    target = workspace.target(locale)
    counts: Counter[str] = Counter()
    articles: dict[str, dict[str, None]] = {}
    for slug in transaction.articles():
        read = recorded_article(transaction, slug) if target.takes(slug) else None
        asked = {number for number, now in transaction.current(slug, locale.tag).items() if now.questions}
        open_ = read.segments if read else ()
        segments = [s for s in open_ if s.number not in asked and (locale.tag, slug, s.number) not in out]
        histories = transaction.histories(UnitKey(slug, segment.number, locale.tag) for segment in segments)
        for segment in segments:
            history = histories[UnitKey(slug, segment.number, locale.tag)]
            risk = judges.risk(segment)[0]
            demo = workspace.settings.demo
            if step := next_step(segment, history, transaction.facts(), risk, profile, demo=demo):
                counts[step_name(step.step)] += 1
                articles.setdefault(step_name(step.step), {})[slug] = None
    return [
        Waiting(
            locale=locale.tag,
            pack="",
            reviewer="",
            step=step,
            since="",
            due="",
            overdue=False,
            articles=tuple(articles[step]),
            units=count,
            of=count,
        )
        for step, count in sorted(counts.items())
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one person is told."""

    person: str
    subject: str
    """One line, for a mail's subject."""
    text: str
    page: bytes


def digests(transaction: Transaction, workspace: Workspace, judges: Judges, *, person: str = "") -> list[Digest]:
    """A digest for everybody who has something open, or for one person; content leads hear of everything.

    Raises PolicyError for somebody who is not on the roster.
    """
    people = roster_of(workspace)
    if person:
        on_roster(people, person)
    locales = [target.locale for target in workspace.settings.targets]
    rows = waiting(transaction, workspace, judges, locales)
    today = date.fromisoformat(transaction.now()[:10])
    made = (_digest(one, rows, people, workspace, today) for one in people.values() if person in ("", one.id))
    return [digest for digest in made if digest]


def _digest(
    person: Person, rows: Sequence[Waiting], people: Mapping[str, Person], workspace: Workspace, today: date
) -> Digest | None:
    own = [row for row in rows if row.reviewer == person.id]
    lead = Role.CONTENT_LEAD in person.roles
    others = [row for row in rows if row not in own] if lead else []
    if not own and not others:
        return None
    site = workspace.settings.site_name
    late = sum(row.overdue for row in (*own, *others))
    subject = f"{site}: {many(sum(row.units for row in own), 'sentence')} with you" if own else f"{site}: open reviews"
    subject += f", {many(late, 'pack')} overdue" if late else ""
    lines = [f"Dear {person.name},", ""]
    if own:
        lines += ["these wait for you:", "", *(f"- {_line(row, people)}" for row in own), ""]
    if others:
        lines += ["these wait for others:", "", *(f"- {_line(row, people)}" for row in others), ""]
    lines += [f"State of {today}. Each pack has a brief.html that says what to do."]
    page = rendered(
        _PAGE,
        subject,
        name=person.name,
        tables=[t for t in (("With you", own), ("With others", others)) if t[1]],
        names={id_: one.name for id_, one in people.items()},
        today=today.isoformat(),
    )
    return Digest(person=person.id, subject=subject, text="\n".join(lines) + "\n", page=page)


def _line(row: Waiting, people: Mapping[str, Person]) -> str:
    what = f"{many(row.units, 'sentence')} into {row.locale} ({', '.join(row.articles)})"
    if row.asked_by:
        asker = people[row.asked_by].name if row.asked_by in people else row.asked_by
        return f"QUESTIONS by {asker}: {what}, since {row.since}, for a {row.step} to answer"
    if not row.pack:
        return f"with nobody yet: {what}, for a {row.step}"
    who = people[row.reviewer].name if row.reviewer in people else row.reviewer
    when = f", until {row.due}" if row.due else ""
    return f"{'OVERDUE: ' if row.overdue else ''}pack {row.pack}: {what}, with {who} since {row.since}{when}"


_PAGE = (
    HEAD
    + """<p>Dear {{ name }},</p>
{% for heading, rows in tables %}<h2>{{ heading }}</h2>
<table><tr><th>pack</th><th>with</th><th>language</th><th>articles</th><th class="n">sentences</th><th>since</th>
<th>until</th></tr>
{% for r in rows %}<tr><td>{{ "questions" if r.asked_by else r.pack or "not sent yet" }}</td>
<td>{% if r.asked_by %}{{ names.get(r.asked_by, r.asked_by) }} asks a {{ r.step }}
{%- else %}{{ names.get(r.reviewer, r.reviewer) or "for a " ~ r.step }}{% endif %}</td><td>{{ r.locale }}</td>
<td>{{ r.articles|join(", ") }}</td><td class="n">{{ r.units }}{{ " of " ~ r.of if r.pack }}</td><td>{{ r.since }}</td>
<td{% if r.overdue %} class="late"{% endif %}>{{ r.due }}{{ " overdue" if r.overdue }}</td></tr>
{% endfor %}</table>
{% endfor %}<p>State of {{ today }}. Each pack has a brief.html that says what to do.</p>
</body></html>
"""
)
