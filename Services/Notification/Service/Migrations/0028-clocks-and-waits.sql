-- Where clinics are is worked out where nobody said it.

-- The fence hides every row from who names nobody, migrations too.
SELECT set_config('quittance.organisation', 'every', true);

-- Null: in the zone of its region, its own or its organisation's, as that is from time to time.
ALTER TABLE clinic ALTER COLUMN time_zone DROP NOT NULL;
UPDATE clinic SET time_zone = NULL
WHERE time_zone = CASE coalesce(region, (SELECT usual.region FROM sending_policy AS usual
        WHERE usual.organisation = clinic.organisation ORDER BY version DESC LIMIT 1))
    WHEN 'guadeloupe' THEN 'America/Guadeloupe'
    WHEN 'martinique' THEN 'America/Martinique'
    WHEN 'guyane' THEN 'America/Cayenne'
    WHEN 'reunion' THEN 'Indian/Reunion'
    WHEN 'mayotte' THEN 'Indian/Mayotte'
    WHEN 'saint-martin' THEN 'America/Marigot'
    WHEN 'saint-barthelemy' THEN 'America/St_Barthelemy'
    WHEN 'saint-pierre-and-miquelon' THEN 'America/Miquelon'
    WHEN 'new-caledonia' THEN 'Pacific/Noumea'
    WHEN 'french-polynesia' THEN 'Pacific/Tahiti'
    WHEN 'wallis-and-futuna' THEN 'Pacific/Wallis'
    ELSE 'Europe/Paris' END;
