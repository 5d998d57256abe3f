import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `The database role of a service` {
    private func check(_ options: String) async throws {
        let cluster = try await PrivatePostgres.shared()
        var settings = try await cluster.database()
        let admin = PostgresPool(settings)
        let role = "role_\(settings.database)"
        try await admin.execute(SQL(unescaped: "CREATE ROLE \(role) LOGIN \(options)"))
        await admin.close()
        settings.user = role
        let pool = PostgresPool(settings)
        do {
            try await ServiceRole.check(pool)
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }

    @Test func `is accepted when row-level security holds it`() async throws {
        try await check("NOSUPERUSER NOBYPASSRLS")
    }

    @Test(arguments: ["SUPERUSER", "BYPASSRLS"])
    func `is refused at the start, with the remedy, when it passes row-level security by`(right: String) async throws {
        let error = try await #require(throws: ServiceRole.TooPowerful.self) { try await check(right) }
        #expect(error.right == right)
        #expect("\(error)".contains("QUITTANCE_POSTGRES_USER") && "\(error)".contains("NOBYPASSRLS"))
    }

    @Test(arguments: [
        ("", true), ("GRANT USAGE ON SCHEMA books TO", true),
        ("GRANT USAGE ON SCHEMA books TO %; GRANT SELECT ON books.migration TO", false),
    ])
    func `without rights on its schema is told so, and not that the schema lacks its steps`(
        grant: String, isRefused: Bool
    ) async throws {
        let cluster = try await PrivatePostgres.shared()
        var settings = try await cluster.database()
        let admin = PostgresPool(settings)
        let role = "rightless_\(settings.database)"
        var statements = [
            "CREATE ROLE \(role) LOGIN", "CREATE SCHEMA books", "CREATE TABLE books.migration (name text)",
        ]
        let grants = grant.isEmpty ? "" : "\(grant) \(role)".replacing("%", with: role)
        statements += grants.split(separator: ";").map(String.init)
        for statement in statements { try await admin.execute(SQL(unescaped: statement)) }
        await admin.close()
        settings.user = role
        let pool = PostgresPool(settings)
        var refusal: SchemaRights.Missing?
        do { try await SchemaRights.check(pool, "books") } catch let missing as SchemaRights.Missing {
            refusal = missing
        }
        #expect((refusal != nil) == isRefused)
        if let refusal { #expect("\(refusal)".contains(role) && "\(refusal)".contains("roles.sql")) }
        try await SchemaRights.check(pool, "a schema that is not there yet")
        await pool.close()
    }
}
