import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport

/// Books of many clients and movements, and how long a person waits for what they ask of them.
struct InvoicingBooks: Sendable {
    let world: InvoicingWorld
    let clients: Int
    let movements: Int
    let ofOneClient: Int

    func run(turns: Int) async throws {
        let clinic = try await world.clinic("LIVRES")
        let start = ContinuousClock.now
        try await fill(clinic)
        print(
            String(
                format: "books of %d clients and %d movements, filled in %.0f s", clients, movements,
                (ContinuousClock.now - start) / .seconds(1)))
        let day = TimeSource.system.now().utcDate
        let (one, other) = try await (word(clients / 2), word(clients / 3))
        let questions: [(name: String, path: String, milliseconds: Double)] = [
            ("search by a part of a name", "/v1/clients?search=\(one)", 50),
            ("search by first and last name", "/v1/clients?search=martin%20\(other)", 50),
            ("search by a part of a phone", "/v1/clients?search=\(String(format: "%08d", clients / 2).suffix(6))", 50),
            ("search by an e-mail", "/v1/clients?search=client\(clients / 2)%40exam", 50),
            ("search by the end of an invoice's number", "/v1/clients?search=\(lastNumber)", 50),
            ("search for nobody", "/v1/clients?search=xyzzy", 50),
            ("ageing", "/v1/ageing?on=\(day)", 1_000),
            ("the first page of what is late", "/v1/overdue?on=\(day)", 200),
            (
                "a statement of \(ofOneClient) movements",
                "/v1/clients/\(InvoicingWorld.client(1))/statement?from=2000-01-01&to=2099-12-31", 200
            ),
        ]
        for question in questions { try await ask(question, turns: turns) }
    }

    /// The five letters by which one client's last name differs.
    private func word(_ number: Int) async throws -> String {
        try await world.overseer.transaction { transaction in
            try transaction.one(
                "SELECT right(last_name, 5) AS word FROM client WHERE id = \(InvoicingWorld.client(number))"
            ) {
                row in try row("word")
            }
        }
    }

    private var lastNumber: String { String(format: "%07d", movements / 2) }

    private func ask(
        _ question: (name: String, path: String, milliseconds: Double), turns: Int
    ) async throws {
        let caller = try await world.caller()
        try await caller.ask(.get, question.path)
        var times: [Double] = []
        for _ in 0..<turns {
            let start = ContinuousClock.now
            try await caller.ask(.get, question.path)
            times.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        let median = Comparison.median(times)
        print(
            String(
                format: "%@ %8.1f ms, of the %.0f it may take %.2f",
                question.name.padding(toLength: 44, withPad: " ", startingAt: 0), median, question.milliseconds,
                median / question.milliseconds))
        for line in try await plan({ try await caller.ask(.get, question.path) }) { print("    \(line)") }
    }

    /// What the server says it did for the slowest statement of a call.
    private func plan(_ body: () async throws -> Void) async throws -> [String] {
        let log = try await world.logged("auto_explain.log_min_duration = 0", body)
        let plans = log.components(separatedBy: "LOG:  duration: ").dropFirst()
        let slowest = plans.max { (Double($0.prefix { $0 != " " }) ?? 0) < (Double($1.prefix { $0 != " " }) ?? 0) }
        // A plan's lines are indented by the log; what is not of it has a cost in none of them.
        let lines = (slowest ?? "").split(separator: "\n").filter { $0.contains("(cost=") || $0.contains("Index Cond") }
        return lines.prefix(14).map { line in
            String(line.drop { $0 == "\t" }).replacingOccurrences(
                of: "  \\(cost=[^)]*\\)", with: "", options: .regularExpression)
        }
    }

    // MARK: Filling

    private func fill(_ clinic: String) async throws {
        try await world.overseer.execute(
            """
            INSERT INTO client (id, organisation, clinic, last_name, first_name, phone, email, language, town, country,
                reference)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(world.organisation), \(clinic)::uuid,
                (ARRAY['Martin', 'Lefèvre', 'Nguyen', 'Œuvrard', 'Dupont', 'Garnier', 'Moreau'])[1 + n % 7]
                    || ' ' || substr(md5(n::text), 1, 5),
                (ARRAY['Ada', 'Zoé', 'Noël', 'Inès', 'Paul'])[1 + n % 5], '+336' || lpad(n::text, 8, '0'),
                'client' || n || '@example.org', 'fr', 'Lyon', 'FR', 'C' || n
            FROM generate_series(1, \(Int32(clients))) AS n
            ON CONFLICT DO NOTHING
            """)
        let half = movements / 2
        // Every fourth is not paid, so that something is late; the first client has as many as its statement wants.
        try await world.overseer.execute(
            """
            INSERT INTO invoice (id, organisation, clinic, client, currency, total, paid, due_on, number, issued_on)
            SELECT gen_random_uuid(), \(world.organisation), \(clinic)::uuid, lpad(to_hex(owner), 32, '0')::uuid, 'EUR',
                1200, CASE WHEN n % 4 = 0 THEN 0 ELSE 1200 END, day + 30,
                'F-LIVRES-' || extract(year FROM day) || '-' || lpad(n::text, 7, '0'), day
            FROM generate_series(1, \(Int32(half))) AS n, LATERAL (
                SELECT CASE WHEN n <= \(Int32(ofOneClient / 2)) THEN 1 ELSE 2 + n % \(Int32(clients - 1)) END AS owner,
                    current_date - (n % 700) AS day) AS told
            """)
        try await world.overseer.execute(
            """
            WITH paid AS (
                SELECT id, client, total, issued_on FROM invoice WHERE clinic = \(clinic)::uuid AND paid > 0
            ), received AS (
                INSERT INTO payment_on_account (id, organisation, clinic, client, method, currency, amount, allocated,
                    unallocated, received_on)
                SELECT id, \(world.organisation), \(clinic)::uuid, client, 'card', 'EUR', total, total, 0, issued_on
                FROM paid
            )
            INSERT INTO allocation (payment_on_account, invoice, organisation, position, amount)
            SELECT id, id, \(world.organisation), 0, total FROM paid
            """)
        try await world.overseer.execute(
            """
            INSERT INTO payment_on_account (id, organisation, clinic, client, method, currency, amount, allocated,
                unallocated, received_on)
            SELECT gen_random_uuid(), \(world.organisation), \(clinic)::uuid, client, 'card', 'EUR', 100, 0, 100,
                issued_on
            FROM invoice WHERE clinic = \(clinic)::uuid AND paid = 0
            """)
        try await world.overseer.execute("VACUUM ANALYZE")
    }
}
