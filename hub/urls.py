"""All addresses. Upper packages are included by name; hub's own pages have the namespace `hub`."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from hub import api, health, tries
from hub.views import (
    account,
    dates,
    demo,
    fair_price,
    hosts,
    invitations,
    memberships,
    photos,
    point_account,
    points,
    tokens,
)
from hub.views import settings as reglages

pages: list[URLPattern | URLResolver] = [
    path("mon-compte/", account.account, name="account"),
    path("mon-compte/foyer/", account.household, name="household"),
    path("mon-compte/cles/", tokens.mine, name="tokens"),
    path("mon-compte/cles/<slug:code>/revocation/", tokens.revocation, name="token-revocation"),
    path("mon-compte/messages/", account.wanted_messages, name="wanted-messages"),
    path("messages/fin/<str:token>/", account.unsubscribe, name="unsubscribe"),
    path("langue/", account.language, name="language"),
    path("prix-juste/", fair_price.fair_price, name="fair-price"),
    re_path(r"^photos/(?P<digest>[0-9a-f]{32})-(?P<width>[0-9]{1,4})\.webp$", photos.photo, name="photo"),
    path("membres/", memberships.memberships, name="memberships"),
    path("membres/<slug:code>/<slug:household>/", memberships.decision, name="membership-decision"),
    path("mon-point/", hosts.my_points, name="my-point"),
    path("mon-point/<slug:code>/", hosts.my_point, name="my-point"),
    path("mon-point/<slug:code>/invitations/", hosts.invite, name="host-invite"),
    path("mon-point/<slug:code>/invitations/renvoi/", hosts.resend, name="host-resend"),
    path("mon-point/<slug:code>/invitations/retrait/", hosts.withdraw, name="host-withdraw"),
    path("mon-point/<slug:code>/hotes/retrait/", hosts.dismiss, name="host-dismiss"),
    path("mon-point/<slug:code>/pratique/", hosts.tell, name="point-practical"),
    path("reglages/cooperative/", reglages.cooperative, name="cooperative"),
    path("reglages/frais/", reglages.money, name="fees"),
    path("reglages/frais/annonces/", reglages.announce, name="fee-announce"),
    path("reglages/frais/retrait/", reglages.take_back, name="fee-take-back"),
    path("reglages/frais/tva/", reglages.add_vat, name="vat-add"),
    path("reglages/points/", points.points, name="points"),
    path("reglages/points/nouveau/", points.add, name="point-new"),
    path("reglages/points/<slug:code>/", points.point, name="point"),
    path("reglages/points/<slug:code>/fermeture/", points.close, name="point-close"),
    path("reglages/points/<slug:code>/compte/", point_account.account, name="point-account"),
    path(
        "reglages/points/<slug:code>/compte/confirmation/",
        point_account.confirmation,
        name="point-account-confirmation",
    ),
    path("reglages/points/<slug:code>/dates/", dates.dates, name="dates"),
    path("reglages/points/<slug:code>/dates/rythme/", dates.add, name="schedule-new"),
    path("reglages/points/<slug:code>/dates/rythme/<int:number>/", dates.change, name="schedule"),
    path("reglages/points/<slug:code>/dates/rythme/<int:number>/fin/", dates.end, name="schedule-end"),
    path("reglages/points/<slug:code>/dates/nouvelle/", dates.hold, name="date-new"),
    path("reglages/points/<slug:code>/dates/<slug:collection>/", dates.move, name="date"),
    path("invitations/point/<str:token>/", invitations.host_invitation, name="host-invitation"),
    path("invitations/point/<str:token>/reponse/", invitations.host_answer, name="host-answer"),
]

if settings.DEMO:
    pages += [
        path("demo/", demo.doors, name="demo"),
        path("demo/door/<str:token>/", demo.door, name="demo_door"),
        path("demo/messages/", demo.letters, name="letters"),
        path("demo/messages/<int:number>/", demo.letter, name="letter"),
    ]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("sign-in/password/<path:rest>", account.no_password),
    path("sign-in/login/code/confirm/", tries.confirm_code),
    path("sign-in/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api.urls)),
    path("", include((pages, "hub"))),
    path("", include("producers.urls")),
    path("", include("orders.urls")),
    path("", include("distribution.urls")),
]

handler404 = "hub.errors.not_found"
handler500 = "hub.errors.server_error"
