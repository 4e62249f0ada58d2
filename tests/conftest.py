"""The environment of the suite, and builders of small valid records."""

import os

import django

os.environ.update(
    ENV_FILE=os.devnull,
    DJANGO_SETTINGS_MODULE="hubportal.settings",
    DEBUG="0",
    SECRET_KEY="for-tests-only-" + "x" * 40,
    ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
    SITE_URL="http://testserver",
    HASHED_STATIC="0",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", ""),
)

# The environment has to be complete before the settings are read, which a plugin would do too early.
django.setup()
