"""Error pages. They need no database, and the last of them no template either."""

import re

from django.http import HttpResponseNotFound, HttpResponsePermanentRedirect, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from ecosystem.models import PreviousSlug
from ecosystem.renderers import is_data, not_valid, open_data, problem

LAST_RESORT = (
    "<!doctype html><html lang=en><title>Error</title><h1>Something broke on our side</h1>"
    "<p>The page could not be made. Please try again in a minute."
)


def refusal(request, status, parameter, sentence, suffix=None):
    """Say what is wrong with a parameter: on a page, or to a program as data."""
    if suffix:
        return problem(status, sentence, [(parameter, sentence)])
    return render(request, f"{status}.html", {"sentence": sentence}, status=status)


def strangers(query, *known):
    """The answer to parameters that an address of data does not have, or None: dropping one is a guess."""
    errors = [(name, "There is no such parameter here.") for name in query if name not in known]
    return not_valid(errors) if errors else None


def whole_number(query, name, default=None):
    """(The parameter as a number from 1 on, None), or (None, a sentence about what is wrong with it)."""
    values = query.getlist(name)
    if len(values) > 1:
        return None, f"The parameter “{name}” takes one value only."
    if values and not re.fullmatch("[1-9][0-9]{0,8}", values[0]):
        return None, f"The parameter “{name}” takes a whole number from 1 on."
    return (int(values[0]) if values else default), None


def moved(request, kind, slug):
    """A redirect from a slug that a record had to the one of today: same page, format, query; else None."""
    record = PreviousSlug.objects.record_behind(kind, slug)
    if record is None:
        return None
    match = request.resolver_match
    path = reverse(match.view_name, kwargs={**match.kwargs, "slug": record.slug})
    response = HttpResponsePermanentRedirect(path + query_of(request))
    return open_data(response) if path.endswith(".json") else response


def query_of(request):
    query = request.META.get("QUERY_STRING")
    return f"?{query}" if query else ""


def bad_request(request, exception):
    """Answer what is no valid request (handler400).

    Django's own answer asks for the token of a form once more, and falls over a body that cannot be read.
    """
    if is_data(request.path):
        return problem(400, "This is not a valid request.")
    return render(request, "400.html", status=400)


def page_not_found(request, exception):
    if is_data(request.path):
        return problem(404, "There is nothing at this address.")
    return HttpResponseNotFound(render_to_string("404.html", request=request))


def server_error(request):
    """Answer 500. Whatever broke may break the template too, a missing style sheet for one."""
    try:
        return HttpResponseServerError(render_to_string("500.html", request=request))
    except Exception:  # noqa: BLE001
        return HttpResponseServerError(LAST_RESORT)
