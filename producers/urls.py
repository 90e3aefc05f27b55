"""Addresses of the farms: their week, their catalogue, their files."""

from django.urls import URLPattern, URLResolver, path

import hub.converters  # noqa: F401  (registers <week:…>)
from producers.views import catalogue, farm, imports, mandate, people, photos, settings, team, week

app_name = "producers"

urlpatterns: list[URLPattern | URLResolver] = [
    path("catalogue/", catalogue.my_catalogue, name="catalogue"),
    path("catalogue/<slug:producer>/", catalogue.products, name="catalogue"),
    path("catalogue/<slug:producer>/nouveau/", catalogue.add, name="product-new"),
    path("catalogue/<slug:producer>/<slug:product>/", catalogue.product, name="product"),
    path("catalogue/<slug:producer>/<slug:product>/retrait/", catalogue.archive, name="product-archive"),
    path("catalogue/<slug:producer>/<slug:product>/photo/", photos.product, name="product-photo"),
    path(
        "catalogue/<slug:producer>/<slug:product>/photo/retrait/", photos.product_removal, name="product-photo-removal"
    ),
    path("catalogue/<slug:producer>/<slug:product>/conditionnements/", catalogue.add_packaging, name="packaging-new"),
    path("catalogue/<slug:producer>/<slug:product>/<slug:packaging>/", catalogue.packaging, name="packaging"),
    path(
        "catalogue/<slug:producer>/<slug:product>/<slug:packaging>/retrait/",
        catalogue.archive_packaging,
        name="packaging-archive",
    ),
    path("ma-ferme/", farm.my_farm, name="farm"),
    path("ma-ferme/<slug:producer>/", farm.farm, name="farm"),
    path("ma-ferme/<slug:producer>/presentation/", farm.profile, name="farm-profile"),
    path("ma-ferme/<slug:producer>/identite/", farm.legal, name="farm-identity"),
    path("ma-ferme/<slug:producer>/photo/", farm.photo, name="farm-photo"),
    path("ma-ferme/<slug:producer>/photo/retrait/", farm.photo_removal, name="farm-photo-removal"),
    path("ma-ferme/<slug:producer>/compte/", farm.account, name="farm-account"),
    path("ma-ferme/<slug:producer>/mandat/", mandate.mandate, name="mandate"),
    path("ma-ferme/<slug:producer>/mandat/retrait/", mandate.withdrawal, name="mandate-withdrawal"),
    path("ma-ferme/<slug:producer>/compte/confirmation/", farm.account_confirmation, name="farm-account-confirmation"),
    path("ma-ferme/<slug:producer>/stripe/", farm.stripe_page, name="farm-stripe"),
    path("ma-ferme/<slug:producer>/stripe/retour/", farm.stripe_back, name="farm-stripe-back"),
    path("imports/<slug:code>/", imports.preview, name="import-preview"),
    path("imports/<slug:code>/a-corriger.csv", imports.to_correct, name="import-to-correct"),
    path("imports/<slug:code>/confirmation/", imports.confirm, name="import-confirm"),
    path("imports/<slug:code>/annulation/", imports.undo, name="import-undo"),
    path("ma-semaine/", week.my_week, name="week"),
    path("ma-semaine/<slug:producer>/", week.current, name="week"),
    path("ma-semaine/<slug:producer>/<week:week>/", week.week, name="week"),
    path("ma-semaine/<slug:producer>/<week:week>/import/", imports.upload, name="import"),
    path("ma-semaine/<slug:producer>/<week:week>/modele/", imports.template, name="import-template"),
    path("ma-semaine/<slug:producer>/<week:week>/export/", imports.download, name="export"),
    path("ma-semaine/<slug:producer>/<week:week>/copie/", week.copy, name="week-copy"),
    path("ma-semaine/<slug:producer>/<week:week>/lignes/<slug:packaging>/", week.row, name="week-row"),
    path("reglages/", settings.settings, name="settings"),
    path("reglages/fermes/", settings.farms, name="settings-farms"),
    path("reglages/fermes/nouvelle/", settings.add, name="farm-new"),
    path("reglages/fermes/<slug:producer>/", settings.farm, name="settings-farm"),
    path("reglages/points/<slug:code>/fermes/", settings.supplies, name="supplies"),
    path("reglages/points/<slug:code>/fermes/<slug:producer>/", settings.supply, name="supply"),
    path("equipe/", team.team, name="team"),
    path("equipe/coordination/", team.appoint, name="coordinator-appoint"),
    path("equipe/coordination/retrait/", team.dismiss, name="coordinator-dismiss"),
    path("equipe/<slug:producer>/", people.people, name="people"),
    path("equipe/<slug:producer>/invitations/", people.invite, name="person-invite"),
    path("equipe/<slug:producer>/invitations/renvoi/", people.resend, name="person-resend"),
    path("equipe/<slug:producer>/invitations/retrait/", people.withdraw, name="person-withdraw"),
    path("equipe/<slug:producer>/personnes/retrait/", people.part, name="person-part"),
    path("invitations/ferme/<str:token>/", people.invitation, name="invitation"),
    path("invitations/ferme/<str:token>/reponse/", people.answer, name="invitation-answer"),
]
