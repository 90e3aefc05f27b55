"""Looking up what follows the deadline: sheets, hand-overs, statements, payouts. All of it only grows."""

from django.apps import apps

from hub.admin import show

for model in apps.get_app_config("distribution").get_models():
    show(model)
