"""What search engines are told: an index of maps, each with some thousand addresses (sitemaps.org)."""

from django.core.paginator import EmptyPage
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ecosystem.addresses import absolute
from ecosystem.sitemaps import SITEMAPS


@require_safe
def index(request):
    """Django's own names the request's host, and pages by a query, where robots.txt lets nobody."""
    maps = [
        {"location": absolute(reverse("sitemap-part", args=[name, page]))}
        for name, sitemap in SITEMAPS.items()
        for page in sitemap().paginator.page_range
    ]
    return render(request, "sitemap_index.xml", {"sitemaps": maps}, content_type="application/xml")


@require_safe
def part(request, name, page):
    if name not in SITEMAPS:
        raise Http404
    try:
        addresses = SITEMAPS[name]().get_urls(page)
    except EmptyPage as problem:
        raise Http404 from problem
    return render(request, "sitemap.xml", {"urlset": addresses}, content_type="application/xml")
