"""Distances on the WGS-84 spheroid, and what a straight line through the earth says about them."""

from math import asin, cos, radians, sin, sqrt
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

Floats = NDArray[np.float64]
Positions = NDArray[np.signedinteger[Any]]

GEOD = Geod(ellps="WGS84")
EQUATOR_M = 6378137.0
POLE_M = 6356752.314245179
ECCENTRICITY_SQUARED = 1.0 - (POLE_M / EQUATOR_M) ** 2


def earth_centred(lon: float, lat: float) -> tuple[float, float, float]:
    """Metres from the earth's centre along its three axes, of a point on the spheroid given in degrees."""
    lam, phi = radians(lon), radians(lat)
    normal_m = EQUATOR_M / sqrt(1.0 - ECCENTRICITY_SQUARED * sin(phi) ** 2)
    across_m = normal_m * cos(phi)
    return across_m * cos(lam), across_m * sin(lam), normal_m * (1.0 - ECCENTRICITY_SQUARED) * sin(phi)


def earth_centred_many(lons: Floats, lats: Floats) -> Floats:
    """`earth_centred` of many points: degrees of shape (n,) in, metres of shape (n, 3) out."""
    lam, phi = np.radians(lons), np.radians(lats)
    normal_m = EQUATOR_M / np.sqrt(1.0 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2)
    across_m = normal_m * np.cos(phi)
    return np.column_stack(
        (across_m * np.cos(lam), across_m * np.sin(lam), normal_m * (1.0 - ECCENTRICITY_SQUARED) * np.sin(phi))
    )


def shortest_possible_m(chord_m: float) -> float:
    """A lower bound of the distance over the spheroid between two points whose straight line is `chord_m` long.

    No path is shorter than the straight line. And pushed radially onto the inner sphere, which shortens it, a path
    still spans the angle between its ends; for chords above 522 km that angle is smallest when both ends lie on the
    equator's radius. For shorter chords the first bound is the larger one anyway. Less than 1 % too low up to
    10,000 km, 6 % near the antipodes.
    """
    return max(chord_m, 2.0 * POLE_M * asin(min(1.0, chord_m / (2.0 * EQUATOR_M))))


def distances_m(lon: float, lat: float, lons: Floats, lats: Floats) -> Floats:
    """Geodesic distances in metres from one point to many, exact to nanometres (Karney 2013)."""
    count = len(lons)
    _, _, metres = GEOD.inv(np.full(count, lon), np.full(count, lat), lons, lats)
    return cast("Floats", metres)
