import PaymentModel
import PaymentOrchestratorService
import PaymentWorld
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// What steps of the schema make of rows that were there before, run as the owner, for whom the fence stands too.
@Suite struct `An upgrade of payment-orchestrator` {
    @Test func `PAY-10: the name of money that was kept with the acceptance is with the try that took it`()
        async throws
    {
        let (cluster, all) = (try await PrivatePostgres.shared(), PaymentOrchestratorService.migrations)
        let overseer = try await cluster.databaseOfServices(
            with: PaymentOrchestratorService.schema, all, before: "0030-second-refunds")
        let pool = PostgresPool(overseer, logger: PaymentBench.logger)
        for statement in Self.rows { try await pool.execute(statement) }
        try await cluster.migrate(PaymentOrchestratorService.schema, all, in: overseer)
        let kept: [String] = try await pool.query(
            "SELECT concat_ws(' ', reference, capture) AS line FROM attempt ORDER BY reference"
        ) { row in try row("line") }
        #expect(kept == ["other capture-O", "own capture-P", "paid capture-P", "tried"])
        await pool.close()
    }

    /// An accepted payment whose try has no name of its money, one whose try has, and tries that did not pay.
    private static let rows: [SQL] = [
        """
        INSERT INTO provider_account (id, organisation, clinic, provider, sealed_key, sealed_with, contract,
            payout_offset_days, fee_vat_rate, offered_plans, link_lifetime_hours, connected_at, version)
        VALUES (md5('a')::uuid, md5('o')::uuid, md5('c')::uuid, 'paypal', '', 'first', '{}', 7, 2000, '{}', 2, now(), 1)
        """,
        """
        INSERT INTO payment (id, organisation, clinic, client, account, provider, amount, currency, plan, channel,
            fee_offered, title, quote, token_hash, sealed_token, sealed_with, state, cancellation_unknown, alarms,
            created_at, expires_at, questions, version, acceptance_reference, acceptance_capture)
        SELECT md5(name)::uuid, md5('o')::uuid, md5('c')::uuid, md5('d')::uuid, md5('a')::uuid, 'paypal', 20000, 'EUR',
            '1x', 'link', false, 'Soins', '[]', name::bytea, '', 'first', 'accepted', false, '[]', now(), now(), 0, 1,
            reference, 'capture-P'
        FROM (VALUES ('p1', 'paid'), ('p2', 'own')) AS told (name, reference)
        """,
        """
        INSERT INTO attempt (id, payment, organisation, state, reference, capture, started_at)
        SELECT md5(reference)::uuid, md5(payment)::uuid, md5('o')::uuid, 'closed', reference, capture, now()
        FROM (VALUES ('p1', 'paid', NULL), ('p1', 'tried', NULL), ('p1', 'other', 'capture-O'),
            ('p2', 'own', 'capture-P')) AS told (payment, reference, capture)
        """,
    ]
}
