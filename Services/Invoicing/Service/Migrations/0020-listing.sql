-- A page of large books must not have all of them read.

-- The fence lets nearly every row pass that a statement asks for, and the database took it for one of two hundred: it
-- would rather sort all rows than follow the order of an index to a page of them. Of a CASE it thinks one of two.
CREATE OR REPLACE FUNCTION is_visible(organisation uuid) RETURNS boolean
LANGUAGE sql STABLE RETURN
    CASE WHEN current_setting('quittance.organisation', true) IN ('every', organisation::text) THEN true ELSE false END;

-- Drafts, and what is open or was corrected, are few among all.
CREATE INDEX invoice_draft_in_order ON invoice (organisation, id DESC) WHERE number IS NULL;
CREATE INDEX invoice_open_in_order ON invoice (organisation, id DESC)
    WHERE number IS NOT NULL AND paid + credited + written_off < total;
CREATE INDEX invoice_part_paid_in_order ON invoice (organisation, id DESC)
    WHERE number IS NOT NULL AND paid > 0 AND paid + credited + written_off < total;
CREATE INDEX invoice_corrected_in_order ON invoice (organisation, id DESC) WHERE credited > 0 OR written_off > 0;

-- Every search reads the whole list of pieces that wait for their place in the index; it stays short.
ALTER INDEX client_by_pieces SET (gin_pending_list_limit = 256);
