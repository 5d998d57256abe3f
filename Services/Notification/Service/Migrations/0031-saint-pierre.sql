-- Saint-Pierre-et-Miquelon's numbers have six digits behind +508: what was read of 0508, which they are dialled by from
-- France, or has the country of the mainland, is one of them.
SELECT set_config('quittance.organisation', 'every', true);
CREATE FUNCTION miquelon_number(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN CASE
    WHEN $1 ~ '^\+(33|508)508\d{6}$' THEN '+508' || right($1, 6) END;

-- Where somebody decided differently under two writings, the one who does not want marketing is heard.
INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
SELECT gen_random_uuid(), organisation, channel, number, 'withdrawn', 'withdrawn under another writing of the number',
    now(), 'migration'
FROM (SELECT DISTINCT ON (organisation, channel, address) organisation, channel, decision,
            coalesce(miquelon_number(address), address) AS number
        FROM consent WHERE address ~ '^\+(33|508)?508\d{6}$'
        ORDER BY organisation, channel, address, decided_at DESC, id DESC) AS latest
GROUP BY organisation, channel, number HAVING count(DISTINCT decision) > 1;
UPDATE consent SET address = miquelon_number(address) WHERE miquelon_number(address) IS NOT NULL;

-- An entry that is in the directory under several writings stays once, with the groups of all: that with the number as
-- it is, or else the first.
SELECT id AS gone, kept INTO TABLE twice FROM (
    SELECT id, first_value(id) OVER (
        PARTITION BY organisation, coalesce(miquelon_number(phone), phone)
        ORDER BY miquelon_number(phone) IS NOT NULL, id) AS kept
    FROM contact WHERE phone ~ '^\+(33|508)?508\d{6}$') AS entry
WHERE id <> kept;
UPDATE contact SET groups = ARRAY(
        SELECT DISTINCT name FROM unnest(contact.groups || theirs.groups) AS name ORDER BY name),
    client = coalesce(contact.client, theirs.client), email = coalesce(contact.email, theirs.email),
    version = contact.version + 1
FROM (SELECT kept, array_agg(name) FILTER (WHERE name IS NOT NULL) AS groups,
            (array_agg(client ORDER BY gone) FILTER (WHERE client IS NOT NULL))[1] AS client,
            (array_agg(email ORDER BY gone) FILTER (WHERE email IS NOT NULL))[1] AS email
        FROM twice JOIN contact ON contact.id = twice.gone LEFT JOIN unnest(contact.groups) AS name ON true
        GROUP BY kept) AS theirs
WHERE contact.id = theirs.kept;
UPDATE campaign SET contacts = ARRAY(
        SELECT DISTINCT coalesce(twice.kept, named) FROM unnest(campaign.contacts) AS named
            LEFT JOIN twice ON twice.gone = named)
    WHERE contacts && ARRAY(SELECT gone FROM twice);
UPDATE reminder SET contacts = ARRAY(
        SELECT DISTINCT coalesce(twice.kept, named) FROM unnest(reminder.contacts) AS named
            LEFT JOIN twice ON twice.gone = named)
    WHERE contacts && ARRAY(SELECT gone FROM twice);
UPDATE message SET contact = twice.kept FROM twice WHERE message.contact = twice.gone;
UPDATE campaign_recipient SET contact = twice.kept FROM twice WHERE campaign_recipient.contact = twice.gone;
DELETE FROM contact WHERE id IN (SELECT gone FROM twice);
UPDATE contact SET phone = miquelon_number(phone), asked_at = NULL, version = version + 1
    WHERE miquelon_number(phone) IS NOT NULL;

-- Messages that left too: a reply with STOP is told from whom by them.
UPDATE message SET address = miquelon_number(address)
    WHERE channel = 'sms' AND miquelon_number(address) IS NOT NULL;
-- Of one campaign only the first still leaves.
UPDATE message SET state = 'called-off', reason = 'no longer wanted'
WHERE campaign IS NOT NULL AND state = 'ready' AND address ~ '^\+508\d{6}$' AND EXISTS (
    SELECT FROM message AS other WHERE other.campaign = message.campaign AND other.address = message.address
        AND other.id < message.id AND other.state NOT IN ('called-off', 'failed'));
-- Who was written to under several writings of a number keeps one of them each; nobody is any more.
UPDATE campaign_recipient SET phone = miquelon_number(phone)
    WHERE miquelon_number(phone) IS NOT NULL AND NOT EXISTS (
        SELECT FROM campaign_recipient AS other
        WHERE other.campaign = campaign_recipient.campaign AND other.message IS NOT NULL
            AND (other.phone = miquelon_number(campaign_recipient.phone)
                OR miquelon_number(other.phone) = miquelon_number(campaign_recipient.phone)
                    AND other.position < campaign_recipient.position));
DROP TABLE twice;
DROP FUNCTION miquelon_number(text);
