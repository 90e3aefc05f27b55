"""Addresses of the farms: their week, their catalogue, their files."""

from django.urls import URLPattern, URLResolver, path

import hub.converters  # noqa: F401  (registers <week:…>)
from producers.views import week

app_name = "producers"

urlpatterns: list[URLPattern | URLResolver] = [
    path("ma-semaine/", week.my_week, name="week"),
    path("ma-semaine/<slug:producer>/", week.current, name="week"),
    path("ma-semaine/<slug:producer>/<week:week>/", week.week, name="week"),
    path("ma-semaine/<slug:producer>/<week:week>/copie/", week.copy, name="week-copy"),
    path("ma-semaine/<slug:producer>/<week:week>/<slug:packaging>/", week.row, name="week-row"),
]
