-- The few payments with an alarm nobody has decided about are counted and listed without walking through all.
CREATE INDEX payment_with_alarm ON payment (organisation, id DESC) WHERE alarms <> '[]';
