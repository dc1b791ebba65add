"""What can go wrong at the Hub, by meaning. No error carries a token, a request or a link that grants access."""

import dataclasses
import re

SECRETS = re.compile(
    r"(hf_[A-Za-z0-9_\-]{4,}|xet_[A-Za-z0-9]{4,}|Bearer\s+\S+|(?<=\?)[^\s'\"<>]*(?:signature|X-Amz)[^\s'\"<>]*)",
    re.IGNORECASE,
)


def redacted(text: str, *secrets: str) -> str:
    """The text without tokens and without the query part of signed links."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return SECRETS.sub("***", text)


@dataclasses.dataclass(eq=False)
class HubError(Exception):
    """Base of all answers that are not success. `detail` is the Hub's own text, redacted."""

    detail: str = ""
    status: int = 0
    request_id: str = ""

    kind = "unknown"

    def __str__(self) -> str:
        return " ".join(filter(None, [self.kind, str(self.status or ""), self.detail]))

    def __reduce__(self) -> tuple:
        return type(self), (self.detail, self.status, self.request_id)


class HubAuthError(HubError):
    """The token is unknown, expired or revoked. Nothing may be concluded about what exists."""

    kind = "auth"


class HubForbiddenError(HubError):
    """The token is good, but lacks the right."""

    kind = "forbidden"


class HubQuotaError(HubError):
    """The storage of the namespace is used up, or a paid plan is asked for."""

    kind = "quota"


@dataclasses.dataclass(eq=False)
class HubRateLimitError(HubError):
    """Too many requests; `eta` is the number of seconds until the next one may be sent."""

    eta: int = 0

    kind = "rate_limited"

    def __reduce__(self) -> tuple:
        return type(self), (self.detail, self.status, self.request_id, self.eta)


class HubConflictError(HubError):
    """The repository is not in the state that the caller took for granted."""

    kind = "conflict"


class HubNotFoundError(HubError):
    """A good token was told that this repository, revision or file does not exist."""

    kind = "not_found"


class HubRejectedError(HubError):
    """The Hub understood and refused: bad metadata, bad name, missing object."""

    kind = "rejected"


class HubFilesError(HubError):
    """A file to send is missing or is not the one that was approved; nothing was sent."""

    kind = "files"


class HubUnreachableError(HubError):
    """No answer, and nothing can have been changed by the attempt."""

    kind = "unreachable"


class HubUnknownError(HubError):
    """The answer was lost or makes no sense: the change may have happened or not."""

    kind = "unknown"
