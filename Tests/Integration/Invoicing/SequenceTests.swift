import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// What changes what is owed, held or quoted, but for files.
private enum Operation: CaseIterable {
    case bills, drafts, issuesDraft, cancelsDraft, owes, correctsReceivable, credits, creditsAll
    case quotes, asksForDeposit, invoicesQuote, declinesQuote
    case collects, keepsCredit, appliesCredit, reverses, archives, restores, writesOff, undoes, merges
    case paysOnline, refunds, returnsRefund, opensDispute, losesDispute, winsDispute
    case choosesAcceptance, accepts, forgets
}

/// One organisation to which a seed does one thing after the other.
private struct Story {
    let seed: UInt64
    private let chain: Chain
    private let delivery: Delivery
    private let clinics: [ClinicID]
    /// Also those that have become another one.
    private let clients: [ClientID]
    private let today: LocalDate
    private var random: SeededGenerator
    private var refunds: [(id: RefundID, payment: PaymentID, cents: Int64)] = []
    private var disputes: [(reference: String, payment: PaymentID, cents: Int64)] = []
    /// What was done, and the status it had.
    private var log: [String] = []

    /// Each client owes something, and holds a credit.
    init(seed: UInt64, _ delivery: Delivery) async throws {
        (self.seed, self.delivery, random) = (seed, delivery, SeededGenerator(seed: seed))
        chain = try await Chain.open()
        clinics = [chain.clinic, try await chain.anotherClinic("PANTIN")]
        clients = [try await chain.client(), try await chain.client(), try await chain.client()]
        let day: String = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date::text")
        today = try #require(LocalDate(day))
        for client in clients {
            let (billed, collected) = (
                try await bill(client, isIssued: true), try await collect(from: client, isKept: true)
            )
            #expect(billed == 201 && collected == 201)
        }
    }

    mutating func run() async throws {
        let length = Int.random(in: 10...20, using: &random)
        for _ in 0..<length * 10 where log.count < length {
            guard let operation = Operation.allCases.randomElement(using: &random),
                let status = try await perform(operation)
            else { continue }
            log.append("\(operation) \(status)")
            #expect(status < 500, "\(told)")
            try await chain.expectInvariants(told)
        }
        try await chain.expectClosings(of: clients, told)
        let done = log.count { line in !line.contains(" 4") }
        #expect(log.count == length && done >= 3, "hardly anything happened: \(told)")
    }

    private var told: String { "seed \(seed): \(log.joined(separator: ", "))" }

    /// Answers a status, 0 for an event; nil where there is nothing it could be done to.
    private mutating func perform(_ operation: Operation) async throws -> Int? {
        switch operation {
        case .bills, .drafts, .issuesDraft, .cancelsDraft, .owes, .correctsReceivable, .credits, .creditsAll:
            try await performOnDebts(operation)
        case .quotes, .asksForDeposit, .invoicesQuote, .declinesQuote: try await performOnQuotes(operation)
        case .collects, .keepsCredit, .appliesCredit, .reverses, .archives, .restores, .writesOff, .undoes, .merges:
            try await performOnMoney(operation)
        case .paysOnline, .refunds, .returnsRefund, .opensDispute, .losesDispute, .winsDispute:
            try await performOnline(operation)
        case .choosesAcceptance:
            try await chain.asSeen(
                "/v1/collecting-rules", "",
                """
                {"cashCeiling":{"minorUnits":100000,"currency":"EUR"},
                 "onlineAcceptance":"\(Bool.random(using: &random) ? "by-hand" : "automatic")"}
                """, .put)
        case .accepts: try await accept()
        case .forgets: try await forget()
        }
    }
}

// MARK: What is owed

