-- The few payments a person has to see to are found without walking through all of an organisation's.
CREATE INDEX payment_held_for_client ON payment (organisation, id DESC) WHERE disposition = 'held-for-client';
