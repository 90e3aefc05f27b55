"""Who runs the cooperative now: those whom its messages go to."""

from django.db.models import QuerySet

from hub.models import Host, Member, Role


def coordinators() -> QuerySet[Member]:
    """The active members who hold the coordinator's role, in order of joining."""
    return Member.objects.filter(
        pk__in=Role.objects.current().coordinators().values("member"), is_active=True
    ).order_by("pk")


def hosts(point_id: int) -> QuerySet[Member]:
    """The active members who host a point, in order of joining."""
    return Member.objects.filter(
        pk__in=Host.objects.current().filter(point=point_id).values("member"), is_active=True
    ).order_by("pk")
