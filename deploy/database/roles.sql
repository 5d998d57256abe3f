-- One schema and two roles per service; a role can reach no other schema.
-- The service connects as the one (invoicing), which may use the tables and nothing else; `migrate` connects as the
-- other (invoicing_owner), which owns them. So nothing that a service is talked into can drop a table or stop a check.
-- Run by a superuser, with a password for each of the eight:
--   psql -v invoicing_password=… -v invoicing_owner_password=… -v payments_password=… … -f roles.sql
-- Running it again changes nothing but the passwords.

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT', name || suffix)
FROM unnest(ARRAY['invoicing', 'payments', 'notification', 'reconciliation']) AS name,
    unnest(ARRAY['', '_owner']) AS suffix
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name || suffix)
\gexec

ALTER ROLE invoicing PASSWORD :'invoicing_password';
ALTER ROLE invoicing_owner PASSWORD :'invoicing_owner_password';
ALTER ROLE payments PASSWORD :'payments_password';
ALTER ROLE payments_owner PASSWORD :'payments_owner_password';
ALTER ROLE notification PASSWORD :'notification_password';
ALTER ROLE notification_owner PASSWORD :'notification_owner_password';
ALTER ROLE reconciliation PASSWORD :'reconciliation_password';
ALTER ROLE reconciliation_owner PASSWORD :'reconciliation_owner_password';

SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I, %I', current_database(), name, owner),
       format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', name, owner),
       -- Installations from before there were owners hand their schemas over.
       format('ALTER SCHEMA %I OWNER TO %I', name, owner),
       format('REASSIGN OWNED BY %I TO %I', name, owner),
       format('GRANT USAGE ON SCHEMA %I TO %I', name, name),
       format('ALTER ROLE %I SET search_path = %I', name, name),
       format('ALTER ROLE %I SET search_path = %I', owner, name),
       -- A forgotten transaction must not hold back vacuum and locks for ever.
       format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', name, '60s')
FROM unnest(ARRAY['invoicing', 'payments', 'notification', 'reconciliation']) AS name,
    LATERAL (SELECT name || '_owner' AS owner) AS owner
\gexec
