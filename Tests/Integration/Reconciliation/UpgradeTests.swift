import PaymentModel
import PostgresClient
import ReconciliationService
import TestSupport
import Testing
import TransactionalMessaging

/// What steps of the schema make of rows that were there before, run as the owner, for whom the fence stands too.
@Suite struct `An upgrade of reconciliation` {
    @Test func `REC-2, REC-5, REC-8: what earlier versions left out is booked, and no sum is out after it`()
        async throws
    {
        let (cluster, all) = (try await PrivatePostgres.shared(), ReconciliationService.migrations)
        let overseer = try await cluster.databaseOfServices(
            with: ReconciliationService.schema, all, before: "0034-disputes-lost-in-part")
        let pool = PostgresPool(overseer, logger: BooksBench.logger)
        let organisation: OrganisationID = Books.newID()
        for statement in Self.rows(of: organisation) { try await pool.execute(statement) }
        try await cluster.migrate(ReconciliationService.schema, all, in: overseer)
        let booked: [String] = try await pool.query(
            """
            SELECT concat_ws(' ', kind, booked_on, account, sum(amount)) AS line
            FROM ledger_entry JOIN ledger_line ON ledger_line.entry = ledger_entry.id
            WHERE kind IN ('fee-correction', 'held-counted') GROUP BY kind, booked_on, account ORDER BY kind, account
            """
        ) { row in try row("line") }
        // January is closed.
        #expect(
            booked == [
                "fee-correction 2026-02-01 445200 -22", "fee-correction 2026-02-01 445660 2",
                "fee-correction 2026-02-01 511600 9", "fee-correction 2026-02-01 627000 11",
                "held-counted 2026-02-20 411000 -8000", "held-counted 2026-02-20 419100 8000",
            ])
        let kept: [String] = try await pool.query(
            """
            SELECT reference || ' ' || no_line_account AS word FROM payout WHERE no_line_account IS NOT NULL
            UNION ALL SELECT kind || ' ' || amount FROM discrepancy
            """
        ) { row in try row("word") }
        #expect(kept == ["pa_2 512000", "fee -9"])
        let said: [String] = try await pool.query(
            "SELECT concat_ws(' ', reference, provider_says, is_received) AS word FROM payout ORDER BY reference"
        ) { row in try row("word") }
        #expect(said == ["pa_2 paid t", "po_1 f"], "REC-2: Alma told of what it had paid")
        #expect(try await ReconciliationService.breaches(of: organisation, pool) == [])
        await pool.close()
    }

    /// A payment of which more was kept than told, in closed books; one held for a client and counted since; one whose
    /// payout was pointed without a bank line.
    private static func rows(of organisation: OrganisationID) -> [SQL] {
        let rows: [SQL] = [
            """
            INSERT INTO expectation (payment, organisation, client, provider, provider_reference, currency, amount, fee,
                fee_vat, is_held, accepted_on, expected_on, has_arrived)
            SELECT md5(reference)::uuid, \(organisation), md5('client')::uuid, provider, reference, 'EUR', amount, fee,
                vat, held, day::date, day::date + 5, arrived
            FROM (VALUES ('pi_1', 'stripe', 10000, 100, 20, false, '2026-01-05', false),
                ('pi_3', 'stripe', 8000, 0, 0, true, '2026-02-05', false),
                ('al_2', 'alma', 9000, 324, 65, false, '2026-02-05', true))
                AS told (reference, provider, amount, fee, vat, held, day, arrived)
            """,
            """
            INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on, pointed_by,
                pointed_at, rule, times_pointed, no_line_because)
            VALUES (md5('po_1')::uuid, \(organisation), 'stripe', 'po_1', 'EUR', 9889, '2026-01-12', NULL, NULL,
                    NULL, 0, NULL),
                (md5('pa_2')::uuid, \(organisation), 'alma', 'pa_2', 'EUR', 8611, '2026-02-12', 'anna', now(),
                    'by-hand', 1, 'set off against a claim')
            """,
            """
            INSERT INTO settlement_line (id, organisation, provider, reference, kind, payment_reference, payment,
                payout, currency, gross, fee)
            VALUES (md5('txn_1')::uuid, \(organisation), 'stripe', 'txn_1', 'payment', 'pi_1', md5('pi_1')::uuid,
                    md5('po_1')::uuid, 'EUR', 10000, 111),
                (md5('at_2')::uuid, \(organisation), 'alma', 'at_2', 'payment', 'al_2', md5('al_2')::uuid,
                    md5('pa_2')::uuid, 'EUR', 9000, 389)
            """,
            """
            UPDATE expectation SET settlement_line = line.id, payout = line.payout
            FROM settlement_line AS line WHERE line.payment = expectation.payment
            """,
            """
            INSERT INTO discrepancy (id, organisation, kind, subject, payment, payout, currency, amount)
            VALUES (md5('wrong')::uuid, \(organisation), 'fee', 'txn_1', md5('pi_1')::uuid, md5('po_1')::uuid, 'EUR',
                10000)
            """,
            """
            INSERT INTO online_receipt (payment_on_account, organisation, payment)
            VALUES (md5('money')::uuid, \(organisation), md5('pi_3')::uuid)
            """,
            """
            INSERT INTO vat_receipt (id, organisation, payment, invoice, received_on, is_first, currency, amount)
            VALUES (md5('receipt')::uuid, \(organisation), md5('money')::uuid, md5('invoice')::uuid, '2026-02-20',
                false, 'EUR', 8000)
            """,
        ]
        return rows + books(of: organisation)
    }

    private static func books(of organisation: OrganisationID) -> [SQL] {
        [
            """
            WITH entry AS (
                INSERT INTO ledger_entry (id, organisation, kind, subject, piece, happened_on, booked_on)
                SELECT md5(kind || about)::uuid, \(organisation), kind, md5(about)::uuid, about, day::date, day::date
                FROM (VALUES ('payment', 'pi_1', '2026-01-05'), ('fee', 'pi_1', '2026-01-05'),
                    ('payment', 'pi_3', '2026-02-05'), ('payment', 'al_2', '2026-02-05'),
                    ('fee', 'al_2', '2026-02-05'), ('payout', 'pa_2', '2026-02-12')) AS booked (kind, about, day)
                RETURNING id)
            INSERT INTO ledger_line (entry, organisation, position, account, currency, amount)
            SELECT id, \(organisation), row_number() OVER (PARTITION BY name), account, 'EUR', amount
            FROM entry JOIN (VALUES ('paymentpi_1', '511600', 10000), ('paymentpi_1', '411000', -10000),
                ('feepi_1', '627000', 100), ('feepi_1', '445660', 20), ('feepi_1', '511600', -120),
                ('paymentpi_3', '511600', 8000), ('paymentpi_3', '419100', -8000), ('paymental_2', '511500', 9000),
                ('paymental_2', '411000', -9000),
                ('feeal_2', '627000', 324), ('feeal_2', '445660', 65), ('feeal_2', '511500', -389),
                ('payoutpa_2', '512000', 8611), ('payoutpa_2', '511500', -8611)) AS line (name, account, amount)
                ON md5(name)::uuid = id
            """,
            """
            INSERT INTO accounting_period (id, organisation, from_day, to_day, closed_by)
            VALUES (md5('january')::uuid, \(organisation), '2026-01-01', '2026-01-31', 'anna')
            """,
            """
            INSERT INTO validated_entry (entry, organisation, period, financial_year, number, journal, journal_label,
                label, valid_on)
            SELECT id, organisation, md5('january')::uuid, 2026, row_number() OVER (ORDER BY id), 'ENC',
                'Encaissements', kind, '2026-02-01'
            FROM ledger_entry WHERE booked_on <= '2026-01-31'
            """,
        ]
    }
}
