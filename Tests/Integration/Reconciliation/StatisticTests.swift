import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing

extension `The books` {
    @Suite struct `Statistics of payments` {
        @Test(arguments: 1...5 as ClosedRange<UInt64>)
        func `REC-9 are what the payments come to, by day, week and month, whatever came first`(
            seed: UInt64
        ) async throws {
            var random = SeededGenerator(seed: seed)
            let (books, sales) = (try Books(), SaleFacts.some(40, &random))
            try await books.tell(sales, &random)
            #expect(try await books.post("/v1/statistics/refresh").status == 200)
            for span in ["day", "week", "month"] {
                let answer = try await books.get("/v1/statistics?from=2026-01-01&to=2026-12-31&by=\(span)").json
                let found = (answer["items"]?.elements ?? []).map(StatisticLine.init)
                let expected = StatisticLine.lines(of: sales, by: span)
                #expect(found.sorted() == expected, "seed \(seed) by \(span)")
                let totals = answer["totals"]?.elements ?? []
                #expect(totals.count == 1 && totals.allSatisfy { isSum($0, of: sales) }, "seed \(seed): \(totals)")
                let spans = answer["spans"]?.elements ?? []
                let bySpan = Dictionary(grouping: sales) { StatisticLine.begin(of: $0.day, by: span).description }
                #expect(spans.compactMap { $0["from"]?.text } == bySpan.keys.sorted(), "seed \(seed) by \(span)")
                #expect(spans.allSatisfy { isSum($0, of: bySpan[$0["from"]?.text ?? ""] ?? []) }, "seed \(seed)")
            }
            let clinic = sales[0].clinic
            let one = try await books.list("/v1/statistics?from=2026-01-01&to=2026-12-31&clinicID=\(clinic)")
            #expect(
                one.map(StatisticLine.init).sorted()
                    == StatisticLine.lines(of: sales.filter { $0.clinic == clinic }, by: "month"), "seed \(seed)")
            let baskets = try await books.list("/v1/statistics/baskets?from=2026-01-01&to=2026-12-31")
            #expect(baskets.reduce(0) { $0 + ($1["accepted"]?.integer ?? 0) } == Int64(accepted(sales).count))
            #expect(baskets.allSatisfy { isSize($0, of: accepted(sales)) }, "seed \(seed): \(baskets)")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-9 say as of when they are, and stay so until they are refreshed`() async throws {
            let books = try Books()
            let path = "/v1/statistics?from=2026-01-01&to=2026-12-31"
            try await books.tell(PaymentFacts("payment_one", 9_000))
            let before = try await books.get(path).json
            #expect(before["asOf"]?.text == nil && before["items"]?.elements == [])
            let made = try await books.post("/v1/statistics/refresh").json["asOf"]?.text
            try await books.tell(PaymentFacts("payment_two", 12_000))
            let seen = try await books.get(path).json
            #expect(made != nil && seen["asOf"]?.text == made)
            #expect(seen["totals"]?.elements?.first?["amount"]?["minorUnits"]?.integer == 9_000)
            // The job leaves figures of today as they are, and takes up what is older.
            try await books.runJob("refresh-statistics")
            #expect(try await books.get(path).json["asOf"]?.text == made)
            try await books.bench.superuser.execute(
                """
                UPDATE statistic_run SET made_at = now() - interval '25 hours'
                WHERE organisation = \(books.organisation)
                """)
            try await books.runJob("refresh-statistics")
            let later = try await books.get(path).json
            #expect(later["totals"]?.elements?.first?["amount"]?["minorUnits"]?.integer == 21_000)
            #expect(later["totals"]?.elements?.first?["averageBasket"]?["minorUnits"]?.integer == 10_500)
            #expect(later["totals"]?.elements?.first?["instalmentShare"]?.integer == 10_000)
        }

