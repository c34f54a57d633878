"""Rechecks the published figures of one room and month, without asking the service that published them.

核对一间小屋某个月公布的数字，不依赖公布它的系统。

    python3 verify.py proof-2026-10-12.json checkpoint.txt

The first file comes from the room's page of the ledger. The second holds the month's checkpoint: type or scan it from
the statement that a trade union keeps on paper, or download it and compare it with that paper. The program says
whether exactly these figures stand under that checkpoint. It needs Python 3.8 or newer and nothing else.

第一个文件在账本里该小屋的页面下载。第二个文件是当月检查点：照着工会留存的纸质月报表录入或扫码，或者下载后与纸面逐字
比对。程序回答：这些数字是不是原样列在这个检查点之下。只需要 Python 3.8 或更新版本，不需要安装别的东西。

It shows that the figures are those that were sealed, not that every scan was true.
它证明数字封存后没有改动，不证明每一次扫码都是真的。
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

OK, WRONG, UNREADABLE = 0, 1, 2
NAMES = ("MONTH", "ALGORITHM", "SEAL", "HEAD", "SITES", "ROOT", "CHECK")
FORMAT, TITLE, MARK = "xiaowu-proof-1", "XIAOWU CHECKPOINT 1", "XWC1"
LINES = re.compile(
    TITLE + r" MONTH (\S+) ALGORITHM (\S+) SEAL (\d+) HEAD ([0-9A-F ]+) SITES (\d+) ROOT ([0-9A-F ]+) "
    r"CHECK ([0-9A-F ]{8,})"
)
WITHHELD = {"withheld": "人数少，不公布 / too few, withheld"}
LABELS = {"uses": "人次 / uses", "satisfaction": "满意度 / satisfaction"}


class Unreadable(Exception):
    """A file is not what it should be; says so in both languages."""


def read_proof(text):
    """The proof as a dictionary, with everything that is needed in it."""
    try:
        proof = json.loads(text)
        is_known = proof["format"] == FORMAT
        bytes.fromhex(proof["exact_digest"])
        proof["steps"] = [bytes.fromhex(step) for step in proof["path"]]
        proof["position"], proof["sites"] = int(proof["position"]), int(proof["sites"])
        proof["month"], proof["site_id"] = str(proof["month"]), int(proof["site_id"])
        proof["published"] = {str(name): str(value) for name, value in proof["published"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        is_known = False
    if not is_known:
        raise Unreadable("证明文件无法识别 / this is no proof of the ledger")
    return proof


def read_checkpoint(text):
    """The checkpoint as a dictionary by `NAMES`, from either of its two forms, in any case and spacing."""
    folded = " ".join(text.upper().split())
    lines = LINES.search(folded)
    if lines:
        values = ["".join(value.split()) for value in lines.groups()]
        values[-1] = values[-1][:8]
    else:
        values = folded[folded.find(MARK) + len(MARK) :].split()[: len(NAMES)] if MARK in folded else []
    if len(values) != len(NAMES):
        raise Unreadable("检查点无法识别 / this is no checkpoint of the ledger")
    digits = hashlib.sha256(" ".join([MARK, *values[:-1]]).encode()).hexdigest()[:8].upper()
    if digits != values[-1][:8]:
        raise Unreadable(
            "检查点的校验位不符，请与纸面逐字核对 / the check digits do not fit: compare the checkpoint with the paper"
        )
    return dict(zip(NAMES, values))


def leaf_of(proof):
    """What the room's line under the checkpoint says, byte for byte."""
    said = {
        "kind": "figure",
        "month": proof["month"],
        "site_id": proof["site_id"],
        "published": proof["published"],
        "exact": proof["exact_digest"],
    }
    return canonical(said)


def canonical(said):
    """JSON with sorted keys and no blanks, UTF-8."""
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def root_from(digest, leaf, index, size, steps):
    """The root to which the path leads (RFC 9162, section 2.1.3.2), or None when it has the wrong length."""
    if not 0 <= index < size:
        return None
    last, found, rest = size - 1, digest(b"\x00" + leaf), list(steps)
    while last:
        if index & 1 or index < last:
            if not rest:
                return None
            step = rest.pop(0)
            found = digest(b"\x01" + step + found) if index & 1 else digest(b"\x01" + found + step)
        index, last = index >> 1, last >> 1
    return None if rest else found


