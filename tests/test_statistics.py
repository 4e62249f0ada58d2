"""The database knows how its tables have grown, or it takes the wrong index."""

import pytest
from django.db import connection

from ecosystem.models import Company
from hubportal import statistics
from tests.builders import build

pytestmark = pytest.mark.django_db


def test_database_looks_at_its_tables():
    for _ in range(3):
        build(Company)
    statistics.refresh()
    sql = "SELECT count(*) FROM sqlite_stat1 WHERE tbl = %s"
    if connection.vendor == "postgresql":
        sql = "SELECT reltuples FROM pg_class WHERE relname = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [Company._meta.db_table])
        assert cursor.fetchone()[0] > 0