        @Test func `REC-9 take up what a version before them has booked, once`() async throws {
            let books = try Books()
            try await books.tell(PaymentFacts("payment_one", 9_000))
            try await books.bench.superuser.execute("DELETE FROM sale WHERE organisation = \(books.organisation)")
            for _ in 0..<2 { #expect(try await books.post("/v1/statistics/refresh").status == 200) }
            let found = try await books.list("/v1/statistics?from=2026-01-01&to=2026-12-31")
            #expect(found.count == 1 && found.first?["amount"]?["minorUnits"]?.integer == 9_000)
            #expect(found.first?["plan"]?.text == nil)
        }

        @Test func `REC-9 refreshed by several at once count nothing twice`() async throws {
            let books = try Books()
            try await books.tell(PaymentFacts("payment_one", 9_000))
            try await withThrowingTaskGroup { tasks in
                for _ in 0..<5 { tasks.addTask { _ = try await books.post("/v1/statistics/refresh") } }
                try await tasks.waitForAll()
            }
            #expect(try await books.list("/v1/statistics?from=2026-01-01&to=2026-12-31").count == 1)
        }

        private func accepted(_ sales: [SaleFacts]) -> [SaleFacts] { sales.filter { $0.outcome == "accepted" } }

        private func isSum(_ totals: JSONValue, of sales: [SaleFacts]) -> Bool {
            let paid = accepted(sales)
            let inParts = paid.count { $0.plan.instalments > 1 }
            let share = paid.isEmpty ? nil : Int64((inParts * 20_000 + paid.count) / (2 * paid.count))
            let sum = paid.reduce(0) { $0 + $1.amount }
            let average = paid.isEmpty ? nil : (2 * sum + Int64(paid.count)) / Int64(2 * paid.count)
            guard totals["averageBasket"]?["minorUnits"]?.integer == average else { return false }
            return totals["amount"]?["minorUnits"]?.integer == sum
                && totals["fee"]?["minorUnits"]?.integer == paid.reduce(0) { $0 + $1.fee }
                && totals["instalmentShare"]?.integer == share
                && ["accepted", "refused", "cancelled", "expired"].allSatisfy { outcome in
                    totals[outcome]?.integer == Int64(sales.count { $0.outcome == outcome })
                }
        }

        /// Whether so many payments are of at least this size, and smaller than the next the books know.
        private func isSize(_ basket: JSONValue, of sales: [SaleFacts]) -> Bool {
            let sizes: [Int64] = [0, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, .max]
            let from = basket["from"]?["minorUnits"]?.integer ?? -1
            guard let next = sizes.first(where: { $0 > from }), sizes.contains(from) else { return false }
            let fitting = sales.filter { (from..<next).contains($0.amount) }
            return basket["accepted"]?.integer == Int64(fitting.count)
                && basket["amount"]?["minorUnits"]?.integer == fitting.reduce(0) { $0 + $1.amount }
        }
    }
}

/// A payment that ended in some way.
struct SaleFacts: Sendable {
    static let outcomes = ["expired", "cancelled", "refused", "accepted"]

    let id: PaymentID = Books.newID()
    let clinic: ClinicID
    let provider: Provider
    let plan: PaymentPlan
    let amount: Int64
    let fee: Int64
    let day: LocalDate
    /// How it ended in the end; `before` was told of it too.
    let outcome: String
    let before: String?

    static func some(_ count: Int, _ random: inout SeededGenerator) -> [SaleFacts] {
        let clinics: [ClinicID] = [Books.newID(), Books.newID()]
        return (0..<count).map { _ in
            let outcome = Int.random(in: 0...3, using: &random)
            return SaleFacts(
                clinic: clinics[Int.random(in: 0...1, using: &random)],
                provider: Provider.allCases[Int.random(in: 0...2, using: &random)],
                plan: [.now, .inInstalments(3), .deferred(days: 30)][Int.random(in: 0...2, using: &random)],
                amount: Int64.random(in: 1...90_000, using: &random), fee: Int64.random(in: 0...900, using: &random),
                day: Books.day.adding(days: Int.random(in: -60...0, using: &random)), outcome: outcomes[outcome],
                before: outcome > 0 && Bool.random(using: &random)
                    ? outcomes[Int.random(in: 0..<outcome, using: &random)] : nil)
        }
    }

    /// Noon in Paris.
    var moment: Instant { Instant(secondsSince1970: Int64(day.daysSince1970) * 86_400 + 11 * 3_600) }

