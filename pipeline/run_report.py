"""The run report: what a run did, as a page that a content lead can read or send on.

Takes   a RunReport
Gives   `.signoff/logs/run.html` and `run.json`, of the newest run
"""

import json
from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment

from pipeline.config import Workspace
from pipeline.durable import replace_file
from pipeline.report import RunReport

MOST_DOUBTS = 40

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Signoff: the last run</title>
<meta name="viewport" content="width=device-width">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
:root { color-scheme: light dark }
table { border-collapse: collapse; margin: 1rem 0 }
td, th { padding: .25rem .75rem; text-align: start; vertical-align: top }
th { border-bottom: 1px solid } .n { text-align: end; font-variant-numeric: tabular-nums }
</style></head><body>
<h1>The last run</h1>
<table>
<tr><td>articles</td><td class="n">{{ r.articles }}</td></tr>
<tr><td>locales</td><td class="n">{{ r.locales }}</td></tr>
<tr><td>segments in these articles</td><td class="n">{{ r.segments }}</td></tr>
<tr><td>drafted now</td><td class="n">{{ r.drafted }}</td></tr>
<tr><td>from memory</td><td class="n">{{ r.from_memory }}</td></tr>
<tr><td>had a text already</td><td class="n">{{ r.unchanged }}</td></tr>
<tr><td>no draft</td><td class="n">{{ r.failed|length }}</td></tr>
<tr><td>calls to engines</td><td class="n">{{ r.engine_calls }}</td></tr>
<tr><td>characters sent to engines</td><td class="n">{{ r.characters }}</td></tr>
{% if r.over_budget %}
<tr><td>left, because the budget was used up</td><td class="n">{{ r.over_budget }}</td></tr>{% endif %}
{% if r.cost is not none %}<tr><td>cost</td><td class="n">{{ "%.2f"|format(r.cost) }}</td></tr>{% endif %}
<tr><td>seconds</td><td class="n">{{ r.seconds }}</td></tr>
</table>
<p>A draft is a machine's text that nobody has read. It is never published.</p>
{% for title, lines in [("Engines that broke", r.broken), ("Articles that could not be read", r.refused),
  ("PO files that somebody edited: left alone", r.edited), ("PO files written", r.written)] if lines %}
<h2>{{ title }}</h2><ul>{% for line in lines %}<li>{{ line }}</li>{% endfor %}</ul>
{% endfor %}
{% if r.renamed %}<h2>Renamed</h2><ul>{% for n in r.renamed %}
<li>{{ n.old }} is {{ n.new }} now: {{ n.equal }} of {{ n.sentences }} sentences are equal</li>
{% endfor %}</ul>{% endif %}
{% if r.leftover %}<h2>PO files left over from an old name</h2><p>Nobody edited them; they may be deleted.</p><ul>
{% for path in r.leftover %}<li>{{ path }}</li>{% endfor %}</ul>{% endif %}
{% if r.changes %}<h2>What changed in the English</h2>
<p>Sentences, against the file that the reviewers last got; the words are what a person must read because of it. A
sentence that keeps its sign-off costs nothing. <i>To confirm</i>: critical sentences that are signed, and stand behind
another sentence now.</p>
<table><tr><th>article</th><th>locale</th><th class="n">edited</th><th class="n">new</th><th class="n">moved</th>
<th class="n">back</th><th class="n">deleted</th><th class="n">unchanged</th><th class="n">words to review</th>
<th class="n">words to confirm</th></tr>
{% for c in r.changes %}<tr><td>{{ c.slug }}{{ " (new)" if c.first }}</td><td>{{ c.locale }}</td>
<td class="n">{{ c.edited }}</td><td class="n">{{ c.new }}</td><td class="n">{{ c.moved }}</td>
<td class="n">{{ c.restored }}</td><td class="n">{{ c.deleted }}</td><td class="n">{{ c.unchanged }}</td>
<td class="n">{{ c.review_words }}</td><td class="n">{{ c.confirm_words }}</td></tr>
{% endfor %}</table>{% endif %}
{% if r.personal_data %}<h2>Looks like personal data</h2>
<table><tr><th>unit</th><th>holds</th><th>engine</th><th></th></tr>
{% for p in r.personal_data %}<tr><td>{{ p.id }}</td><td>{{ p.what|join(", ") }}</td><td>{{ p.engine }}</td>
<td>{{ "was sent there" if p.sent else "was kept from it" }}</td></tr>{% endfor %}</table>{% endif %}
{% if r.failed %}<h2>No draft</h2><table><tr><th>unit</th><th>locale</th><th>why</th></tr>
{% for f in r.failed %}<tr><td>{{ f.id }}</td><td>{{ f.locale }}</td><td>{{ f.reason }}</td></tr>{% endfor %}
</table>{% endif %}
{% for locale, doubts in r.doubts.items() if doubts %}<h2>What the machine was unsure of: {{ locale }}</h2>
<table><tr><th>doubt</th><th class="n">times</th></tr>
{% for doubt, times in (doubts.items()|sort(attribute="0")|sort(attribute="1", reverse=True))[:most] %}
<tr><td>{{ doubt }}</td><td class="n">{{ times }}</td></tr>{% endfor %}</table>{% endfor %}
</body></html>
"""


def write_report(workspace: Workspace, report: RunReport) -> Path:
    """Write the report's two files and return the page's path."""
    logs = workspace.private / "logs"
    page = Environment(autoescape=True).from_string(_PAGE).render(r=report, most=MOST_DOUBTS)
    replace_file(logs / "run.json", (json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n").encode())
    replace_file(logs / "run.html", page.encode())
    return logs / "run.html"
