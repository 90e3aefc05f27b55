"""Keep the French words complete."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hub import messages


class Command(BaseCommand):
    """`messages` adds new strings to the catalogues; `--check` tells what is missing; `--compile` writes .mo files."""

    help = "Collect the words of the interface into <package>/locale/fr, check them or compile them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            "--check", action="store_true", help="list what is missing or wrong, status 1 if anything is"
        )
        group.add_argument("--compile", action="store_true", help="write the .mo files")
        group.add_argument("--prune", action="store_true", help="also drop strings that are no longer in the code")
        parser.add_argument("packages", nargs="*", help="only these packages (when collecting)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["compile"]:
            messages.compile_all()
        elif options["check"]:
            self.check_words()
        else:
            self.collect(options["packages"] or messages.PACKAGES, prune=options["prune"])

    def check_words(self) -> None:
        """Print every problem; raise CommandError when there is one."""
        problems = messages.problems()
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} strings need attention; `manage.py messages` adds missing ones.")

    def collect(self, packages: Any, *, prune: bool) -> None:
        """Rewrite the catalogues with the strings of the code."""
        for package in packages:
            if package not in messages.PACKAGES:
                raise CommandError(f"{package} is not a package of ours: {', '.join(messages.PACKAGES)}.")
            path = messages.catalogue_path(package)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(messages.merge(package, prune=prune), encoding="utf-8")
