-- Numbers follow the days: the day of the last one of each series.
ALTER TABLE document_series ADD COLUMN last_on date;
SELECT set_config('quittance.organisation', 'every', true);
UPDATE document_series SET last_on = (
    SELECT max(issued_on) FROM invoice
    WHERE invoice.clinic = document_series.clinic AND extract(year FROM issued_on) = document_series.year)
WHERE kind = 'F';
UPDATE document_series SET last_on = (
    SELECT max(issued_on) FROM credit_note
    WHERE credit_note.clinic = document_series.clinic AND extract(year FROM issued_on) = document_series.year)
WHERE kind = 'A';
