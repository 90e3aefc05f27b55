"""A rule said no: one family of exceptions with a stable code, a sentence for people and data for programs."""

from typing import Any, ClassVar, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
Known = TypeVar("Known")


class Refusal(Exception):
    """An act was refused by a rule of the cooperative.

    `code` is stable and public (the API sends it), `message` is a translated sentence that says what to do,
    `data` holds JSON-safe values about the refusal. Nothing has changed when a Refusal is raised.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, message: Words, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data

    def __str__(self) -> str:
        return str(self.message)


class AnotherFact(Refusal):
    """The key stands for something else: a form that had been sent was changed and sent again."""

    code = "another-fact"


def the_first(known: Known, *, same: bool) -> Known:
    """What a key stands for already. Raises AnotherFact when what is asked for now is not the `same`: nobody may be told
    that it was noted."""
    if not same:
        raise AnotherFact(
            _(
                "This page was sent before with other values, and those were noted. If you mean this as well, send it again."
            )
        )
    return known
