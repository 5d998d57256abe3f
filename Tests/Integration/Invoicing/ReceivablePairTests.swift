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
    case erases, issuesDraft, cancelsDraft, correctsReceivable, accepts, paysOnline, refunds, returnsRefund
    case opensDispute, losesDispute, asksForLate, imports
    case creditsRate, collectsElsewhere, importsDebt, movesPhone, addsContact, pauses
    case rewritesDraft, paysReceivableOnline, refundsReceivable, acceptsForReceivable

    /// Those a person does or a file brings, by which nobody who was forgotten can owe or hold anything.
    static let refusedOfForgotten: Set = [
        collects, collectsAsTold, credits, creditsRate, issuesDraft, imports, merges, collectsElsewhere, importsDebt,
        rewritesDraft,
    ]
}

/// Takes files in one after the other, as the one process does that runs the job.
actor ImportJob {
    static let shared = ImportJob()
    private var last: Task<Void, any Error>?

    func run(in chain: Chain) async throws {
        let before = last
        let task = Task {
            _ = await before?.result
            try await chain.takeImports()
        }
        last = task
        try await task.value
    }
}

/// One client's debts and payments with something for every operation to work on.
private struct Stage: Sendable {
    let chain: Chain
    /// The till of another clinic.
    let elsewhere: Chain
    let client: ClientID
    let other: ClientID
    /// What the client is called, and nobody else.
    let name: String
    /// Half paid, partly online; all of it where nothing is owed.
    let invoice: InvoiceID
    let draft: InvoiceID
    let receivable: ReceivableID
    /// Half paid online.
    let paidReceivable: ReceivableID
    /// Counted for the invoice; credit; credit that was put away.
    let payments: [PaymentOnAccountID]
    let online: PaymentID
    let refund: RefundID
    /// What was paid of the receivable.
    let onlineOfReceivable: PaymentID
    /// For the invoice; for what is owed without one.
    let waiting: [PaymentID]
    let settlement: SettlementID

    /// What must have been told of online payments before anything happens.
    let told: [ToldEvent]

