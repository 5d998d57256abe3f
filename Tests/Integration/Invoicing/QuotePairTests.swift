import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// What happens to a quote, and to a deposit that was asked for on it.
private enum Operation: String, CaseIterable {
    case invoices, asksForDeposit, declines, opensDispute, losesDispute, creditsDeposit, refundsDeposit, bouncesDeposit
    case collectsCash, appliesCredit, paysOnline, writesOff, merges, erases, imports
}

/// A quote with a deposit that is partly paid: by a cheque and online.
private struct Stage: Sendable {
    let chain: Chain
    let client: ClientID
    let other: ClientID
    let quote: QuoteID
    let deposit: InvoiceID
    let cheque: PaymentOnAccountID
    let credit: PaymentOnAccountID
    let online: PaymentID
    /// The day at the clinic, before which no note of a refund is.
    let today: String
    let told: [ToldEvent]

    init() async throws {
        chain = try await Chain.open()
        let person =
            #"{"clinicID":"\#(chain.clinic)","lastName":"Martin","firstName":"Ada","town":"Lyon","reference":"C1"}"#
        client = try await chain.call(.post, "/v1/clients", person).id()
        other = try await chain.client()
        quote = try await chain.quote(for: client)
        deposit = try await chain.deposit(6_000, on: quote, online: true).id()
        cheque = try await chain.collect(2_000, for: client, by: "cheque", more: #","cheque":{"number":"1"}"#).id()
        credit = try await chain.collect(900, for: client, by: "card", more: #","allocate":"keep""#).id()
        online = IdentifierSource.system.make()
        today = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date::text")
        told = [try chain.accepted(3_000, by: client, for: deposit, payment: online)]
    }

    /// Does it as a person or as an event of the payment service; answers a status, 0 for an event.
    func perform(_ operation: Operation, _ delivery: Delivery) async throws -> Int {
        let days = #""issuedOn":"\#(today)","dueOn":"\#(today)""#
        let amount = { (cents: Int) in #""amount":{"minorUnits":\#(cents),"currency":"EUR"}"# }
        switch operation {
        case .invoices: return try await chain.asSeen("/v1/quotes/\(quote)", "/invoice", "{\(days)}")
        case .asksForDeposit:
            return try await chain.asSeen("/v1/quotes/\(quote)", "/deposits", "{\(amount(1_000)),\(days)}")
        case .declines: return try await chain.asSeen("/v1/quotes/\(quote)", "/decline", nil)
        case .opensDispute: return try await tell(chain.disputed(700, "dp", online, by: client, deposit), delivery)
        case .losesDispute:
            return try await tell(chain.disputeEnded(.lost, 700, "dp", online, by: client, deposit), delivery)
        case .creditsDeposit:
            let note = #"{"issuedOn":"\#(today)","reason":"geste",\#(amount(500))}"#
            return try await chain.asSeen("/v1/invoices/\(deposit)", "/credit-notes", note)
        case .refundsDeposit: return try await tell(chain.refunded(600, of: online, to: client), delivery)
        case .bouncesDeposit:
            return try await chain.asSeen(
                "/v1/payments-on-account/\(cheque)", "/reversal", #"{"on":"2026-11-25","reason":"bounced"}"#)
        case .collectsCash: return try await chain.collect(1_300, for: client).status
        case .appliesCredit:
            // An invoice that meets it is of today.
            return try await chain.asSeen(
                "/v1/payments-on-account/\(credit)", "/allocations", #"{"on":"\#(today)"}"#)
        case .paysOnline: return try await tell(chain.accepted(2_500, by: client, for: deposit), delivery)
        case .writesOff:
            // Of the deposit's day: the invoice's is after that of the settlement.
            let wish = #"{"from":"2026-11-20","to":"2026-11-20","reason":"geste","on":"2026-11-24"}"#
            return try await chain.call(.post, "/v1/clients/\(client)/settlements", wish).status
        case .merges: return try await chain.asSeen("/v1/clients/\(client)", "/merge", #"{"intoClientID":"\#(other)"}"#)
        case .erases: return try await chain.asSeen("/v1/clients/\(client)", "/erasure", nil)
        case .imports: return try await chain.takePayment()
        }
    }

    /// What people did and each version: whatever is done changes one of them.
    func books() async throws -> String {
        try await chain.bench.ask(
            """
            SELECT concat_ws(' ', (SELECT count(*) FROM audit_entry WHERE organisation = \(chain.organisation)),
                (SELECT count(*) FROM dispute WHERE organisation = \(chain.organisation)),
                (SELECT sum(version) FROM quote WHERE organisation = \(chain.organisation)),
                (SELECT sum(version) FROM invoice WHERE organisation = \(chain.organisation)),
                (SELECT sum(version) FROM payment_on_account WHERE organisation = \(chain.organisation)))
            """)
    }

    private func tell(_ event: ToldEvent, _ delivery: Delivery) async throws -> Int {
        try await delivery.deliver([event])
        return 0
    }
}

@Suite struct `Every two operations on one quote and its deposit` {
    @Test func `INV-3, INV-7 to INV-13: leave the books right, whatever they are and whoever is first`() async throws {
        let all = Operation.allCases
        let pairs = all.indices.flatMap { first in all[first...].map { (all[first], $0) } }
        try await Delivery.with(members: 2) { delivery in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, pair) in pairs.enumerated() {
                    if number >= 6 { try await group.next() }
                    group.addTask { try await meet(pair, delivery) }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `INV-3, INV-7 to INV-13: each of them is done, and what becomes of a deposit that is deducted as well`()
        async throws
    {
        try await Delivery.with(members: 2) { delivery in
            for operation in Operation.allCases {
                for isDeducted in [false, true] {
                    let stage = try await Stage()
                    try await delivery.deliver(stage.told)
                    if isDeducted { #expect(try await stage.perform(.invoices, delivery) == 201) }
                    let before = try await stage.books()
                    let status = try await stage.perform(operation, delivery)
                    let both = "\(operation.rawValue), deducted: \(isDeducted)"
                    // An invoice is no quote any more, its deposit accepted it, and who owes something is not
                    // forgotten.
                    let isRefused =
                        [.declines, .erases].contains(operation)
                        || isDeducted && [.invoices, .asksForDeposit].contains(operation)
                    #expect(isRefused ? status == 409 : status < 300, "\(both): \(status)")
                    #expect(try await (stage.books() == before) == isRefused, "\(both)")
                    try await stage.chain.expectInvariants(both)
                    try await stage.chain.expectClosings(of: [stage.client, stage.other], both)
                }
            }
        }
    }

    /// Lets both happen at once, one of them twice.
    private func meet(_ pair: (Operation, Operation), _ delivery: Delivery) async throws {
        let stage = try await Stage()
        try await delivery.deliver(stage.told)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for operation in [pair.0, pair.1, pair.0] {
                group.addTask { try await stage.perform(operation, delivery) }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        let both = "\(pair.0.rawValue) and \(pair.1.rawValue)"
        #expect(statuses.allSatisfy { $0 < 500 }, "\(both): \(statuses)")
        try await stage.chain.expectInvariants(both)
        try await stage.chain.expectClosings(of: [stage.client, stage.other], both)
    }
}
