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
    case undoes, accepts, returnsRefund, archives, restores, creditsRate, collectsElsewhere
}

/// A quote with a deposit that is partly paid, by a cheque and online, and an earlier one that was given up.
private struct Stage: Sendable {
    let chain: Chain
    /// The till of another clinic.
    let elsewhere: Chain
    let client: ClientID
    let other: ClientID
    let quote: QuoteID
    let deposit: InvoiceID
    let cheque: PaymentOnAccountID
    let credit: PaymentOnAccountID
    /// Credit that was put away.
    let archived: PaymentOnAccountID
    let online: PaymentID
    let refund: RefundID
    /// For the deposit, until a person accepts it.
    let waiting: PaymentID
    /// Of the earlier deposit.
    let settlement: SettlementID
    /// The day at the clinic, before which no note of a refund is.
    let today: String
    let told: [ToldEvent]

    init() async throws {
        chain = try await Chain.open()
        let pantin = try await chain.anotherClinic("PANTIN")
        elsewhere = Chain(bench: chain.bench, organisation: chain.organisation, clinic: pantin)
        let person =
            #"{"clinicID":"\#(chain.clinic)","lastName":"Martin","firstName":"Ada","town":"Lyon","reference":"C1"}"#
        client = try await chain.call(.post, "/v1/clients", person).id()
        other = try await chain.client()
        quote = try await chain.quote(for: client, issuedOn: "2026-11-19")
        _ = try await chain.deposit(500, on: quote, day: "2026-11-19").id() as InvoiceID
        settlement = try await chain.writeOff(client, to: "2026-11-19").id()
        deposit = try await chain.deposit(6_000, on: quote, online: true, seen: 2).id()
        cheque = try await chain.collect(2_000, for: client, by: "cheque", more: #","cheque":{"number":"1"}"#).id()
        credit = try await chain.collect(900, for: client, by: "card", more: #","allocate":"keep""#).id()
        archived = try await chain.collect(400, for: client, by: "card", more: #","allocate":"keep""#).id()
        try await chain.putAway(archived)
        (online, refund) = (IdentifierSource.system.make(), IdentifierSource.system.make())
        waiting = IdentifierSource.system.make()
        today = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date::text")
        told = [
            try chain.accepted(3_000, by: client, for: deposit, payment: online),
            try chain.refunded(500, as: refund, of: online, to: client),
        ]
    }

    /// What must have been told of online payments before anything happens, and one that waits for a person.
    func listen(_ delivery: Delivery) async throws {
        try await delivery.deliver(told)
        try await chain.letWait(800, by: client, for: deposit, payment: waiting)
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
            // Of the deposits' days: the invoice's is after that of the settlement.
            return try await chain.writeOff(client, to: "2026-11-20").status
        case .merges: return try await chain.asSeen("/v1/clients/\(client)", "/merge", #"{"intoClientID":"\#(other)"}"#)
        case .erases: return try await chain.asSeen("/v1/clients/\(client)", "/erasure", nil)
        case .imports: return try await chain.takePayment()
        case .undoes, .accepts, .returnsRefund, .archives, .restores, .creditsRate, .collectsElsewhere:
            return try await performBeside(operation, delivery)
        }
    }

    /// What takes back or brings back what happened before, and what another clinic does.
    private func performBeside(_ operation: Operation, _ delivery: Delivery) async throws -> Int {
        let day = #"{"on":"2026-11-25"}"#
        switch operation {
        case .undoes:
            return try await chain.call(
                .post, "/v1/settlements/\(settlement)/undo", day, headers: Chain.seen()
            ).status
        case .accepts: return try await chain.call(.post, "/v1/waiting-payments/\(waiting)/acceptance").status
        case .returnsRefund: return try await tell(chain.returned(500, refund, of: online), delivery)
        case .archives: return try await chain.asSeen("/v1/payments-on-account/\(credit)", "/archive", day)
        case .restores: return try await chain.asSeen("/v1/payments-on-account/\(archived)", "/restore", nil)
        case .creditsRate:
            let rates = #"[{"vatBasisPoints":2000,"amount":{"minorUnits":300,"currency":"EUR"}}]"#
            let note = #"{"issuedOn":"\#(today)","reason":"geste","rates":\#(rates)}"#
            return try await chain.asSeen("/v1/invoices/\(deposit)", "/credit-notes", note)
        default: return try await elsewhere.collect(600, for: client, by: "card").status
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
                    try await stage.listen(delivery)
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
        try await stage.listen(delivery)
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
