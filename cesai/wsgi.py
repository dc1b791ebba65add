"""The WSGI application that granian serves."""

import os

# Before the settings are read: the connection pool belongs to the web process alone.
os.environ.setdefault("CESAI_PROCESS", "web")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cesai.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
