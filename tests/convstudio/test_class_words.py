"""Classes in words."""

from __future__ import annotations

from convstudio.wording import class_words


def test_a_number_is_said_to_be_a_class_and_a_name_stands_for_itself() -> None:
    assert [class_words(name) for name in ("8", "cat", "2nd")] == ["class 8", "cat", "2nd"]
