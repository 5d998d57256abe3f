-- Decisions were kept under numbers as they were typed, and what is sent asks by those the directory reads: no zero stands
-- behind a country's code that is dialled within the country only, and what France gave out overseas is not the
-- mainland's. The range for films, which is nobody's, stays there.
SELECT set_config('quittance.organisation', 'every', true);
CREATE FUNCTION number_as_read(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN (
    SELECT CASE
        WHEN bare ~ '^\+33(262|263|269|639|692|693)\d{6}$' AND bare !~ '^\+3363998' THEN '+262' || right(bare, 9)
        WHEN bare ~ '^\+33(590|690|691)\d{6}$' THEN '+590' || right(bare, 9)
        WHEN bare ~ '^\+33(594|694)\d{6}$' THEN '+594' || right(bare, 9)
        WHEN bare ~ '^\+33(596|696|697)\d{6}$' THEN '+596' || right(bare, 9)
        WHEN bare ~ '^\+(33|508)508\d{6}$' THEN '+508' || right(bare, 6)
        ELSE bare
    END FROM (SELECT regexp_replace(
        $1, '^\+(33|262|508|590|594|596|31|32|41|43|44|49|353|377)0([1-9]\d{5,})$', '+\1\2') AS bare) AS typed);

-- Where somebody decided differently under two writings, the one who does not want marketing is heard.
INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
SELECT gen_random_uuid(), organisation, channel, number, 'withdrawn', 'withdrawn under another writing of the number',
    now(), 'migration'
FROM (SELECT DISTINCT ON (organisation, channel, address) organisation, channel, decision,
            number_as_read(address) AS number
        FROM consent WHERE channel = 'sms'
        ORDER BY organisation, channel, address, decided_at DESC, id DESC) AS latest
GROUP BY organisation, channel, number HAVING count(DISTINCT decision) > 1;
-- The numbers that are known by another writing from now on.
SELECT organisation, address AS phone INTO TABLE reread FROM consent WHERE false;
WITH moved AS (
    UPDATE consent SET address = number_as_read(address)
    WHERE channel = 'sms' AND number_as_read(address) <> address RETURNING organisation, address)
INSERT INTO reread SELECT DISTINCT organisation, address FROM moved;

-- Messages too: a reply with STOP is told from whom by them, and so is what is forgotten with a client.
WITH moved AS (
    UPDATE message SET address = number_as_read(address)
    WHERE channel = 'sms' AND number_as_read(address) <> address RETURNING organisation, address)
INSERT INTO reread SELECT DISTINCT organisation, address FROM moved;

-- Who said STOP on one phone said it on all, also where both are known to be one client's only now: what was agreed to
-- by then under others is withdrawn.
WITH client AS (
    SELECT organisation, client FROM message JOIN reread USING (organisation)
        WHERE address = phone AND channel = 'sms' AND client IS NOT NULL
    UNION SELECT organisation, client FROM contact JOIN reread USING (organisation, phone) WHERE client IS NOT NULL
), known AS (
    SELECT organisation, client, address AS phone FROM message JOIN client USING (organisation, client)
        WHERE channel = 'sms' AND address IS NOT NULL
    UNION SELECT organisation, client, phone FROM contact JOIN client USING (organisation, client)
        WHERE phone IS NOT NULL
), decided AS (
    SELECT organisation, phone, decision, decided_at,
        max(decided_at) FILTER (WHERE decision = 'withdrawn') OVER (PARTITION BY organisation, client) AS stopped_at
    FROM known CROSS JOIN LATERAL (
        SELECT decision, decided_at FROM consent
        WHERE consent.organisation = known.organisation AND channel = 'sms' AND address = phone
        ORDER BY decided_at DESC, id DESC LIMIT 1) AS latest
)
INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
SELECT gen_random_uuid(), organisation, 'sms', phone, 'withdrawn', 'the client had said STOP under another number',
    now(), 'migration'
FROM (SELECT DISTINCT organisation, phone FROM decided
        WHERE decision = 'given' AND decided_at <= stopped_at) AS agreed;
DROP TABLE reread;
DROP FUNCTION number_as_read(text);
