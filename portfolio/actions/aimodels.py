import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from portfolio.actions import PortfolioRefused
from portfolio.actions.transitions import move
from portfolio.models import AIModel, ModelProposal, ModelRelease
from portfolio.models.code import next_code

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


def commission_model(*, by: User, proposal: ModelProposal, name: str) -> AIModel:
    """The model that a prioritised proposal asked for; a proposal becomes one model, once."""
    slug = slugify(name.translate(UMLAUTS))[:60].strip("-")
    if not slug:
        raise PortfolioRefused(_("The name needs at least one letter or digit."), field="name")
    try:
        with transaction.atomic():
            model = AIModel.objects.create(
                code=next_code("MO"),
                slug=slug,
                name=name,
                summary=proposal.summary,
                proposal=proposal,
                licence=proposal.licence,
                base_model=proposal.base_model,
            )
            move(proposal, "to_decided")
            record(by, "portfolio.model_commissioned", model, proposal=proposal.code)
    except IntegrityError as error:
        raise PortfolioRefused(
            _("There is already a model of this name or from this proposal."), field="name"
        ) from error
    return model


def add_release(
    *, by: User, model: AIModel, version: str, files: Mapping[str, Path], **content: Any
) -> ModelRelease:
    """A new, unchangeable release of `model`; `files` maps relative paths in the release to files to copy.

    Raises PortfolioRefused for a version that exists, for no file, and for a path that leaves the release.
    """
    if not files:
        raise PortfolioRefused(_("A release needs at least one file."), field="files")
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise PortfolioRefused(
                _("“%(name)s” is no path inside the release.") % {"name": name}, field="files"
            )
    manifest = {name: _described(source) for name, source in sorted(files.items())}
    try:
        with transaction.atomic():
            release = ModelRelease.objects.create(
                model=model, version=version, manifest=manifest, created_by=by, **content
            )
            record(by, "portfolio.release_added", release)
            # Inside the transaction: a release whose files could not be copied must not exist.
            for name, source in files.items():
                target = release.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    except IntegrityError as error:
        raise PortfolioRefused(
            _("Version %(version)s exists already; a correction is the next version.") % {"version": version},
            field="version",
        ) from error
    return release


def _described(source: Path) -> dict[str, Any]:
    with source.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"size": source.stat().st_size, "sha256": digest}


@transaction.atomic
def begin_evaluation(*, by: User | None, model: AIModel) -> None:
    """A release is being measured; nothing happens when the model is past that."""
    if model.status in {AIModel.Status.PLANNED, AIModel.Status.IN_DEVELOPMENT}:
        move(model, "to_evaluation")
        record(by, "portfolio.model_in_evaluation", model)


@transaction.atomic
def mark_published(*, by: User | None, model: AIModel) -> None:
    """A release is on the Hub; a second publication changes nothing here."""
    if model.status != AIModel.Status.PUBLISHED:
        move(model, "to_published")
        record(by, "portfolio.model_published", model)
