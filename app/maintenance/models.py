"""When each step of the maintenance job last succeeded."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class MaintenanceStep(Model):
    """A step of ``flask maintenance run`` by its name, and the instant at which its last success began."""

    __tablename__ = "maintenance_step"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    succeeded_at: Mapped[datetime]
