-- The payment that gave way to this one, where the client went on with another provider.
ALTER TABLE payment ADD COLUMN instead_of uuid;
