"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubportal.settings")

django = get_wsgi_application()

# Only now are the settings read that this asks for.
from django.conf import settings  # noqa: E402

from hubportal.access import AccessLog  # noqa: E402
from hubportal.metrics import counters  # noqa: E402
from hubportal.pagecache import PageCache  # noqa: E402

application = AccessLog(PageCache.around(django), counters().observe if settings.METRICS_TOKEN else None)
