"""The bytes of one answer, unpacked as they arrive and never past a bound.

Unpacked here and not by the HTTP library, because a library hands over one
network chunk as one unpacked chunk: 64 KB of zeros in gzip come out as 67 MB
before anybody can count them. zlib's ``max_length`` stops in between.

Pure: bytes in, bytes out.
"""

from __future__ import annotations

import zlib
from typing import Final

from bot.errors import FeedEncodingRefused, FeedTooLarge

ACCEPT_ENCODING: Final = "gzip, deflate"
"""All we ask for: the decoders of br and zstd have no bound on what one call gives out."""

MAX_MEMBERS: Final = 1_000
"""Of one gzip body; servers that pack piece by piece send a few. Half a million empty ones fit
into ten megabytes, and each costs as much as the rest of its chunk."""

_STEP = 64 * 1024  # bytes unpacked at a time
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # zlib's wbits


class Body:
    """Collects one body of at most ``max_bytes``, packed and unpacked.

    ``encoding`` is the Content-Encoding header, "" if there was none; a gzip file
    served as such is unpacked too. ``subject`` begins every message.

    Args:
        max_bytes_setting: what governs that, for messages.
        cuts: a longer body is no error; what comes after ``max_bytes`` is left out.

    Attributes:
        is_full: nothing more is taken; only with ``cuts``.
    """

    def __init__(
        self,
        subject: str,
        *,
        encoding: str = "",
        max_bytes: int,
        max_bytes_setting: str = "fetch.max_bytes",
        cuts: bool = False,
    ) -> None:
        self.is_full = False
        self._subject = subject
        self._max_bytes = max_bytes
        self._max_bytes_setting = max_bytes_setting
        self._cuts = cuts
        self._coding = self._read_encoding(encoding)
        self._taken = 0
        self._kept = 0
        self._parts = bytearray()  # and no list: pieces may be of one byte each
        self._held = b""  # bytes that cannot be judged before more arrive
        self._is_plain: bool | None = None  # None until the first bytes are judged
        self._inflater: zlib._Decompress | None = None
        self._members = 0  # gzip members begun
        self._is_ended = False  # the packed part is over; what follows is padding

    def add(self, chunk: bytes) -> None:
        """Take the next bytes as they came from the network.

        Raises:
            FeedTooLarge: more than ``max_bytes`` have come, or come out.
            FeedEncodingRefused: they are not packed as the header says.
        """
        chunk = self._fit(chunk, self._taken)
        self._taken += len(chunk)
        data = self._held + chunk
        self._held = b""
        if self._is_plain is None:
            if len(data) < len(_GZIP_MAGIC):
                self._held = data
                return
            self._is_plain = not self._coding and not data.startswith(_GZIP_MAGIC)
        if self._is_plain:
            self._keep(data)
        else:
            self._unpack(data)

    def finish(self) -> bytes:
        """All of it.

        Raises:
            FeedEncodingRefused: the packed bytes end too early.
        """
        is_cut = self._is_plain is None and self._coding and self._held
        if not self.is_full and (is_cut or self._inflater is not None):
            raise self._refused("the packed body ends too early")
        if self._is_plain is None:
            self._keep(self._held)
        return bytes(self._parts)

    def _read_encoding(self, encoding: str) -> str:
        codings = [c for c in encoding.lower().replace(" ", "").split(",") if c]
        named = ["gzip" if c == "x-gzip" else c for c in codings if c != "identity"]
        if len(named) > 1:
            raise self._refused("the body is packed more than once")
        if named and named[0] not in {"gzip", "deflate"}:
            raise self._refused(
                f'the body is packed as "{named[0][:40]}", which we did not ask for'
            )
        return named[0] if named else ""

    def _unpack(self, data: bytes) -> None:
        """Inflate ``data``, one gzip member after the other."""
        while not (self._is_ended or (self.is_full and self._kept == self._max_bytes)):
            if self._inflater is None:
                data = data.lstrip(b"\0") if self._members else data
                self._inflater = self._begin_or_none(data)
                if self._inflater is None:
                    return
            step = min(_STEP, self._max_bytes - self._kept + 1)
            try:
                out = self._inflater.decompress(data, step)
            except zlib.error as error:
                raise self._refused("the body is not packed as its header says") from error
            self._keep(out)
            if self._inflater.eof:
                data, self._inflater = self._inflater.unused_data, None
                self._is_ended = self._coding == "deflate"
                continue
            data = self._inflater.unconsumed_tail
            if not data and len(out) < step:  # a full step may leave more inside zlib
                return

    def _begin_or_none(self, data: bytes) -> zlib._Decompress | None:
        """A decoder for what ``data`` begins; None if it is too short to tell, or padding.

        deflate means zlib's format (RFC 9110 §8.4.1.2), but servers send it bare as well.
        """
        if len(data) < len(_GZIP_MAGIC):
            self._held = data
            return None
        if self._coding == "deflate":
            is_zlib = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            return zlib.decompressobj(_ZLIB if is_zlib else _RAW_DEFLATE)
        if self._members and not data.startswith(_GZIP_MAGIC):
            self._is_ended = True
            return None
        if self._members == MAX_MEMBERS:
            raise self._refused(f"the body is packed in more than {MAX_MEMBERS} pieces")
        self._members += 1
        return zlib.decompressobj(_GZIP)

    def _keep(self, data: bytes) -> None:
        data = self._fit(data, self._kept)
        self._kept += len(data)
        self._parts += data

    def _fit(self, data: bytes, before: int) -> bytes:
        """As much of ``data`` as there is room for after ``before`` bytes."""
        room = self._max_bytes - before
        if len(data) <= room:
            return data
        if not self._cuts:
            raise self._too_large()
        self.is_full = True
        return data[:room]

    def _too_large(self) -> FeedTooLarge:
        return FeedTooLarge(
            f"{self._subject}: body passed {self._max_bytes} bytes ({self._max_bytes_setting}); "
            "skipped until the next poll"
        )

    def _refused(self, what: str) -> FeedEncodingRefused:
        return FeedEncodingRefused(f"{self._subject}: {what}; skipped until the next poll")
