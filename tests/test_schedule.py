"""When what readers see changes next without a commit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecosystem.models import RECORDS, Hub
from ecosystem.schedule import next_change_of_visibility
from tests.builders import build

pytestmark = pytest.mark.django_db
REASON = {"withdrawal_reason": "It was for a year."}


def from_now(**duration):
    return timezone.now() + timedelta(**duration)


def test_next_change_of_visibility_is_the_earliest_of_any_record(django_assert_num_queries):
    assert next_change_of_visibility() is None
    expected = None
    for hours, model in zip(range(9, 0, -1), RECORDS, strict=False):
        expected = from_now(hours=hours)
        due = {"withdraw_at": expected, **REASON} if hours % 2 else {"published_at": expected}
        build(model, **due)
        with django_assert_num_queries(1):
            assert next_change_of_visibility() == expected
    for fields in (
        {"state": "draft", "published_at": from_now(minutes=1)},
        {"state": "withdrawn", "published_at": from_now(minutes=1)},
        {"withdraw_at": from_now(minutes=-1)},
    ):
        build(Hub, **{**REASON, **fields})
    assert next_change_of_visibility() == expected
