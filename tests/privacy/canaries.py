"""Things that must be nowhere, in every form in which they could be somewhere, and the search for them."""

import base64
import hashlib
import ipaddress
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b")


@dataclass(frozen=True)
class Canaries:
    """What one crowd of visitors reveals: addresses, kinds of device, coordinates (degrees), telephone numbers."""

    addresses: tuple[str, ...]
    agents: tuple[str, ...]
    degrees: tuple[str, ...]
    phones: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them as they were sent."""
        return (*self.addresses, *self.agents, *self.degrees, *self.phones)

    def needles(self) -> dict[bytes, str]:
        """Every form, and what it is a form of."""
        found = {form: text for text in self.texts for form in text_forms(text)}
        found |= {form: address for address in self.addresses for form in address_forms(address)}
        found |= {struct.pack(f"{order}d", float(text)): text for text in self.degrees for order in "<>"}
        found |= {int(text).to_bytes(8, order): text for text in self.phones for order in ("little", "big")}
        return found


def text_forms(text: str) -> Iterator[bytes]:
    """A text as UTF-8, UTF-16, URL, hexadecimal and base64 (wherever it begins), and its plain hashes."""
    plain = text.encode()
    yield from (plain, text.encode("utf-16-le"), text.encode("utf-16-be"))
    yield from (quote(text).encode(), quote(text, safe="").encode(), quote_plus(text).encode())
    yield from (plain.hex().encode(), plain.hex().upper().encode())
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + plain)
        # The characters at both ends also depend on what stands beside the text.
        yield encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]
    for name in HASHES:
        digest = hashlib.new(name, plain)
        yield from (digest.digest(), digest.hexdigest().encode(), base64.b64encode(digest.digest()))


def address_forms(address: str) -> Iterator[bytes]:
    """An address as its bytes, also in hexadecimal, and the network that it lies in as text."""
    parsed = ipaddress.ip_address(address)
    yield from (parsed.packed, parsed.packed.hex().encode(), parsed.packed.hex().upper().encode())
    if parsed.version == 6:
        yield parsed.exploded.encode()
    network = ipaddress.ip_network(f"{address}/{24 if parsed.version == 4 else 48}", strict=False)
    yield str(network).encode()


def found_in(content: bytes, needles: dict[bytes, str]) -> set[str]:
    """What of the canaries is in `content`."""
    return {text for needle, text in needles.items() if needle in content}


def found_below(folders: Iterable[Path], needles: dict[bytes, str]) -> list[str]:
    """``file: canary`` for every file below the folders that holds one, in its content or its name."""
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    assert files, "there is nothing to search"
    return [
        f"{path.name}: {text}"
        for path in files
        for text in sorted(found_in(path.name.encode() + b"\n" + path.read_bytes(), needles))
    ]
