"""What gunicorn serves while it is measured: the site with the addresses of web_app.py."""

from django.conf import settings

from hub.wsgi import application

__all__ = ["application"]

settings.ROOT_URLCONF = "tests.bench.web_app"
