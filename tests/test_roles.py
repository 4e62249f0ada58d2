"""What each role may do, and each right that it does not have: looked for at every address of the admin."""

import re
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from ecosystem.models import RECORDS, Breakthrough, Change, Company, Correction, Hub, Source, Statement
from ecosystem.roles import AUTHOR, CHIEF_EDITOR, REVIEWER, TABLE, permission, rights
from tests.builders import build, build_correction, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db
User = get_user_model()
ROLES = (None, *TABLE)
REREADING = ("mark_reread", "mark_reread_with_statements")
STAFF_ONLY = {"index", "logout", "password_change", "password_change_done", "jsi18n", "view_on_site", "login"}
# What the pages of a model ask for. A page that is not here fails the test: it has to be decided.
ASKED = {
    "changelist": "view",
    "deleted": "view",
    "merge": "merge",
    "add": "add",
    "history": "view",
    "delete": "delete",
    "change": "view",
    "password_change": "change",
    "allowed_status": "view",
    "find": "view",
    "choose": "view",
    "row": "change",
    "import": "import",
    "export": "import",
    "withdraw": "withdraw",
    "revoke": "change",
}
# What those ask for that take more to post to than to look at.
ASKED_TO_POST = ASKED | {"change": "change", "process_import": "import"}
# Pages of a model that are about no row.
OF_NO_ROW = ("changelist", "deleted", "add", "allowed_status", "find", "import", "process_import", "export")


def model_pages():
    """(model, page, view name) of every address that belongs to a model."""
    for model, model_admin in admin.site._registry.items():
        for pattern in model_admin.get_urls():
            if pattern.name:
                page = pattern.name.removeprefix(f"{model._meta.app_label}_{model._meta.model_name}_")
                yield model, page, f"admin:{pattern.name}"


def row_of(model):
    if model is Source:
        return build_source()
    if model is Statement:
        return build_statement(build(Company, state="draft", published_at=None))
    if model is User:
        return build_user()
    if model is Group:
        return Group.objects.create(name="Friends")
    if model in RECORDS:
        return build(model, state="draft", published_at=None)
    if model is Change:
        state = {"slug": "a", "name": "A", "country": "China"}
        common = {"kind": "hub", "object_id": 10**6, "slug": "a", "at": timezone.now()}
        return Change.objects.create(action="created", whole=state, **common)
    if model is Correction:
        return build_correction(build(Company), "open")
    if model is Authenticator:
        return Authenticator.objects.create(user=build_user(), type=Authenticator.Type.TOTP, data={})
    return build(model)


def log_in(client, role):
    client.force_login(build_user(role))
    return client


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def expected(role, model, page):
    if page == "process_import":
        # It takes what is posted alone; test_importing.py knows from whom.
        return 405
    # A record that was deleted is brought back by who may delete one.
    asked = {permission("delete", Hub) if page == "restore" else permission(ASKED[page], model)}
    if (model, page) == (User, "add"):
        asked.add(permission("change", User))
    # The change log is nobody's to delete from.
    may = asked <= rights().get(role, frozenset()) and (model, page) != (Change, "delete")
    return 200 if may else 403


@pytest.mark.parametrize("role", ROLES)
def test_address_answers_by_role(client, role):
    log_in(client, role)
    rows, wrong = {model: row_of(model) for model in admin.site._registry}, []
    for model, page, name in model_pages():
        args = [] if page in OF_NO_ROW else [rows[model].pk]
        url, right = reverse(name, args=args), expected(role, model, page)
        statuses = {client.get(url).status_code}
        if right == 403:
            statuses.add(client.post(url).status_code)
        if statuses != {right}:
            wrong.append((name, statuses))
    assert wrong == []


@pytest.mark.parametrize("role", [None, AUTHOR, REVIEWER])
def test_tables_are_taken_from_nobody_else(client, role):
    log_in(client, role)
    for model, page, name in model_pages():
        if page == "process_import":
            assert client.post(reverse(name)).status_code == 403, model


@pytest.mark.parametrize("role", ROLES)
def test_posting_to_an_address_answers_by_role(client, role):
    """Nothing is filled in: who may is told so, or told nothing; who may not is refused before that."""
    log_in(client, role)
    rows, wrong = {model: row_of(model) for model in admin.site._registry}, []
    for model, page, name in model_pages():
        args = [] if page in OF_NO_ROW else [rows[model].pk]
        asked = permission("delete", Hub) if page == "restore" else permission(ASKED_TO_POST[page], model)
        may = asked in rights().get(role, frozenset())
        status = client.post(reverse(name, args=args), {}).status_code
        if (status == 403) == may:
            wrong.append((name, status))
    assert wrong == []


