-- Clients are found by their company too, and by two letters or digits that stand anywhere in a word.

-- Who is just adding a client or changing one ends first: a client that is not committed is not seen below, and would
-- be found no more.
LOCK TABLE client IN SHARE ROW EXCLUSIVE MODE;

CREATE FUNCTION piece_digest(organisation uuid, piece text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    ('x' || left(md5(organisation::text || piece), 8))::bit(32)::int;

-- As before, and of a word that is kept every two in a row.
CREATE OR REPLACE FUNCTION word_pieces(organisation uuid, words text, whole boolean) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT piece_digest(organisation, piece)), '{}')
    FROM unnest(string_to_array(trim(words), ' ')) AS word, LATERAL (
        SELECT ' ' || left(word, letters) FROM generate_series(1, least(2, length(word))) AS letters
        WHERE whole OR (letters = length(word))
        UNION ALL SELECT substr(word, place, 2) FROM generate_series(1, length(word) - 1) AS place WHERE whole
        UNION ALL SELECT substr(word, place, 3) FROM generate_series(1, length(word) - 2) AS place
        UNION ALL SELECT substr(word, place, letters)
        FROM generate_series(1, length(word) - 3) AS place, generate_series(4, length(word) - place + 1) AS letters
        WHERE substr(word, place, 4) = repeat(substr(word, place, 1), 4)
            AND substr(word, place, letters) = repeat(substr(word, place, 1), letters)
    ) AS pieces (piece));

-- What to look for: words of more letters than those that begin one may stand anywhere.
CREATE FUNCTION typed_pieces(organisation uuid, words text, beginning int) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT piece), '{}')
    FROM unnest(string_to_array(trim(words), ' ')) AS word, LATERAL unnest(
        CASE WHEN length(word) = 2 AND beginning < 2 THEN ARRAY[piece_digest(organisation, word)]
            ELSE word_pieces(organisation, word, false) END) AS piece);

CREATE FUNCTION pieces_at(place bigint, organisation uuid, known_by text, company text) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    shelved(word_pieces(organisation, known_by || plain_words(coalesce(company, '')), true), shelf_of(place));

CREATE OR REPLACE FUNCTION keep_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_place bigint;
BEGIN
    -- Nobody has a company before there is a client.
    IF TG_OP = 'INSERT' THEN
        its_place := nextval('client_place');
        INSERT INTO client_pieces (client, place, pieces)
        VALUES (NEW.id, its_place, pieces_at(its_place, NEW.organisation, NEW.known_by, NULL));
    ELSE
        UPDATE client_pieces SET pieces = pieces_at(place, NEW.organisation, NEW.known_by,
            (SELECT company FROM billing_details WHERE billing_details.client = NEW.id))
        WHERE client = NEW.id;
    END IF;
    RETURN NULL;
END $$;

-- When two clients become one, its company may go from the one to the other.
CREATE FUNCTION keep_company_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE client_pieces SET pieces = pieces_at(place, owner.organisation, owner.known_by,
        CASE WHEN owner.id = NEW.client THEN NEW.company END)
    FROM client AS owner WHERE owner.id IN (OLD.client, NEW.client) AND client_pieces.client = owner.id;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_details_keep_pieces AFTER INSERT OR DELETE OR UPDATE OF client, company ON billing_details
    FOR EACH ROW EXECUTE FUNCTION keep_company_pieces();

-- Everybody's anew, in order and without what was there before beside them; their places stay.
SELECT set_config('quittance.organisation', 'every', true);
CREATE TEMPORARY TABLE placed ON COMMIT DROP AS SELECT client, place FROM client_pieces;
DROP INDEX client_by_pieces;
TRUNCATE client_pieces;
INSERT INTO client_pieces (client, place, pieces)
SELECT placed.client, place, pieces_at(place, owner.organisation, known_by, company)
FROM placed JOIN client AS owner ON owner.id = placed.client
    LEFT JOIN billing_details ON billing_details.client = owner.id
ORDER BY place;
CREATE INDEX client_by_pieces ON client_pieces USING gin (pieces) WITH (gin_pending_list_limit = 128);
ANALYZE client_pieces;
