"""Files from people, on their way to an action that reads from the disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from evaluations.actions import EvaluationRefused

LIMIT_BYTES = 64 * 1024 * 1024


@contextmanager
def on_disk(upload: UploadedFile) -> Iterator[Path]:
    """The upload as a file of its own, gone afterwards. Refused when it is too large."""
    if (upload.size or 0) > LIMIT_BYTES:
        raise EvaluationRefused(
            _("The file is larger than %(size)d MB.") % {"size": LIMIT_BYTES // (1024 * 1024)}
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as target:
            for block in upload.chunks():
                target.write(block)
        yield path
