-- The uses of one month, {uses} or so over all sites, as if they had been tapped, counted, tallied and sealed. What a
-- digest covers is random bytes: nothing here reads it. The partition gets its indexes when it is attached: that is
-- quicker than keeping them up with every row, and none of it is written to the log.
DROP TABLE IF EXISTS {partition};
CREATE TABLE {partition} (LIKE usage_record INCLUDING ALL EXCLUDING INDEXES);
CREATE TEMPORARY TABLE tally ON COMMIT DROP AS
    SELECT id AS site_id, floor(random() * 2 * {uses} / (SELECT count(*) FROM site) + 0.5)::int AS number FROM site;
INSERT INTO site_month (site_id, month, recorded, counted, code_revoked, site_closed, site_suspended, too_soon,
    daily_limit, rating_1, rating_2, rating_3, rating_4, rating_5, on_site, events, sealed)
    SELECT site_id, {month}, number, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number, number FROM tally;
INSERT INTO {partition} (site_id, id, month, client_key, body_digest, door_code_id, used_at, received_at, p_site,
    day_key, purpose, rule_version, sequence, salt, digest)
    SELECT site_id, id, {month}, id, uuid_send(id), site_id, at, at, uuid_send(gen_random_uuid()),
        to_char(at, 'YYYY-MM-DD'), 'nursing', 1, sequence, uuid_send(id), sha256(uuid_send(id))
    FROM tally, generate_series(1, number) sequence, LATERAL (SELECT gen_random_uuid() AS id,
        {start}::timestamptz + random() * ({stop}::timestamptz - {start}::timestamptz) AS at
        WHERE sequence > 0) moment;
ALTER TABLE usage_record ATTACH PARTITION {partition} FOR VALUES FROM ({month}) TO ({next});
