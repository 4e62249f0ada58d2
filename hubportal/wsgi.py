"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubportal.settings")

django = get_wsgi_application()

# Only now are the settings read that this asks for.
from hubportal.pagecache import PageCache  # noqa: E402

application = PageCache.around(django)
