-- Clients are found by any part of what is known of them, a letter too, and of their invoices', credit notes' and
-- quotes' numbers.

-- Who is just writing one of them ends first: what is not committed is not seen below, and would be found no more.
LOCK TABLE client, billing_details, invoice, credit_note, quote IN SHARE ROW EXCLUSIVE MODE;

-- As before, and of a text that is kept every letter, and where one word ends and the next begins.
CREATE OR REPLACE FUNCTION word_pieces(organisation uuid, words text, whole boolean) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT piece_digest(organisation, piece)), '{}') FROM (
        SELECT piece FROM unnest(string_to_array(trim(words), ' ')) AS word, LATERAL (
            SELECT ' ' || left(word, letters) FROM generate_series(1, least(2, length(word))) AS letters
            WHERE whole OR (letters = length(word))
            UNION ALL SELECT substr(word, place, 2) FROM generate_series(1, length(word) - 1) AS place WHERE whole
            UNION ALL SELECT substr(word, place, 3) FROM generate_series(1, length(word) - 2) AS place
            UNION ALL SELECT substr(word, place, letters)
            FROM generate_series(1, length(word) - 3) AS place, generate_series(4, length(word) - place + 1) AS letters
            WHERE substr(word, place, 4) = repeat(substr(word, place, 1), 4)
                AND substr(word, place, letters) = repeat(substr(word, place, 1), letters)
        ) AS pieces (piece)
        UNION ALL SELECT DISTINCT letter FROM unnest(string_to_array(words, NULL)) AS letter
        WHERE whole AND letter <> ' '
        UNION ALL SELECT substr(words, place, 3) FROM generate_series(2, length(words) - 2) AS place
        WHERE whole AND substr(words, place + 1, 1) = ' '
    ) AS pieces (piece));

-- What to look for: a word may stand anywhere, but digits in groups, as phones are written, follow each other.
DROP FUNCTION typed_pieces(uuid, text, int);
CREATE FUNCTION typed_pieces(organisation uuid, words text, grouped boolean) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT piece), '{}') FROM (
        SELECT unnest(CASE WHEN length(word) <= 2 AND NOT (grouped AND nth > 1)
            THEN ARRAY[piece_digest(organisation, word)] ELSE word_pieces(organisation, word, false) END)
        FROM unnest(string_to_array(trim(words), ' ')) WITH ORDINALITY AS typed (word, nth)
        UNION ALL SELECT piece_digest(organisation, substr(trim(words), place, 3))
        FROM generate_series(1, length(words) - 2) AS place
        WHERE grouped AND substr(trim(words), place + 1, 1) = ' '
    ) AS pieces (piece));

-- Who became another client or was forgotten keeps a place, where a page may have ended, and no pieces.
CREATE OR REPLACE FUNCTION keep_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_place bigint;
BEGIN
    -- Nobody has a company before there is a client.
    IF TG_OP = 'INSERT' THEN
        its_place := nextval('client_place');
        INSERT INTO client_pieces (client, place, pieces)
        VALUES (NEW.id, its_place, pieces_at(its_place, NEW.organisation, NEW.known_by, NULL));
    ELSIF num_nonnulls(NEW.merged_into, NEW.erased_on) > 0 THEN
        UPDATE client_pieces SET pieces = '{}' WHERE client = NEW.id AND pieces <> '{}';
        -- The documents of who became another one are that one's.
        DELETE FROM document_pieces WHERE NEW.erased_on IS NOT NULL AND document IN (
            SELECT id FROM invoice WHERE client = NEW.id
            UNION ALL SELECT id FROM credit_note WHERE client = NEW.id
            UNION ALL SELECT id FROM quote WHERE client = NEW.id);
    ELSE
        UPDATE client_pieces SET pieces = pieces_at(place, NEW.organisation, NEW.known_by,
            (SELECT company FROM billing_details WHERE billing_details.client = NEW.id))
        WHERE client = NEW.id;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER client_keeps_pieces ON client;
CREATE TRIGGER client_keeps_pieces
    AFTER INSERT OR UPDATE OF last_name, first_name, email, phone, reference, merged_into, erased_on ON client
    FOR EACH ROW EXECUTE FUNCTION keep_pieces();

CREATE OR REPLACE FUNCTION keep_company_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE client_pieces SET pieces = pieces_at(place, owner.organisation, owner.known_by,
        CASE WHEN owner.id = NEW.client THEN NEW.company END)
    FROM client AS owner WHERE owner.id IN (OLD.client, NEW.client) AND client_pieces.client = owner.id
        AND owner.merged_into IS NULL AND owner.erased_on IS NULL;
    RETURN NULL;
END $$;

-- What to look for: threes beside each other and the last, since each costs a look and numbers are built alike.
CREATE FUNCTION typed_number_pieces(organisation uuid, part text) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT (hashtextextended(piece, seed) >> 32)::int), '{}') FROM (
        SELECT substr(part, place, 3) FROM generate_series(1, greatest(1, length(part) - 2), 3) AS place
        UNION ALL SELECT right(part, 3)
        UNION ALL SELECT substr(part, place, letters)
        FROM generate_series(1, length(part) - 3) AS place, generate_series(4, length(part) - place + 1) AS letters
        WHERE substr(part, place, letters) = repeat(substr(part, place, 1), letters)
    ) AS pieces (piece), (SELECT hashtextextended(organisation::text, 0) OFFSET 0) AS organisations (seed));

