"""The fingerprint of a frozen content: what proves that a sheet or statement is still what it was."""

import hashlib
import json
from typing import Any


def fingerprint(content: Any) -> str:
    """SHA-256 of the content as JSON with sorted keys and no spaces, in hexadecimal: the order of keys does not matter,
    which a JSON column does not keep."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
