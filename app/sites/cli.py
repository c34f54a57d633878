"""``flask sites …``: the group that the commands of this feature stand in."""

from flask.cli import AppGroup

from app.sites import cli_import, cli_managers, cli_posters

sites_cli = AppGroup("sites", help="Sites: lists from elsewhere, posters and the codes on the doors.")
for command in (*cli_import.COMMANDS, *cli_managers.COMMANDS, *cli_posters.COMMANDS):
    sites_cli.add_command(command)