    private var money: Money { .euros(cents: amount) }

    var requested: PaymentRequestedV1 {
        PaymentRequestedV1(
            paymentID: id, invoiceID: nil, clientID: ClientID(7), amount: money, provider: provider, plan: plan,
            channel: .link, expiresAt: moment)
    }

    func event(_ outcome: String) -> any EventPayload {
        switch outcome {
        case "refused":
            PaymentRefusedV1(
                paymentID: id, invoiceID: nil, clientID: ClientID(7), amount: money, provider: provider, reason: "x")
        case "cancelled":
            PaymentCancelledV1(
                paymentID: id, invoiceID: nil, clientID: ClientID(7), amount: money, provider: provider,
                reason: "client")
        case "expired":
            PaymentExpiredV1(
                paymentID: id, invoiceID: nil, clientID: ClientID(7), amount: money, provider: provider)
        default:
            PaymentAcceptedV1(
                paymentID: id, invoiceID: nil, clientID: ClientID(7), amount: money, provider: provider,
                providerReference: "p_\(id)", plan: plan, schedule: [], fee: .euros(cents: fee),
                feeVAT: .euros(cents: fee / 5), acceptedAt: moment,
                expectedPayoutOn: Books.day.adding(days: 36_500), disposition: .receivable)
        }
    }
}

/// A row of the statistics, to be compared.
struct StatisticLine: Hashable, Comparable {
    let text: String

    init(_ json: JSONValue) {
        let names = ["accepted", "refused", "cancelled", "expired"].map { json[$0]?.integer ?? -1 }
        let amounts = ["amount", "fee", "feeVAT", "averageBasket"].map { json[$0]?["minorUnits"]?.integer ?? -1 }
        text = Self.text(
            [json["from"], json["clinicID"], json["provider"], json["plan"]].map { $0?.text ?? "" }, names + amounts)
    }

    private init(_ keys: [String], of sales: [SaleFacts]) {
        let paid = sales.filter { $0.outcome == "accepted" }
        let counts = ["accepted", "refused", "cancelled", "expired"].map { outcome in
            Int64(sales.count { $0.outcome == outcome })
        }
        let sum = paid.reduce(0) { $0 + $1.amount }
        let count = Int64(paid.count)
        let average = count == 0 ? -1 : (2 * sum + count) / (2 * count)
        text = Self.text(
            keys, counts + [sum, paid.reduce(0) { $0 + $1.fee }, paid.reduce(0) { $0 + $1.fee / 5 }, average])
    }

    static func lines(of sales: [SaleFacts], by span: String) -> [StatisticLine] {
        Dictionary(grouping: sales) { sale in
            [begin(of: sale.day, by: span).description, "\(sale.clinic)", sale.provider.rawValue, sale.plan.code]
        }.map { StatisticLine($0.key, of: $0.value) }.sorted()
    }

    static func < (left: StatisticLine, right: StatisticLine) -> Bool { left.text < right.text }

    static func begin(of day: LocalDate, by span: String) -> LocalDate {
        switch span {
        // The first of January 1970 was a Thursday.
        case "week": day.adding(days: -((day.daysSince1970 + 3) % 7))
        case "month": day.adding(days: 1 - day.day)
        default: day
        }
    }

    private static func text(_ keys: [String], _ numbers: [Int64]) -> String {
        (keys + numbers.map { "\($0)" }).joined(separator: " ")
    }
}

extension Books {
    /// Tells of payments, everything in any order.
    func tell(_ sales: [SaleFacts], _ random: inout SeededGenerator) async throws {
        var facts: [(sale: SaleFacts, event: any EventPayload)] = []
        for sale in sales {
            facts += [(sale, sale.requested), (sale, sale.event(sale.outcome))]
            if let before = sale.before { facts.append((sale, sale.event(before))) }
        }
        facts.shuffle(using: &random)
        try await withThrowingTaskGroup { tasks in
            for fact in facts {
                tasks.addTask {
                    try await tell(
                        fact.event, about: fact.sale.id, clinic: fact.sale.clinic, at: fact.sale.moment)
                }
            }
            try await tasks.waitForAll()
        }
    }
}
