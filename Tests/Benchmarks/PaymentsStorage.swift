import Foundation
import Logging
import PostgresClient

/// The tables of payment-orchestrator, filled by hand: a hundred thousand payments take hours by the front door.
struct PaymentsStorage: Sendable {
    private let pool: PostgresPool

    init(port: Int, passwordFile: String) throws {
        var settings = PostgresSettings(host: "127.0.0.1", port: port, database: "quittance", user: "payments")
        settings.password = try String(contentsOfFile: passwordFile, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        settings.searchPath = "payments"
        settings.statementTimeout = .seconds(120)
        pool = PostgresPool(settings, logger: Logger(label: "benchmark"))
    }

    /// Copies a payment with its attempt, so that each copy can still be paid and is not due for an hour.
    func multiply(_ payment: String, by count: Int) async throws {
        try await run(
            """
            WITH copied AS (
                INSERT INTO payment
                SELECT (jsonb_populate_record(payment, jsonb_build_object(
                    'id', gen_random_uuid(), 'title', \(payment)::text, 'ask_at', now() + interval '1 hour',
                    'token_hash', '\\x' || encode(sha256(gen_random_uuid()::text::bytea), 'hex')))).*
                FROM payment, generate_series(1, \(count)::bigint) WHERE payment.id::text = \(payment)
                RETURNING id)
            INSERT INTO attempt
            SELECT (jsonb_populate_record(attempt, jsonb_build_object(
                'id', gen_random_uuid(), 'payment', copied.id))).*
            FROM attempt, copied WHERE attempt.payment::text = \(payment)
            """)
        // The server looks at no table that has grown by so few.
        if count >= 1_000 { try await waitForStatistics() }
    }

    /// Only the owner of a table may analyse it, and the server does so within a minute or two of such a growth.
    private func waitForStatistics() async throws {
        let deadline = ContinuousClock.now + .seconds(240)
        while ContinuousClock.now < deadline {
            let isAnalysed = try await pool.transaction { transaction in
                try transaction.one(
                    """
                    SELECT n_mod_since_analyze < n_live_tup / 5 AS is FROM pg_stat_user_tables
                    WHERE relname = 'payment'
                    """
                ) { row in try row("is") as Bool }
            }
            if isAnalysed { return }
            try await Task.sleep(for: .seconds(2))
        }
    }

    /// The least a change can cost that is on the disk when it is answered.
    func commitAlone() async throws {
        try await pool.execute("SELECT pg_logical_emit_message(true, 'benchmark', '')")
    }

    func makeDue(_ payment: String) async throws {
        try await run("UPDATE payment SET ask_at = now() WHERE title = \(payment)")
    }

    func remove(copiesOf payment: String) async throws {
        try await run(
            "DELETE FROM attempt USING payment WHERE attempt.payment = payment.id AND payment.title = \(payment)")
        try await run("DELETE FROM payment WHERE title = \(payment)")
    }

    private func run(_ statement: SQL) async throws {
        _ = try await pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) { transaction in
            try transaction.execute(statement)
        }
    }
}
