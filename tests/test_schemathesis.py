"""Every address of the OpenAPI description, asked what it should take and what it should not.

The suite draws a few cases for each address. This asks above 4,000, the boundaries of every parameter
among them: SCHEMATHESIS_EXAMPLES=20 uv run --group dev pytest -n 0 -s tests/test_schemathesis.py
"""

import os

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test

from ecosystem.views.data import LISTS
from hubportal import pagecache
from hubportal.wsgi import application
from tests.builders import populate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
LARGE = "SCHEMATHESIS_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "10"))
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
# The boundaries are the many: some are asked for each value of each choice.
MODES = [mode for mode in HypothesisTestMode if LARGE or mode != HypothesisTestMode.COVERAGE]


# One list at a time, so that the processors share the work.
@pytest.mark.parametrize("tag", [*(str(view.model._meta.verbose_name_plural) for view in LISTS), "search"])
def test_api_does_what_its_description_says(tag, django_capture_on_commit_callbacks, monkeypatch):
    # A machine that is busy with other tests is no database that hangs.
    monkeypatch.setattr(pagecache, "READING", pagecache.SAVING)
    with django_capture_on_commit_callbacks(execute=True):
        populate(2)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application).include(tag=tag)
    calls = []

    def ask(case):
        # The client inside the process does not unpack what the server compresses.
        calls.append(case.call_and_validate(headers={"Accept-Encoding": "identity"}))

    # As schemathesis' own plugin does it, which would want the vocabularies before there is a database.
    config = HypothesisTestConfig(project=schema.config, modes=MODES, settings=SETTINGS)
    for result in schema.get_all_operations():
        create_test(operation=result.ok(), test_func=ask, config=config)()
    print(len(calls), "cases")
    # An address without parameters leaves nothing to vary.
    assert len(calls) >= EXAMPLES
