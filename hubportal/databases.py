"""An address of a database as Django's settings."""

import dj_database_url

# IMMEDIATE takes the write lock at the start, so that two editors wait instead of failing; FULL syncs each
# commit, so that an acknowledged save survives a power cut. Nothing is mapped into memory: a file cut short
# by accident would then kill the process.
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    " PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-8000;",
}


def database(url):
    """Django's own two, behind backends that make no database in silence and wait for none without end.

    Connections persist: without that the last one to close removes SQLite's WAL index, and on a full disk the
    next request cannot make it again, so that even reading fails.
    """
    settings = dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    settings["ENGINE"] = settings["ENGINE"].replace("django.db", "hubportal")
    if settings["ENGINE"] == "hubportal.backends.sqlite3":
        settings["OPTIONS"] = SQLITE.copy()
        # Test tools know Django's own engine by its name only, and would make files for this one.
        settings["TEST"] = {"NAME": ":memory:"}
    return settings
