"""Names of fields and choices as people say them: files and commands keep the short ones."""

from __future__ import annotations

PROPER = {"he": "He", "glorot": "Glorot", "lecun": "LeCun"}  # people whose names stand in names of choices
HYPHENATED = {"cross entropy": "cross-entropy"}


def plain(name: str) -> str:
    """weight_decay is weight decay."""
    return name.replace("_", " ")


def choice_words(option: str) -> str:
    """he_normal is He normal, binary_cross_entropy is binary cross-entropy."""
    text = " ".join(PROPER.get(part, part) for part in option.split("_"))
    for apart, joined in HYPHENATED.items():
        text = text.replace(apart, joined)
    return text


def begun(text: str) -> str:
    """With a capital at the beginning, and all else as it is."""
    return text[:1].upper() + text[1:]


def continued(text: str) -> str:
    """As it stands within a sentence: 'Convolution 2-D' begins small, ReLU and GELU are names."""
    word = text.split(" ")[0]
    return text if word[1:] != word[1:].lower() else text[:1].lower() + text[1:]
