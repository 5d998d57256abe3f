-- Who asked for a payment at the clinic, told also of one that takes its place when the client pays otherwise.
ALTER TABLE payment ADD COLUMN requested_by text; -- nothing where no person did, or an earlier version took the request
