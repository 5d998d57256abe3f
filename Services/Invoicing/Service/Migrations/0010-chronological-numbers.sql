-- Numbers follow the days: the day of the last one of each series. A day to come, which could be written until now, must
-- not keep every other day away until then.
ALTER TABLE document_series ADD COLUMN last_on date;
SELECT set_config('quittance.organisation', 'every', true);
UPDATE document_series SET last_on = (
    SELECT least(max(issued_on), current_date) FROM invoice
    WHERE invoice.clinic = document_series.clinic AND extract(year FROM issued_on) = document_series.year)
WHERE kind = 'F';
UPDATE document_series SET last_on = (
    SELECT least(max(issued_on), current_date) FROM credit_note
    WHERE credit_note.clinic = document_series.clinic AND extract(year FROM issued_on) = document_series.year)
WHERE kind = 'A';
