-- What an online payment that waits was paid for, where that is owed without an invoice; it is served first.
ALTER TABLE waiting_payment ADD COLUMN receivable uuid;
