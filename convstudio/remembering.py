"""What Qt remembers of a window as bytes: it trusts them, and crashes on some that were garbled on the disk."""

from __future__ import annotations

import hashlib

from PySide6.QtCore import QByteArray, QSettings

SUM_BYTES = 16


def remember(name: str, state: QByteArray) -> None:
    """Keeps the bytes for the next start, behind a sum of them."""
    content = bytes(state.data())
    QSettings().setValue(name, QByteArray(_sum(content) + content))


def remembered(name: str) -> QByteArray | None:
    """The bytes, if they are as they were written."""
    value = QSettings().value(name)
    if not isinstance(value, QByteArray):
        return None
    content = bytes(value.data())
    rest = content[SUM_BYTES:]
    return QByteArray(rest) if content[:SUM_BYTES] == _sum(rest) else None


def _sum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:SUM_BYTES]
