"""On PostgreSQL, sites carry a generated geography for set questions (decision 8b)."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add `site.geog` and its GiST index where PostGIS is; SQLite does these questions through shapely."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute(
        "ALTER TABLE site ADD COLUMN geog geography(Point, 4326) GENERATED ALWAYS AS "
        "(CASE WHEN lon IS NULL THEN NULL ELSE ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography END) STORED"
    )
    op.execute("CREATE INDEX ix_site_geog ON site USING gist (geog)")
