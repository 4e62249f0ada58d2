#!/usr/bin/env python
"""Run a management command; `quickstart` first writes the settings file that it needs."""

import os
import sys

from django.core.management import execute_from_command_line

from hubportal.environment import write_first_env_file


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubportal.settings")
    if sys.argv[1:2] == ["quickstart"]:
        write_first_env_file()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
