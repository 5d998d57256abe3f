import PaymentModel
import PostgresClient
import Testing
import TransactionalMessaging

extension `The books` {
    /// What the database itself refuses, whoever asks and whatever program runs.
    @Suite struct `The ledger in the database` {
        @Test(arguments: [
            "UPDATE ledger_line SET amount = amount + 1", "UPDATE ledger_entry SET booked_on = '2020-01-01'",
            "DELETE FROM ledger_line", "DELETE FROM ledger_entry", "TRUNCATE ledger_line",
            "TRUNCATE ledger_entry CASCADE",
        ])
        func `REC-8 is append-only, for the role that owns the tables too`(statement: String) async throws {
            let books = try Books()
            try await books.tell(PaymentFacts("payment_one", 9_000))
            let journal = try await books.journal()
            let refusal = await books.refusal([SQL(unescaped: statement)], as: "\(BooksBench.role)_owner")
            #expect(refusal?.contains("the ledger is append-only") == true, "\(refusal ?? "it was done")")
            #expect(try await books.journal() == journal && !journal.isEmpty)
        }

        @Test func `REC-8 takes no more lines once an entry is committed, even balanced ones`() async throws {
            let books = try Books()
            try await books.tell(PaymentFacts("payment_one", 9_000))
            let entries = try await books.bench.superuser.query(
                "SELECT id FROM ledger_entry WHERE organisation = \(books.organisation) LIMIT 1"
            ) { row in try row("id") as UInt128 }
            let entry = try #require(entries.first)
            let refusal = await books.refusal([
                books.line(1, of: entry, position: 8, "EUR"), books.line(-1, of: entry, position: 9, "EUR"),
            ])
            #expect(refusal?.contains("the ledger is append-only") == true, "\(refusal ?? "it was done")")
        }

        @Test(arguments: [[(5, "EUR")], [(5, "EUR"), (-4, "EUR")], [(5, "EUR"), (-5, "USD")]] as [[(Int64, String)]])
        func `REC-8 refuses an entry that does not balance in each currency`(lines: [(Int64, String)]) async throws {
            let books = try Books()
            let entry: PaymentID = Books.newID()
            let refusal = await books.refusal(books.entry(entry.value, lines))
            #expect(refusal?.contains("does not balance") == true, "\(refusal ?? "it was done")")
            #expect(try await books.count("ledger_entry") == 0)
        }

        @Test func `REC-8 takes one that balances in each currency`() async throws {
            let books = try Books()
            let entry: PaymentID = Books.newID()
            let lines: [(Int64, String)] = [(5, "EUR"), (-5, "EUR"), (7, "USD"), (-7, "USD")]
            #expect(await books.refusal(books.entry(entry.value, lines)) == nil)
            #expect(try await books.count("ledger_line") == 4)
        }

        @Test func `REC-8 GEN-1 refuses it also when the transaction goes on with another organisation`() async throws {
            let books = try Books()
            let entry: PaymentID = Books.newID()
            let turn: SQL = "SELECT set_config('quittance.organisation', \(OrganisationID(0xB).description), true)"
            let refusal = await books.refusal(books.entry(entry.value, [(5, "EUR")]) + [turn])
            #expect(refusal?.contains("does not balance") == true, "\(refusal ?? "it was done")")
        }

        @Test func `REC-8 a table of the same name elsewhere does not deceive the check`() async throws {
            let books = try Books()
            let entry: PaymentID = Books.newID()
            let decoy: SQL = "CREATE TEMPORARY TABLE ledger_line (entry uuid, currency text, amount bigint)"
            let refusal = await books.refusal([decoy] + books.entry(entry.value, [(5, "EUR")]))
            #expect(refusal?.contains("does not balance") == true, "\(refusal ?? "it was done")")
        }

        @Test func `OPS-3 the service's role can empty no table nor stop the checks`() async throws {
            let books = try Books()
            for statement in [
                "TRUNCATE ledger_line", "ALTER TABLE ledger_line DISABLE TRIGGER ALL", "DROP TABLE ledger_line CASCADE",
                "ALTER TABLE ledger_line DISABLE ROW LEVEL SECURITY", "SET session_replication_role = replica",
                "ALTER FUNCTION refuse_unbalanced_entry() SET work_mem = '1MB'",
            ] {
                let refusal = await books.refusal([SQL(unescaped: statement)])
                #expect(refusal != nil, "\(statement) was done")
            }
        }
    }
}

extension Books {
    /// Runs statements in one transaction as a role of a deployment; answers why they were refused, if they were.
    func refusal(_ statements: [SQL], as role: String = BooksBench.role) async -> String? {
        let pool = PostgresPool(bench.settings(as: role), logger: BooksBench.logger)
        let options = TransactionOptions.readWrite.setting("quittance.organisation", to: organisation.description)
        do {
            try await pool.transaction(options) { transaction in
                for statement in statements { _ = try transaction.execute(statement) }
            }
            await pool.close(within: .seconds(1))
            return nil
        } catch {
            await pool.close(within: .seconds(1))
            return "\(error)"
        }
    }

    /// An entry with these amounts.
    func entry(_ id: UInt128, _ lines: [(Int64, String)]) -> [SQL] {
        [
            """
            INSERT INTO ledger_entry (id, organisation, kind, subject, booked_on)
            VALUES (\(id), \(organisation), 'payment', \(id), '2026-11-20')
            """
        ] + lines.enumerated().map { line($1.0, of: id, position: Int32($0), $1.1) }
    }

    func line(_ amount: Int64, of entry: UInt128, position: Int32, _ currency: String) -> SQL {
        """
        INSERT INTO reconciliation.ledger_line (entry, position, organisation, account, currency, amount)
        VALUES (\(entry), \(position), \(organisation), '471000', \(currency), \(amount))
        """
    }
}
