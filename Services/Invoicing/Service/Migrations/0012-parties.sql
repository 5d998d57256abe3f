-- Who issues documents and to whom, as pages and e-invoices name them.

-- What the law wants said of an organisation, and how its documents look.
CREATE TABLE seller (
    organisation uuid        PRIMARY KEY REFERENCES organisation,
    identity     jsonb       NOT NULL,
    colour       text,
    logo         bytea       CHECK (octet_length(logo) <= 262144),
    version      bigint      NOT NULL DEFAULT 1,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
SELECT fence_by_organisation('seller');

-- What documents say of a client beyond its name and town.
CREATE TABLE billing_details (
    client       uuid        PRIMARY KEY REFERENCES client,
    organisation uuid        NOT NULL REFERENCES organisation,
    company      text,
    siren        text,
    vat_number   text,
    street       text,
    postcode     text,
    version      bigint      NOT NULL DEFAULT 1,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
SELECT fence_by_organisation('billing_details');

-- The parties as they were when the document was issued: what they become later does not change it.
CREATE TABLE document_parties (
    document      uuid        PRIMARY KEY,
    organisation  uuid        NOT NULL REFERENCES organisation,
    seller        jsonb       NOT NULL,
    buyer         jsonb       NOT NULL,
    establishment text        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
SELECT fence_by_organisation('document_parties');

CREATE FUNCTION refuse_change_of_parties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the parties of an issued document cannot be changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER document_parties_are_immutable BEFORE UPDATE OR DELETE ON document_parties
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_parties();
CREATE TRIGGER document_parties_are_not_emptied BEFORE TRUNCATE ON document_parties
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_parties();

-- The parties of a document between a clinic and a client as they are now.
CREATE FUNCTION parties_now(of_clinic uuid, of_client uuid)
    RETURNS TABLE (organisation uuid, seller jsonb, buyer jsonb, establishment text) LANGUAGE sql STABLE AS $$
    SELECT clinic.organisation,
        coalesce(seller.identity, jsonb_strip_nulls(jsonb_build_object(
            'name', organisation.name, 'siren', organisation.siren, 'vatScheme', 'on-receipts',
            'address', jsonb_build_object('town', '', 'country', 'FR')))),
        jsonb_strip_nulls(jsonb_build_object(
            'name', coalesce(billing_details.company, trim(client.first_name || ' ' || client.last_name)),
            'siren', billing_details.siren, 'vatNumber', billing_details.vat_number,
            'address', jsonb_build_object('street', billing_details.street, 'postcode', billing_details.postcode,
                'town', client.town, 'country', client.country))),
        clinic.name
    FROM clinic
        JOIN organisation ON organisation.organisation = clinic.organisation
        JOIN client ON client.id = of_client AND client.organisation = clinic.organisation
        LEFT JOIN seller ON seller.organisation = clinic.organisation
        LEFT JOIN billing_details ON billing_details.client = client.id
    WHERE clinic.id = of_clinic
$$;

SELECT set_config('quittance.organisation', 'every', true);
-- Documents issued before are made out between the parties as they are known by now.
INSERT INTO document_parties (document, organisation, seller, buyer, establishment)
SELECT invoice.id, parties.organisation, parties.seller, parties.buyer, parties.establishment
FROM invoice CROSS JOIN LATERAL parties_now(invoice.clinic, invoice.client) AS parties
WHERE invoice.number IS NOT NULL;
INSERT INTO document_parties (document, organisation, seller, buyer, establishment)
SELECT credit_note.id, parties.organisation, parties.seller, parties.buyer, parties.establishment
FROM credit_note JOIN invoice ON invoice.id = credit_note.invoice
    CROSS JOIN LATERAL parties_now(invoice.clinic, credit_note.client) AS parties;
