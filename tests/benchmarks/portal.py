"""The portal as it is served."""

from functools import cache

# The first, for it sets Django up.
from hubportal.wsgi import application as portal  # isort: split

from ecosystem.models import Company
from hubportal import content_log
from tests.benchmarks.counting import counting


@cache
def some_company():
    return Company.objects.published().values_list("pk", flat=True).first()


def touching(app):
    """Asked with `X-Touch`, it is as just after a commit that touched a company."""

    def application(environ, start_response):
        if "HTTP_X_TOUCH" in environ:
            content_log.append({Company: [some_company()]})
        return app(environ, start_response)

    return application


application = counting(touching(portal))
