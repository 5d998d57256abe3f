-- Why a line bears no VAT where its seller bills VAT otherwise, as the law wants it said (CGI annexe II 242 nonies A).
ALTER TABLE invoice_line ADD COLUMN exemption text;
ALTER TABLE quote_line ADD COLUMN exemption text;
