-- One person is one: numbers as they are read by now, clients who are gone for good, and questions put off.

-- The fence hides every row from who names nobody, migrations too.
SELECT set_config('quittance.organisation', 'every', true);

-- France's departments overseas have country codes of their own; their numbers were written with the mainland's.
CREATE FUNCTION overseas_number(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN CASE
    WHEN $1 ~ '^\+33(262|263|269|639|692|693)\d{6}$' THEN '+262' || substr($1, 4)
    WHEN $1 ~ '^\+33(590|690|691)\d{6}$' THEN '+590' || substr($1, 4)
    WHEN $1 ~ '^\+33(594|694)\d{6}$' THEN '+594' || substr($1, 4)
    WHEN $1 ~ '^\+33(596|696|697)\d{6}$' THEN '+596' || substr($1, 4)
END;

-- Where somebody decided differently under both writings, the one who does not want marketing is heard.
INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
SELECT gen_random_uuid(), before.organisation, before.channel, overseas_number(before.address), 'withdrawn',
    'withdrawn under another writing of the number', now(), 'migration'
FROM (SELECT DISTINCT ON (organisation, channel, address) organisation, channel, address, decision
        FROM consent WHERE overseas_number(address) IS NOT NULL
        ORDER BY organisation, channel, address, decided_at DESC, id DESC) AS before
JOIN (SELECT DISTINCT ON (organisation, channel, address) organisation, channel, address, decision
        FROM consent WHERE address ~ '^\+(262|590|594|596)'
        ORDER BY organisation, channel, address, decided_at DESC, id DESC) AS later
    ON later.organisation = before.organisation AND later.channel = before.channel
        AND later.address = overseas_number(before.address)
WHERE before.decision <> later.decision;
UPDATE consent SET address = overseas_number(address) WHERE overseas_number(address) IS NOT NULL;

-- An entry that is in the directory under both writings stays once, with the groups of both.
SELECT before.id AS gone, later.id AS kept INTO TABLE twice FROM contact AS before JOIN contact AS later
        ON later.organisation = before.organisation AND later.phone = overseas_number(before.phone);
UPDATE contact SET groups = ARRAY(
        SELECT DISTINCT name FROM unnest(contact.groups || before.groups) AS name ORDER BY name),
    client = coalesce(contact.client, before.client), email = coalesce(contact.email, before.email),
    version = contact.version + 1
FROM twice JOIN contact AS before ON before.id = twice.gone WHERE contact.id = twice.kept;
UPDATE campaign SET contacts = ARRAY(
        SELECT DISTINCT coalesce(twice.kept, named) FROM unnest(campaign.contacts) AS named
            LEFT JOIN twice ON twice.gone = named)
    WHERE contacts && ARRAY(SELECT gone FROM twice);
DELETE FROM contact WHERE id IN (SELECT gone FROM twice);
UPDATE contact SET phone = overseas_number(phone), asked_at = NULL, version = version + 1
    WHERE overseas_number(phone) IS NOT NULL;

-- Messages that left too: a reply with STOP is told from whom by them.
UPDATE message SET address = overseas_number(address)
    WHERE channel = 'sms' AND overseas_number(address) IS NOT NULL;
UPDATE campaign_recipient SET phone = overseas_number(phone)
    WHERE overseas_number(phone) IS NOT NULL AND NOT EXISTS (
        SELECT FROM campaign_recipient AS other
        WHERE other.campaign = campaign_recipient.campaign AND other.message IS NOT NULL
            AND other.phone = overseas_number(campaign_recipient.phone));
DROP TABLE twice;
DROP FUNCTION overseas_number(text);

-- Clients the books forgot, by their bare ids: what is learned of one later is forgotten too (GEN-7).
CREATE TABLE forgotten_client (
    organisation uuid        NOT NULL,
    client       uuid        NOT NULL,
    forgotten_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT forgotten_client_once PRIMARY KEY (organisation, client)
);
SELECT fence_by_organisation('forgotten_client');
-- Whoever was erased while nobody knew whether a message had left is not written to again.
UPDATE message SET is_wanted = false WHERE state = 'uncertain' AND address IS NULL;

-- One question that cannot be answered is put off, and holds up no other.
ALTER TABLE contact ADD COLUMN ask_after timestamptz;
ALTER TABLE client_to_link ADD COLUMN ask_after timestamptz,
    ADD COLUMN noted_at timestamptz NOT NULL DEFAULT clock_timestamp();

-- Money that invoicing recorded is something a message can be about, too.
ALTER TABLE message DROP CONSTRAINT message_about_one;
ALTER TABLE message ADD CONSTRAINT message_about_one CHECK (
    num_nonnulls(payment, invoice, campaign, payment_on_account) <= 1);
