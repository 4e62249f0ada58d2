"""The textbook's site, which DJANGO_SETTINGS_MODULE has to name."""

from django.core.wsgi import get_wsgi_application

from tests.benchmarks.counting import counting

application = counting(get_wsgi_application())
