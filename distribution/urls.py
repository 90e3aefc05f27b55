"""Addresses of what follows the deadline: lists, the day, statements, the week's board."""

from django.urls import URLPattern, URLResolver, path

import hub.converters  # noqa: F401  (registers <week:…>)
from distribution.views import after, day, harvest, money, sheets
from orders.links import ORDERS

app_name = "distribution"

urlpatterns: list[URLPattern | URLResolver] = [
    path("a-recolter/", harvest.my_harvest, name="harvest"),
    path("a-recolter/<slug:producer>/", harvest.current, name="harvest"),
    path("a-recolter/<slug:producer>/<week:week>/", harvest.week, name="harvest"),
    path("jour-j/", day.choose, name="day"),
    path("jour-j/<slug:collection>/", day.arrivals, name="day"),
    path("jour-j/<slug:collection>/arrivees/<slug:producer>/", day.arrival, name="arrival"),
    path("jour-j/<slug:collection>/remise/", day.counter, name="counter"),
    path("jour-j/<slug:collection>/remise/<slug:order>/", day.basket, name="basket"),
    path("jour-j/<slug:collection>/remise/<slug:order>/actes/", day.act, name="acts"),
    path("jour-j/<slug:collection>/remise/<slug:order>/changement/", after.amendment, name="amendment"),
    path("jour-j/<slug:collection>/prolongation/", after.prolongation, name="prolongation"),
    path("jour-j/<slug:collection>/annulation/", after.cancellation, name="cancellation"),
    path("jour-j/<slug:collection>/actes/<uuid:uid>/annulation/", day.undo, name="undo"),
    path("jour-j/<slug:collection>/cloture/", day.closing, name="closing"),
    path(f"{ORDERS}<slug:order>/", day.scanned, name="scanned"),
    path("impressions/", sheets.prints, name="prints"),
    path("impressions/<slug:collection>/", sheets.sheets, name="sheets"),
    path("impressions/<slug:collection>/liasse.pdf", sheets.packet, name="packet"),
    path("feuilles/<slug:fingerprint>/<slug:format_>/", sheets.sheet, name="sheet"),
    path("minimums/<slug:collection>/<slug:producer>/", sheets.minimum, name="minimum"),
    path("releves/", money.my_statements, name="statements"),
    path("releves/<slug:producer>/", money.statement, name="statements"),
    path("releves/<slug:producer>/<slug:number>/", money.statement, name="statement"),
    path("documents/releves/<slug:number>/<slug:format_>/", money.statement_file, name="statement-file"),
    path("semaine/", money.this_week, name="board"),
    path("semaine/<week:week>/", money.board, name="board"),
    path("reversements/", money.payouts, name="payouts"),
    path("reversements/<slug:number>/virement/", money.payment, name="payment"),
]
