"""Texts of a configuration that a room says in its own language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text in English and in Chinese.

    Raises ValueError when one of them is empty.
    """

    en: str
    zh: str

    def __post_init__(self) -> None:
        if not self.en.strip() or not self.zh.strip():
            raise ValueError("en and zh must not be empty")


def said(text: Wording | str, language: str) -> str:
    """The text in a room of that language; one that was given in no language is the same in all."""
    if isinstance(text, str):
        return text
    return text.zh if language == "zh" else text.en
