-- Other people of a client's, for payments in instalments; never the client itself.
CREATE TABLE client_contact (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES organisation,
    client       uuid        NOT NULL REFERENCES client,
    last_name    text        NOT NULL,
    first_name   text        NOT NULL,
    phone        text,
    email        text,
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT client_contact_can_be_reached CHECK (num_nonnulls(phone, email) > 0)
);
CREATE INDEX client_contact_of_client ON client_contact (organisation, client, id);
SELECT fence_by_organisation('client_contact');
