-- The uses of one month, {uses} or so over all sites, as if they had been tapped, counted, tallied and sealed. What a
-- digest covers is random bytes: nothing here reads it.
WITH numbers AS (
    SELECT site.id AS site_id, floor(random() * 2 * {uses} / (SELECT count(*) FROM site) + 0.5)::int AS number FROM site
), tally AS (
    INSERT INTO site_month (site_id, month, recorded, counted, code_revoked, site_closed, site_suspended, too_soon,
        daily_limit, rating_1, rating_2, rating_3, rating_4, rating_5, on_site, events, sealed)
    SELECT site_id, {month}, number, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number, number
    FROM numbers WHERE number > 0
    RETURNING site_id, recorded
), used AS (
    INSERT INTO usage_record (site_id, id, month, client_key, body_digest, door_code_id, used_at, received_at, p_site,
        day_key, purpose, rule_version, sequence, salt, digest)
    SELECT site_id, gen_random_uuid(), {month}, gen_random_uuid(), uuid_send(gen_random_uuid()), site_id, at, at,
        uuid_send(gen_random_uuid()), to_char(at, 'YYYY-MM-DD'), 'nursing', 1, sequence, uuid_send(gen_random_uuid()),
        sha256(uuid_send(gen_random_uuid()))
    FROM tally, generate_series(1, recorded) sequence,
        LATERAL (SELECT {start}::timestamptz + random() * ({stop}::timestamptz - {start}::timestamptz) AS at) moment
    RETURNING site_id, client_key, id, month, body_digest
)
INSERT INTO tap_key (site_id, client_key, usage_id, month, body_digest)
SELECT site_id, client_key, id, month, body_digest FROM used
