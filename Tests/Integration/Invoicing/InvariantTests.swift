import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// What happens to an organisation in one run, all of it decided by a seed.
private struct Story: Sendable {
    let chain: Chain
    let seed: UInt64
    private var random: SeededGenerator
    private var clients: [ClientID] = []
    private var invoices: [InvoiceID] = []
    private var drafts: [InvoiceID] = []
    private var payments: [(id: PaymentID, client: ClientID, cents: Int64)] = []
    private var told: [ToldEvent] = []

    init(seed: UInt64) async throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        for _ in 0..<3 { clients.append(try await chain.client()) }
        for _ in 0..<random.number(4...10) { try await write(at: random.number(0...1) == 0 ? chain.clinic : other) }
    }

    /// Issued at once or left a draft; of one rate or of two.
    private mutating func write(at clinic: ClinicID) async throws {
        let isDraft = random.number(0...3) == 0
        let draft = chain.draft(
            random.number(1...30_000), for: clients[random.number(0...2)], clinic: clinic,
            issuedOn: isDraft ? nil : "2026-11-20", dueOn: "2026-12-\(random.number(10...28))",
            vatBasisPoints: random.number(0...1) * 2_000)
        let id: InvoiceID = try await chain.call(.post, "/v1/invoices", draft).id()
        if isDraft { drafts.append(id) } else { invoices.append(id) }
    }

    /// Payments, refunds after them and repetitions of both; each payment's events in their order.
    mutating func events() throws -> [ToldEvent] {
        for _ in 0..<random.number(5...14) {
            switch random.number(0...5) {
            case 0...2: try pay()
            case 3, 4: try giveBack()
            default: if let again = told.randomElement(using: &random) { told.append(again) }
            }
        }
        return told
    }

    private mutating func pay() throws {
        let client = clients[random.number(0...2)]
        let payment: PaymentID = IdentifierSource.system.make()
        let cents: Int64 = random.number(1...40_000)
        payments.append((payment, client, cents))
        told.append(
            try chain.accepted(
                cents, by: client, for: (invoices + drafts).randomElement(using: &random), payment: payment,
                disposition: random.number(0...5) == 0 ? .heldForClient : .receivable))
    }

    /// Sometimes of more than was received, which has to be parked.
    private mutating func giveBack() throws {
        guard let payment = payments.randomElement(using: &random) else { return }
        let cents = random.number(1...payment.cents + 2_000)
        told.append(try chain.refunded(cents, of: payment.id, to: payment.client))
    }

    /// Beside the events: the drafts are issued, each by two people.
    func issueDrafts() async throws {
        for draft in drafts {
            async let one = chain.issue(draft, on: "2026-11-21").status
            async let two = chain.issue(draft, on: "2026-11-21").status
            let statuses = try await [one, two].sorted()
            #expect(statuses == [200, 412], "seed \(seed)")
        }
    }

    // MARK: What must hold

    func expectBalance() async throws {
        let totals = try await chain.totals()
        let (billed, paid, credited, due, received, held) = (
            totals.cents("billed"), totals.cents("paid"), totals.cents("credited"), totals.cents("due"),
            totals.cents("received"), totals.cents("held")
        )
        #expect(billed == (paid ?? -1) + (due ?? -1) + (credited ?? -1), "seed \(seed): billed = paid + due + credited")
        #expect(received == (paid ?? -1) + (held ?? -1), "seed \(seed): received = paid + held")
        var closing: Int64 = 0
        for client in clients {
            let path = "/v1/clients/\(client)/statement?from=2000-01-01&to=2099-12-31"
            closing += try await chain.call(.get, path).json.cents("closing") ?? 0
        }
        #expect(closing == (due ?? 0) - (held ?? 0), "seed \(seed): the statements close at what is due less credit")
        for (rule, breaches) in Invariants.all {
            let found: [String] = try await chain.bench.askAll(breaches(chain.organisation))
            #expect(found == [], "seed \(seed): \(rule)")
        }
        for table in ["invoice", "credit_note"] as [StaticString] {
            let numbers = try await chain.numbers(table)
            for series in Set(numbers.map { $0.dropLast(6) }) {
                let ends = numbers.filter { $0.hasPrefix(series) }.compactMap { Int($0.suffix(6)) }
                #expect(ends == Array(1...ends.count), "seed \(seed): \(series) has no gap")
            }
        }
    }
}

