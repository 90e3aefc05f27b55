"""Addresses of what follows the deadline: lists, the day, statements, the week's board."""

from django.urls import URLPattern, URLResolver, path

import hub.converters  # noqa: F401  (registers <week:…>)
from distribution.views import account, after, bank, cents, day, harvest, money, own_data, sheets, treasury
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
    path("impressions/<slug:collection>/envois/", sheets.sending, name="sending"),
    path("impressions/<slug:collection>/liasse.pdf", sheets.packet, name="packet"),
    path("feuilles/<slug:fingerprint>/<slug:format_>/", sheets.sheet, name="sheet"),
    path("minimums/<slug:collection>/<slug:producer>/", sheets.minimum, name="minimum"),
    path("releves/", money.my_statements, name="statements"),
    path("releves/<slug:producer>/", money.statement, name="statements"),
    path("releves/<slug:producer>/<slug:number>/", money.statement, name="statement"),
    path("documents/releves/<slug:number>/<slug:format_>/", money.statement_file, name="statement-file"),
    path("mes-donnees/", own_data.page, name="own-data"),
    path("mes-donnees/cabas.zip", own_data.file, name="own-data-file"),
    path("semaine/", money.this_week, name="board"),
    path("semaine/messages/renvoi/", money.message, name="message"),
    path("semaine/<week:week>/", money.board, name="board"),
    path("solde/", account.balance, name="balance"),
    path("solde/remboursements/<slug:collection>/", account.refund_choice, name="refund-choice"),
    path("documents/recus/<slug:order>/", account.receipt, name="receipt"),
    path("centimes/<slug:order>/", cents.story, name="cents"),
    path("reversements/", treasury.payouts, name="payouts"),
    path("reversements/a-faire/", treasury.transfers_list, name="transfers"),
    path("reversements/a-faire/csv/", treasury.transfers_file, name="transfers-file"),
    path("reversements/<slug:number>/virement/", treasury.payment, name="payment"),
    path("remboursements/<slug:collection>/<slug:household>/", treasury.refund_payment, name="refund-payment"),
    path("banque/", bank.bank, name="bank"),
    path("banque/releves/<slug:code>/", bank.file, name="bank-file"),
    path("banque/releves/<slug:code>/ecriture/", bank.confirm, name="bank-confirm"),
    path("banque/lignes/", bank.lines, name="bank-lines"),
    path("banque/lignes/<int:line>/", bank.line, name="bank-line"),
    path("banque/lignes/<int:line>/affectation/", bank.use, name="bank-use"),
    path("banque/lignes/<int:line>/affectation/<int:number>/annulation/", bank.undo, name="bank-undo"),
    path("comptes/", treasury.accounts_list, name="accounts"),
    path("comptes/<slug:household>/", treasury.account, name="account"),
    path("comptes/<slug:household>/encaissements/", treasury.receive, name="receive"),
    path("comptes/<slug:household>/encaissements/<str:key>/annulation/", treasury.undo, name="payment-undo"),
]
