"""Buttons and bulk actions that move records on: whose they are, what they check, what they leave behind."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ecosystem.models import RECORDS, Breakthrough, Challenge, Company, Statement
from ecosystem.roles import AUTHOR, CHIEF_EDITOR, REVIEWER
from tests.admin_pages import MOST_QUERIES, address, change_page, controls, errors, parts, save, words
from tests.builders import build, build_source, build_statement, build_user
from tests.test_admin import act

pytestmark = pytest.mark.django_db
REASON = {"withdrawal_reason": "It was for a year."}


@pytest.fixture
def log_in(client):
    def log_in(role):
        client.user = build_user(role)
        client.force_login(client.user)
        return client

    return log_in


@pytest.fixture
def reviewer(log_in):
    return log_in(REVIEWER)


def ready(model=Company, state="draft", **fields):
    """A record that nothing stands against."""
    fields = {"published_at": None, **({"hub_link": "unknown"} if model is Company else {}), **fields}
    return build(model, state=state, many={"sources": [build_source()]}, **fields)


def public(model=Company, state="published", **fields):
    return ready(model, state, **{"published_at": timezone.now() - timedelta(days=1), **fields})


def steps_on(page):
    """The labels of the steps that a form offers, once each."""
    found = [part for part in parts(page, "button", "a") if part.get("class") == "step"]
    return list(dict.fromkeys("".join(part.itertext()) for part in found))


def summary(page):
    """{address of a field: what the list above the form says of it}."""
    [box] = [part for part in parts(page, "div") if part.get("class") == "complaints"]
    return {link.get("href"): "".join(link.itertext()) for link in box.iter() if link.get("href")}


def again(record):
    return type(record).objects.get(pk=record.pk)


# The buttons


@pytest.mark.parametrize(
    ("role", "state", "offered"),
    [
        (AUTHOR, None, ["Send to review"]),
        (AUTHOR, "draft", ["Send to review"]),
        (AUTHOR, "review", ["Back to draft"]),
        (AUTHOR, "published", []),
        (AUTHOR, "withdrawn", []),
        (REVIEWER, None, ["Publish", "Send to review"]),
        (REVIEWER, "draft", ["Publish", "Send to review"]),
        (REVIEWER, "review", ["Publish", "Back to draft"]),
        (REVIEWER, "scheduled", ["Back to draft"]),
        (REVIEWER, "published", ["Withdraw…"]),
        (REVIEWER, "withdrawn", ["Publish"]),
        (REVIEWER, "over", ["Publish"]),
    ],
)
def test_steps_offered_by_role_and_standing(log_in, role, state, offered):
    later, before = timezone.now() + timedelta(days=1), timezone.now() - timedelta(hours=1)
    fields = {
        "scheduled": {"state": "published", "published_at": later},
        "over": {"state": "published", "withdraw_at": before, **REASON},
    }
    url = address(Company, "add")
    if state:
        url = change_page(build(Company, **fields.get(state, {"state": state})))
    assert steps_on(log_in(role).get(url)) == offered


@pytest.mark.parametrize("state", ["draft", "review"])
def test_author_has_no_field_of_publication(log_in, state):
    page = log_in(AUTHOR).get(change_page(build(Company, state=state)))
    names = {"state", "published_at_0", "withdraw_at_0", "withdrawal_reason"}
    assert names.isdisjoint(controls(page))


@pytest.mark.parametrize(
    ("role", "state", "step"),
    [
        (AUTHOR, "draft", "publish"),
        (AUTHOR, "review", "publish"),
        (AUTHOR, "published", "withdraw"),
        (AUTHOR, "published", "draft"),
        (REVIEWER, "published", "draft"),
        (REVIEWER, "published", "review"),
        (REVIEWER, "published", "publish"),
        (REVIEWER, "withdrawn", "draft"),
        (REVIEWER, "published", "withdraw"),
    ],
)
def test_step_that_is_not_offered_forbidden(log_in, role, state, step):
    record = build(Company, state=state)
    client = log_in(role)
    data = controls(client.get(change_page(record))) | {"_step": step, "summary": "Other."}
    assert client.post(change_page(record), data).status_code == 403
    assert (again(record).state, again(record).summary) == (state, record.summary)


def test_author_cannot_publish_while_adding(log_in):
    response = save(log_in(AUTHOR), address(Company, "add"), name="A", slug="a", _step="publish")
    assert response.status_code == 403
    assert not Company.objects.exists()


@pytest.mark.parametrize(("make", "is_offered"), [(ready, True), (public, False)])
def test_deletion_offered_only_of_what_was_never_public(log_in, make, is_offered):
    page = log_in(CHIEF_EDITOR).get(change_page(make()))
    links = [part.get("href") for part in parts(page, "a")]
    assert any(link and link.endswith("/delete/") for link in links) == is_offered


@pytest.mark.parametrize("model", RECORDS)
def test_author_cannot_withdraw(log_in, model):
    record = public(model)
    url = address(model, "withdraw", record.pk)
    assert log_in(AUTHOR).post(url, {"reason": "No."}).status_code == 403
    assert again(record).state == "published"


def test_state_in_the_data_is_no_way_around(log_in):
    draft = ready()
    save(log_in(AUTHOR), change_page(draft), state="published", published_at_0="2020-01-01")
    assert (again(draft).state, again(draft).published_at) == ("draft", None)


# Drafts and what publication asks of them


@pytest.mark.parametrize("model", RECORDS)
def test_draft_of_a_name_alone(log_in, model):
    assert save(log_in(AUTHOR), address(model, "add"), name="A", slug="a").status_code == 302
    assert model.objects.get().state == "draft"


def test_draft_with_statement_without_source(log_in):
    changes = {"row0_label": "Founded", "row0_text": "2016"}
    assert save(log_in(AUTHOR), address(Company, "add"), name="A", slug="a", **changes).status_code == 302
    assert not Statement.objects.get().sources.exists()


def test_publication_of_incomplete_record_lists_what_is_missing(reviewer):
    challenge = build(Challenge, state="draft", published_at=None, summary="", severity_reason="")
    build_statement(challenge, label="Shortage", text="Few.", sources=[])
    response = save(
        reviewer, change_page(challenge), _step="publish", body="Typed.", row1_label="New", row1_text="X"
    )
    assert summary(response) == {
        "#id_summary": "Summary: Missing.",
        "#id_sources": "Sources: None stands behind the text.",
        "#id_severity_reason": "Severity reason: This field cannot be blank.",
        "#statements-0": "Shortage: Sources: None stands behind the statement.",
        "#id_statements-1-sources": "New: Sources: None stands behind the statement.",
    }
    assert {part.get("id") for part in parts(response, "select", "textarea", "div")} >= {
        link[1:] for link in summary(response)
    }
    # One message for one thing: Django's own would stand below it.
    assert "Please correct" not in words(response)
    [title] = parts(response, "title")
    assert "".join(title.itertext()).split()[0] == "Error:"
    typed = controls(response)
    assert (typed["body"], typed["statements-1-text"]) == ("Typed.", "X")
    assert (again(challenge).state, again(challenge).body) == ("draft", "")
    assert challenge.statements.count() == 1
    assert not LogEntry.objects.exists()


def test_publication_while_adding_refused_adds_nothing(reviewer):
    response = save(reviewer, address(Company, "add"), name="A", slug="a", _step="publish")
    assert summary(response)["#id_summary"] == "Summary: Missing."
    assert "Add company" in words(response)
    assert not Company.objects.exists()


def test_refused_publication_once_mended(reviewer):
    draft = ready(summary="")
    refused = save(reviewer, change_page(draft), _step="publish")
    data = controls(refused) | {"summary": "What it is.", "_step": "publish"}
    assert reviewer.post(change_page(draft), data).status_code == 302
    assert Company.objects.published().get().summary == "What it is."


def test_publication_with_column_that_no_statement_supports(reviewer):
    response = save(reviewer, change_page(ready()), _step="publish", founded="2016")
    assert summary(response) == {
        "#id_founded": "Founded: Is filled, but no statement supports it: one with the key founded would."
    }
    rows = {"row0_label": "Founded", "row0_key": "founded", "row0_text": "2016", "row0_date": "2016"}
    client_data = controls(response) | {"_step": "publish"}
    for name, value in {**rows, "row0_sources": [build_source().pk]}.items():
        client_data[f"statements-0-{name.removeprefix('row0_')}"] = value
    assert reviewer.post(change_page(Company.objects.get()), client_data).status_code == 302


def test_held_back_statement_does_not_stop_publication(reviewer):
    draft = ready()
    build_statement(draft, sources=[], draft=True)
    response = save(reviewer, change_page(draft), _step="publish")
    assert response.status_code == 302, errors(response)


@pytest.mark.parametrize("model", RECORDS)
def test_publish_of_complete_record(reviewer, model):
    draft = ready(model)
    response = save(reviewer, change_page(draft), _step="publish")
    assert response.status_code == 302, summary(response)
    assert model.objects.published().get() == draft
    assert "Changed state (publish)." in LogEntry.objects.get().get_change_message()


def test_publish_keeps_schedule(reviewer):
    draft = ready()
    changes = {"published_at_0": "2999-01-01", "published_at_1": "09:00:01", "_step": "publish"}
    assert save(reviewer, change_page(draft), **changes).status_code == 302
    assert again(draft).standing == "scheduled"
    page = words(reviewer.get(address(Company, "changelist")))
    assert "Scheduled for 1 Jan 2999, 09:00:01 Asia/Shanghai" in page


def test_scheduled_record_taken_back(reviewer):
    ahead = public(published_at=timezone.now() + timedelta(days=1))
    assert save(reviewer, change_page(ahead), _step="draft").status_code == 302
    assert again(ahead).state == "draft"


def test_withdrawn_record_published_again_keeps_no_reason(reviewer):
    over = timezone.now() - timedelta(minutes=1)
    for record in (public(state="withdrawn", **REASON), public(withdraw_at=over, **REASON)):
        assert save(reviewer, change_page(record), _step="publish").status_code == 302
        assert again(record).standing == "published"
        assert (again(record).withdraw_at, again(record).withdrawal_reason) == (None, "")


# What is public stays complete


def test_save_of_public_record_adds_no_fault(reviewer):
    record = public()
    response = save(reviewer, change_page(record), founded="2016", summary="Better.")
    assert summary(response) == {
        "#id_founded": "Founded: Is filled, but no statement supports it: one with the key founded would."
    }
    assert again(record).summary == record.summary
    response = save(reviewer, change_page(record), summary="")
    assert summary(response) == {"#id_summary": "Summary: Missing."}


def test_old_fault_does_not_stop_a_save_of_public_record(reviewer):
    record = public(founded="2016")
    assert save(reviewer, change_page(record), summary="Better.").status_code == 302
    assert again(record).summary == "Better."


def test_last_statement_behind_a_column_not_deleted(reviewer):
    record = public(founded="2016")
    build_statement(record, key="founded", text="2016", date="2016")
    response = save(reviewer, change_page(record), **{"statements-0-DELETE": "on"})
    assert summary(response) == {
        "#id_founded": "Founded: Is filled, but no statement supports it: one with the key founded would."
    }
    assert record.statements.exists()


def test_required_column_asked_for_once_public(reviewer):
    record = public(Breakthrough)
    assert summary(save(reviewer, change_page(record), kind="")) == {
        "#id_kind": "Kind: This field is required."
    }


def test_queries_of_publication_flat_over_statements(reviewer):
    counts = []
    for number in (3, 30):
        draft = ready()
        for n in range(number):
            build_statement(draft, label=f"Label {n}", status="reported")
        data = controls(reviewer.get(change_page(draft))) | {"_step": "publish"}
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connection) as queries:
            assert reviewer.post(change_page(draft), data).status_code == 302
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Withdrawal


def test_withdrawal_asks_for_reason(reviewer):
    record = public(name="Unitree")
    [link] = {
        part.get("href")
        for part in parts(reviewer.get(change_page(record)), "a")
        if part.get("class") == "step"
    }
    page = reviewer.get(link)
    assert "Unitree" in words(page)
    assert errors(page) == []
    assert errors(reviewer.post(link, {"reason": ""})) == ["Say why: readers who follow an old link see it."]
    assert again(record).state == "published"
    assert reviewer.post(link, {"reason": "It was a double."})["Location"] == change_page(record)
    assert (again(record).state, again(record).withdrawal_reason) == ("withdrawn", "It was a double.")


def test_withdrawal_of_what_is_not_public_does_nothing(reviewer):
    draft = ready()
    url = address(Company, "withdraw", draft.pk)
    assert "it is draft: stays as it is" in words(reviewer.get(url))
    reviewer.post(url, {"reason": "No."})
    assert again(draft).state == "draft"


def test_withdrawal_of_nothing(reviewer):
    assert reviewer.get(address(Company, "withdraw", 0)).status_code == 302


def test_withdrawal_planned(reviewer):
    record = public()
    changes = {"withdraw_at_0": "2999-01-01", "withdraw_at_1": "09:00:01", **REASON}
    assert save(reviewer, change_page(record), **changes).status_code == 302
    page = words(reviewer.get(change_page(record)))
    assert "Published, to be withdrawn 1 Jan 2999, 09:00:01 Asia/Shanghai" in page
    assert page.count("Asia/Shanghai time.") == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"withdraw_at_0": "2999-01-01"}, "Say why: readers who follow an old link see it."),
        ({"withdraw_at_0": "2001-01-01", **REASON}, "It is withdrawn after it is published, not before."),
    ],
)
def test_withdrawal_planned_badly(reviewer, changes, words):
    record = public()
    midnight = {name.replace("_0", "_1"): "00:00" for name in changes if name.endswith("_0")}
    [error] = errors(save(reviewer, change_page(record), **changes, **midnight))
    assert error.startswith(words)


PAST = "This time is past. To withdraw it now, press “Withdraw”."


def test_withdrawal_planned_for_the_past(reviewer):
    changes = {"withdraw_at_0": "2001-01-01", "withdraw_at_1": "00:00", "_step": "publish", **REASON}
    assert errors(save(reviewer, change_page(ready()), **changes)) == [PAST]


def test_draft_that_missed_its_withdrawal_not_published(reviewer):
    draft = ready(withdraw_at=timezone.now() - timedelta(minutes=1), **REASON)
    assert errors(save(reviewer, change_page(draft), _step="publish")) == [PAST]
    assert "its time of withdrawal is past" in words(act(reviewer, "publish_selected", draft, index=0))
    assert again(draft).state == "draft"


def test_withdrawal_before_the_publication(reviewer):
    days = {"published_at_0": "2999-01-02", "withdraw_at_0": "2999-01-02"}
    midnight = {"published_at_1": "00:00", "withdraw_at_1": "00:00"}
    [error] = errors(save(reviewer, change_page(ready()), **days, **midnight, **REASON))
    assert error == "It is withdrawn after it is published, not before."


def test_published_again_until_a_new_time(reviewer):
    record = public(withdraw_at=timezone.now() - timedelta(minutes=1), **REASON)
    changes = {"withdraw_at_0": "2999-01-01", "withdraw_at_1": "09:00", "withdrawal_reason": "Until then."}
    assert save(reviewer, change_page(record), _step="publish", **changes).status_code == 302
    assert again(record).standing == "published"
    assert (again(record).withdraw_at.year, again(record).withdrawal_reason) == (2999, "Until then.")


def test_public_record_not_hidden_by_a_new_time(reviewer):
    changes = {"published_at_0": "2999-01-01", "published_at_1": "09:00"}
    assert errors(save(reviewer, change_page(public()), **changes)) == [
        "Readers see it already. To take it away, withdraw it with a reason."
    ]


def test_reason_of_withdrawn_record_stays(reviewer):
    record = public(state="withdrawn", **REASON)
    assert errors(save(reviewer, change_page(record), withdrawal_reason="")) == [
        "Say why: readers who follow an old link see it."
    ]


def test_time_of_publication_of_public_record_stays(reviewer):
    record = public()
    save(reviewer, change_page(record), published_at_0="", published_at_1="")
    assert again(record).published_at == record.published_at


def test_list_by_state(reviewer):
    later, before = timezone.now() + timedelta(days=1), timezone.now() - timedelta(hours=1)
    ready(slug="draft"), ready(slug="review", state="review"), public(slug="published")
    public(slug="scheduled", published_at=later), public(slug="until-later", withdraw_at=later, **REASON)
    public(slug="withdrawn", state="withdrawn", **REASON), public(slug="over", withdraw_at=before, **REASON)
    expected = {
        "draft": {"draft"},
        "review": {"review"},
        "scheduled": {"scheduled"},
        "published": {"published", "until-later"},
        "withdrawn": {"withdrawn", "over"},
    }
    for standing, slugs in expected.items():
        page = reviewer.get(address(Company, "changelist"), {"standing": standing})
        assert {row.slug for row in page.context["cl"].result_list} == slugs
        assert all(row.standing == standing for row in page.context["cl"].result_list)
    assert "Withdrawn (2)" in words(reviewer.get(address(Company, "changelist")))


# The two-person rule


@pytest.fixture
def two(settings):
    settings.TWO_PERSON_RULE = True


def written_by(client, commit):
    """A draft that the one who is logged in wrote last."""
    draft = ready()
    with commit():
        assert save(client, change_page(draft), summary="Written by hand.").status_code == 302
    return draft


@pytest.mark.usefixtures("two")
def test_author_of_last_edit_does_not_publish(log_in, commit):
    draft = written_by(log_in(REVIEWER), commit)
    first = log_in(REVIEWER)
    page = first.get(change_page(draft))
    assert steps_on(page) == ["Publish", "Send to review"]
    with commit():
        assert save(first, change_page(draft), _step="review").status_code == 302
    assert save(first, change_page(draft), _step="publish").status_code == 302
    assert again(draft).state == "published"


@pytest.mark.usefixtures("two")
def test_own_edit_not_published(reviewer, commit):
    draft = written_by(reviewer, commit)
    page = reviewer.get(change_page(draft))
    assert steps_on(page) == ["Send to review"]
    assert "another person has to publish it" in words(page)
    response = save(reviewer, change_page(draft), _step="publish")
    assert errors(response) == ["You changed it last: another person has to publish it."]
    assert "another person" in words(act(reviewer, "publish_selected", draft, index=0))
    assert again(draft).state == "draft"


@pytest.mark.usefixtures("two")
def test_own_edit_in_the_form_that_publishes(log_in, commit):
    draft = written_by(log_in(AUTHOR), commit)
    second = log_in(REVIEWER)
    response = save(second, change_page(draft), _step="publish", summary="Changed just now.")
    assert errors(response) == ["You changed it last: another person has to publish it."]
    schedule = {"published_at_0": "2999-01-01", "published_at_1": "09:00"}
    assert save(second, change_page(draft), _step="publish", **schedule).status_code == 302


def test_own_edit_published_without_the_rule(reviewer, commit):
    draft = written_by(reviewer, commit)
    assert save(reviewer, change_page(draft), _step="publish").status_code == 302
    assert again(draft).state == "published"


# Several at once


def test_publish_selected(reviewer):
    drafts = [ready(), ready()]
    bare, done = ready(name="Bare", summary=""), public(name="Unitree")
    page = words(act(reviewer, "publish_selected", *drafts, bare, done, index=0))
    assert set(Company.objects.published()) == {*drafts, done}
    assert "2 companies changed." in page
    assert "1 left as before: Unitree (it is published)" in page
    assert "1 left as before: Bare (summary: missing)" in page
    assert [entry.object_id for entry in LogEntry.objects.order_by("pk")] == [str(row.pk) for row in drafts]


def test_publish_selected_keeps_schedule(reviewer):
    later = timezone.now() + timedelta(days=1)
    draft = ready(published_at=later)
    act(reviewer, "publish_selected", draft, index=0)
    assert (again(draft).state, again(draft).published_at) == ("published", later)


def test_review_selected_by_author(log_in):
    draft, done = ready(), public(name="Unitree")
    page = words(act(log_in(AUTHOR), "review_selected", draft, done, index=0))
    assert (again(draft).state, again(done).state) == ("review", "published")
    assert "1 left as before: Unitree (it is published)" in page


def test_withdraw_selected_asks_for_reason(reviewer):
    page = act(reviewer, "withdraw_selected", public(name="Unitree"), ready(), index=0)
    assert "Unitree" in words(page)
    assert "it is draft: stays as it is" in words(page)
    assert errors(page) == []
    assert Company.objects.published().count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_withdraw_selected_without_good_reason(reviewer, reason):
    page = act(reviewer, "withdraw_selected", public(), reason=reason)
    assert len(errors(page)) == 1
    assert controls(page)["reason"] == reason
    assert Company.objects.published().count() == 1
    assert not LogEntry.objects.exists()


def test_withdraw_selected(reviewer):
    record, draft = public(), ready(name="Unready")
    page = words(act(reviewer, "withdraw_selected", record, draft, reason="It was a double."))
    assert (again(record).state, again(record).withdrawal_reason) == ("withdrawn", "It was a double.")
    assert "1 company changed." in page
    assert "1 left as before: Unready (it is draft)" in page
    assert LogEntry.objects.get().change_message == "Withdraw: It was a double."


def test_failure_midway_undoes_all(reviewer, monkeypatch):
    first, other = public(), public(name="Zhipu, after the first")
    keep = Company.save

    def fail(record, *args, **kwargs):
        if record.pk == other.pk:
            raise RuntimeError("disk full")
        keep(record, *args, **kwargs)

    monkeypatch.setattr(Company, "save", fail)
    with pytest.raises(RuntimeError, match="disk full"):
        act(reviewer, "withdraw_selected", first, other, reason="Doubles.")
    assert Company.objects.published().count() == 2


def test_queries_of_bulk_pages(reviewer):
    rows = [public() for _ in range(20)]
    with CaptureQueriesContext(connection) as queries:
        act(reviewer, "withdraw_selected", *rows)
    assert len(queries) <= MOST_QUERIES


def test_chief_editor_holds_what_a_reviewer_holds(log_in):
    draft = ready()
    assert save(log_in(CHIEF_EDITOR), change_page(draft), _step="publish").status_code == 302
