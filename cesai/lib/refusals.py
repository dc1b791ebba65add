"""The base of every sentence with which the portal says no."""


class Refused(Exception):
    """A rule of the product forbids what was asked; `str()` is a sentence for the reader, in the reader's language.

    `field` names the form or API field that the sentence belongs to, None when it belongs to the whole request.
    `status` is the HTTP status with which pages and API say it.
    """

    status = 422

    def __init__(self, message: object, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])
