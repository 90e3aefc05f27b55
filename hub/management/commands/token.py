"""A key for a program, from the server's own command line."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from hub import tokens
from hub.models import ApiToken, Member
from hub.refusals import Refusal


class Command(BaseCommand):
    """`token EMAIL [--scope read …] [--name …]` makes a key and prints it as its last word; `--list-members` prints whom
    it can be made for. Status 1 when there is no such active member or no such scope."""

    help = "Make an API token for a member, or list the members."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="?", metavar="EMAIL", help="whose token it is")
        parser.add_argument(
            "--scope", action="append", nargs="+", metavar="SCOPE", default=[],
            help=f"what it opens, of {', '.join(ApiToken.Scope.values)}; all of them unless said",
        )  # fmt: skip
        parser.add_argument("--name", default="manage.py token", help="what its owner reads beside it")
        parser.add_argument("--list-members", action="store_true", help="print every active member's e-mail and stop")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list_members"]:
            self._list(as_json=options["json"])
            return
        if not options["email"]:
            raise CommandError("Whose token? Give an EMAIL; --list-members prints those of all members.")
        members = Member.objects.filter(is_active=True, household__erased_at=None)
        member = members.filter(email__iexact=options["email"]).first()
        if member is None:
            raise CommandError(f"No active member signs in with {options['email']}; see --list-members.")
        try:
            made = tokens.mint(
                member=member, name=options["name"], scopes=_scopes(options["scope"]), now=timezone.now()
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal} ({', '.join(ApiToken.Scope.values)})") from refusal
        told = {"email": member.email, "name": made.token.name, "scopes": made.token.scopes, "token": made.secret}
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self.stdout.write(f"{member.email} ({', '.join(made.token.scopes)}): {made.secret}")

    def _list(self, *, as_json: bool) -> None:
        active = Member.objects.filter(is_active=True, household__erased_at=None)
        emails = list(active.order_by("email").values_list("email", flat=True))
        self.stdout.write(json.dumps(emails) if as_json else "\n".join(emails))


def _scopes(given: list[list[str]]) -> list[str]:
    """`--scope read order`, `--scope read --scope order` and `--scope read,order` say the same."""
    named = [scope for words in given for word in words for scope in word.split(",") if scope]
    return named or list(ApiToken.Scope.values)
