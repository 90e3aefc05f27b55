"""A program that speaks with the API, for tests."""

from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hub import tokens
from hub.models import Member
from tests import make

BASE = "/api/v1/"
EVERYTHING = ("read", "order", "stock", "handover", "accounts")


@dataclass
class Program:
    """Speaks for a member with a token of its own."""

    secret: str
    client: Client = field(default_factory=Client)

    def call(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        """The response; `headers` are named as in Python (`accept="text/csv"`)."""
        sent = {"authorization": f"Bearer {self.secret}", "accept-language": "en", **headers}
        if key:
            sent["idempotency-key"] = key
        if body is None:
            return self.client.generic(method, BASE + path, headers=sent)
        send = getattr(self.client, method.lower())
        return send(BASE + path, body, content_type="application/json", headers=sent)

    def upload(self, path: str, name: str, content: bytes, *, key: str = "") -> Any:
        """Send a file."""
        headers = {"authorization": f"Bearer {self.secret}", "accept-language": "en"}
        headers |= {"idempotency-key": key} if key else {}
        return self.client.post(BASE + path, {"file": SimpleUploadedFile(name, content)}, headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def put(self, path: str, body: Any, **more: str) -> Any:
        return self.call("PUT", path, body, **more)

    def post(self, path: str, body: Any = None, **more: str) -> Any:
        return self.call("POST", path, body, **more)


def program(member: Member, *scopes: str) -> Program:
    """A program of a member's, with these scopes or all."""
    return Program(tokens.mint(member=member, name="Programme", scopes=scopes or EVERYTHING, now=make.now()).secret)


def refusal(response: Any) -> tuple[int, str, Any]:
    """Status, code and data of a refusal; the body is checked to be a problem."""
    body = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert (body["status"], body["type"]) == (response.status_code, f"/api/v1/docs#{body['refusal']}")
    return response.status_code, body["refusal"], body["data"]


def euros(amount: str) -> dict[str, str]:
    """An amount as the API writes it."""
    return {"amount": amount, "currency": "EUR"}
