import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// Everything that changes what is owed or paid on one debt.
private enum Operation: String, CaseIterable {
    case collects, collectsAsTold, appliesCredit, reverses, credits, writesOff, undoes, archives, restores, merges
    case erases, issuesDraft, correctsReceivable, accepts, paysOnline, refunds, returnsRefund, losesDispute, asksForLate
}

/// One client's debts and payments with something for every operation to work on.
private struct Stage: Sendable {
    let chain: Chain
    let client: ClientID
    let other: ClientID
    /// Half paid, partly online.
    let invoice: InvoiceID
    let draft: InvoiceID
    let receivable: ReceivableID
    /// Counted for the invoice; credit; credit that was put away.
    let payments: [PaymentOnAccountID]
    let online: PaymentID
    let refund: RefundID
    let waiting: PaymentID
    let settlement: SettlementID

    /// What must have been told of online payments before anything happens.
    let told: [ToldEvent]

    init() async throws {
        chain = try await Chain.open()
        (client, other) = try await (chain.client(), chain.client())
        let levels = try await chain.call(
            .put, "/v1/dunning-levels", #"{"levels":[{"daysLate":1,"label":"rappel"}]}"#, headers: Chain.seen(0))
        guard levels.status == 200 else { throw InvoicingBenchFailure(description: levels.text) }
        let old = try await chain.invoice(700, for: client, dueOn: "2026-11-20")
        settlement = try await chain.writeOff(client).id()
        invoice = try await chain.invoice(10_000, for: client, dueOn: "2026-11-20")
        draft = try await chain.invoice(2_000, for: client, issuedOn: nil)
        receivable = try await chain.receivable(1_500, for: client)
        let told = #","allocate":"as-told","allocations":[{"invoiceID":"\#(invoice)"}]"#
        let kept = #","allocate":"keep""#
        payments = [
            try await chain.collect(2_000, for: client, by: "card", more: told).id(),
            try await chain.collect(900, for: client, by: "card", more: kept).id(),
            try await chain.collect(400, for: client, by: "card", more: kept).id(),
        ]
        try await chain.putAway(payments[2])
        (online, refund) = (IdentifierSource.system.make(), IdentifierSource.system.make())
        waiting = IdentifierSource.system.make()
        self.told = [
            try chain.accepted(3_000, by: client, for: invoice, payment: online),
            try chain.refunded(500, as: refund, of: online, to: client),
        ]
        _ = old
    }

    /// A payment that waits for a person, among others that are counted at once.
    func letOneWait() async throws {
        try await chain.bench.overseer.execute(
            """
            INSERT INTO waiting_payment (payment, organisation, clinic, client, invoice, method, currency, amount,
                paid_on, held)
            VALUES (\(waiting), \(chain.organisation), \(chain.clinic), \(client), \(invoice), 'alma', 'EUR', 800,
                '2026-11-20', false)
            """)
    }

    /// Does it as a person or as an event of the payment service; answers a status, 0 for an event.
    func perform(_ operation: Operation, _ delivery: Delivery) async throws -> Int {
        let day = #"{"on":"2026-11-25"}"#
        let payment = { (place: Int) in "/v1/payments-on-account/\(payments[place])" }
        switch operation {
        case .collects: return try await chain.collect(1_300, for: client, by: "card").status
        case .collectsAsTold:
            let told =
                #","allocate":"as-told","allocations":[{"receivableID":"\#(receivable)"},{"invoiceID":"\#(invoice)"}]"#
            return try await chain.collect(1_700, for: client, by: "card", more: told).status
        case .appliesCredit: return try await seen(payment(1), "/allocations", day)
        case .reverses: return try await seen(payment(0), "/reversal", #"{"on":"2026-11-25","reason":"bounced"}"#)
        case .credits:
            // Not before the note that the refund made.
            let today = TimeSource.system.now().utcDate
            let note = #"{"issuedOn":"\#(today)","reason":"geste","amount":{"minorUnits":1500,"currency":"EUR"}}"#
            return try await seen("/v1/invoices/\(invoice)", "/credit-notes", note)
        case .writesOff: return try await chain.writeOff(client).status
        case .undoes:
            return try await chain.call(
                .post, "/v1/settlements/\(settlement)/undo", day, headers: Chain.seen()
            ).status
        case .archives: return try await seen(payment(1), "/archive", day)
        case .restores: return try await seen(payment(2), "/restore", nil)
        case .merges: return try await seen("/v1/clients/\(client)", "/merge", #"{"intoClientID":"\#(other)"}"#)
        case .erases: return try await seen("/v1/clients/\(client)", "/erasure", nil)
        case .issuesDraft: return try await chain.issue(draft, on: "2026-11-25").status
        case .correctsReceivable:
            let terms = #"{"label":"Soin","amount":{"minorUnits":1200,"currency":"EUR"},"dueOn":"2026-12-31"}"#
            return try await seen("/v1/receivables/\(receivable)", "", terms, .put)
        case .accepts: return try await chain.call(.post, "/v1/waiting-payments/\(waiting)/acceptance").status
        case .paysOnline: return try await tell(chain.accepted(2_500, by: client, for: invoice), delivery)
        case .refunds: return try await tell(chain.refunded(600, of: online, to: client), delivery)
        case .returnsRefund: return try await tell(chain.returned(500, refund, of: online), delivery)
        case .losesDispute:
            return try await tell(chain.disputeEnded(.lost, 700, "dp", online, by: client, invoice), delivery)
        case .asksForLate:
            try await chain.bench.assembly.jobs.first { $0.name == "find-overdue" }?.run()
            return 0
        }
    }

    /// What people did, what was asked for, and each version: whatever is done changes one of them.
    func books() async throws -> String {
        try await chain.bench.ask(
            """
            SELECT concat_ws(' ', (SELECT count(*) FROM audit_entry WHERE organisation = \(chain.organisation)),
                (SELECT count(*) FROM dunning WHERE organisation = \(chain.organisation)),
                (SELECT sum(version) FROM invoice WHERE organisation = \(chain.organisation)),
                (SELECT sum(version) FROM receivable WHERE organisation = \(chain.organisation)),
                (SELECT sum(version) FROM payment_on_account WHERE organisation = \(chain.organisation)))
            """)
    }

    private func tell(_ event: ToldEvent, _ delivery: Delivery) async throws -> Int {
        try await delivery.deliver([event])
        return 0
    }

    /// Reads the version and changes it, as a person does.
    private func seen(_ path: String, _ act: String, _ json: String?, _ method: HTTPMethod = .post) async throws -> Int
    {
        let tag = try await chain.call(.get, path).headers["ETag"] ?? "\"v1\""
        return try await chain.call(method, path + act, json, headers: ["If-Match": tag]).status
    }
}

@Suite struct `Every two operations on one debt` {
    @Test func `INV-7 to INV-13: leave the books right, whatever they are and whoever is first`() async throws {
        let all = Operation.allCases
        let pairs = all.indices.flatMap { first in all[first...].map { (all[first], $0) } }
        #expect(pairs.count == all.count * (all.count + 1) / 2)
        try await Delivery.with(members: 2) { delivery in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, pair) in pairs.enumerated() {
                    if number >= 6 { try await group.next() }
                    group.addTask { try await run(pair, delivery) }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `INV-7 to INV-13: each of them alone is done, and does something`() async throws {
        try await Delivery.with(members: 2) { delivery in
            for operation in Operation.allCases {
                let stage = try await Stage()
                try await delivery.deliver(stage.told)
                try await stage.letOneWait()
                let before = try await stage.books()
                let status = try await stage.perform(operation, delivery)
                // Who owes something is not forgotten; all else can be done here.
                let isRefused = operation == .erases
                #expect(isRefused ? status == 409 : status < 300, "\(operation.rawValue): \(status)")
                #expect(try await (stage.books() == before) == isRefused, "\(operation.rawValue)")
                #expect(try await stage.chain.deadLetters() == 0, "\(operation.rawValue)")
            }
        }
    }

    private func run(_ pair: (Operation, Operation), _ delivery: Delivery) async throws {
        let stage = try await Stage()
        try await delivery.deliver(stage.told)
        try await stage.letOneWait()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for operation in [pair.0, pair.1, pair.0] {
                group.addTask { try await stage.perform(operation, delivery) }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        let both = "\(pair.0.rawValue) and \(pair.1.rawValue)"
        #expect(statuses.allSatisfy { $0 < 500 }, "\(both): \(statuses)")
        for (rule, breaches) in PairInvariants.all {
            let found: [String] = try await stage.chain.bench.askAll(breaches(stage.chain.organisation))
            #expect(found == [], "\(both): \(rule)")
        }
        #expect(try await stage.chain.deadLetters() == 0, "\(both): nothing is parked")
        let totals = try await stage.chain.totals()
        let amount = { (name: String) in totals.cents(name) ?? -1 }
        #expect(
            amount("billed") == amount("paid") + amount("credited") + amount("writtenOff") + amount("due"), "\(both)")
        #expect(amount("received") == amount("paid") + amount("held"), "\(both)")
        let closings = try await [stage.client, stage.other].asyncSum { client in
            let path = "/v1/clients/\(client)/statement?from=2000-01-01&to=2099-12-31"
            return try await stage.chain.call(.get, path).json.cents("closing") ?? 0
        }
        #expect(closings == amount("due") - amount("held"), "\(both): statements close at what is due less credit")
    }
}

/// What holds after any operation, as statements that answer with what breaks it.
private enum PairInvariants {
    static let all: [(rule: String, breaches: @Sendable (OrganisationID) -> SQL)] = [
        ("a debt is paid by its allocations", paid), ("a payment equals its parts", parts),
        ("a debt is credited by its notes and refunds", credited), ("a debt is written off by settlements", writtenOff),
        ("no allocation is more than its payment or its debt", bounded), ("numbers have no gap", gaps),
        ("a client that became another one owns nothing", merged), ("what is told as paid is paid", told),
        ("no debt is paid, credited and written off beyond itself", exhausted),
    ]

    @Sendable private static func paid(_ organisation: OrganisationID) -> SQL {
        """
        SELECT 'invoice ' || id FROM invoice WHERE organisation = \(organisation)
            AND paid <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE invoice = invoice.id)
        UNION ALL
        SELECT 'receivable ' || id FROM receivable WHERE organisation = \(organisation)
            AND paid <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE receivable = receivable.id)
        """
    }

    @Sendable private static func parts(_ organisation: OrganisationID) -> SQL {
        """
        SELECT id::text FROM payment_on_account AS payment WHERE organisation = \(organisation)
            AND (amount <> allocated + unallocated + refunded + charged_back + reversed + archived
                OR allocated <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE payment_on_account = payment.id)
                OR refunded <> (SELECT coalesce(sum(amount), 0) FROM refund
                    WHERE payment_on_account = payment.id AND returned_on IS NULL)
                OR charged_back <> (SELECT coalesce(sum(charged_back), 0) FROM dispute
                    WHERE dispute.payment = payment.payment))
        """
    }

    @Sendable private static func credited(_ organisation: OrganisationID) -> SQL {
        """
        SELECT 'invoice ' || id FROM invoice WHERE organisation = \(organisation)
            AND credited <> (SELECT coalesce(sum(total), 0) FROM credit_note WHERE invoice = invoice.id)
        UNION ALL
        SELECT 'receivable ' || id FROM receivable WHERE organisation = \(organisation)
            AND credited <> (SELECT coalesce(sum(amount), 0) FROM receivable_credit WHERE receivable = receivable.id)
        """
    }

    @Sendable private static func writtenOff(_ organisation: OrganisationID) -> SQL {
        """
        SELECT 'invoice ' || id FROM invoice WHERE organisation = \(organisation) AND written_off <> (
            SELECT coalesce(sum(amount), 0) FROM settlement_part JOIN settlement ON settlement.id = settlement
            WHERE invoice = invoice.id AND undone_on IS NULL)
        UNION ALL
        SELECT 'receivable ' || id FROM receivable WHERE organisation = \(organisation) AND written_off <> (
            SELECT coalesce(sum(amount), 0) FROM settlement_part JOIN settlement ON settlement.id = settlement
            WHERE receivable = receivable.id AND undone_on IS NULL)
        """
    }

    @Sendable private static func bounded(_ organisation: OrganisationID) -> SQL {
        """
        SELECT payment.id::text FROM payment_on_account AS payment
            JOIN allocation ON allocation.payment_on_account = payment.id
            LEFT JOIN invoice ON invoice.id = allocation.invoice
            LEFT JOIN receivable ON receivable.id = allocation.receivable
        WHERE payment.organisation = \(organisation) AND (allocation.amount > payment.amount
            OR allocation.amount > coalesce(invoice.total, receivable.amount)
            OR allocation.amount > 0 AND payment.client <> coalesce(invoice.client, receivable.client))
        """
    }

    @Sendable private static func exhausted(_ organisation: OrganisationID) -> SQL {
        """
        SELECT 'invoice ' || id FROM invoice
        WHERE organisation = \(organisation) AND (paid + credited + written_off > total
            OR total < (SELECT sum(amount) FROM allocation WHERE invoice = invoice.id))
        UNION ALL
        SELECT 'receivable ' || id FROM receivable
        WHERE organisation = \(organisation) AND (paid + credited + written_off > amount
            OR amount < (SELECT sum(allocation.amount) FROM allocation WHERE receivable = receivable.id))
        UNION ALL
        SELECT 'payment ' || id FROM payment_on_account AS payment
        WHERE organisation = \(organisation)
            AND amount < (SELECT sum(allocation.amount) FROM allocation WHERE payment_on_account = payment.id)
        """
    }

    @Sendable private static func gaps(_ organisation: OrganisationID) -> SQL {
        """
        SELECT left(number, -6) FROM (
            SELECT number FROM invoice WHERE organisation = \(organisation)
            UNION ALL SELECT number FROM credit_note WHERE organisation = \(organisation)
            UNION ALL SELECT receipt_number FROM payment_on_account WHERE organisation = \(organisation)
        ) AS numbered WHERE number IS NOT NULL
        GROUP BY 1 HAVING max(right(number, 6)::int) <> count(*) OR count(DISTINCT number) <> count(*)
        """
    }

    @Sendable private static func merged(_ organisation: OrganisationID) -> SQL {
        """
        SELECT client.id::text FROM client WHERE organisation = \(organisation) AND merged_into IS NOT NULL
            AND (EXISTS (SELECT FROM invoice WHERE invoice.client = client.id)
                OR EXISTS (SELECT FROM receivable WHERE receivable.client = client.id)
                OR EXISTS (SELECT FROM payment_on_account WHERE payment_on_account.client = client.id)
                OR EXISTS (SELECT FROM waiting_payment WHERE waiting_payment.client = client.id))
        """
    }

    @Sendable private static func told(_ organisation: OrganisationID) -> SQL {
        """
        SELECT invoice.id::text FROM invoice WHERE organisation = \(organisation) AND number IS NOT NULL
            AND total = paid AND NOT EXISTS (
                SELECT FROM outbox WHERE subject = invoice.id AND type = 'org.quittance.invoicing.invoice-paid.v1')
        """
    }
}

extension Array where Element: Sendable {
    fileprivate func asyncSum(_ value: (Element) async throws -> Int64) async throws -> Int64 {
        var sum: Int64 = 0
        for element in self { sum += try await value(element) }
        return sum
    }
}

extension Chain {
    fileprivate func writeOff(_ client: ClientID) async throws -> InProcessClient.Answer {
        try await call(
            .post, "/v1/clients/\(client)/settlements",
            #"{"from":"2026-01-01","to":"2026-12-31","reason":"prescription","on":"2026-11-24"}"#)
    }

    fileprivate func putAway(_ payment: PaymentOnAccountID) async throws {
        let answer = try await call(
            .post, "/v1/payments-on-account/\(payment)/archive", #"{"on":"2026-11-24"}"#, headers: Chain.seen())
        guard answer.status == 200 else { throw InvoicingBenchFailure(description: answer.text) }
    }
}
