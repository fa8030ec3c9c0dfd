"""Layers by a part of their name, or of what they are for: the same wherever one types it."""

from __future__ import annotations

from engine.spec import Layer, layers


def matching(text: str) -> list[str]:
    """Kinds whose title, name, keywords or sentence hold all the words; the nearest first, of these the plainest."""
    words = text.lower().split()
    found = [(rank, kind) for kind, cls in layers().items() if (rank := _rank(words, kind, cls)) is not None]
    return [kind for _, kind in sorted(found, key=lambda pair: pair[0])]


def _rank(words: list[str], kind: str, cls: type[Layer]) -> tuple[int, int] | None:
    title = cls.title.lower()
    near = (title, f"{kind.replace('_', ' ')} {kind}", " ".join(cls.keywords).lower(), cls.summary().lower())
    ranks = []
    for word in words:
        rank = next((place for place, where in enumerate(near) if word in where), None)
        if rank is None:
            return None
        ranks.append(rank * 2 + (not near[rank].startswith(word)))
    plain = 0 if kind.endswith("2d") or not kind.endswith(("1d", "3d")) else 1  # images are what most networks see
    return 2 * sum(ranks) + plain, len(title) if words else 0
