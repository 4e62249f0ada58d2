#!/usr/bin/env python
"""Run a management command; `quickstart` first writes the settings file that it needs."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from hubportal.environment import complete_env_file


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubportal.settings")
    if sys.argv[1:2] == ["quickstart"]:
        complete_env_file()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        if "--traceback" in sys.argv:
            raise
        # These say what to set, in a sentence: a page of traceback would bury it.
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
