-- Clients the books forgot: nothing is asked of them any more, also where their own event comes later (GEN-7).
ALTER TABLE client ADD COLUMN is_erased boolean NOT NULL DEFAULT false;

-- Nobody may know who pays an erased client's payments; money and its history stay.
ALTER TABLE payment ADD COLUMN is_client_erased boolean NOT NULL DEFAULT false;
ALTER TABLE payment ALTER COLUMN details DROP NOT NULL; -- NULL: the client was erased