@pytest.mark.parametrize("role", TABLE)
def test_no_link_leads_to_what_the_role_may_not(client, role):
    """Every link of every page that the role may open, about what readers see and what they do not."""
    log_in(client, role)
    rows = {model: row_of(model) for model in admin.site._registry}
    paths = {reverse("admin:index"), *(address(type(row), "change", row.pk) for row in seen_rows())}
    for model, page, name in model_pages():
        if page not in ("process_import", "choose", "row"):
            paths.add(reverse(name, args=[] if page in OF_NO_ROW else [rows[model].pk]))
    pages = {path: client.get(path) for path in paths}
    found = {
        link.partition("?")[0].partition("#")[0]
        for page in pages.values()
        for link in re.findall(r'<a [^>]*href="(/admin/[^"]*)"', page.content.decode())
        if page.status_code == 200
    }
    assert len(found) > 50
    assert [path for path in sorted(found - pages.keys()) if client.get(path).status_code == 403] == []
    assert [path for path in sorted(found & pages.keys()) if pages[path].status_code == 403] == []


def test_address_of_no_model_decided():
    """Everything else in the admin is for the whole staff, or checks what it is asked for."""
    names = {pattern.name for pattern in admin.site.get_urls() if getattr(pattern, "name", None)}
    assert names - STAFF_ONLY == {"autocomplete", "app_list"}


def test_address_sends_strangers_to_login(client):
    for _, page, name in model_pages():
        response = client.get(reverse(name, args=[] if page in OF_NO_ROW else [1]))
        assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("admin:login"))


@pytest.mark.parametrize("role", ROLES)
def test_index_names_only_what_the_role_may_see(client, role):
    models = {
        permission("view", model["model"])
        for app in log_in(client, role).get(reverse("admin:index")).context["app_list"]
        for model in app["models"]
    }
    assert models == {name for name in rights().get(role, ()) if ".view_" in name}


# The groups


def test_groups_made_from_the_table():
    for role, names in rights().items():
        held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in held} == names


def test_roles_grow_from_author_to_chief_editor():
    author, reviewer, chief = (rights()[role] for role in (AUTHOR, REVIEWER, CHIEF_EDITOR))
    assert author < reviewer < chief


def test_migration_sets_the_groups_back():
    group = Group.objects.get(name=AUTHOR)
    group.permissions.set(Permission.objects.filter(codename="publish_company"))
    Group.objects.get(name=REVIEWER).delete()
    call_command("migrate", verbosity=0)
    test_groups_made_from_the_table()


def test_editors_of_before_become_chief_editors():
    Group.objects.get(name=CHIEF_EDITOR).delete()
    user = build_user()
    user.groups.add(Group.objects.create(name="Editors"))
    import_module("ecosystem.migrations.0006_roles").rename_group(apps, None)
    call_command("migrate", verbosity=0)
    assert user.has_perm("ecosystem.publish_company")


# What an author does not reach


def seen_rows():
    for state in ("published", "withdrawn"):
        record = build(Company, state=state)
        yield record
        yield build_statement(record)
    yield build_statement(build(Company)).sources.get()


def test_author_reads_but_does_not_change_what_readers_see(client):
    log_in(client, AUTHOR)
    for row in seen_rows():
        url = address(type(row), "change", row.pk)
        page = client.get(url)
        assert page.status_code == 200
        assert not page.context["has_change_permission"]
        assert 'name="_save"' not in page.content.decode()
        assert "statements-0-label" not in page.content.decode()
        assert client.post(url, {}).status_code == 403
        assert client.post(address(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403


def test_reviewer_changes_what_readers_see(client):
    log_in(client, REVIEWER)
    for row in seen_rows():
        assert client.get(address(type(row), "change", row.pk)).context["has_change_permission"]


@pytest.mark.parametrize("state", ["draft", "review"])
def test_author_changes_what_only_editors_see(client, state):
    record = build(Company, state=state, published_at=None)
    statement = build_statement(record)
    log_in(client, AUTHOR)
    for row in (record, statement, statement.sources.get()):
        assert client.get(address(type(row), "change", row.pk)).context["has_change_permission"]
    assert client.post(address(Statement, "delete", statement.pk), {"post": "yes"}).status_code == 302


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (AUTHOR, {"review_selected", *REREADING}),
        (REVIEWER, {"review_selected", "publish_selected", "withdraw_selected", *REREADING}),
    ],
)
def test_actions_offered_by_role(client, model, role, offered):
    build(model)
    page = log_in(client, role).get(address(model, "changelist"))
    choices = page.context["action_form"].fields["action"].choices
    assert {name for name, _ in choices if name} == offered


