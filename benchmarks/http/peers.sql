-- What the others read and write: the same rows, in the same database. The rooms carry what ours says of a room, as
-- geometry and as geography, each with its index, and once more for those who would show the second as a property. The
-- tables of events have the shape and indexes of ours and this month's rows, as ours has its uses in one partition; that
-- they hold no tallies and keys of other months, as ours does, is to the peers' advantage.
CREATE SCHEMA peers;
CREATE TABLE peers.room AS
    SELECT id, name, kind, location_kind, address, floor_label AS floor, landmark, facilities::text AS facilities,
        admission, women_only, access_note, hours ->> 'text' AS hours_text, last_verified_on::text AS last_verified_on,
        is_synthetic, '/sites/' || id AS url, geog, geog::geometry(Point, 4326) AS geom
    FROM site ORDER BY id;
ALTER TABLE peers.room ADD PRIMARY KEY (id);
CREATE INDEX ON peers.room USING gist (geog);
CREATE INDEX ON peers.room USING gist (geom);
CREATE TABLE peers.feature AS TABLE peers.room;
ALTER TABLE peers.feature DROP COLUMN geog, ADD PRIMARY KEY (id);
CREATE INDEX ON peers.feature USING gist (geom);

CREATE SCHEMA orm;
CREATE TABLE orm.site_month (LIKE public.site_month INCLUDING ALL);
INSERT INTO orm.site_month SELECT * FROM public.site_month WHERE month = (SELECT max(month) FROM site_month);
CREATE TABLE orm.tap_key (LIKE public.tap_key INCLUDING ALL);
INSERT INTO orm.tap_key SELECT * FROM public.tap_key WHERE month = (SELECT max(month) FROM site_month);
CREATE TABLE orm.usage_record (LIKE public.usage_record INCLUDING ALL);
INSERT INTO orm.usage_record SELECT * FROM public.usage_record WHERE month = (SELECT max(month) FROM site_month);

CREATE SCHEMA django;
CREATE TABLE django.site_month (LIKE public.site_month INCLUDING ALL);
INSERT INTO django.site_month SELECT * FROM orm.site_month;
CREATE TABLE django.tap_key (LIKE public.tap_key INCLUDING ALL);
INSERT INTO django.tap_key SELECT * FROM orm.tap_key;
CREATE TABLE django.usage_record (LIKE public.usage_record INCLUDING ALL);
INSERT INTO django.usage_record SELECT * FROM orm.usage_record;
VACUUM ANALYZE;
