"""Reading the admin's pages in tests, and filling in their forms as a browser does."""

import re

import html5lib
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

MOST_QUERIES = 25
NAMESPACE = "{http://www.w3.org/1999/xhtml}"


def address(model, page, *args):
    return reverse(f"admin:ecosystem_{model._meta.model_name}_{page}", args=args)


def change_page(row):
    return address(type(row), "change", row.pk)


def tree(response):
    """The page, parsed once."""
    if not hasattr(response, "tree"):
        response.tree = html5lib.parse(response.content.decode())
    return response.tree


def parts(response, *names):
    return [element for name in names for element in tree(response).iter(NAMESPACE + name)]


def words(response):
    return " ".join(" ".join(tree(response).itertext()).split())


def controls(response):
    """What a browser would send for the page's forms if nothing was touched."""
    data = {}
    for field in parts(response, "input", "textarea"):
        is_idle = field.get("type") in ("checkbox", "radio") and field.get("checked") is None
        if (
            field.get("name")
            and field.get("disabled") is None
            and field.get("type") != "submit"
            and not is_idle
        ):
            # A browser drops the line break that follows the tag; html5lib does as well.
            empty = "on" if field.get("type") == "checkbox" else ""
            data[field.get("name")] = field.get("value") or field.text or empty
    for select in parts(response, "select"):
        options = list(select.iter(NAMESPACE + "option"))
        chosen = [option.get("value") for option in options if option.get("selected") is not None]
        if select.get("name"):
            is_multiple = select.get("multiple") is not None
            data[select.get("name")] = chosen if is_multiple else (chosen or [options[0].get("value")])[0]
    return data


ROW = re.compile(r"row(\d+)_(\w+)")


def filled(client, url, /, **changes):
    """What a browser would send after these changes. `statements-0-text` is written `row0_text`."""
    data = controls(client.get(url))
    for name, value in changes.items():
        if row := ROW.fullmatch(name):
            open_row(client, data, row[1])
            name = f"statements-{row[1]}-{row[2]}"
        data[name] = value
    return data


def open_row(client, data, number):
    """Add the fields of a row that is closed, as “Change” does."""
    known, key = data.get(f"statements-{number}-label"), data.get(f"statements-{number}-id")
    if key and known is None:
        address = reverse("admin:ecosystem_statement_row", args=[key])
        data |= controls(client.get(address, {"row": number}))


def save(client, url, /, **changes):
    """Open a form, change fields, save."""
    return client.post(url, filled(client, url, **changes))


def errors(response):
    """Each complaint on the page: beside its field, and above the form what is about no field."""
    beside = [found for found in parts(response, "ul") if "errorlist" in (found.get("class") or "")]
    boxes = [found for found in parts(response, "div") if found.get("class") == "complaints"]
    above = [row for box in boxes for row in box.iter(f"{NAMESPACE}li") if row.find(f"{NAMESPACE}a") is None]
    return ["".join(found.itertext()).strip() for found in [*above, *beside]]


def count_queries(client, url, data=None):
    """How many queries a page costs; what is kept from page to page is forgotten first."""
    ContentType.objects.clear_cache()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(url) if data is None else client.post(url, data)
    assert response.status_code == (200 if data is None else 302), errors(response)
    return len(queries)