    /// Where nothing is `owed`, nothing is held either, so that the client can be forgotten.
    init(owed: Bool = true) async throws {
        chain = try await Chain.open()
        let pantin = try await chain.anotherClinic("PANTIN")
        elsewhere = Chain(bench: chain.bench, organisation: chain.organisation, clinic: pantin)
        name = "Zw\("\(chain.organisation)".suffix(12))"
        let person = """
            {"clinicID":"\(chain.clinic)","lastName":"\(name)","firstName":"Ada","town":"Lyon","reference":"C1",
             "phone":"+33612345678"}
            """
        client = try await chain.call(.post, "/v1/clients", person).id()
        other = try await chain.client()
        let levels = try await chain.call(
            .put, "/v1/dunning-levels", #"{"levels":[{"daysLate":1,"label":"rappel"}]}"#, headers: Chain.seen(0))
        guard levels.status == 200 else { throw InvoicingBenchFailure(description: levels.text) }
        _ = try await chain.invoice(700, for: client, dueOn: "2026-11-20")
        settlement = try await chain.writeOff(client).id()
        let bill = chain.draft(10_000, for: client, dueOn: "2026-11-20", reference: "V1")
        invoice = try await chain.call(.post, "/v1/invoices", bill).id()
        draft = try await chain.invoice(2_000, for: client, issuedOn: nil)
        receivable = try await chain.receivable(1_500, for: client)
        paidReceivable = try await chain.receivable(800, for: client)
        let told = #","allocate":"as-told","allocations":[{"invoiceID":"\#(invoice)"}]"#
        let cheque = #","cheque":{"number":"1","bank":"B","drawer":"A"}"#
        let kept = #","allocate":"keep""#
        payments = [
            try await chain.collect(owed ? 2_000 : 7_000, for: client, by: "cheque", more: told + cheque).id(),
            try await chain.collect(900, for: client, by: "card", more: kept).id(),
            try await chain.collect(400, for: client, by: "card", more: kept).id(),
        ]
        try await chain.putAway(payments[2])
        if !owed {
            let debts = #"[{"receivableID":"\#(receivable)"},{"receivableID":"\#(paidReceivable)"}]"#
            let rest = #","allocate":"as-told","allocations":\#(debts)"#
            guard try await chain.collect(1_900, for: client, by: "card", more: rest).status == 201 else {
                throw InvoicingBenchFailure(description: "the receivables are not paid")
            }
            try await chain.putAway(payments[1])
        }
        (online, refund) = (IdentifierSource.system.make(), IdentifierSource.system.make())
        onlineOfReceivable = IdentifierSource.system.make()
        waiting = [IdentifierSource.system.make(), IdentifierSource.system.make()]
        self.told = [
            try chain.accepted(3_000, by: client, for: invoice, payment: online),
            try chain.refunded(500, as: refund, of: online, to: client),
            try chain.accepted(400, by: client, of: paidReceivable, payment: onlineOfReceivable),
        ]
    }

    /// Payments that wait for a person, among others that are counted at once.
    func letSomeWait() async throws {
        try await chain.letWait(800, by: client, for: invoice, payment: waiting[0])
        try await chain.letWait(300, by: client, of: receivable, payment: waiting[1])
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
        case .appliesCredit: return try await chain.asSeen(payment(1), "/allocations", day)
        // A cheque that bounced.
        case .reverses:
            return try await chain.asSeen(payment(0), "/reversal", #"{"on":"2026-11-25","reason":"bounced"}"#)
        case .credits: return try await credit(Self.gesture)
        case .creditsRate: return try await credit(#""rates":[{"vatBasisPoints":0,\#(Self.gesture)}]"#)
        case .writesOff: return try await chain.writeOff(client).status
        case .undoes:
            return try await chain.call(
                .post, "/v1/settlements/\(settlement)/undo", day, headers: Chain.seen()
            ).status
        case .archives: return try await chain.asSeen(payment(1), "/archive", day)
        case .restores: return try await chain.asSeen(payment(2), "/restore", nil)
        case .merges: return try await chain.asSeen("/v1/clients/\(client)", "/merge", #"{"intoClientID":"\#(other)"}"#)
        case .erases: return try await chain.asSeen("/v1/clients/\(client)", "/erasure", nil)
        case .issuesDraft: return try await chain.issue(draft, on: "2026-11-25").status
        case .cancelsDraft: return try await chain.asSeen("/v1/invoices/\(draft)", "", nil, .delete)
        case .correctsReceivable:
            let terms = #"{"label":"Soin","amount":{"minorUnits":1200,"currency":"EUR"},"dueOn":"2026-12-31"}"#
            return try await chain.asSeen("/v1/receivables/\(receivable)", "", terms, .put)
        case .accepts: return try await accept(waiting[0])
        case .paysOnline: return try await tell(chain.accepted(2_500, by: client, for: invoice), delivery)
        case .refunds: return try await tell(chain.refunded(600, of: online, to: client), delivery)
        case .returnsRefund: return try await tell(chain.returned(500, refund, of: online), delivery)
        case .opensDispute: return try await tell(chain.disputed(700, "dp", online, by: client, invoice), delivery)
        case .losesDispute:
            return try await tell(chain.disputeEnded(.lost, 700, "dp", online, by: client, invoice), delivery)
        case .asksForLate:
            try await chain.bench.assembly.jobs.first { $0.name == "find-overdue" }?.run()
            return 0
        case .imports: return try await chain.takePayment(for: "V1")
        case .paysReceivableOnline:
            return try await tell(chain.accepted(900, by: client, of: paidReceivable), delivery)
        case .refundsReceivable:
            return try await tell(chain.refunded(100, of: onlineOfReceivable, to: client), delivery)
        case .acceptsForReceivable: return try await accept(waiting[1])
        case .collectsElsewhere, .importsDebt, .movesPhone, .addsContact, .pauses, .rewritesDraft:
            return try await performBeside(operation)
        }
    }

    /// What another clinic does, what a file brings, and what becomes of the client.
    private func performBeside(_ operation: Operation) async throws -> Int {
        let path = "/v1/clients/\(client)"
        switch operation {
        case .rewritesDraft:
            let draft = chain.draft(2_500, for: client, issuedOn: nil)
            return try await chain.asSeen("/v1/invoices/\(self.draft)", "", draft, .put)
        case .collectsElsewhere: return try await elsewhere.collect(600, for: client, by: "card").status
        case .importsDebt:
            let row = "F\(IdentifierSource.system.next());LILAS;C1;24/11/2026;12,00"
            return try await chain.take("item_ref;clinic_code;client_ref;issued_on;amount_due\n\(row)\n", "open-items")
        case .movesPhone:
            return try await chain.asSeen(path, "/phone/move", #"{"toClientID":"\#(other)","replacing":true}"#)
        case .addsContact:
            let contact = #"{"lastName":"Petit","firstName":"Léo","phone":"+33612345678"}"#
            return try await chain.call(.post, "\(path)/contacts", contact).status
        default:
            let until: String = try await chain.bench.ask(
                "SELECT ((now() AT TIME ZONE 'Europe/Paris')::date + 3)::text")
            return try await chain.asSeen(path, "/dunning-pause", #"{"until":"\#(until)"}"#, .put)
        }
    }

    private func accept(_ payment: PaymentID) async throws -> Int {
        try await chain.call(.post, "/v1/waiting-payments/\(payment)/acceptance").status
    }

    private static let gesture = #""amount":{"minorUnits":1500,"currency":"EUR"}"#

    /// Not before the note that the refund made, on the clinic's day.
    private func credit(_ what: String) async throws -> Int {
        let today: String = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date::text")
        let note = #"{"issuedOn":"\#(today)","reason":"geste",\#(what)}"#
        return try await chain.asSeen("/v1/invoices/\(invoice)", "/credit-notes", note)
    }

    /// What people did, what was asked for, and each version: whatever is done changes one of them.
    func books() async throws -> String {
        try await chain.bench.ask(
            """
            SELECT concat_ws(' ', (SELECT count(*) FROM audit_entry WHERE organisation = \(chain.organisation)),
                (SELECT count(*) FROM dunning WHERE organisation = \(chain.organisation)),
                (SELECT count(*) FROM dispute WHERE organisation = \(chain.organisation)),
                (SELECT sum(version) FROM invoice WHERE organisation = \(chain.organisation)),
                (SELECT sum(version) FROM receivable WHERE organisation = \(chain.organisation)),
                (SELECT sum(version) FROM payment_on_account WHERE organisation = \(chain.organisation)))
            """)
    }

    private func tell(_ event: ToldEvent, _ delivery: Delivery) async throws -> Int {
        try await delivery.deliver([event])
        return 0
    }
}

@Suite struct `Every two operations on one debt` {
    @Test func `INV-7 to INV-13: leave the books right, whatever they are and whoever is first`() async throws {
        let all = Operation.allCases
        let pairs = all.indices.flatMap { first in all[first...].map { (all[first], $0) } }
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
                try await stage.letSomeWait()
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

    @Test func `GEN-7: each of them while its client is forgotten leaves the books right, and no name in them`()
        async throws
    {
        try await Delivery.with(members: 2) { delivery in
            let alone = try await Stage(owed: false)
            try await delivery.deliver(alone.told)
            #expect(try await alone.perform(.erases, delivery) == 200)
            try await expectCreditOfDueAlone(on: alone, delivery)
            var forgotten = 0
            for operation in Operation.allCases {
                let stage = try await Stage(owed: false)
                try await delivery.deliver(stage.told)
                try await meet((.erases, operation), on: stage, delivery)
                let isForgotten: Bool = try await stage.chain.bench.ask(
                    "SELECT erased_on IS NOT NULL FROM client WHERE id = \(stage.client)")
                guard isForgotten else { continue }
                forgotten += 1
                // The documents that were issued keep it as long as the law wants.
                let traces = try await stage.chain.traces(of: [stage.name])
                #expect(Set(traces).isSubset(of: ["document_parties"]), "\(operation.rawValue)")
                guard Operation.refusedOfForgotten.contains(operation) else { continue }
                let totals = try await stage.chain.totals()
                #expect(totals.cents("due") == 0 && totals.cents("held") == 0, "\(operation.rawValue)")
            }
            #expect(forgotten > 0, "whatever happened, the client was kept")
        }
    }

    /// Once somebody is forgotten, a credit note takes off what is due again, and frees nothing.
    private func expectCreditOfDueAlone(on stage: Stage, _ delivery: Delivery) async throws {
        let before = try await stage.books()
        for operation in [Operation.credits, .creditsRate] {
            #expect(try await stage.perform(operation, delivery) == 410, "\(operation.rawValue)")
        }
        #expect(try await stage.books() == before)
        #expect(try await stage.perform(.reverses, delivery) == 200)
        #expect(try await stage.perform(.credits, delivery) == 201)
        #expect(try await stage.chain.totals().cents("held") == 0)
    }

    private func run(_ pair: (Operation, Operation), _ delivery: Delivery) async throws {
        let stage = try await Stage()
        try await delivery.deliver(stage.told)
        try await stage.letSomeWait()
        try await meet(pair, on: stage, delivery)
        try await stage.chain.expectClosings(of: [stage.client, stage.other], "\(pair)")
    }

    /// Lets both happen at once, one of them twice.
    private func meet(_ pair: (Operation, Operation), on stage: Stage, _ delivery: Delivery) async throws {
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for operation in [pair.0, pair.1, pair.0] {
                group.addTask { try await stage.perform(operation, delivery) }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        let both = "\(pair.0.rawValue) and \(pair.1.rawValue)"
        #expect(statuses.allSatisfy { $0 < 500 }, "\(both): \(statuses)")
        try await stage.chain.expectInvariants(both)
    }
}

extension Chain {
    /// Reads the version and changes it, as a person does.
    func asSeen(_ path: String, _ act: String, _ json: String?, _ method: HTTPMethod = .post) async throws -> Int {
        let tag = try await call(.get, path).headers["ETag"] ?? "\"v1\""
        return try await call(method, path + act, json, headers: ["If-Match": tag]).status
    }

    /// Takes a file in; what meets somebody else's change is tried again.
    func take(_ file: String, _ kind: String) async throws -> Int {
        let id = try await sendFile(Array(file.utf8), kind: kind)
        for _ in 0..<4 {
            try await ImportJob.shared.run(in: self)
            if try await standing(ofImport: id).hasPrefix("done") { return 200 }
        }
        return 599
    }

    /// A payment of another software to the client it calls C1, counted for what it pays, if anything.
    func takePayment(for debt: String = "") async throws -> Int {
        let row = "P\(IdentifierSource.system.next());LILAS;C1;24/11/2026;11,00;card;\(debt)"
        return try await take(
            "payment_ref;clinic_code;client_ref;received_on;amount;method;pays_ref\n\(row)\n", "payments")
    }

    /// Gives up what the client owes of the year, or of its days until this one.
    func writeOff(_ client: ClientID, to day: String = "2026-12-31") async throws -> InProcessClient.Answer {
        try await call(
            .post, "/v1/clients/\(client)/settlements",
            #"{"from":"2026-01-01","to":"\#(day)","reason":"prescription","on":"2026-11-24"}"#)
    }

    /// A payment that waits for a person, whatever the organisation chose.
    func letWait(
        _ cents: Int64, by client: ClientID, for invoice: InvoiceID? = nil, of receivable: ReceivableID? = nil,
        payment: PaymentID
    ) async throws {
        try await bench.overseer.execute(
            """
            INSERT INTO waiting_payment (payment, organisation, clinic, client, invoice, receivable, method, currency,
                amount, paid_on, held)
            VALUES (\(payment), \(organisation), \(clinic), \(client), \(invoice), \(receivable), 'alma', 'EUR',
                \(cents), '2026-11-20', false)
            """)
    }

    func putAway(_ payment: PaymentOnAccountID) async throws {
        let answer = try await call(
            .post, "/v1/payments-on-account/\(payment)/archive", #"{"on":"2026-11-24"}"#, headers: Chain.seen())
        guard answer.status == 200 else { throw InvoicingBenchFailure(description: answer.text) }
    }
}
