"""Shapes that several calls take or give. What is taken refuses unknown fields; numbers are not guessed from texts."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any

from django.conf import settings
from django.utils import timezone
from djmoney.money import Money
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from hub.calendar import wall_to_utc, week_days


def instant(when: datetime) -> str:
    """For programs: RFC 3339, with seconds and the offset of the cooperative's time zone."""
    return timezone.localtime(when, timezone.get_default_timezone()).isoformat(timespec="seconds")


DIGITS = r"\d{1,9}\.\d{2}"


def one_of(values: Iterable[str], **more: Any) -> Any:
    """A field that holds one of these words."""
    return Field(json_schema_extra={"enum": list(values)}, **more)


class Answer(BaseModel):
    """What a call gives."""


class Asked(BaseModel):
    """What a call takes: nothing but the fields it knows."""

    model_config = ConfigDict(extra="forbid")


def _week(text: str) -> str:
    week_days(text)
    return text


def _recent(when: datetime) -> datetime:
    if not datetime(2000, 1, 1, tzinfo=UTC) <= when <= datetime(2100, 1, 1, tzinfo=UTC):
        raise ValueError("is not a time of this century")
    return when


Whole = Annotated[int, Strict()]
Truth = Annotated[bool, Strict()]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
Week = Annotated[
    str,
    StringConstraints(pattern=r"^20[0-9]{2}-W[0-5][0-9]$"),
    AfterValidator(_week),
    Field(description="ISO week, as 2026-W48", examples=["2026-W48"]),
]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Moment = Annotated[AwareDatetime, AfterValidator(_recent)]
Instant = Annotated[
    datetime,
    PlainSerializer(instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-27T17:30:00+01:00"]}),
]


class Amount(Answer):
    """An amount of money with two decimals, incl. VAT unless said."""

    amount: str = Field(pattern=f"^-?{DIGITS}$", examples=["12.50"])
    currency: str = Field(examples=["EUR"])


def amount(value: Money | Decimal) -> Amount:
    """An amount as programs read it; a plain Decimal is in the cooperative's currency."""
    number, currency = (value.amount, str(value.currency)) if isinstance(value, Money) else (value, settings.CURRENCY)
    return Amount(amount=f"{number:.2f}", currency=currency)


def maybe(value: Money | None) -> Amount | None:
    """The same for an amount that may not be known yet."""
    return None if value is None else amount(value)


class AskedAmount(Asked):
    """An amount a program sends, in the cooperative's currency."""

    amount: Annotated[str, StringConstraints(pattern=rf"^{DIGITS}$")] = Field(examples=["12.50"])
    currency: Annotated[str, AfterValidator(lambda text: _ours(text))] = Field(examples=["EUR"])

    @property
    def number(self) -> Decimal:
        return Decimal(self.amount)


def _ours(currency: str) -> str:
    if currency != settings.CURRENCY:
        raise ValueError(f"is not the cooperative's currency, {settings.CURRENCY}")
    return currency


def days(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """The instants at which these local days begin and end; None where there is no bound."""
    since = None if first is None else wall_to_utc(first, time.min)
    return since, None if last is None else wall_to_utc(last + timedelta(days=1), time.min)


class Named(Answer):
    """Something with a public id and a name for people."""

    id: str
    name: str


class Problem(Answer):
    """RFC 9457. `refusal` is the stable code of the rule that refused, `data` what it says for programs; `errors` lists
    each bad field."""

    type: str
    title: str
    status: int
    detail: str
    refusal: str | None = None
    data: dict[str, Any] | None = None
    errors: list["BadField"] | None = None


class BadField(Answer):
    """Where a field is wrong (`body`, `query`, `path`, `file`), its path and why."""

    place: str
    path: str
    message: str
