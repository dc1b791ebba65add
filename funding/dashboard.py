"""Funding's part of the dashboard: positions beyond their tolerance, and what is left."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from cesai.lib.dashboard import Dashboard, Figure, Task
from cesai.templatetags.figures import euro
from funding.models import Award
from funding.statement import budget_of
