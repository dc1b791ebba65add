"""The part of an address that names an object by its code."""

from django.urls import register_converter


class CodeConverter:
    """`AF-2026-0042`; whatever has another shape names nothing and must not reach the database."""

    regex = r"[A-Z]{2}-[0-9]{4}-[0-9]{4,9}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CodeConverter, "code")
