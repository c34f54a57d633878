"""Which table lies where on Citus (deploy/citus.md): what happens at a site is with the site, the rest everywhere."""

import click
from flask.cli import with_appcontext
from sqlalchemy import Connection, Table, text

from app.db import Model, db

BY_SITE = frozenset((
    "usage_record", "rating", "presence", "superseded_leaf", "tap_key", "site_month", "sealed_batch", "erasure",
    "hour_bucket", "adjustment", "checkpoint_figure", "released_site", "unguarded_hour", "day_signal",
))  # fmt: skip
"""Tables distributed by `site_id`, the rows of one site all on one node. Every other table is a reference table."""
SEQUENTIAL = "SET LOCAL citus.multi_shard_modify_mode = 'sequential'"
"""What a transaction that changes tables begins with; PostgreSQL without Citus takes it for a setting of somebody's."""
_FIRST = "site_month"


def distributed() -> list[Table]:
    """The tables of `BY_SITE`; first the one that the others are placed with."""
    tables = [table for table in Model.metadata.sorted_tables if table.name in BY_SITE]
    return sorted(tables, key=lambda table: table.name != _FIRST)


def statements() -> list[str]:
    """What turns a migrated database into a distributed one, in order, to be run in one transaction."""
    everywhere = [table for table in Model.metadata.sorted_tables if table.name not in BY_SITE]
    with_first = f", colocate_with => '{_FIRST}'"
    return [
        SEQUENTIAL,
        *(f"SELECT create_reference_table('{table.name}')" for table in everywhere),
        *(
            f"SELECT create_distributed_table('{table.name}', 'site_id'{'' if table.name == _FIRST else with_first})"
            for table in distributed()
        ),
    ]


def has_citus(connection: Connection) -> bool:
    """Whether the database has the extension."""
    return connection.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'citus'")) is not None


@click.command("distribute")
@click.option("--print", "is_printed", is_flag=True, help="Only print the statements.")
@with_appcontext
def distribute(*, is_printed: bool) -> None:
    """Distribute the tables of a migrated database over the nodes of a Citus cluster, once (deploy/citus.md)."""
    if is_printed:
        click.echo("\n".join(f"{statement};" for statement in ("BEGIN", *statements(), "COMMIT")))
        return
    if db.engine.dialect.name != "postgresql":
        raise click.ClickException("Only PostgreSQL with the extension citus can be distributed")
    with db.engine.begin() as connection:
        if not has_citus(connection):
            raise click.ClickException("This database has no extension citus; see deploy/citus.md")
        for statement in statements():
            connection.execute(text(statement))
    click.echo(f"{len(distributed())} tables are distributed by site")
