-- Who issues a document and to whom is in its hash: the seller and its establishment plainly, the buyer, who may be a
-- person, by a digest with a salt. Documents of before stay chained by what their hashes were over then.

ALTER TABLE document_parties
    ADD COLUMN salt         text, -- goes with the buyer: nobody can try afterwards who it was
    ADD COLUMN buyer_digest text; -- empty for documents of before

-- The text of jsonb has one order and one spacing, so it is the same wherever it was stored and restored.
CREATE FUNCTION salted_digest(salt text, words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    encode(sha256(convert_to(salt || words, 'UTF8')), 'hex');

-- What is left of a buyer whose documents need not be kept any more.
CREATE FUNCTION forgotten_buyer() RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    '{"name": "–", "address": {"town": "", "country": "FR"}}'::jsonb;

-- The parties stay, but for the buyer once ten years have passed after that of the document (C. com. L123-22).
CREATE OR REPLACE FUNCTION refuse_change_of_parties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.buyer = forgotten_buyer() AND NEW.salt IS NULL
            AND to_jsonb(NEW) - '{buyer,salt}'::text[] = to_jsonb(OLD) - '{buyer,salt}'::text[]
            AND (SELECT extract(year FROM max(issued_on)) + 10 FROM (
                    SELECT issued_on FROM invoice WHERE id = OLD.document
                    UNION ALL SELECT issued_on FROM credit_note WHERE id = OLD.document) AS issued)
                < extract(year FROM now())
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the parties of an issued document cannot be changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

SELECT set_config('quittance.organisation', 'every', true);
-- From now on a document without parties is one that lost them; until now it named those of the day it was asked for.
INSERT INTO document_parties (document, organisation, seller, buyer, establishment)
SELECT invoice.id, parties.organisation, parties.seller, parties.buyer, parties.establishment
FROM invoice CROSS JOIN LATERAL parties_now(invoice.clinic, invoice.client) AS parties
WHERE invoice.number IS NOT NULL AND NOT EXISTS (SELECT FROM document_parties WHERE document = invoice.id);
INSERT INTO document_parties (document, organisation, seller, buyer, establishment)
SELECT credit_note.id, parties.organisation, parties.seller, parties.buyer, parties.establishment
FROM credit_note JOIN invoice ON invoice.id = credit_note.invoice
    CROSS JOIN LATERAL parties_now(invoice.clinic, credit_note.client) AS parties
WHERE NOT EXISTS (SELECT FROM document_parties WHERE document = credit_note.id);
