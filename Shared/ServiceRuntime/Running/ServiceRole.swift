package import PostgresClient

/// What the role of a service must not be.
package enum ServiceRole {
    /// The role passes row-level security by, the second fence between organisations.
    package struct TooPowerful: Error, Hashable, CustomStringConvertible {
        /// Name of the role.
        package let role: String
        /// Why it is too powerful, as PostgreSQL names it.
        package let right: String

        /// What is wrong and what to do.
        package var description: String {
            """
            The PostgreSQL role "\(role)" is \(right): row-level security would not keep organisations apart. Connect \
            as the service's own role (QUITTANCE_POSTGRES_USER; deploy/database/roles.sql makes it), or take the right \
            away: ALTER ROLE "\(role)" NOSUPERUSER NOBYPASSRLS.
            """
        }
    }

    /// Refuses a role that no row-level security holds back.
    package static func check(_ pool: PostgresPool) async throws {
        let found = try await pool.query(
            "SELECT rolname::text AS role, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ) { row in
            (
                role: try row("role") as String, isSuper: try row("rolsuper") as Bool,
                bypasses: try row("rolbypassrls") as Bool
            )
        }
        for one in found where one.isSuper || one.bypasses {
            throw TooPowerful(role: one.role, right: one.isSuper ? "SUPERUSER" : "BYPASSRLS")
        }
    }
}
