-- What a scan of a new visitor asks of PostgreSQL, in its two round trips, without anything of Python. Beside insert.sql:
--   pgbench -n -M prepared -c 8 -j 2 -T 20 -D sites=2000 -D month=2026-11 -f scan.sql DATABASE
-- Sites 1 to :sites need a door code with the same id and a row in site_month for :month. The site is found by that id
-- instead of by its code, and sequences are made up, because pgbench cannot read what comes back inside a pipeline:
-- use a database that may be thrown away, its ledger does not verify afterwards.
\set site random(1, :sites)
\set sequence random(1, 1000000)
\set visitor random(1, 1000000000)
\startpipeline
BEGIN;
SELECT site.id, door_code.id, door_code.code, site.name, site.floor_label, site.landmark, site.status, site.closed_on, door_code.revoked_at, site.location_kind, site.is_synthetic, site.kind, site.has_word, site.tablet_key, suspension.mode, suspension.starts_at, suspension.ends_at FROM door_code JOIN site ON door_code.site_id = site.id LEFT OUTER JOIN suspension ON suspension.site_id = site.id WHERE door_code.id = :site;
INSERT INTO tap_key (site_id, client_key, usage_id, month, body_digest) VALUES (:site, gen_random_uuid(), gen_random_uuid(), :month, decode(md5(:visitor::text), 'hex')) ON CONFLICT DO NOTHING RETURNING tap_key.site_id;
UPDATE site_month SET recorded = site_month.recorded + 1, counted = site_month.counted + 1, events = site_month.events + 1 WHERE site_month.site_id = :site AND site_month.month = :month AND NOT (EXISTS (SELECT * FROM checkpoint WHERE checkpoint.month = :month)) RETURNING site_month.events;
\endpipeline
\startpipeline
INSERT INTO usage_record (site_id, id, month, client_key, body_digest, door_code_id, used_at, received_at, p_site, p_day, day_key, purpose, reason, repeats_id, rule_version, sequence, salt, digest) VALUES (:site, gen_random_uuid(), :month, gen_random_uuid(), decode(md5(:visitor::text), 'hex'), :site, now(), now(), decode(md5(:visitor::text), 'hex'), decode(md5(:visitor::text), 'hex'), '2026-11-22', 'pumping', NULL, NULL, 1, :sequence, decode(md5(:visitor::text), 'hex'), sha256(:visitor::text::bytea));
COMMIT;
\endpipeline
