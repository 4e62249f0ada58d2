"""The pages that we add to the admin, as axe sees them: narrow and dark, wide and light."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse

from ecosystem.admin.merge import merge_address
from ecosystem.models import Change, Company, Correction
from ecosystem.roles import CHIEF_EDITOR
from tests.admin_pages import address, change_page
from tests.builders import build, build_correction, build_source, build_statement, build_user

LOOKS = [(768, "dark"), (1280, "light")]
# Head, sidebar and foot of the admin are Django's; the preview is a page of the site.
MIDDLE, POP_UP = "#content-start", "#content"
# Select2, which Django brings along, makes no proper list and no name for it.
FADED = "Promise.allSettled(document.getAnimations().map(({ finished }) => finished)).then(() => null)"
SELECT2 = {"list", "aria-input-field-name"}


@pytest.fixture
def editor(page, live_server, transactional_db, client):
    client.force_login(build_user(CHIEF_EDITOR, "ada"))
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    return page


@pytest.fixture
def companies(transactional_db):
    """One with a history, statements and sources, its double, and one that was deleted."""
    kept = build(Company, "unitree", name="Unitree", many={"sources": [build_source("about")]})
    build_statement(kept, label="Employees", text="About 500.", status="disputed")
    kept.summary = "Makes robots."
    kept.save()
    double = build(Company, "yushu", name="Yushu", state="review", many={"sources": [build_source()]})
    build_statement(double, label="Employees", text="About 600.")
    gone = build(Company, "gone", state="draft", published_at=None)
    gone.delete()
    build_correction(kept, "open", statement=kept.statements.get(), wrong="It was 600.", contact="me")
    return kept, double


def faults(page, part):
    """What axe finds broken in a part of the page, in both looks, and whether it scrolls sideways."""
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.evaluate(FADED)
        found = Axe().run(page, context={"include": [[part]]}).response["violations"]
        yield from (
            f"{width}, {scheme}: {rule['id']}: {rule['nodes'][0]['html']}"
            for rule in found
            if rule["id"] not in SELECT2
        )
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{wide} wide at {width}"


def addresses(kept, double):
    log = Change.objects.filter(kind="company", object_id=kept.pk)
    versions = f"?a={log.last().pk}&b={log.first().pk}"
    deleted = Change.objects.filter(kind="company", action="deleted").get()
    return {
        reverse("admin:index"): MIDDLE,
        change_page(double): MIDDLE,
        address(Company, "history", kept.pk) + versions: MIDDLE,
        address(Company, "history", deleted.object_id): MIDDLE,
        reverse("admin:ecosystem_change_deleted"): MIDDLE,
        reverse("admin:ecosystem_change_restore", args=[log.last().pk]): MIDDLE,
        address(Company, "withdraw", kept.pk): MIDDLE,
        address(Company, "revoke", double.pk): MIDDLE,
        merge_address(kept, double): MIDDLE,
        change_page(Correction.objects.get()): MIDDLE,
        reverse("admin:ecosystem_source_add") + "?_popup=1&url=https://news.example/new": POP_UP,
        reverse("admin:ecosystem_source_add") + "?_popup=1&url=https://example.org/about": POP_UP,
        reverse("preview", args=["company", double.pk]): "body",
    }


def test_added_pages_pass_axe(editor, live_server, companies):
    found = []
    for path, part in addresses(*companies).items():
        editor.goto(f"{live_server.url}{path}")
        found += [f"{path}: {fault}" for fault in faults(editor, part)]
    assert not found, "\n".join(found)


def test_conflict_and_form_without_its_session_pass_axe(editor, live_server, companies):
    kept, _ = companies
    editor.goto(f"{live_server.url}{change_page(kept)}")
    editor.get_by_label("Summary:").fill("Makes dogs.")
    kept.summary = "Makes arms."
    kept.save()
    editor.get_by_role("button", name="Save", exact=True).first.click()
    editor.get_by_role("heading", name="saved, beside what you typed").wait_for()
    assert list(faults(editor, MIDDLE)) == []
    editor.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    editor.get_by_role("button", name="Save", exact=True).first.click()
    editor.get_by_role("button", name="Send again").wait_for()
    assert editor.get_by_text("Makes dogs.").is_visible()
    assert list(faults(editor, MIDDLE)) == []