-- Documents stand at their client's place, on shelves of fewer clients, since these have several each.
CREATE FUNCTION document_shelf_of(place bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN place / 1024;

-- Of a number every letter, every two and every three in a row, and each run of four or more that are the same. A
-- document is issued while all who issue wait for the next number: so they are digested by what is faster than the digest
-- of words, and by a plan that is kept, which would be made anew for each else.
CREATE FUNCTION number_pieces_at(place bigint, organisation uuid, number text) RETURNS int[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    said text   := upper(number);
    seed bigint := hashtextextended(organisation::text, 0);
    mark int    := shelf_mark(document_shelf_of(place));
BEGIN
    RETURN ARRAY(
        SELECT (hashtextextended(substr(said, first, letters), seed) >> 32)::int # mark
        FROM generate_series(1, length(said)) AS first, generate_series(1, 3) AS letters
        WHERE first + letters <= length(said) + 1
        UNION ALL SELECT (hashtextextended(substr(said, first, letters), seed) >> 32)::int # mark
        FROM generate_series(1, length(said) - 3) AS first, generate_series(4,
            CASE WHEN substr(said, first, 4) = repeat(substr(said, first, 1), 4) THEN length(said) - first + 1
            ELSE 0 END) AS letters
        WHERE substr(said, first, letters) = repeat(substr(said, first, 1), letters));
END $$;

-- A client is never deleted who has documents, and a document with a number never is.
CREATE TABLE document_pieces (
    document uuid   PRIMARY KEY,
    client   uuid   NOT NULL,
    place    bigint NOT NULL,
    pieces   int[]  NOT NULL
);

CREATE FUNCTION keep_number_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_place bigint;
BEGIN
    SELECT place INTO STRICT its_place FROM client_pieces WHERE client = NEW.client;
    INSERT INTO document_pieces (document, client, place, pieces)
    VALUES (NEW.id, NEW.client, its_place, number_pieces_at(its_place, NEW.organisation, NEW.number))
    ON CONFLICT (document) DO UPDATE
        SET client = excluded.client, place = excluded.place, pieces = excluded.pieces;
    RETURN NULL;
END $$;
CREATE TRIGGER invoice_keeps_pieces AFTER INSERT ON invoice
    FOR EACH ROW WHEN (NEW.number IS NOT NULL) EXECUTE FUNCTION keep_number_pieces();
-- All changes of an invoice say its number again.
CREATE TRIGGER invoice_moves_pieces AFTER UPDATE OF number, client ON invoice
    FOR EACH ROW WHEN (NEW.number IS NOT NULL AND (OLD.number IS NULL OR OLD.client <> NEW.client))
    EXECUTE FUNCTION keep_number_pieces();
CREATE TRIGGER credit_note_keeps_pieces AFTER INSERT ON credit_note
    FOR EACH ROW EXECUTE FUNCTION keep_number_pieces();
CREATE TRIGGER credit_note_moves_pieces AFTER UPDATE OF client ON credit_note
    FOR EACH ROW WHEN (OLD.client <> NEW.client) EXECUTE FUNCTION keep_number_pieces();
CREATE TRIGGER quote_keeps_pieces AFTER INSERT ON quote
    FOR EACH ROW EXECUTE FUNCTION keep_number_pieces();
CREATE TRIGGER quote_moves_pieces AFTER UPDATE OF client ON quote
    FOR EACH ROW WHEN (OLD.client <> NEW.client) EXECUTE FUNCTION keep_number_pieces();

-- The end of a number is a part as any other.
ALTER TABLE invoice DROP COLUMN number_backwards;

-- Everybody's anew, in order and without what was there before beside them; their places stay.
SELECT set_config('quittance.organisation', 'every', true);
CREATE TEMPORARY TABLE placed ON COMMIT DROP AS SELECT client, place FROM client_pieces;
DROP INDEX client_by_pieces;
TRUNCATE client_pieces;
INSERT INTO client_pieces (client, place, pieces)
SELECT placed.client, place, CASE WHEN num_nonnulls(merged_into, erased_on) > 0 THEN '{}'
    ELSE pieces_at(place, owner.organisation, known_by, company) END
FROM placed JOIN client AS owner ON owner.id = placed.client
    LEFT JOIN billing_details ON billing_details.client = owner.id
ORDER BY place;
CREATE INDEX client_by_pieces ON client_pieces USING gin (pieces) WITH (gin_pending_list_limit = 128);
ANALYZE client_pieces;

INSERT INTO document_pieces (document, client, place, pieces)
SELECT numbered.id, numbered.client, place, number_pieces_at(place, numbered.organisation, numbered.number)
FROM (
    SELECT id, client, organisation, number FROM invoice WHERE number IS NOT NULL
    UNION ALL SELECT id, client, organisation, number FROM credit_note
    UNION ALL SELECT id, client, organisation, number FROM quote
) AS numbered JOIN placed ON placed.client = numbered.client JOIN client AS owner ON owner.id = numbered.client
WHERE owner.erased_on IS NULL
ORDER BY place;
CREATE INDEX document_by_pieces ON document_pieces USING gin (pieces) WITH (fastupdate = off);
ANALYZE document_pieces;
