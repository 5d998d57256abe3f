-- Saint-Pierre-et-Miquelon's numbers have six digits behind +508: what was typed with 0508, which they are dialled by
-- from France, or with the country of the mainland, is one of them. Of clients with the same one the first has it.
SELECT set_config('quittance.organisation', 'every', true);
CREATE FUNCTION miquelon_number(phone text) RETURNS text LANGUAGE sql IMMUTABLE RETURN CASE
    WHEN phone ~ '^\+(33|508)508\d{6}$' THEN '+508' || right(phone, 6)
END;
UPDATE client SET phone = miquelon_number(phone), version = version + 1
WHERE miquelon_number(phone) IS NOT NULL AND NOT EXISTS (
    SELECT FROM client AS other
    WHERE other.organisation = client.organisation AND (other.phone = miquelon_number(client.phone)
        OR miquelon_number(other.phone) = miquelon_number(client.phone) AND other.id < client.id));
UPDATE client_contact SET phone = miquelon_number(phone), version = version + 1
WHERE miquelon_number(phone) IS NOT NULL;
-- By this rows of files are found that name who is forgotten.
UPDATE import_row SET phone = miquelon_number(phone) WHERE miquelon_number(phone) IS NOT NULL;
DROP FUNCTION miquelon_number(text);
