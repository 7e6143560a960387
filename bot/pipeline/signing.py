"""Whether a hub signed what came, with the secret that only it and we know.

Pure. Source: W3C WebSub §7.1 Authenticated Content Distribution, §8 for the methods.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

METHODS: Final = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
"""SHA-1 stands in the Recommendation and is what most hubs use; as HMAC it is unbroken."""


def is_signed(body: bytes, signature: str, *, secret: str) -> bool:
    """Whether ``signature``, the field ``X-Hub-Signature``, is that of ``body``.

    It takes as long for a wrong signature as for a right one.
    """
    name, _, given = signature.strip().partition("=")
    method = METHODS.get(name.lower())
    if method is None or not given.isascii():
        return False
    expected = hmac.new(secret.encode(), body, method).hexdigest()
    return hmac.compare_digest(expected, given.lower())
