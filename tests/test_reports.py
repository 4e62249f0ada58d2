"""Reports of errors: they go out only if somebody asked for them, and name no visitor."""

import json
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from hubportal.apps import start_reports
from hubportal.environment import BASE_DIR

# In a process of its own: the library patches Django, and does not take that back.
SCRIPT = """
import io, json
import django
django.setup()
from sentry_sdk.transport import Transport
from hubportal.reports import start

class Printed(Transport):
    def capture_envelope(self, envelope):
        print(json.dumps([item.payload.json for item in envelope.items]))

start("https://key@reports.example/1", transport=Printed)
from django.core.wsgi import get_wsgi_application
from ecosystem.views import pages
application = get_wsgi_application()
pages.render = None
environ = {
    "REQUEST_METHOD": "GET", "SERVER_NAME": "testserver", "SERVER_PORT": "80", "PATH_INFO": "/method/",
    "QUERY_STRING": "q=a-secret", "REMOTE_ADDR": "192.0.2.44", "HTTP_USER_AGENT": "A browser",
    "HTTP_COOKIE": "session=a-session-key", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http",
}
b"".join(application(environ, lambda *arguments: None))
"""


def test_address_without_the_library_stops_the_start(monkeypatch, settings):
    settings.SENTRY_DSN = "https://key@reports.example/1"
    monkeypatch.delitem(sys.modules, "hubportal.reports", raising=False)
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(ImproperlyConfigured, match='Install the extra "sentry" too'):
        start_reports()


def test_report_names_the_fault_and_no_visitor():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=BASE_DIR, capture_output=True, check=True, text=True, timeout=60
    )
    [report] = json.loads(done.stdout)
    assert report["exception"]["values"][-1]["type"] == "TypeError"
    assert report["request"] == {"method": "GET", "url": "http://testserver/method/"}
    assert "user" not in report
    for secret in ("a-secret", "a-session-key", "192.0.2.44", "A browser"):
        assert secret not in done.stdout
