-- What a receivable is called goes with a client who is forgotten, from the books and from what the trail tells of it.
CREATE OR REPLACE FUNCTION without_person(entry text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    ((entry::jsonb - '{lastName,firstName,phone,phoneKind,email,town,reference,company,siren,vatNumber,street,
            postcode,notes,deliveryAddress,label}'::text[])
        #- '{till,payerName}' #- '{till,notes}' #- '{till,cheque,drawer}')::text;

SELECT set_config('quittance.organisation', 'every', true);
UPDATE receivable SET label = '–', version = receivable.version + 1
FROM client WHERE client.id = receivable.client AND client.erased_on IS NOT NULL;
UPDATE audit_entry SET before = without_person(before), after = without_person(after)
WHERE person_erased AND action IN ('receivable-recorded', 'receivable-corrected');
