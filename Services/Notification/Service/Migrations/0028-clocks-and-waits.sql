-- Where clinics are is worked out by now where nobody said it, and messages of before have waited since they were due.

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

-- 0027 gave every message its own moment. Those that wait still have waited since they were due, or will from the moment
-- to which they are held on; what has changed since then is known better.
UPDATE message SET waits_since = coalesce(due_at,
    CASE WHEN reason = 'held until it may be sent' AND next_try_at < 'infinity' THEN next_try_at END, created_at)
WHERE state IN ('requested', 'ready', 'claimed', 'uncertain')
    AND waits_since = (SELECT applied_at FROM migration WHERE name = 'service/0027-waits-since');
