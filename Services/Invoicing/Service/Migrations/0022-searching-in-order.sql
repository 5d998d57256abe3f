-- Clients are found newest first without gathering all whom a word means.
--
-- The index of pieces knows no order: a word that very many have was gathered from one end to the other before the first
-- page of it was known. So clients stand on shelves, 4,096 on each, in the order in which they came, and each piece is
-- another one on each shelf. Looked for shelf by shelf, newest first, it answers with one shelf at most, and a full page
-- ends the search; a shelf without it costs no more than to find that out.

-- Of each word its first letter, its first two, every three in a row, and each run of four or more that are the same,
-- since its threes are one: 0000 would mean everybody with 000. A word to look for has no need of the first two when it
-- is longer.
CREATE OR REPLACE FUNCTION word_pieces(organisation uuid, words text, whole boolean) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT ('x' || left(md5(organisation::text || piece), 8))::bit(32)::int), '{}')
    FROM unnest(string_to_array(trim(words), ' ')) AS word, LATERAL (
        SELECT ' ' || left(word, letters) FROM generate_series(1, least(2, length(word))) AS letters
        WHERE whole OR (letters = length(word))
        UNION ALL SELECT substr(word, place, 3) FROM generate_series(1, length(word) - 2) AS place
        UNION ALL SELECT substr(word, place, letters)
        FROM generate_series(1, length(word) - 3) AS place, generate_series(4, length(word) - place + 1) AS letters
        WHERE substr(word, place, 4) = repeat(substr(word, place, 1), 4)
            AND substr(word, place, letters) = repeat(substr(word, place, 1), letters)
    ) AS pieces (piece));

CREATE FUNCTION shelf_of(place bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN place / 4096;

-- What makes a piece another one on each shelf; each shelf has a mark of its own, since the factor is odd.
CREATE FUNCTION shelf_mark(shelf bigint) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    (shelf * 2654435761 % 4294967296 - 2147483648)::int;

CREATE FUNCTION shelved(pieces int[], shelf bigint) RETURNS int[] LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    ARRAY(SELECT piece # shelf_mark(shelf) FROM unnest(pieces) AS piece);

-- A place is not taken twice; one that nobody has, since a change failed, costs nothing.
CREATE SEQUENCE client_place;
DROP TABLE client_pieces;
CREATE TABLE client_pieces (
    client uuid   PRIMARY KEY REFERENCES client ON DELETE CASCADE,
    place  bigint NOT NULL,
    pieces int[]  NOT NULL
);

CREATE OR REPLACE FUNCTION keep_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_place bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        its_place := nextval('client_place');
        INSERT INTO client_pieces (client, place, pieces)
        VALUES (NEW.id, its_place,
            shelved(word_pieces(NEW.organisation, NEW.known_by, true), shelf_of(its_place)));
    ELSE
        UPDATE client_pieces
        SET pieces = shelved(word_pieces(NEW.organisation, NEW.known_by, true), shelf_of(place))
        WHERE client = NEW.id;
    END IF;
    RETURN NULL;
END $$;

SELECT set_config('quittance.organisation', 'every', true);
INSERT INTO client_pieces (client, place, pieces)
SELECT id, place, shelved(word_pieces(organisation, known_by, true), shelf_of(place))
FROM (SELECT id, organisation, known_by, row_number() OVER (ORDER BY id) AS place FROM client) AS placed;
-- Where the newest stands is what the sequence gave last: nothing only if there is nobody.
SELECT setval('client_place', greatest(count(*), 1), count(*) > 0) FROM client_pieces;

-- Every look at a shelf reads the whole list of pieces that wait for their place in the index; it stays short.
CREATE INDEX client_by_pieces ON client_pieces USING gin (pieces) WITH (gin_pending_list_limit = 128);
ANALYZE client_pieces;
