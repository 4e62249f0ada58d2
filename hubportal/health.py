"""Is the process alive, and can it serve? Both say nothing else.

Orchestrators and balancers ask by whatever address they have, over plain http: so they are answered before
the check of the host and the redirect to TLS.
"""

import logging

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


def plain(text, status=200):
    response = HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def healthz(request):
    """The process answers. Asks no database."""
    return plain("ok\n")


@require_safe
def readyz(request):
    """Database and cache answer, and the tables are those of this release: 200, else 503."""
    for check in (has_database, has_cache, has_migrations):
        try:
            is_good, problem = check(), None
        except Exception as exception:  # noqa: BLE001 -- whatever it is, it is told
            is_good, problem = False, exception
        if not is_good:
            logger.warning("not ready: %s", check.__name__, exc_info=problem)
            response = plain("not ready\n", 503)
            response["Retry-After"] = "5"
            return response
    return plain("ok\n")


def has_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def has_cache():
    # Only reads: a probe must not wait for whoever is writing.
    cache.get("readyz")
    return True


def has_migrations():
    """Whether all ran. Once they did they are not asked again: none is taken back under a running process."""
    if not has_migrations.ran:
        executor = MigrationExecutor(connection)
        has_migrations.ran = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return has_migrations.ran


has_migrations.ran = False
PROBES = {"/healthz": healthz, "/readyz": readyz}


def probes(get_response):
    """Middleware that answers the two."""

    def middleware(request):
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return middleware
