"""What everyone shares: people, places, the calendar, the ledger, notices and the journal."""

from hub.models.activity import Activity
from hub.models.calendar import Collection
from hub.models.closed import ClosedPeriod
from hub.models.inbox import Beat, IdempotencyKey
from hub.models.ledger import Account, Series, Transfer
from hub.models.notices import Letter, Notice
from hub.models.payees import BankAccount, PointAccount
from hub.models.people import ApiToken, Household, Hub, Invitation, Member, Role
from hub.models.places import (
    CollectionPoint,
    Host,
    HostInvitation,
    Membership,
    PaymentMethod,
    WeeklySchedule,
)
from hub.models.rates import FeeRule, VatRate
from hub.models.stripe import StripeCall, StripeEvent, StripeMovement

__all__ = [
    "Account",
    "Activity",
    "ApiToken",
    "BankAccount",
    "Beat",
    "ClosedPeriod",
    "Collection",
    "CollectionPoint",
    "FeeRule",
    "Host",
    "HostInvitation",
    "Household",
    "Hub",
    "IdempotencyKey",
    "Invitation",
    "Letter",
    "Member",
    "Membership",
    "Notice",
    "PaymentMethod",
    "PointAccount",
    "Role",
    "Series",
    "StripeCall",
    "StripeEvent",
    "StripeMovement",
    "Transfer",
    "VatRate",
    "WeeklySchedule",
]
