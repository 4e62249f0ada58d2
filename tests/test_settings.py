"""The settings as processes see them that start with a given environment, and with no settings file."""

import json
import os
import subprocess
import sys
from datetime import date

import pytest
from django.core.cache import cache
from django.utils import formats

from hubportal.environment import BASE_DIR

SECRET = "s" * 25 + "0123456789-abcdefghijklmnopqrst"
PRODUCTION = {"SECRET_KEY": SECRET, "ALLOWED_HOSTS": "hub.example.org", "SITE_URL": "https://hub.example.org"}
PRAGMAS = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")


def python(*arguments, **environment):
    """Run Python in an environment that holds these settings and no others."""
    outside = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "hubportal.settings"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env={**outside, "ENV_FILE": os.devnull, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def manage(*arguments, **environment):
    return python("manage.py", *arguments, **environment)


def evaluate(expression, **environment):
    """The value of an expression over `settings` and `connection`, in a process of its own."""
    code = (
        "import json\nfrom django.conf import settings\nfrom django.db import connection\n"
        f"print(json.dumps({expression}))"
    )
    done = python("-c", code, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "SECRET_KEY is not set. Put 50 random characters into the environment or into .env.\n"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set. Put 50 random characters"),
        ({"SECRET_KEY": SECRET}, "ALLOWED_HOSTS is not set. Put the host names"),
        ({"DEBUG": "maybe"}, "DEBUG is 'maybe'. Set it to 1 or 0.\n"),
        ({**PRODUCTION, "BEHIND_PROXY": "nginx"}, "BEHIND_PROXY is 'nginx'. Set it to 1 or 0.\n"),
    ],
)
def test_start_without_what_it_needs_stops_with_a_sentence(environment, sentence):
    done = manage("check", **environment)
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert "Traceback" not in done.stderr


def test_start_that_stops_shows_the_traceback_if_asked():
    done = manage("check", "--traceback")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")


def test_server_without_a_secret_does_not_start():
    done = python("-c", "import hubportal.wsgi")
    assert done.returncode == 1
    assert "SECRET_KEY is not set." in done.stderr


def test_debug_needs_no_other_setting():
    assert evaluate("[settings.DEBUG, '127.0.0.1' in settings.ALLOWED_HOSTS]", DEBUG="1") == [True, True]


def test_production_passes_djangos_own_deployment_check():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_site_over_https_keeps_cookies_and_visitors_there():
    names = "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT"
    assert evaluate(f"[{names}, settings.SECURE_HSTS_SECONDS]", **PRODUCTION) == [True, True, True, 31536000]
    plain = {**PRODUCTION, "SITE_URL": "http://127.0.0.1:8000"}
    assert evaluate(f"[{names}, settings.SECURE_HSTS_SECONDS]", **plain) == [False, False, False, 0]


def test_site_over_https_binds_cookies_to_its_host_by_name():
    names = "[settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME]"
    assert evaluate(names, **PRODUCTION) == ["__Host-session", "__Host-csrf"]
    plain = {**PRODUCTION, "SITE_URL": "http://127.0.0.1:8000"}
    assert evaluate(names, **plain) == ["session", "csrf"]


def test_second_factor_is_asked_for_in_production_unless_told_otherwise():
    plain = {**PRODUCTION, "SITE_URL": "http://127.0.0.1:8000"}
    environments = [PRODUCTION, plain, {**PRODUCTION, "MFA_REQUIRED": "0"}, {**plain, "MFA_REQUIRED": "1"}]
    required = [evaluate("settings.MFA_REQUIRED", **environment) for environment in environments]
    assert required == [True, False, False, True]


def test_redirects_to_tls_name_the_configured_host():
    url = {"SITE_URL": "https://hub.example.org:8443/"}
    assert evaluate("settings.SECURE_SSL_HOST", **{**PRODUCTION, **url}) == "hub.example.org:8443"


def test_cache_is_one_that_processes_share():
    kind, place = "settings.CACHES['default']['BACKEND']", "settings.CACHES['default']['LOCATION']"
    assert evaluate(f"[{kind}, {place}]", **PRODUCTION) == [
        "django.core.cache.backends.db.DatabaseCache",
        "cache_entries",
    ]
    redis = {"REDIS_URL": "redis://127.0.0.1:6379/3"}
    assert evaluate(f"[{kind}, {place}]", **PRODUCTION, **redis) == [
        "django.core.cache.backends.redis.RedisCache",
        "redis://127.0.0.1:6379/3",
    ]


