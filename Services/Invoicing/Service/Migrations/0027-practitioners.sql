-- Who does or did what a line bills, as the rules of the profession want it said (Code rural R242-49).
ALTER TABLE invoice_line ADD COLUMN practitioner text;
ALTER TABLE quote_line ADD COLUMN practitioner text;
