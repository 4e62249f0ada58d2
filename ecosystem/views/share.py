from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ecosystem.models import RECORDS
from ecosystem.share import share_image
from ecosystem.views.errors import moved

MODELS = {model._meta.model_name: model for model in RECORDS}
IN_BRIEF = "A tech hub in records: every statement with its source and its status."


def png(*texts):
    response = HttpResponse(share_image(*texts), content_type="image/png")
    # It is made to be shown on other sites.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@cache_control(public=True, max_age=86400)
def share_site(request):
    return png(settings.SITE_NAME, IN_BRIEF, "open data, CC BY 4.0")


@require_safe
@cache_control(public=True, max_age=86400)
def share_record(request, noun, slug):
    if noun not in MODELS:
        raise Http404
    record = MODELS[noun].objects.published().with_statements().filter(slug=slug).first()
    if record is None:
        if redirect := moved(request, noun, slug):
            return redirect
        raise Http404
    statements = record.statements.all()
    sources = {source.pk for statement in statements for source in statement.sources.all()}
    return png(record.name, record.summary, f"{len(statements)} statements, {len(sources)} sources")
