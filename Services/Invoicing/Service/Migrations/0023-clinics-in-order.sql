-- A page of one clinic's documents must not have those of all the others read: a quiet clinic is one of many.
CREATE INDEX invoice_of_clinic_in_order ON invoice (clinic, id);
CREATE INDEX payment_on_account_of_clinic_in_order ON payment_on_account (clinic, id) WHERE clinic IS NOT NULL;
CREATE INDEX receivable_of_clinic_in_order ON receivable (clinic, id);
CREATE INDEX quote_of_clinic_in_order ON quote (clinic, id);
CREATE INDEX credit_note_of_clinic_in_order ON credit_note (clinic, id) WHERE clinic IS NOT NULL;
CREATE INDEX credit_note_of_no_clinic ON credit_note (organisation, id DESC) WHERE clinic IS NULL;
CREATE INDEX invoice_open_of_clinic_by_due ON invoice (clinic, due_on, id)
    WHERE number IS NOT NULL AND paid + credited + written_off < total;
CREATE INDEX receivable_open_of_clinic_by_due ON receivable (clinic, due_on, id)
    WHERE paid + credited + written_off < amount;
