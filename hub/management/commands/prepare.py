"""After installing or upgrading: one command, which does only what is needed."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from hub import local_day, messages


class Command(BaseCommand):
    """Database, words and static files as this release needs them. Repeating it changes nothing."""

    help = "Migrate the database, compile the words and collect the static files."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        local_day.tell(connection)
        messages.compile_all()
        stamp = Path(settings.STATIC_ROOT) / ".made"
        if not stamp.is_file() or stamp.read_text() != static_state():
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            stamp.write_text(static_state())


def static_state() -> str:
    """Names, sizes and times of all static files: the same text while nothing has changed."""
    found = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            found.append(f"{name} {stat.st_size} {stat.st_mtime_ns}")
    return "\n".join(sorted(found))
