"""What gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubportal.settings")

django = get_wsgi_application()

# Only now are the settings read that this asks for. The addresses, and with them all views, would be loaded
# by the first request, which waits for them.
from django.conf import settings  # noqa: E402

from hubportal import urls  # noqa: E402, F401
from hubportal.access import AccessLog  # noqa: E402
from hubportal.metrics import counters  # noqa: E402
from hubportal.pagecache import PageCache  # noqa: E402

# What is loaded now stays as long as the process: looking through it for garbage, again and again, takes a
# tenth of the time of a page and half of that of a long file.
gc.collect()
gc.freeze()
gc.set_threshold(10_000)

application = AccessLog(PageCache.around(django), counters().observe if settings.METRICS_TOKEN else None)
