"""Every published record and page for search engines, with the date of its last public change."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from ecosystem.models import RECORDS, Place, Sector, Source


class SiteSitemap(Sitemap):
    """Addresses under the site's own name, which is a setting, not a request's Host header."""

    protocol = urlsplit(settings.SITE_URL).scheme

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
        return self.model.objects.published().order_by("pk")


class RecordSitemap(ModelSitemap):
    def lastmod(self, record):
        return record.updated_at


SITEMAPS = {
    "pages": PageSitemap,
    **{model._meta.model_name: RecordSitemap(model) for model in RECORDS},
    **{model._meta.model_name: ModelSitemap(model) for model in (Sector, Place, Source)},
}
