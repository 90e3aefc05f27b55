"""A wish says when it was sent, so that an emptied one is told from one that became the order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_guards")]
    operations = [migrations.AddField("wish", "sent_at", models.DateTimeField(blank=True, null=True))]
