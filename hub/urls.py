"""All addresses. Upper packages are included by name; hub's own pages have the namespace `hub`."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from hub import health, tries
from hub.views import account, demo, fair_price, hosts, invitations, memberships, photos

# The admin's own form would be a second door with its own number of tries.
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

pages: list[URLPattern | URLResolver] = [
    path("mon-compte/", account.account, name="account"),
    path("mon-compte/foyer/", account.household, name="household"),
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
    path("", include((pages, "hub"))),
    path("", include("producers.urls")),
    path("", include("orders.urls")),
    path("", include("distribution.urls")),
]

handler500 = "hub.errors.server_error"
