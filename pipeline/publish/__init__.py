"""From signed texts to a site: `render_site` builds it, `write_release` puts it in place, `verify_site` proves it.

What a page may show is decided elsewhere and handed in as data: nothing here knows of policy or people.
"""

from pipeline.publish.body import BodyHtml, article_html
from pipeline.publish.memo import Memo, SiteFile
from pipeline.publish.page import Notice, Page, PagePlan, PageText, Reviewer
from pipeline.publish.pages import Built, SiteInfo, build
from pipeline.publish.site import Written, render_site, site_files, write_release
from pipeline.publish.verify import Ledgered, Review, SourceFacts, Unproven, Verification, source_facts, verify_site

__all__ = [
    "BodyHtml",
    "Built",
    "Ledgered",
    "Memo",
    "Notice",
    "Page",
    "PagePlan",
    "PageText",
    "Review",
    "Reviewer",
    "SiteFile",
    "SiteInfo",
    "SourceFacts",
    "Unproven",
    "Verification",
    "Written",
    "article_html",
    "build",
    "render_site",
    "site_files",
    "source_facts",
    "verify_site",
    "write_release",
]
