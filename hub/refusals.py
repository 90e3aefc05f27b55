"""A rule said no: one family of exceptions with a stable code, a sentence for people and data for programs."""

from typing import Any, ClassVar

from django.utils.functional import Promise

Words = str | Promise


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
