-- Where a clinic is, if not at its company's head office: a consumer's note says where the work was done (arrêté 83-50/A
-- of 3 October 1983, article 3).
CREATE TABLE clinic_address (
    clinic       uuid        PRIMARY KEY REFERENCES clinic,
    organisation uuid        NOT NULL REFERENCES organisation,
    street       text,
    postcode     text,
    town         text        NOT NULL,
    country      char(2)     NOT NULL,
    version      bigint      NOT NULL DEFAULT 1,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
SELECT fence_by_organisation('clinic_address');

-- As 0012-parties has it, with where the clinic is beside the rest of the seller, so that issued documents keep it.
CREATE OR REPLACE FUNCTION parties_now(of_clinic uuid, of_client uuid)
    RETURNS TABLE (organisation uuid, seller jsonb, buyer jsonb, establishment text) LANGUAGE sql STABLE AS $$
    SELECT clinic.organisation,
        coalesce(seller.identity, jsonb_strip_nulls(jsonb_build_object(
            'name', organisation.name, 'siren', organisation.siren, 'vatScheme', 'on-receipts',
            'address', jsonb_build_object('town', '', 'country', 'FR'))))
        || CASE WHEN clinic_address.clinic IS NULL THEN '{}'
            ELSE jsonb_strip_nulls(jsonb_build_object('establishmentAddress', jsonb_build_object(
                'street', clinic_address.street, 'postcode', clinic_address.postcode, 'town', clinic_address.town,
                'country', clinic_address.country))) END,
        jsonb_strip_nulls(jsonb_build_object(
            'name', coalesce(billing_details.company, trim(client.first_name || ' ' || client.last_name)),
            'siren', billing_details.siren, 'vatNumber', billing_details.vat_number,
            'address', jsonb_build_object('street', billing_details.street, 'postcode', billing_details.postcode,
                'town', client.town, 'country', client.country))),
        clinic.name
    FROM clinic
        JOIN organisation ON organisation.organisation = clinic.organisation
        JOIN client ON client.id = of_client AND client.organisation = clinic.organisation
        LEFT JOIN clinic_address ON clinic_address.clinic = clinic.id
        LEFT JOIN seller ON seller.organisation = clinic.organisation
        LEFT JOIN billing_details ON billing_details.client = client.id
    WHERE clinic.id = of_clinic
$$;
