"""A full crawl: whatever a page links to is there, and so is the place on it."""

from collections import deque
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

from ecosystem.models import Company
from ecosystem.search import reindex
from tests.builders import build, populate

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
# What has tests of its own: the admin, static files, and the form to report, whose every address is one form.
NOT_FOLLOWED = ("/admin/", "/accounts/", "/static/", "/corrections/new/")


class References(HTMLParser):
    """The ids of a page, and every address that it names."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.doubles, self.addresses = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name = given.get("id")
        self.doubles |= {name} & self.ids - {None}
        self.ids.add(name)
        self.addresses += filter(None, (given.get(name) for name in ("href", "src", "action")))


def targets(page, path):
    """The (address, fragment) pairs of this site that a page leads to."""
    for address in page.addresses:
        target, fragment = urldefrag(urljoin(f"{SITE}{path}", address))
        parts = urlsplit(target)
        # The files of filtered views are compared with their pages elsewhere.
        is_file_of_view = parts.query and "." in parts.path
        if target.startswith(SITE) and not parts.path.startswith(NOT_FOLLOWED) and not is_file_of_view:
            yield target.removeprefix(SITE) or "/", unquote(fragment)


def crawl(client):
    """Follow every link from the first page: ({address: status}, {page: its ids}, {(page, fragment)})."""
    statuses, ids, wanted = {"/": None}, {}, set()
    waiting = deque(statuses)
    while waiting:
        path = waiting.popleft()
        response = client.get(path, follow=True)
        statuses[path], content = response.status_code, response.getvalue()
        if response["Content-Type"].startswith("text/html"):
            page = References(content.decode())
            assert page.doubles == set(), path
            ids[path] = page.ids
            for target, fragment in targets(page, path):
                wanted |= {(target, fragment)} if fragment else set()
                if target not in statuses:
                    statuses[target] = None
                    waiting.append(target)
    return statuses, ids, wanted


def test_no_link_and_no_fragment_leads_nowhere(
    client, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.DATASET_DIR = tmp_path
    with django_capture_on_commit_callbacks(execute=True):
        populate(2)
        # One more than a page holds, so that there is a second.
        for n in range(24):
            build(Company, f"firm-{n:02}", body="See [the first](/companies/company-0/#sources).")
    reindex()
    statuses, ids, wanted = crawl(client)
    assert {path: status for path, status in statuses.items() if status != 200} == {}
    assert {(path, name) for path, name in wanted if name not in ids[path]} == set()
    # The crawl has met every kind of address, so it cannot have ended early.
    assert {
        "/companies/?page=2",
        "/companies/?view=table",
        "/landscape/",
        "/companies.csv",
    } <= statuses.keys()
    assert len(ids) > 100
