-- The floor of scan.sql: only the row of the use, stored and committed.
\set site random(1, :sites)
\set sequence random(1, 1000000)
\set visitor random(1, 1000000000)
INSERT INTO usage_record (site_id, id, month, client_key, body_digest, door_code_id, used_at, received_at, p_site, p_day, day_key, purpose, reason, repeats_id, rule_version, sequence, salt, digest) VALUES (:site, gen_random_uuid(), :month, gen_random_uuid(), decode(md5(:visitor::text), 'hex'), :site, now(), now(), decode(md5(:visitor::text), 'hex'), decode(md5(:visitor::text), 'hex'), '2026-11-22', 'pumping', NULL, NULL, 1, :sequence, decode(md5(:visitor::text), 'hex'), sha256(:visitor::text::bytea));
