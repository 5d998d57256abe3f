-- One schema and one role per service; a role can reach no other schema.
-- Run by a superuser on the empty database, once: psql -v invoicing_password=… -v payments_password=… … -f roles.sql
-- Running it again changes nothing but the passwords.

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT', name)
FROM unnest(ARRAY['invoicing', 'payments', 'notification', 'reconciliation']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE invoicing PASSWORD :'invoicing_password';
ALTER ROLE payments PASSWORD :'payments_password';
ALTER ROLE notification PASSWORD :'notification_password';
ALTER ROLE reconciliation PASSWORD :'reconciliation_password';

SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(), name),
       format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', name, name),
       format('ALTER ROLE %I SET search_path = %I', name, name),
       -- A forgotten transaction must not hold back vacuum and locks for ever.
       format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', name, '60s')
FROM unnest(ARRAY['invoicing', 'payments', 'notification', 'reconciliation']) AS name
\gexec
