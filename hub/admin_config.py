"""Puts our admin site in the place of Django's. Apart from it: settings load this before there are models."""

from django.contrib.admin.apps import AdminConfig


class Config(AdminConfig):
    default_site = "hub.admin_site.Site"
