"""Every published record and page for search engines, with the date of its last public change."""

from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import OuterRef, Subquery
from django.urls import reverse

from ecosystem.models import RECORDS, Change, Place, Sector, Source


class SiteSitemap(Sitemap):
    """Addresses under the site's own name, which is a setting, not a request's Host header."""

    protocol = urlsplit(settings.SITE_URL).scheme
    # Of the 50,000 that the protocol allows: so many are made in a moment.
    limit = 5000

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc


class PageSitemap(SiteSitemap):
    names = (
        "home",
        "landscape",
        "timeline-list",
        "company-list",
        "breakthrough-list",
        "challenge-list",
        "factor-list",
        "institution-list",
        "collection-list",
        "hub-list",
        "sector-list",
        "place-list",
        "source-list",
        "statement-list",
        "compare",
        "company-compare",
        "checked",
        "correction-list",
        "coverage",
        "method",
        "about",
        "accessibility",
        "privacy",
    )

    def items(self):
        return self.names

    def location(self, name):
        return reverse(name)


class ModelSitemap(SiteSitemap):
    def __init__(self, model):
        self.model = model

    def items(self):
        """Public rows, each with the time at which readers last saw it change."""
        changes = Change.objects.seen().filter(kind=self.model._meta.model_name, object_id=OuterRef("pk"))
        latest = changes.order_by("-published_at").values("published_at")[:1]
        return self.model.objects.published().annotate(changed_at=Subquery(latest)).order_by("pk")

    def lastmod(self, row):
        """Nothing where the log knows of no change: a date that is not true is worse than none."""
        return row.changed_at


SITEMAPS = {
    "pages": PageSitemap,
    **{model._meta.model_name: partial(ModelSitemap, model) for model in (*RECORDS, Sector, Place, Source)},
}
