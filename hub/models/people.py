"""Who is there: the cooperative, its members, their households, and what each may do."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hub.codes import new_long_code

INVITATION_LIFE = timedelta(days=14)


class Hub(models.Model):
    """The cooperative this installation serves. There is exactly one row."""

    name = models.CharField(_("name"), max_length=80)
    legal_name = models.CharField(_("legal name"), max_length=120, blank=True)
    address = models.TextField(_("address"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    siret = models.CharField(_("SIRET number"), max_length=14, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    vat_registered = models.BooleanField(
        _("its fees carry VAT"), default=True, help_text=_("Off under art. 293 B: fee documents then show no VAT.")
    )
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    creditor_id = models.CharField(_("creditor identifier (ICS)"), max_length=35, blank=True)
    language = models.CharField(_("language of its documents"), max_length=5, default="fr")
    share_explained = models.TextField(_("what the cooperative does with its share"), blank=True)
    sheet_weeks = models.PositiveSmallIntegerField(_("weeks sheets are kept"), default=26)

    class Meta:
        verbose_name = _("cooperative")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pk=1),
                name="hub_hub_only_one",
                violation_error_message=_("There is one cooperative."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def get(cls) -> Self:
        """The cooperative; a fresh installation gets a row with a neutral name."""
        hub, _created = cls.objects.get_or_create(pk=1, defaults={"name": "Cabas"})
        return hub


class HouseholdQuerySet(models.QuerySet["Household"]):
    def visible_to(self, member: "Member") -> Self:
        """Their own household; a host, those accepted at their points; a coordinator, all."""
        if member.is_coordinator:
            return self
        return self.filter(
            models.Q(pk=member.household_id)
            | models.Q(memberships__point__hosts__member=member, memberships__point__hosts__until=None)
        ).distinct()


class Household(models.Model):
    """One or several members who order, pay and collect together, and own one account."""

    code = models.CharField(max_length=10, unique=True, default=new_long_code, editable=False)
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    access_note = models.CharField(_("how to reach the door"), max_length=200, blank=True)
    route_position = models.PositiveSmallIntegerField(_("stop on the round"), default=0)
    avoided_allergens = ArrayField(
        models.CharField(max_length=20), verbose_name=_("allergens to avoid"), default=list, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("household")

    def __str__(self) -> str:
        return self.name


class MemberManager(BaseUserManager["Member"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        """A member who signs in with `email`; without a password they use e-mailed codes or a passkey."""
        member = self.model(email=self.normalize_email(email).lower(), **fields)
        member.set_password(password) if password else member.set_unusable_password()
        member.save(using=self._db)
        return member

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        """A member with the keys of the admin site."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "Member":
        """E-mail addresses are compared without case."""
        return self.get(email__iexact=username)


class Member(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. Their e-mail is their login; all members of a household are equal in it."""

    email = models.EmailField(_("e-mail"), max_length=254)
    first_name = models.CharField(_("first name"), max_length=60, blank=True)
    last_name = models.CharField(_("last name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="fr")
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="members")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the admin site"), default=False)
    muted = ArrayField(models.CharField(max_length=40), verbose_name=_("messages not wanted"), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = MemberManager()

    class Meta:
        verbose_name = _("member")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="hub_member_email_once",
                violation_error_message=_("Somebody already signs in with this e-mail."),
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First and last name, or the part of the e-mail before the @ for somebody who gave none."""
        return f"{self.first_name} {self.last_name}".strip() or self.email.partition("@")[0]

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name or self.full_name

    @property
    def is_coordinator(self) -> bool:
        """Whether they hold the coordinator's role today; read once per instance."""
        if "_coordinator" not in self.__dict__:
            self.__dict__["_coordinator"] = self.roles.current().coordinators().exists()
        return bool(self.__dict__["_coordinator"])


class RoleQuerySet(models.QuerySet["Role"]):
    def current(self) -> Self:
        """Roles not taken back."""
        return self.filter(revoked_at=None)

    def coordinators(self) -> Self:
        """Roles of those who see and do everything."""
        return self.filter(kind=Role.Kind.COORDINATOR)


class Role(models.Model):
    """A duty for the whole cooperative held by a member. Hosts and producers' people have tables of their own."""

    class Kind(models.TextChoices):
        COORDINATOR = "coordinator", _("coordinator")

    member = models.ForeignKey(Member, models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=20, choices=Kind)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"],
                condition=models.Q(revoked_at=None),
                name="hub_role_once",
                violation_error_message=_("This person already holds this role."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_kind_display()}"


class InvitationQuerySet(models.QuerySet[Any]):
    def pending(self) -> Self:
        """Neither used nor withdrawn, however old."""
        return self.filter(used_at=None, withdrawn_at=None)

    def with_token(self, token: str) -> Self:
        """The one whose link carries this token."""
        return self.filter(token_hash=hash_of(token))


def hash_of(token: str) -> str:
    """What is kept of a token: enough to recognise it, not enough to use it."""
    return sha256(token.encode()).hexdigest()


class Invitation(models.Model):
    """A link sent to one address, good once and for fourteen days. Only the hash of its token is kept."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        USED = "used", _("used")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    PLACE: ClassVar[str]
    """Its field that says where: a point or a producer."""

    email = models.EmailField(_("e-mail"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(withdrawn_at=None),
                name="%(app_label)s_%(class)s_one_end",
                violation_error_message=_("An invitation is used or withdrawn, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def expires_at(self) -> datetime:
        """When the link stops working."""
        return self.created_at + INVITATION_LIFE

    def state(self, now: datetime) -> State:
        """Whether the link still works, and why not."""
        if self.used_at is not None:
            return self.State.USED
        if self.withdrawn_at is not None:
            return self.State.WITHDRAWN
        return self.State.OPEN if now < self.expires_at else self.State.EXPIRED

    @property
    def place(self) -> Any:
        """The point or the farm it opens."""
        return getattr(self, self.PLACE)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def active(self) -> Self:
        """Not revoked."""
        return self.filter(revoked_at=None)


class ApiToken(models.Model):
    """A key for programs: belongs to a member, is shown once, carries scopes. Only its hash is kept.

    `calls` counts those of the minute that began at `counted_from`, for the limit.
    """

    class Scope(models.TextChoices):
        READ = "read", _("read")
        ORDER = "order", _("order")
        STOCK = "stock", _("stock")
        HANDOVER = "handover", _("hand-over")
        ACCOUNTS = "accounts", _("accounts")

    code = models.CharField(max_length=10, unique=True, default=new_long_code, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    created_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)
    counted_from = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    scopes__contained_by=["read", "order", "stock", "handover", "accounts"], scopes__len__gte=1
                ),
                name="hub_apitoken_scopes",
                violation_error_message=_("A key opens something, and nothing but what there is."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def allows(self, scopes: Iterable[str]) -> bool:
        """Whether every scope of `scopes` was granted."""
        return set(scopes) <= set(self.scopes)

    @property
    def scope_names(self) -> list[str]:
        """What it opens, in the reader's language."""
        return [str(scope.label) for scope in self.Scope if scope in self.scopes]
