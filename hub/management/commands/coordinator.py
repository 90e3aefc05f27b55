"""The first coordinator of a fresh installation, whom nobody on a page could appoint."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from hub import founding
from hub.models import Member


class Command(BaseCommand):
    """`coordinator EMAIL`: that person coordinates the cooperative. Repeating it changes nothing."""

    help = "Make somebody coordinator, a member or not yet; they sign in with a code sent to this address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--support", action="store_true", help="may open the admin site too, to look things up")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        with transaction.atomic():
            member = Member.objects.filter(email__iexact=email).first() or founding.register(
                email=email, first_name=options["first_name"], last_name=options["last_name"]
            )
            founding.appoint_coordinator(member=member, by=None, now=timezone.now())
            if options["support"]:
                founding.open_admin(member=member, now=timezone.now())
        self.stdout.write(f"{member.email} coordinates the cooperative. Sign in at {settings.SITE_URL}/sign-in/login/")
