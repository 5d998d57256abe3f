-- Drafts and open invoices are few among all: whoever asks for a page of them must not have all of them read.
CREATE INDEX invoice_draft_in_order ON invoice (organisation, id DESC) WHERE number IS NULL;
CREATE INDEX invoice_open_in_order ON invoice (organisation, id DESC)
    WHERE number IS NOT NULL AND paid + credited + written_off < total;

-- Every search reads the whole list of pieces that wait for their place in the index; it stays short.
ALTER INDEX client_by_pieces SET (gin_pending_list_limit = 256);
