import Foundation
import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// The process is killed with `kill -9` at random moments while it takes a file, reads it and takes its rows in.
@Suite(.serialized) struct `A practice's file whose taking is killed` {
    private static let invoicing = Task { try await MortalInvoicing.start() }
    private static let deaths = 9

    /// A failure prints the seed it can be tried again with; only the moments of the machine itself are not in it.
    private static let seed =
        ProcessInfo.processInfo.environment["QUITTANCE_IMPORT_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: .min ... .max)

    @Test func `INV-1: brings each client once, announced and audited once`() async throws {
        let chain = try await Chain.open(on: try await Self.invoicing.value.bench)
        var file = "client_ref;clinic_code;client_last_name;client_first_name;client_phone\n"
        for number in 1...1_500 {
            let phone = number.isMultiple(of: 100) ? "01 23" : "0698 \(100_000 + number)"
            file += "C\(number);LILAS;Martin \(number);Ada;\(phone)\n"
            if number.isMultiple(of: 250) { file += "C\(number - 1);LILAS;Martin \(number - 1);Ada;\n" }
        }
        let expected = "done: 1506 read 1485 added 6 there 15 refused"
        #expect(try await take(file, kind: "clients", for: chain) == expected, "seed \(Self.seed)")
        let own: SQL = "SELECT id FROM client WHERE organisation = \(chain.organisation)"
        #expect(try await chain.bench.ask("SELECT count(*) FROM (\(own)) AS own") == 1_485 as Int64)
        #expect(try await once(own, "client-changed", "client-added", chain) == 1_485, "seed \(Self.seed)")
        #expect(try await again(file, kind: "clients", chain) == "done: 1506 read 0 added 1491 there 15 refused")
    }

    @Test func `INV-4: bills each invoice once and whole, without a gap and in the order of the days`() async throws {
        let chain = try await Chain.open(on: try await Self.invoicing.value.bench)
        var random = SeededGenerator(seed: Self.seed)
        let numbers = (1...200).shuffled(using: &random)
        var file = Chain.invoiceHeader
        for number in numbers {
            for line in 1...3 {
                var row = Chain.invoiceRow(
                    "R-\(number)", day: 1 + number % 20, client: number % 50, label: "Soin \(line)"
                ).replacing("10,00", with: "\(10 + number),00")
                if number.isMultiple(of: 40), line == 2 { row = row.replacing(";1;", with: ";viel;") }
                file += row
            }
        }
        let expected = "done: 600 read 585 added 0 there 15 refused"
        #expect(try await take(file, kind: "invoices", for: chain) == expected, "seed \(Self.seed)")
        let good = numbers.filter { !$0.isMultiple(of: 40) }
        let totals: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', reference, total, (SELECT count(*) FROM invoice_line WHERE invoice = invoice.id))
            FROM invoice WHERE organisation = \(chain.organisation) ORDER BY reference
            """)
        // Three lines of so many euros and 20 % VAT.
        #expect(totals == good.map { "R-\($0) \(360 * (10 + $0)) 3" }.sorted(), "seed \(Self.seed)")
        let days: [String] = try await chain.bench.askAll(
            "SELECT issued_on::text FROM invoice WHERE organisation = \(chain.organisation) ORDER BY number")
        #expect(days == days.sorted(), "seed \(Self.seed)")
        #expect(try await chain.numbers().compactMap { Int($0.suffix(6)) } == Array(1...good.count))
        let own: SQL = "SELECT id FROM invoice WHERE organisation = \(chain.organisation)"
        #expect(
            try await once(own, "invoice-issued", "invoice-imported", chain) == Int64(good.count), "seed \(Self.seed)")
        let verification = try #require(InvoicingService.verification)
        let chains = try await verification.run(chain.bench.context)
        #expect(chains.holds, "seed \(Self.seed): \(chains.lines)")
        #expect(try await again(file, kind: "invoices", chain) == "done: 600 read 0 added 585 there 15 refused")
    }

    @Test func `INV-8, INV-9: brings each open item and payment once, and counts each payment once`() async throws {
        let chain = try await Chain.open(on: try await Self.invoicing.value.bench)
        var clients = "client_ref;clinic_code;client_last_name\n"
        for number in 1...40 { clients += "C\(number);LILAS;Martin \(number)\n" }
        #expect(try await again(clients, kind: "clients", chain) == "done: 40 read 40 added 0 there 0 refused")
        var items = "item_ref;clinic_code;client_ref;issued_on;amount_due\n"
        for number in 1...1_200 {
            let client = number.isMultiple(of: 100) ? 41 : 1 + number % 40
            items += "I-\(number);LILAS;C\(client);12/10/2026;100,00\n"
        }
        let itemsDone = "done: 1200 read 1188 added 0 there 12 refused"
        #expect(try await take(items, kind: "open-items", for: chain) == itemsDone, "seed \(Self.seed)")
        var payments = "payment_ref;clinic_code;client_ref;received_on;amount;method;pays_ref\n"
        for number in 1...300 {
            // Those of items that were refused pay what is not there; every seventh pays more than is owed.
            let amount = number.isMultiple(of: 7) ? "130,00" : "30,00"
            payments += "P-\(number);LILAS;C\(1 + number % 40);20/10/2026;\(amount);card;I-\(number)\n"
        }
        let paymentsDone = "done: 300 read 297 added 0 there 3 refused"
        #expect(try await take(payments, kind: "payments", for: chain) == paymentsDone, "seed \(Self.seed)")
        // 42 of 300 are multiples of seven, none of them of an item that was refused: 255 · 30 + 42 · (100 + 30).
        let expected = ["billed": 11_880_000, "received": 1_311_000, "paid": 1_185_000, "held": 126_000]
        for (name, cents) in expected {
            #expect(try await chain.total(name) == Int64(cents), "seed \(Self.seed): \(name)")
        }
        let debts: SQL = "SELECT id FROM receivable WHERE organisation = \(chain.organisation)"
        #expect(
            try await once(debts, "receivable-recorded", "receivable-recorded", chain) == 1_188, "seed \(Self.seed)")
        let money: SQL = "SELECT id FROM payment_on_account WHERE organisation = \(chain.organisation)"
        #expect(
            try await once(money, "payment-on-account-recorded", "payment-imported", chain) == 297, "seed \(Self.seed)")
        #expect(try await again(items, kind: "open-items", chain).hasPrefix("done: 1200 read 0 added 1188 there"))
        #expect(try await again(payments, kind: "payments", chain).hasPrefix("done: 300 read 0 added 297 there"))
    }

    /// Sends a file while the process is killed, then lets it live; answers how the file ended.
    private func take(_ file: String, kind: String, for chain: Chain) async throws -> String {
        let invoicing = try await Self.invoicing.value
        var random = SeededGenerator(seed: Self.seed &+ UInt64(file.utf8.count))
        let sending = MortalInvoicing.Sending(chain: chain, kind: kind, file: Array(file.utf8))
        let deaths = try await invoicing.takeWhileDying(sending, deaths: Self.deaths, &random)
        let ended = try await invoicing.finish(sending)
        try await invoicing.die()
        print(
            "INV: seed \(Self.seed), \(kind): killed \(deaths.all) times, \(deaths.whileReading) of them while it was",
            "read: \(ended)")
        #expect(deaths.whileTaking > 0, "seed \(Self.seed): it has to die over taking, too")
        let files: Int64 = try await chain.bench.ask(
            "SELECT count(*) FROM import_file WHERE organisation = \(chain.organisation) AND kind = \(kind)")
        #expect(files == 1, "one file, however often it was sent under its key")
        return ended
    }

    /// The same file without a death.
    private func again(_ file: String, kind: String, _ chain: Chain) async throws -> String {
        try await chain.takeFile(Array(file.utf8), kind: kind)
    }

    /// How many of some rows were announced by one fact of this name and have one such entry in the trail.
    private func once(_ rows: SQL, _ fact: String, _ action: String, _ chain: Chain) async throws -> Int64 {
        try await chain.bench.ask(
            """
            SELECT count(*) FROM (\(rows)) AS own JOIN (
                SELECT subject FROM (
                    SELECT subject, type FROM outbox UNION ALL SELECT subject, type FROM outbox_journal
                ) AS told WHERE type = \("org.quittance.invoicing.\(fact).v1") GROUP BY subject HAVING count(*) = 1
            ) AS announced ON announced.subject = own.id JOIN (
                SELECT subject FROM audit_entry WHERE action = \(action) GROUP BY subject HAVING count(*) = 1
            ) AS audited ON audited.subject = own.id
            """)
    }
}
