"""The portal as an ASGI application, to be compared with the WSGI one that is in use."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cesai.settings")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
