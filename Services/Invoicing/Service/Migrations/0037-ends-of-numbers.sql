-- Of a number's part also the three before the last letter: apart from each other, a number's beginning and what was
-- typed last stand in many numbers that have not the one behind the other, and each of those is looked at.
CREATE OR REPLACE FUNCTION typed_number_pieces(organisation uuid, part text) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT (hashtextextended(piece, seed) >> 32)::int), '{}') FROM (
        SELECT substr(part, place, 3) FROM generate_series(1, greatest(1, length(part) - 2), 3) AS place
        UNION ALL SELECT right(part, 3)
        UNION ALL SELECT left(right(part, 4), 3) WHERE length(part) > 3
        UNION ALL SELECT substr(part, place, letters)
        FROM generate_series(1, length(part) - 3) AS place, generate_series(4, length(part) - place + 1) AS letters
        WHERE substr(part, place, letters) = repeat(substr(part, place, 1), letters)
    ) AS pieces (piece), (SELECT hashtextextended(organisation::text, 0) OFFSET 0) AS organisations (seed));
