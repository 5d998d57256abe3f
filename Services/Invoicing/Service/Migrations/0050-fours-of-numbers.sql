-- Of what counts a number every four in a row are digested too: the threes of 202020, 2026-202 or 026-2026 are in all
-- numbers of a year, or in many, and each of those was looked at.

-- Who is just issuing a document or erasing a client ends first: what is not committed is not seen below.
LOCK TABLE client, invoice, credit_note, quote IN SHARE ROW EXCLUSIVE MODE;

-- As before, and every four in a row from the letter before the last dash on, which of F-LILAS-2026-000123 are 6-00,
-- -000, 0001, 0012 and 0123.
CREATE OR REPLACE FUNCTION number_pieces_at(place bigint, organisation uuid, number text) RETURNS int[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    said    text   := upper(number);
    seed    bigint := hashtextextended(organisation::text, 0);
    mark    int    := shelf_mark(document_shelf_of(place));
    counted int    := length(said) - strpos(reverse(said), '-');
BEGIN
    RETURN ARRAY(
        SELECT (hashtextextended(substr(said, first, letters), seed) >> 32)::int # mark
        FROM generate_series(1, length(said)) AS first, generate_series(1, 4) AS letters
        WHERE first + letters <= length(said) + 1 AND (letters < 4 OR first >= counted)
        UNION ALL SELECT (hashtextextended(substr(said, first, letters), seed) >> 32)::int # mark
        FROM generate_series(1, length(said) - 3) AS first, generate_series(4,
            CASE WHEN substr(said, first, 4) = repeat(substr(said, first, 1), 4) THEN length(said) - first + 1
            ELSE 0 END) AS letters
        WHERE substr(said, first, letters) = repeat(substr(said, first, 1), letters));
END $$;

-- What to look for, as before; the fours of a part that no series' name has, so that it can but end in what counts
-- a number, and threes of what is before them alone, since each costs a look. A name has 6-2026 where a clinic's code
-- ends in 6, and numbers of that series need not have its fours.
DROP FUNCTION typed_number_pieces(uuid, text);
CREATE FUNCTION typed_number_pieces(organisation uuid, part text, ends_in_count boolean) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT (hashtextextended(piece, seed) >> 32)::int), '{}')
    FROM (SELECT CASE WHEN ends_in_count THEN substring(part FROM '.?-?[^-]*$') ELSE '' END) AS ends (counted),
    LATERAL (
        SELECT CASE WHEN length(counted) > 3 THEN left(part, 2 - length(counted)) ELSE part END
    ) AS beginnings (named), LATERAL (
        SELECT substr(counted, place, 4) FROM generate_series(1, length(counted) - 3) AS place
        UNION ALL SELECT substr(named, place, 3) FROM generate_series(1, greatest(1, length(named) - 2), 3) AS place
        WHERE named = part OR length(named) > 2
        UNION ALL SELECT right(named, 3) WHERE named = part OR length(named) > 2
        UNION ALL SELECT left(right(named, 4), 3) WHERE length(named) > 3
        UNION ALL SELECT substr(part, place, letters)
        FROM generate_series(1, length(part) - 3) AS place, generate_series(4, length(part) - place + 1) AS letters
        WHERE substr(part, place, letters) = repeat(substr(part, place, 1), letters)
    ) AS pieces (piece), (SELECT hashtextextended(organisation::text, 0) OFFSET 0) AS organisations (seed));

-- All numbers anew, in the order of their clients, whose places stay.
SELECT set_config('quittance.organisation', 'every', true);
DROP INDEX document_by_pieces;
TRUNCATE document_pieces;
INSERT INTO document_pieces (document, client, place, pieces)
SELECT numbered.id, numbered.client, place, number_pieces_at(place, numbered.organisation, numbered.number)
FROM (
    SELECT id, client, organisation, number FROM invoice WHERE number IS NOT NULL
    UNION ALL SELECT id, client, organisation, number FROM credit_note
    UNION ALL SELECT id, client, organisation, number FROM quote
) AS numbered JOIN client_pieces ON client_pieces.client = numbered.client
    JOIN client AS owner ON owner.id = numbered.client
WHERE owner.erased_on IS NULL
ORDER BY place;
CREATE INDEX document_by_pieces ON document_pieces USING gin (pieces) WITH (fastupdate = off);
ANALYZE document_pieces;