@pytest.mark.django_db
def test_cache_works_once_the_migrations_ran():
    cache.set("key", ["a value"], 60)
    assert cache.get("key") == ["a value"]
    assert not cache.add("key", "another")


def test_proxy_header_is_believed_only_if_asked():
    header = "getattr(settings, 'SECURE_PROXY_SSL_HEADER')"
    proxies = "getattr(settings, 'ALLAUTH_TRUSTED_PROXY_COUNT', 0)"
    assert [evaluate(proxies, **PRODUCTION), evaluate(proxies, **PRODUCTION, BEHIND_PROXY="1")] == [0, 1]
    assert evaluate(header, **PRODUCTION) is None
    assert evaluate(header, **PRODUCTION, BEHIND_PROXY="1") == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_database_url_for_postgresql_is_understood():
    url = "postgres://hub:p%40ss%2Fword@db.example.org:5433/portal"
    database = evaluate("settings.DATABASES['default']", **PRODUCTION, DATABASE_URL=url)
    assert database["ENGINE"] == "hubportal.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.org", 5433, "portal")
    assert (database["USER"], database["PASSWORD"]) == ("hub", "p@ss/word")
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (600, True)
    assert "init_command" not in database.get("OPTIONS", {})


def test_database_url_of_an_unknown_kind_stops():
    done = manage("check", **PRODUCTION, DATABASE_URL="mongodb://127.0.0.1/portal")
    assert done.returncode == 1
    assert "mongodb" in done.stderr


def test_database_url_not_set_is_the_file_beside_manage_py():
    name = "str(settings.DATABASES['default']['NAME'])"
    assert evaluate(name, **PRODUCTION) == str(BASE_DIR / "db.sqlite3")


def test_sqlite_options_are_in_force_in_a_file(tmp_path):
    (tmp_path / "db.sqlite3").touch()
    asked = ", ".join(f"connection.cursor().execute('PRAGMA {name}').fetchone()[0]" for name in PRAGMAS)
    values = evaluate(f"[{asked}]", **PRODUCTION, DATABASE_URL=f"sqlite:///{tmp_path / 'db.sqlite3'}")
    # synchronous 2 is FULL
    assert dict(zip(PRAGMAS, values, strict=True)) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 20000,
        "foreign_keys": 1,
    }


def test_sqlite_transaction_takes_the_write_lock_at_its_start(tmp_path):
    (tmp_path / "db.sqlite3").touch()
    code = (
        "import django, sqlite3\ndjango.setup()\n"
        "from django.db import connection, transaction\n"
        "with transaction.atomic():\n"
        "    connection.cursor().execute('SELECT 1')\n"
        "    other = sqlite3.connect(connection.settings_dict['NAME'], timeout=0)\n"
        "    try:\n        other.execute('CREATE TABLE t (n)')\n"
        "    except sqlite3.OperationalError as problem:\n        print(problem)\n"
        "    other.close()\n"
    )
    done = python("-c", code, **PRODUCTION, DATABASE_URL=f"sqlite:///{tmp_path / 'db.sqlite3'}")
    assert done.stdout == "database is locked\n", done.stderr


def test_static_root_follows_the_environment(tmp_path):
    assert evaluate("str(settings.STATIC_ROOT)", **PRODUCTION) == str(BASE_DIR / "staticfiles")
    assert evaluate("str(settings.STATIC_ROOT)", **PRODUCTION, STATIC_ROOT=str(tmp_path)) == str(tmp_path)


def test_settings_come_from_the_file_too(tmp_path):
    file = tmp_path / "hub.env"
    file.write_text(
        f"SECRET_KEY={SECRET}\nALLOWED_HOSTS=hub.example.org\nSITE_NAME=Shenzhen\n", encoding="utf-8"
    )
    assert evaluate("settings.SITE_NAME", ENV_FILE=str(file)) == "Shenzhen"
    assert evaluate("settings.SITE_NAME", ENV_FILE=str(file), SITE_NAME="Chengdu") == "Chengdu"


def test_dates_are_written_day_first():
    assert formats.date_format(date(2016, 7, 9), "DATE_FORMAT") == "9 July 2016"