extension Story {
    private mutating func performOnDebts(_ operation: Operation) async throws -> Int? {
        switch operation {
        case .bills: return try await bill(anybody(), isIssued: true)
        case .drafts: return try await bill(anybody(), isIssued: false)
        case .issuesDraft: return try await act("/issue", #"{"issuedOn":"\#(today)"}"#, onInvoice: Self.isDraft)
        case .cancelsDraft: return try await act("", nil, onInvoice: Self.isDraft, .delete)
        case .owes: return try await owe(anybody())
        case .correctsReceivable:
            let open: SQL = "paid = 0 AND credited = 0 AND written_off = 0"
            guard let id: ReceivableID = try await pick("id", "receivable", where: open) else { return nil }
            let terms = #"{"label":"Soin",\#(amount(cents(3_000))),"dueOn":"\#(later)"}"#
            return try await chain.asSeen("/v1/receivables/\(id)", "", terms, .put)
        case .credits: return try await credit(#",\#(amount(cents(4_000)))"#)
        default: return try await credit("")
        }
    }

    private mutating func performOnQuotes(_ operation: Operation) async throws -> Int? {
        if operation == .quotes {
            guard let client: ClientID = try await pick("id", "client", where: Self.isThere) else { return nil }
            let _: QuoteID = try await chain.quote(for: client, issuedOn: "\(today)", validUntil: "\(later)")
            return 201
        }
        guard let id: QuoteID = try await pick("id", "quote", where: "invoice IS NULL AND NOT declined") else {
            return nil
        }
        let days = #""issuedOn":"\#(today)","dueOn":"\#(later)""#
        switch operation {
        case .asksForDeposit:
            return try await chain.asSeen("/v1/quotes/\(id)", "/deposits", "{\(amount(cents(6_000))),\(days)}")
        case .invoicesQuote: return try await chain.asSeen("/v1/quotes/\(id)", "/invoice", "{\(days)}")
        default: return try await chain.asSeen("/v1/quotes/\(id)", "/decline", nil)
        }
    }

    private static let isThere: SQL = "merged_into IS NULL AND erased_on IS NULL"
    private static let isDraft: SQL = "number IS NULL AND NOT cancelled"

    private mutating func bill(_ client: ClientID, isIssued: Bool) async throws -> Int {
        let draft = chain.draft(
            cents(20_000), for: client, clinic: clinics.randomElement(using: &random),
            issuedOn: isIssued ? "\(today)" : nil, dueOn: "\(later)",
            vatBasisPoints: Bool.random(using: &random) ? 2_000 : 0)
        return try await chain.call(.post, "/v1/invoices", draft).status
    }

    private mutating func owe(_ client: ClientID) async throws -> Int {
        let debt = """
            {"clientID":"\(client)","clinicID":"\(chain.clinic)","label":"Croquettes","recordedOn":"\(today)",
             "dueOn":"\(later)",\(amount(cents(5_000)))}
            """
        return try await chain.call(.post, "/v1/receivables", debt).status
    }

    private mutating func credit(_ more: String) async throws -> Int? {
        let note = #"{"issuedOn":"\#(today)","reason":"geste"\#(more)}"#
        return try await act("/credit-notes", note, onInvoice: "number IS NOT NULL AND credited < total")
    }

    private mutating func act(
        _ act: String, _ json: String?, onInvoice condition: SQL, _ method: HTTPMethod = .post
    ) async throws -> Int? {
        guard let id: InvoiceID = try await pick("id", "invoice", where: condition) else { return nil }
        return try await chain.asSeen("/v1/invoices/\(id)", act, json, method)
    }
}

// MARK: What is held

extension Story {
    private mutating func performOnMoney(_ operation: Operation) async throws -> Int? {
        let day = #"{"on":"\#(today)"}"#
        switch operation {
        case .collects, .keepsCredit:
            return try await collect(from: anybody(), isKept: operation == .keepsCredit)
        case .appliesCredit: return try await act("/allocations", day, onMoney: "unallocated > 0")
        case .archives: return try await act("/archive", day, onMoney: "unallocated > 0 AND archived_on IS NULL")
        case .restores: return try await act("/restore", nil, onMoney: "archived_on IS NOT NULL")
        case .reverses:
            let reason = ["bounced", "mistake", "withdrawn"].randomElement(using: &random) ?? "bounced"
            return try await act(
                "/reversal", #"{"on":"\#(today)","reason":"\#(reason)"}"#,
                onMoney: "payment IS NULL AND reversed_on IS NULL AND archived_on IS NULL")
        case .writesOff: return try await writeOff(anybody())
        case .undoes:
            guard let id: SettlementID = try await pick("id", "settlement", where: "undone_on IS NULL") else {
                return nil
            }
            return try await chain.asSeen("/v1/settlements/\(id)", "/undo", day)
        default:
            let (one, other) = (anybody(), anybody())
            guard one != other else { return nil }
            return try await chain.asSeen("/v1/clients/\(one)", "/merge", #"{"intoClientID":"\#(other)"}"#)
        }
    }

    private func writeOff(_ client: ClientID) async throws -> Int {
        let wish = #"{"from":"\#(today)","to":"\#(today)","reason":"geste","on":"\#(today)"}"#
        return try await chain.call(.post, "/v1/clients/\(client)/settlements", wish).status
    }

    private mutating func collect(from client: ClientID, isKept: Bool) async throws -> Int {
        let method = ["cash", "card", "cheque"].randomElement(using: &random) ?? "card"
        let cheque = method == "cheque" ? #","cheque":{"number":"\#(cents(9_999))"}"# : ""
        let kept = isKept ? #","allocate":"keep""# : ""
        let taken = """
            {"clinicID":"\(chain.clinic)","clientID":"\(client)","method":"\(method)","collectedOn":"\(today)",
             \(amount(cents(15_000)))\(cheque)\(kept)}
            """
        return try await chain.call(.post, "/v1/collections", taken).status
    }

    private mutating func act(_ act: String, _ json: String?, onMoney condition: SQL) async throws -> Int? {
        guard let id: PaymentOnAccountID = try await pick("id", "payment_on_account", where: condition) else {
            return nil
        }
        return try await chain.asSeen("/v1/payments-on-account/\(id)", act, json)
    }
}

// MARK: What the payment service tells

extension Story {
    private mutating func performOnline(_ operation: Operation) async throws -> Int? {
        switch operation {
        case .paysOnline:
            let invoice: InvoiceID? = try await pick("id", "invoice", where: "number IS NOT NULL")
            return try await tell(chain.accepted(cents(12_000), by: anybody(), for: invoice))
        case .refunds:
            guard let (payment, cents) = try await partOfOnline() else { return nil }
            let refund: RefundID = IdentifierSource.system.make()
            refunds.append((refund, payment, cents))
            return try await tell(chain.refunded(cents, as: refund, of: payment, to: clients[0]))
        case .returnsRefund:
            guard !refunds.isEmpty else { return nil }
            let refund = refunds.remove(at: Int.random(in: refunds.indices, using: &random))
            return try await tell(chain.returned(refund.cents, refund.id, of: refund.payment))
        case .opensDispute:
            guard let (payment, cents) = try await partOfOnline() else { return nil }
            disputes.append(("dp_\(log.count)", payment, cents))
            return try await tell(chain.disputed(cents, "dp_\(log.count)", payment, by: clients[0], nil))
        default:
            guard !disputes.isEmpty else { return nil }
            let dispute = disputes.remove(at: Int.random(in: disputes.indices, using: &random))
            return try await tell(
                chain.disputeEnded(
                    operation == .losesDispute ? .lost : .won, dispute.cents, dispute.reference, dispute.payment,
                    by: clients[0], nil))
        }
    }

    /// Some of what is still held of a payment that was made online: more is parked.
    private mutating func partOfOnline() async throws -> (payment: PaymentID, cents: Int64)? {
        let held: SQL = "payment IS NOT NULL AND amount > refunded + charged_back"
        guard let payment: PaymentID = try await pick("payment", "payment_on_account", where: held) else { return nil }
        let left: Int64 = try await chain.bench.ask(
            "SELECT amount - refunded - charged_back FROM payment_on_account WHERE payment = \(payment)")
        return (payment, cents(left))
    }

    private func tell(_ event: ToldEvent) async throws -> Int {
        try await delivery.deliver([event])
        return 0
    }
}

// MARK: What waits, and who goes

extension Story {
    private mutating func accept() async throws -> Int? {
        let waits: SQL = "accepted_by IS NULL"
        guard let payment: PaymentID = try await pick("payment", "waiting_payment", where: waits) else { return nil }
        return try await chain.call(.post, "/v1/waiting-payments/\(payment)/acceptance").status
    }

    /// First all is given up that somebody owes, and put away that is held, so that little stands against it.
    private mutating func forget() async throws -> Int? {
        guard let client: ClientID = try await pick("id", "client", where: Self.isThere) else { return nil }
        var statuses = [try await writeOff(client)]
        let held: [PaymentOnAccountID] = try await chain.bench.askAll(
            "SELECT id FROM payment_on_account WHERE client = \(client) AND unallocated > 0 ORDER BY id")
        for payment in held {
            let path = "/v1/payments-on-account/\(payment)"
            statuses.append(try await chain.asSeen(path, "/archive", #"{"on":"\#(today)"}"#))
        }
        #expect(statuses.allSatisfy { $0 < 500 }, "\(told): \(statuses)")
        return try await chain.asSeen("/v1/clients/\(client)", "/erasure", nil)
    }
}

// MARK: What a seed draws

extension Story {
    private var later: LocalDate { today.adding(days: 30) }

    private mutating func anybody() -> ClientID { clients[Int.random(in: clients.indices, using: &random)] }

    private mutating func cents(_ most: Int64) -> Int64 { Int64.random(in: 1...most, using: &random) }

    private func amount(_ cents: Int64) -> String { #""amount":{"minorUnits":\#(cents),"currency":"EUR"}"# }

    /// One of the organisation's rows, in the order in which they came.
    private mutating func pick<ID: Sendable & PostgresDecodable>(
        _ column: SQL, _ table: SQL, where condition: SQL
    ) async throws -> ID? {
        let ids: [ID] = try await chain.bench.askAll(
            """
            SELECT \(column) FROM \(table) WHERE organisation = \(chain.organisation) AND \(condition) ORDER BY 1
            """)
        return ids.randomElement(using: &random)
    }
}

@Suite struct `Whatever happens to an organisation` {
    @Test func `GEN-7, INV-3, INV-4, INV-7 to INV-13: any sequence of ten to twenty operations leaves the books right`()
        async throws
    {
        // The first are the same each time; a failure names its seed and what it did.
        let seeds = Array(1...6) + (0..<2).map { _ in UInt64.random(in: .min ... .max) }
        try await Delivery.with(members: 2) { delivery in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for seed in seeds {
                    group.addTask {
                        var story = try await Story(seed: seed, delivery)
                        try await story.run()
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
