from __future__ import annotations

import hashlib
import hmac

import pytest

from bot.pipeline.signing import METHODS, is_signed

SECRET = "between-us"
BODY = b"<rss><channel/></rss>"


def sign(method: str, body: bytes = BODY, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()


@pytest.mark.parametrize("method", METHODS)
def test_each_method_of_the_recommendation_is_known(method: str) -> None:
    assert is_signed(BODY, f"{method}={sign(method)}", secret=SECRET)
    assert is_signed(BODY, f" {method.upper()}={sign(method).upper()} ", secret=SECRET)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "=",
        "sha256",
        "sha256=",
        sign("sha256"),
        f"sha1={sign('sha256')}",
        f"sha256={sign('sha256')[:-1]}",
        f"sha256={sign('sha256')}0",
        f"sha256={sign('sha256', body=BODY + b' ')}",
        f"sha256={sign('sha256', secret='between-others')}",
        f"md5={sign('md5')}",
        f"sha3_256={sign('sha3_256')}",
        f"sha256={sign('sha256')[:-1]}é",
    ],
)
def test_anything_else_is_not_signed(signature: str) -> None:
    assert not is_signed(BODY, signature, secret=SECRET)
