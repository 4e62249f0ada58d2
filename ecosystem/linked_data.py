"""What a page says to search engines in schema.org's words: only what is public, only what counts as true."""

from django.conf import settings
from django.urls import reverse

from ecosystem.addresses import absolute
from ecosystem.renderers import LICENCE

CONTEXT = "https://schema.org"


def breadcrumbs(*steps):
    """A BreadcrumbList from (name, path) steps below the home page."""
    items = [("Home", reverse("home")), *steps]
    return {
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
            for position, (name, path) in enumerate(items, start=1)
        ],
    }


def organization(company):
    """A company as an Organization; what is not known is left out."""
    facts = {
        "name": company.name,
        "alternateName": company.names,
        "legalName": company.legal_name,
        "description": company.summary,
        "foundingDate": company.founded,
        "tickerSymbol": company.ticker,
        "url": company.website,
        "location": company.headquarters_city,
        "mainEntityOfPage": absolute(company.get_absolute_url()),
        "parentOrganization": company.parent and {"@type": "Organization", "name": company.parent.name},
    }
    known = {key: value for key, value in facts.items() if value}
    # Only a corporation has a ticker, in schema.org's words.
    return {"@context": CONTEXT, "@type": "Corporation" if company.ticker else "Organization", **known}


def dataset(listing, description):
    """A list as a Dataset with its formats."""
    files = [(media_type, address) for _, media_type, address in listing.formats]
    return of_data(f"{settings.SITE_NAME}: {listing.noun}", description, listing.path(None), files)


def whole_dataset(files):
    """All that is public as a Dataset; `files` are (media type, address) of the last export."""
    description = "Every record and statement of this site, each statement with its sources and its status."
    return of_data(f"{settings.SITE_NAME}: all data", description, reverse("data"), files)


def of_data(name, description, path, files):
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "name": name,
        "description": description,
        "url": absolute(path),
        "license": LICENCE["url"],
        "creator": {"@type": "Organization", "name": settings.SITE_NAME, "url": absolute(reverse("home"))},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media_type, "contentUrl": absolute(address)}
            for media_type, address in files
        ],
    }