/// Rules as statements that answer with what breaks them.
private enum Invariants {
    static let all: [(rule: String, breaches: @Sendable (OrganisationID) -> SQL)] = [
        ("an invoice is paid by its allocations, which are not more than it bills", paidByAllocations),
        ("a payment is its allocations, what is left and what went back", paymentAddsUp),
        ("an invoice is credited by its credit notes, at most as billed of each rate", creditedByNotes),
        ("what went back is the sum of the refunds", refunded),
        ("an invoice is announced as paid once, when nothing is due any more", announcedOnce),
    ]

    @Sendable private static func paidByAllocations(_ organisation: OrganisationID) -> SQL {
        """
        SELECT invoice.id::text FROM invoice
        WHERE organisation = \(organisation) AND (paid + credited > total
            OR paid <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE allocation.invoice = invoice.id))
        """
    }

    @Sendable private static func paymentAddsUp(_ organisation: OrganisationID) -> SQL {
        """
        SELECT id::text FROM payment_on_account AS payment
        WHERE organisation = \(organisation) AND (amount <> allocated + unallocated + refunded
            OR allocated <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE payment_on_account = payment.id))
        """
    }

    @Sendable private static func creditedByNotes(_ organisation: OrganisationID) -> SQL {
        """
        SELECT id::text FROM invoice
        WHERE organisation = \(organisation)
            AND credited <> (SELECT coalesce(sum(total), 0) FROM credit_note WHERE credit_note.invoice = invoice.id)
        UNION ALL
        SELECT billed.invoice::text FROM invoice_vat AS billed
        JOIN LATERAL (
            SELECT sum(given.base) AS base, sum(given.vat) AS vat
            FROM credit_note_vat AS given JOIN credit_note ON credit_note.id = given.credit_note
            WHERE credit_note.invoice = billed.invoice AND given.vat_basis_points = billed.vat_basis_points
        ) AS given ON given.base > billed.base OR given.vat > billed.vat
        WHERE billed.organisation = \(organisation)
        """
    }

    @Sendable private static func refunded(_ organisation: OrganisationID) -> SQL {
        """
        SELECT id::text FROM payment_on_account AS payment
        WHERE organisation = \(organisation)
            AND refunded <> (SELECT coalesce(sum(amount), 0) FROM refund WHERE payment_on_account = payment.id)
        """
    }

    /// What a refund takes back is credited, so nothing is due for it again: an invoice is settled once, by a payment.
    @Sendable private static func announcedOnce(_ organisation: OrganisationID) -> SQL {
        """
        SELECT id::text FROM invoice
        JOIN LATERAL (
            SELECT count(*) AS times FROM outbox
            WHERE subject = invoice.id AND type = 'org.quittance.invoicing.invoice-paid.v1'
        ) AS announced ON true
        WHERE organisation = \(organisation)
            AND times <> CASE WHEN number IS NOT NULL AND paid + credited = total THEN 1 ELSE 0 END
        """
    }
}

@Suite struct `The books of any organisation` {
    @Test func `INV-4, INV-9: balance after any sequence of invoices, payments, refunds and repetitions`() async throws
    {
        // The first are the same each time; a failure names its seed.
        try await run(Array(1...16) + (0..<8).map { _ in UInt64.random(in: .min ... .max) })
    }

    private func run(_ seeds: [UInt64]) async throws {
        let stories = try await withThrowingTaskGroup { group in
            for seed in seeds { group.addTask { try await Story(seed: seed) } }
            return try await group.reduce(into: [Story]()) { $0.append($1) }
        }
        let events = try stories.map { story in
            var story = story
            return try story.events()
        }
        // Dealt in turn, so that the members work for several organisations in one batch.
        let most = events.map(\.count).max() ?? 0
        let dealt = (0..<most).flatMap { turn in events.filter { $0.count > turn }.map { $0[turn] } }
        try await Delivery.with(members: 2) { delivery in
            try await withThrowingTaskGroup { group in
                group.addTask { try await delivery.deliver(dealt) }
                for story in stories { group.addTask { try await story.issueDrafts() } }
                try await group.waitForAll()
            }
        }
        try await withThrowingTaskGroup { group in
            for story in stories { group.addTask { try await story.expectBalance() } }
            try await group.waitForAll()
        }
    }
}

extension SeededGenerator {
    fileprivate mutating func number<T: FixedWidthInteger>(_ range: ClosedRange<T>) -> T {
        T.random(in: range, using: &self)
    }
}
