-- What the quantity of a line counts, as a consumer's note has to say (arrêté 83-50/A of 3 October 1983, article 3).
ALTER TABLE invoice_line ADD COLUMN unit text;
ALTER TABLE quote_line ADD COLUMN unit text;
