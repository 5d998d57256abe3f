package import PostgresClient

/// What a role must be allowed before anything can be said about its schema.
package enum SchemaRights {
    /// The role may not look into the schema: to it, everything seems to be missing.
    package struct Missing: Error, Hashable, CustomStringConvertible {
        /// Name of the role.
        package let role: String
        /// The schema it has no rights on.
        package let schema: String

        /// What is wrong.
        package var reason: String { "the PostgreSQL role \"\(role)\" has no rights on the schema \"\(schema)\"" }
        /// What to do.
        package var remedy: String {
            """
            connect as the service's own role (QUITTANCE_POSTGRES_USER, or QUITTANCE_POSTGRES_MIGRATION_USER for \
            migrate), or run deploy/database/roles.sql and then migrate, which give it its rights
            """
        }

        /// What is wrong and what to do.
        package var description: String { "\(reason): \(remedy)" }
    }

    /// Refuses a role that may not read which steps the schema has had; a schema that is not there refuses nobody.
    package static func check(_ pool: PostgresPool, _ schema: String) async throws {
        let found = try await pool.query(
            """
            SELECT current_user::text AS role, has_schema_privilege(current_user, space.oid, 'USAGE')
                AND coalesce(has_table_privilege(current_user, steps.oid, 'SELECT'), true) AS may_look
            FROM pg_namespace AS space
            LEFT JOIN pg_class AS steps ON steps.relnamespace = space.oid AND steps.relname = 'migration'
            WHERE space.nspname = \(schema)
            """
        ) { row in (role: try row("role") as String, mayLook: try row("may_look") as Bool) }
        for one in found where !one.mayLook { throw Missing(role: one.role, schema: schema) }
    }
}
