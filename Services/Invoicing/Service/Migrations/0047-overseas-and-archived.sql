-- What France gave out overseas is one number, also where it was typed with the country of the mainland before it;
-- those it keeps for films are the mainland's. Where two clients have one, each in one way, both keep what they have.
SELECT set_config('quittance.organisation', 'every', true);
CREATE FUNCTION french_number(phone text) RETURNS text LANGUAGE sql IMMUTABLE RETURN CASE
    WHEN phone ~ '^\+26263998\d{4}$' THEN '+33'
    WHEN phone ~ '^\+3363998\d{4}$' THEN NULL
    WHEN phone ~ '^\+33(262|263|269|639|692|693)\d{6}$' THEN '+262'
    WHEN phone ~ '^\+33(590|690|691)\d{6}$' THEN '+590'
    WHEN phone ~ '^\+33(594|694)\d{6}$' THEN '+594'
    WHEN phone ~ '^\+33(596|696|697)\d{6}$' THEN '+596'
END || right(phone, 9);
UPDATE client SET phone = french_number(phone), version = version + 1
WHERE french_number(phone) IS NOT NULL AND NOT EXISTS (
    SELECT FROM client AS other
    WHERE other.organisation = client.organisation AND other.phone = french_number(client.phone));
UPDATE client_contact SET phone = french_number(phone), version = version + 1
WHERE french_number(phone) IS NOT NULL;
-- By this rows of files are found that name who is forgotten.
UPDATE import_row SET phone = french_number(phone) WHERE french_number(phone) IS NOT NULL;
DROP FUNCTION french_number(text);

-- Payments whose credit is put away are few among all.
CREATE INDEX payment_on_account_archived_in_order ON payment_on_account (organisation, id DESC)
    WHERE archived_on IS NOT NULL;
