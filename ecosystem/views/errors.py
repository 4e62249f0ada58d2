"""Error pages. They need no database, and the last of them no template either."""

from django.http import HttpResponseNotFound, HttpResponseServerError
from django.template.loader import render_to_string

from ecosystem.renderers import RENDERERS, problem

LAST_RESORT = (
    "<!doctype html><html lang=en><title>Error</title><h1>Something broke on our side</h1>"
    "<p>The page could not be made. Please try again in a minute."
)


def page_not_found(request, exception):
    if request.path.endswith(tuple(f".{suffix}" for suffix in RENDERERS)):
        return problem(404, "There is nothing at this address.")
    return HttpResponseNotFound(render_to_string("404.html", request=request))


def server_error(request):
    """Answer 500. Whatever broke may break the template too, a missing style sheet for one."""
    try:
        return HttpResponseServerError(render_to_string("500.html", request=request))
    except Exception:  # noqa: BLE001
        return HttpResponseServerError(LAST_RESORT)
