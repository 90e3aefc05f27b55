#!/usr/bin/env python
"""Run a management command; a malformed setting is answered with one sentence, not with a traceback."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from hub import embedded

    try:
        with embedded.servers_for(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, embedded.EmbeddedError) as refused:
        sys.exit(f"{refused}")


if __name__ == "__main__":
    main()
