-- False where invoicing said that an invoice is not paid online.
ALTER TABLE receivable ADD COLUMN is_payable_online boolean NOT NULL DEFAULT true;