def test_action_of_another_role_does_nothing(client):
    draft, public = build(Company, state="draft"), build(Company)
    log_in(client, AUTHOR)
    for action, row in (("publish_selected", draft), ("withdraw_selected", public)):
        data = {"action": action, "_selected_action": [row.pk], "reason": "No."}
        client.post(address(Company, "changelist"), data)
    assert set(Company.objects.values_list("state", flat=True)) == {"draft", "published"}


def statement_about(record):
    return {
        "label": "L",
        "kind": "fact",
        "text": "T",
        "status": "reported",
        "position": 0,
        "reference": "r",
        "sources": [build_source().pk],
        record._meta.model_name: record.pk,
    }


@pytest.mark.parametrize(
    ("state", "number"), [("published", 0), ("withdrawn", 0), ("draft", 1), ("review", 1)]
)
def test_author_adds_statement_by_the_state_of_its_record(client, state, number):
    data = statement_about(build(Breakthrough, state=state))
    response = log_in(client, AUTHOR).post(address(Statement, "add"), data)
    assert Statement.objects.count() == number
    if not number:
        assert "it takes somebody who may publish" in response.content.decode()


def test_author_moves_no_statement_to_a_public_record(client):
    statement, public = build_statement(build(Company, state="draft")), build(Company)
    data = statement_about(public) | {"reference": statement.reference}
    log_in(client, AUTHOR).post(address(Statement, "change", statement.pk), data)
    assert not public.statements.exists()


@pytest.mark.parametrize(("role", "number"), [(AUTHOR, 1), (REVIEWER, 2)])
def test_records_offered_to_a_statement(client, role, number):
    build(Company, state="draft"), build(Company)
    query = {"app_label": "ecosystem", "model_name": "statement", "field_name": "company"}
    found = log_in(client, role).get(reverse("admin:autocomplete"), query).json()["results"]
    assert len(found) == number


# Accounts


def account(user, **changes):
    """What the form of an account sends."""
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "09:00"}
    return {"username": user.username, "is_active": "on", "is_staff": "on", **joined} | changes


def test_chief_editor_gives_a_role(client):
    user, group = build_user(), Group.objects.get(name=REVIEWER)
    log_in(client, CHIEF_EDITOR)
    assert client.post(address(User, "change", user.pk), account(user, groups=[group.pk])).status_code == 302
    assert user.groups.get() == group


def test_chief_editor_makes_nobody_a_superuser(client):
    user = build_user()
    log_in(client, CHIEF_EDITOR)
    right = Permission.objects.get(codename="delete_user")
    url = address(User, "change", user.pk)
    assert {"is_superuser", "user_permissions"}.isdisjoint(client.get(url).context["adminform"].form.fields)
    data = account(user, is_superuser="on", user_permissions=[right.pk])
    assert client.post(url, data).status_code == 302
    user.refresh_from_db()
    assert not user.is_superuser
    assert not user.user_permissions.exists()


def test_chief_editor_grants_no_group_that_holds_more(client):
    user, group = build_user(), Group.objects.create(name="Above")
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    log_in(client, CHIEF_EDITOR)
    url = address(User, "change", user.pk)
    assert "Above" not in client.get(url).content.decode().partition("id_groups")[2]
    assert (
        "not one of the available choices"
        in client.post(url, account(user, groups=[group.pk])).content.decode()
    )
    assert not user.groups.exists()


def test_chief_editor_takes_over_no_account_that_holds_more(client):
    above = build_user()
    above.user_permissions.add(Permission.objects.get(codename="delete_user"))
    log_in(client, CHIEF_EDITOR)
    password = {"password1": "a new long password", "password2": "a new long password"}
    for user in (above, User.objects.create_superuser("root")):
        before = user.password
        assert client.get(address(User, "change", user.pk)).status_code == 200
        assert (
            client.post(address(User, "change", user.pk), account(user, email="a@b.example")).status_code
            == 403
        )
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        assert client.post(url, password).status_code == 403
        user.refresh_from_db()
        assert (user.password, user.email) == (before, "")


def test_superuser_grants_everything(client):
    user = build_user()
    client.force_login(User.objects.create_superuser("root"))
    client.post(address(User, "change", user.pk), account(user, is_superuser="on"))
    user.refresh_from_db()
    assert user.is_superuser
