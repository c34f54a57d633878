"""Families of worlds: how widely rooms differ and how people cheat. Pure data.

Limits were set on *plain* and *wide*. *other* is held out: it works partly by other mechanisms and was looked at only
to report. Whoever sets limits on it has to write a new one.
"""

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Ways:
    """How those who cheat differ. Ranges are drawn from for each room-year; seconds are ``_s``.

    `base`: honest part of the threshold; `months`: share of the months in which they cheat, with the more in each;
    `gap_s`, `run`: gaps and length of bursts; `phones`: of the one who clears her cookies; `workdays`: share of the
    days she uses; `chain_s`: how long the staff take to pass; `last_days`: the month's end; `posts` a month, `fade_s`:
    how long a chat group reacts; `jitter`: of a bot's interval; `helpers`: phones used thrice a day.
    """

    base: Range = (0.10, 0.50)
    months: Range = (1.0, 1.0)
    gap_s: Range = (12, 120)
    run: tuple[int, int] = (3, 25)
    phones: tuple[int, int] = (1, 1)
    workdays: Range = (0.5, 1.0)
    chain_s: Range = (120, 1500)
    last_days: tuple[int, int] = (1, 3)
    posts: tuple[int, int] = (1, 2)
    fade_s: Range = (900, 5400)
    jitter: float = 0.0
    helpers: tuple[int, int] = (3, 5)


@dataclass(frozen=True)
class Family:
    """How widely rooms differ, by ranges that every room draws from.

    `level`: factors of the kind's level; `dispersion`: shape of the gamma day effect (small is wild), or of its
    lognormal likeness where `is_lognormal`; `user_agents`: how many there are; `zipf`: how unequal they are;
    `monoculture`: chance that one of them is 30 to 60 % of all phones; `networks`: carrier networks; `shift_h`: shift
    of the day's rhythm; `flat`: its mixture with a flat one; `own_rhythm`: three peaks anywhere in place of the kind's
    rhythm; `wifi`, `loyal`, `groups`: factors of the kind's; `private`, `cookie_loss`, `double_taps`: shares;
    `excited`: share of visitors who bring another within minutes.
    """

    name: str
    ways: Ways = Ways()
    level: Range = (0.3, 3.0)
    dispersion: Range = (2.0, 20.0)
    is_lognormal: bool = False
    user_agents: Range = (20, 300)
    zipf: Range = (0.3, 1.2)
    monoculture: float = 0.1
    networks: Range = (4, 80)
    shift_h: float = 1.0
    flat: Range = (0.0, 0.4)
    own_rhythm: bool = False
    wifi: Range = (0.3, 1.8)
    loyal: Range = (0.3, 1.4)
    private: Range = (0.01, 0.10)
    cookie_loss: Range = (0.0, 0.10)
    double_taps: Range = (0.01, 0.15)
    groups: Range = (0.0, 2.0)
    excited: Range = (0.0, 0.0)


PLAIN = Family("plain")
WIDE = Family(
    "wide", level=(0.4, 4.0), dispersion=(1.2, 8.0), is_lognormal=True, user_agents=(8, 60), zipf=(0.0, 0.9),
    monoculture=0.2, networks=(2, 20), shift_h=2.0, flat=(0.2, 0.7), wifi=(0.0, 1.6), private=(0.0, 0.15),
    cookie_loss=(0.02, 0.2), double_taps=(0.05, 0.3), groups=(0.0, 3.0),
    ways=Ways(base=(0.15, 0.60), gap_s=(40, 240), phones=(1, 2), chain_s=(600, 3600), last_days=(1, 5), posts=(1, 3),
              fade_s=(900, 14_400), jitter=0.3),
)  # fmt: skip
OTHER = Family(
    "other", level=(0.25, 3.5), dispersion=(1.5, 30.0), user_agents=(10, 120), zipf=(0.2, 1.1), networks=(3, 200),
    shift_h=0.5, flat=(0.0, 0.3), own_rhythm=True, wifi=(0.1, 2.0), loyal=(0.1, 1.2), private=(0.02, 0.12),
    cookie_loss=(0.0, 0.15), double_taps=(0.02, 0.25), groups=(0.5, 2.5), excited=(0.0, 0.10),
    ways=Ways(base=(0.15, 0.55), months=(0.6, 1.0), gap_s=(20, 180), run=(4, 12), workdays=(0.3, 0.9),
              chain_s=(300, 2400), last_days=(1, 4), posts=(1, 4), fade_s=(1800, 10_800), jitter=0.1, helpers=(2, 6)),
)  # fmt: skip
FAMILIES = {family.name: family for family in (PLAIN, WIDE, OTHER)}
