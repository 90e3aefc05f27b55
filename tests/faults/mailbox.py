"""A mail server that notes what it accepts, and can hang in the middle of a message."""

import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from types import TracebackType
from typing import Any, Self, cast


@dataclass
class Mailbox:
    """What was accepted since it was opened. With `hang_at` n, message n is taken but never answered."""

    accepted: list[Message] = field(default_factory=list)
    hang_at: int = 0
    begun: int = 0
    hanging: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.server = _Server(("127.0.0.1", 0), _Conversation)
        self.server.mailbox = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server.server_address[1]}/?timeout=30"

    @property
    def ids(self) -> list[str]:
        """The Message-IDs accepted, in order."""
        return [str(message["Message-ID"]) for message in self.accepted]

    def take(self, content: bytes) -> bool:
        """Whether the sender gets an answer."""
        self.begun += 1
        if self.begun == self.hang_at:
            self.hanging.set()
            self.go_on.wait(60)
            return False
        self.accepted.append(message_from_bytes(content))
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    mailbox: Mailbox

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed sender hangs up in the middle of a sentence: no news here."""


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"DATA":
                self._say("354 go on")
                if not cast(_Server, self.server).mailbox.take(self._message()):
                    return
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 yes")

    def _message(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
