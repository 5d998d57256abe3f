-- What an older key sealed is found without reading every row.
CREATE INDEX payment_by_sealing_key ON payment (sealed_with);
