-- Clients are found by parts of all one may know of them, by an index.
--
-- No index of the database's own finds parts of a text behind the fence of the organisation, since its conditions are not
-- leakproof. So the three-letter pieces of each client's words are kept in a table without a fence. Without the name of
-- the organisation, which is in each piece before it is digested, they tell nothing and find nothing.

-- Words in small plain letters with a space before each, so that the beginning of a word can be looked for.
CREATE FUNCTION plain_words(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    ' ' || trim(regexp_replace(plain_text($1), '[^[:alnum:]]+', ' ', 'g'));

-- Of each word its first letter, its first two, and every three in a row. A word to look for has no need of the first
-- two when it is longer: its threes may stand anywhere in another.
CREATE FUNCTION word_pieces(organisation uuid, words text, whole boolean) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT ('x' || left(md5(organisation::text || piece), 8))::bit(32)::int), '{}')
    FROM unnest(string_to_array(trim(words), ' ')) AS word, LATERAL (
        SELECT ' ' || left(word, letters) FROM generate_series(1, least(2, length(word))) AS letters
        WHERE whole OR (letters = length(word))
        UNION ALL SELECT substr(word, place, 3) FROM generate_series(1, length(word) - 2) AS place
    ) AS pieces (piece));

ALTER TABLE client DROP COLUMN plain_name;
ALTER TABLE client ADD COLUMN known_by text NOT NULL GENERATED ALWAYS AS (plain_words(
    last_name || ' ' || first_name || ' ' || coalesce(email, '') || ' ' || coalesce(phone, '') || ' '
    || coalesce(reference, ''))) STORED;

CREATE TABLE client_pieces (
    client uuid  PRIMARY KEY REFERENCES client ON DELETE CASCADE,
    pieces int[] NOT NULL
);
CREATE INDEX client_by_pieces ON client_pieces USING gin (pieces);

CREATE FUNCTION keep_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO client_pieces (client, pieces) VALUES (NEW.id, word_pieces(NEW.organisation, NEW.known_by, true))
    ON CONFLICT (client) DO UPDATE SET pieces = excluded.pieces;
    RETURN NULL;
END $$;
CREATE TRIGGER client_keeps_pieces AFTER INSERT OR UPDATE OF last_name, first_name, email, phone, reference ON client
    FOR EACH ROW EXECUTE FUNCTION keep_pieces();

SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO client_pieces SELECT id, word_pieces(organisation, known_by, true) FROM client;

-- The end of a number is what people read out; backwards, it is a beginning, which an index finds.
ALTER TABLE invoice ADD COLUMN number_backwards text COLLATE "C" GENERATED ALWAYS AS (reverse(upper(number))) STORED;
CREATE INDEX invoice_by_number_end ON invoice (organisation, number_backwards);