def complaints(proof, checkpoint):
    """What does not fit, as sentences in both languages."""
    digest = digest_by(checkpoint["ALGORITHM"].lower())
    if proof["month"] != checkpoint["MONTH"]:
        yield "月份不同 / the proof and the checkpoint are of different months"
    if str(proof["sites"]) != checkpoint["SITES"]:
        yield "阵地个数不同 / the proof and the checkpoint count different numbers of sites"
    root = root_from(digest, leaf_of(proof), proof["position"], proof["sites"], proof["steps"])
    if root is None or root.hex().upper() != checkpoint["ROOT"]:
        yield "数字不在这个检查点之下 / these figures do not stand under this checkpoint"
    if "exact" in proof:
        try:
            salt = bytes.fromhex(proof["salt"])
        except (KeyError, TypeError, ValueError):
            salt = b""
        said = {"kind": "exact", "month": proof["month"], "site_id": proof["site_id"], "exact": proof["exact"]}
        if digest(salt + canonical(said)).hex() != proof["exact_digest"]:
            yield "精确数字与封存的不符 / the exact figures are not those that were sealed"


def digest_by(algorithm):
    """The function for the algorithm that the checkpoint names."""
    if algorithm == "sha256":
        return lambda said: hashlib.sha256(said).digest()
    if algorithm == "sm3":
        return sm3 if "sm3" not in hashlib.algorithms_available else lambda said: hashlib.new("sm3", said).digest()
    raise Unreadable("不认识的摘要算法 / the checkpoint names an algorithm that is not known here")


def sm3(said):
    """SM3 (GB/T 32905-2016), for a Python whose library lacks it."""
    state = [
        0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
    ]  # fmt: skip
    padded = said + b"\x80" + bytes(-(len(said) + 9) % 64) + (8 * len(said)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        state = [old ^ new for old, new in zip(state, _compress(state, padded[start : start + 64]))]
    return b"".join(word.to_bytes(4, "big") for word in state)


def _turn(word, by):
    by %= 32
    return (word << by | word >> (32 - by)) & 0xFFFFFFFF


def _compress(state, block):
    words = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for j in range(16, 68):
        x = words[j - 16] ^ words[j - 9] ^ _turn(words[j - 3], 15)
        words.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(words[j - 13], 7) ^ words[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        ss1 = _turn(_turn(a, 12) + e + _turn(0x79CC4519 if j < 16 else 0x7A879D8A, j) & 0xFFFFFFFF, 7)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
        tt1 = ff + d + (ss1 ^ _turn(a, 12)) + (words[j] ^ words[j + 4]) & 0xFFFFFFFF
        tt2 = gg + h + ss1 + words[j] & 0xFFFFFFFF
        a, b, c, d = tt1, a, _turn(b, 9), c
        e, f, g, h = tt2 ^ _turn(tt2, 9) ^ _turn(tt2, 17), e, _turn(f, 19), g
    return a, b, c, d, e, f, g, h


def main(arguments=None):
    """Read both files, say what was found, return the exit status."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("proof", help="证明文件 / the proof, a JSON file")
    words.add_argument("checkpoint", help="检查点文件 / the checkpoint, a text file")
    given = words.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # a console that lacks Chinese shows what it can
        stream.reconfigure(errors="replace")
    try:
        proof = read_proof(Path(given.proof).read_text(encoding="utf-8", errors="replace"))
        checkpoint = read_checkpoint(Path(given.checkpoint).read_text(encoding="utf-8", errors="replace"))
        found = list(complaints(proof, checkpoint))
    except (Unreadable, OSError) as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    print(f"{proof.get('site', '')} (#{proof['site_id']}) {proof['month']}")
    for name, value in proof["published"].items():
        print(f"  {LABELS.get(name, name)}: {WITHHELD.get(value, value)}")
    for complaint in found:
        print(f"✗ {complaint}")
    if found:
        return WRONG
    print(f"✓ 数字与检查点一致（第 {checkpoint['SEAL']} 次封存） / the figures stand under this checkpoint")
    print("  请确认检查点与纸质月报表相同 / make sure that the checkpoint is the one on paper")
    return OK


if __name__ == "__main__":
    sys.exit(main())
