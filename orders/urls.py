"""Addresses of members' pages. A name without arguments (`orders:shop`) leads to the collection that matters now."""

from django.urls import URLPattern, URLResolver, path

from orders import webhooks
from orders.views import cards, debit_files, debits, farms, home, order, points, shop

app_name = "orders"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("points/", points.points, name="points"),
    path("points/<slug:code>/", points.point, name="point"),
    path("points/<slug:code>/adhesion/", points.joining, name="joining"),
    path("points/<slug:code>/depart/", points.leaving, name="leaving"),
    path("fermes/", farms.farms, name="farms"),
    path("fermes/<slug:producer>/", farms.farm, name="farm"),
    path("fermes/<slug:producer>/<slug:code>/", farms.product, name="farm-product"),
    path("boutique/", shop.shop_now, name="shop"),
    path("boutique/<slug:code>/", shop.shop, name="shop"),
    path("boutique/<slug:code>/souhait/", shop.wish, name="wish"),
    path("boutique/<slug:code>/favoris/<slug:product_code>/", shop.favourite, name="favourite"),
    path("boutique/<slug:code>/<slug:product_code>/", shop.product, name="product"),
    path("mon-compte/carte/", cards.card, name="card"),
    path("mon-compte/carte/enregistrement/", cards.saving, name="card-saving"),
    path("mon-compte/carte/retour/", cards.saved, name="card-saved"),
    path("mon-compte/carte/retrait/", cards.removal, name="card-removal"),
    path("solde/approvisionner/", debits.top_up, name="top-up"),
    path("solde/approvisionner/autorisation/", debits.signing, name="mandate-signing"),
    path("solde/approvisionner/autorisation/retour/", debits.signed, name="mandate-signed"),
    path("solde/approvisionner/autorisation/retrait/", debits.revocation, name="mandate-revocation"),
    path("solde/approvisionner/<slug:code>/retour/", debits.topped_up, name="topped-up"),
    path("solde/approvisionner/<slug:code>/annulation/", debits.cancellation, name="top-up-cancellation"),
    path("prelevements/", debit_files.overview, name="debits"),
    path("prelevements/fichier/", debit_files.writing, name="debit-writing"),
    path("prelevements/fichiers/<slug:code>/", debit_files.file, name="debit-file"),
    path("prelevements/<slug:code>/resultat/", debit_files.result, name="debit-result"),
    path("stripe/evenements/", webhooks.stripe, name="stripe-events"),
    path("ma-commande/", order.order_now, name="order"),
    path("ma-commande/<slug:code>/", order.order, name="order"),
    path("ma-commande/<slug:code>/envoi/", order.sending, name="sending"),
    path("ma-commande/<slug:code>/annulation/", order.cancellation, name="cancellation"),
    path("ma-commande/<slug:code>/abandon/", order.giving_up, name="giving-up"),
    path("ma-commande/<slug:code>/reprise/", order.again, name="again"),
    path("ma-commande/<slug:code>/carte/", cards.mending, name="card-mending"),
    path("ma-commande/<slug:code>/carte/retour/", cards.mended, name="card-mended"),
    path("ma-commande/<slug:code>/agenda.ics", order.calendar, name="calendar"),
]
