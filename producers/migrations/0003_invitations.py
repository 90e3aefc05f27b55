"""Invitations can be withdrawn, and one address waits for one answer."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("producers", "0002_photos")]
    operations = [
        migrations.AlterModelOptions(name="producerinvitation", options={"verbose_name": "producer’s invitation"}),
        migrations.AddField(
            model_name="producerinvitation", name="withdrawn_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            model_name="producerinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_at", None), ("withdrawn_at", None), _connector="OR"),
                name="producers_producerinvitation_one_end",
                violation_error_message="An invitation is used or withdrawn, not both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="producerinvitation",
            constraint=models.UniqueConstraint(
                models.F("producer"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("used_at", None), ("withdrawn_at", None)),
                name="producers_producerinvitation_once",
                violation_error_message="This address has been invited already.",
            ),
        ),
    ]
