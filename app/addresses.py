"""Addresses as operators write them: of databases, stores and servers."""

from urllib.parse import SplitResult, urlsplit


def parts_of(address: str) -> SplitResult:
    """The parts of `address`, all of them empty where it cannot be read."""
    try:
        parts = urlsplit(address)
        return urlsplit("") if parts.port == 0 else parts
    except ValueError:  # a bracket that nothing closes, a port that is no number
        return urlsplit("")


def through_psycopg(given: str) -> str:
    """Any spelling of a PostgreSQL's address as SQLAlchemy takes it, with its driver; everything else as it is."""
    for prefix in ("postgres://", "postgresql://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + _each_host(given.removeprefix(prefix))
    return given


def _each_host(address: str) -> str:
    """libpq's ``user@one:5432,other:5432/name?…`` as SQLAlchemy writes it: ``user@/name?host=one:5432&host=…``."""
    place, slash, rest = address.partition("/")
    login, at, hosts = place.rpartition("@")
    if "," not in hosts:
        return address
    name, _, query = rest.partition("?")
    return f"{login}{at}{slash}{name}?" + "&".join([*(f"host={host}" for host in hosts.split(",")), query]).rstrip("&")
