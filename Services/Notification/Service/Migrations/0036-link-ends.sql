-- Until when the payment's link can be used; null where it was told of before. A reminder due later is called off before.
ALTER TABLE asked_payment ADD COLUMN expires_at timestamptz;
