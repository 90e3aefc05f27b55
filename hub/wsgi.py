"""What gunicorn serves. Refuses to start with settings that are not safe, which `manage.py check` would name."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as refused:
    sys.exit(f"{refused}")

from hub import checks

checks.refuse_to_boot()
