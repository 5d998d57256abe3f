import HTTPServer
import PaymentModel
import TestSupport
import Testing

/// One thing somebody does to the money of a client, decided by a seed.
private enum Act: CaseIterable {
    case collects, collectsAsTold, appliesCredit, reverses, corrects
}

/// A client with debts and payments that many work on at once.
private struct Scene: Sendable {
    let chain: Chain
    let client: ClientID
    var invoices: [InvoiceID] = []
    var receivables: [ReceivableID] = []
    var payments: [PaymentOnAccountID] = []

    init(_ random: inout SeededGenerator) async throws {
        chain = try await Chain.open()
        client = try await chain.client()
        for _ in 0..<3 {
            invoices.append(try await chain.invoice(Int64.random(in: 1...5_000, using: &random), for: client))
            receivables.append(try await chain.receivable(Int64.random(in: 1...5_000, using: &random), for: client))
            let cents = Int64.random(in: 1...6_000, using: &random)
            payments.append(try await chain.collect(cents, for: client, more: #","allocate":"keep""#).id())
        }
    }

    /// Answers the status; refusals are right, failures are not.
    func act(_ act: Act, _ random: inout SeededGenerator) async throws -> Int {
        let cents = Int64.random(in: 1...4_000, using: &random)
        let (invoice, receivable, payment) = (
            invoices.randomElement(using: &random), receivables.randomElement(using: &random),
            payments.randomElement(using: &random)
        )
        guard let invoice, let receivable, let payment else { return 0 }
        switch act {
        case .collects: return try await chain.collect(cents, for: client).status
        case .collectsAsTold:
            let told = """
                ,"allocate":"as-told","allocations":[{"receivableID":"\(receivable)"},{"invoiceID":"\(invoice)"}]
                """
            return try await chain.collect(cents, for: client, by: "card", more: told).status
        case .appliesCredit:
            return try await again("/v1/payments-on-account/\(payment)", .post, "/allocations", #"{"on":"2026-11-21"}"#)
        case .reverses:
            let json = #"{"on":"2026-11-21","reason":"bounced"}"#
            return try await again("/v1/payments-on-account/\(payment)", .post, "/reversal", json)
        case .corrects:
            let terms = """
                {"label":"Soin","amount":{"minorUnits":\(cents),"currency":"EUR"},"dueOn":"2026-12-31"}
                """
            return try await again("/v1/receivables/\(receivable)", .put, "", terms)
        }
    }

    /// Reads the version and changes it, as a person does.
    private func again(_ path: String, _ method: HTTPMethod, _ act: String, _ json: String) async throws -> Int {
        let tag = try await chain.call(.get, path).headers["ETag"] ?? ""
        return try await chain.call(method, path + act, json, headers: ["If-Match": tag]).status
    }
}

@Suite struct `Money in invoicing that many work on at once` {
    @Test func `INV-7, INV-8, INV-9: no payment and no debt is counted for more than it is, in any order`() async throws
    {
        for seed in Array(1...6) + [UInt64.random(in: .min ... .max)] {
            var random = SeededGenerator(seed: seed)
            let scene = try await Scene(&random)
            let acts = (0..<24).map { _ in (Act.allCases.randomElement(using: &random) ?? .collects, random.next()) }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for (act, part) in acts {
                    group.addTask {
                        var own = SeededGenerator(seed: part)
                        return try await scene.act(act, &own)
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { [200, 201, 409, 412, 422].contains($0) }, "seed \(seed): \(statuses)")
            try await scene.chain.expectBalance(of: [scene.client], "seed \(seed)")
        }
    }

    @Test(arguments: [0, 1, 2, 3, 4])
    func `INV-7, INV-9: every two acts on the same debt leave the books right`(first: Int) async throws {
        for second in Act.allCases {
            var random = SeededGenerator(seed: UInt64(first + 1))
            let scene = try await Scene(&random)
            let (act, seeds) = (Act.allCases[first], (random.next(), random.next()))
            async let one = perform(act, seeds.0, scene)
            async let two = perform(second, seeds.0, scene)
            async let three = perform(act, seeds.1, scene)
            let statuses = try await [one, two, three]
            #expect(statuses.allSatisfy { $0 < 500 }, "\(act) and \(second): \(statuses)")
            try await scene.chain.expectBalance(of: [scene.client], "\(act) and \(second)")
        }
    }

    private func perform(_ act: Act, _ seed: UInt64, _ scene: Scene) async throws -> Int {
        var random = SeededGenerator(seed: seed)
        return try await scene.act(act, &random)
    }

    @Test func `INV-7: receipts have no gap and no double, and cash has no way round its ceiling`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(300_000, for: client)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await chain.collect(30_000, for: client).status } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == Array(repeating: 201, count: 3) + Array(repeating: 422, count: 17))
        #expect(try await chain.standing(of: invoice) == "part-paid 90000 0 210000")
        #expect(
            try await chain.numbers("payment_on_account", "receipt_number")
                == (1...3).map { "R-LILAS-2026-00000\($0)" })
    }

    @Test func `INV-7, INV-9: cash kept as credit in parts pays no more of a debt than the ceiling`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let (one, two): (PaymentOnAccountID, PaymentOnAccountID) = try await (
            chain.collect(90_000, for: client).id(), chain.collect(90_000, for: client).id()
        )
        let invoice = try await chain.invoice(180_000, for: client)
        let count = { (credit: PaymentOnAccountID, told: String) in
            try await chain.call(
                .post, "/v1/payments-on-account/\(credit)/allocations", #"{"on":"2026-11-20"\#(told)}"#,
                headers: Chain.seen())
        }
        #expect(try await count(one, "").status == 200)
        #expect(try await count(two, "").problem == "cash-ceiling")
        let told = { (cents: Int) in
            let amount = #""amount":{"minorUnits":\#(cents),"currency":"EUR"}"#
            return #","allocate":"as-told","allocations":[{"invoiceID":"\#(invoice)",\#(amount)}]"#
        }
        #expect(try await count(two, told(10_001)).problem == "cash-ceiling")
        #expect(try await count(two, told(10_000)).status == 200)
        #expect(try await chain.standing(of: invoice) == "part-paid 100000 0 80000")
        try await chain.expectBalance(of: [client])
    }
}
