-- What one organisation says about a clinic cannot stand in another's way.
ALTER TABLE clinic DROP CONSTRAINT clinic_pkey, ADD CONSTRAINT clinic_once PRIMARY KEY (organisation, id);
