import ArgumentParser
import PaymentModel
import PostgresClient
import ReconciliationDomain
import TestSupport

/// Compares finding out what every payment, payout and bank line comes to with sorting as many rows in PostgreSQL.
struct MatchingBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matching",
        abstract: "Reconciling payments, payouts and bank lines, beside a sort of the same rows in PostgreSQL.")

    @Option(help: "Payments; a fiftieth of them is payouts and bank lines. Twice as many are measured too.")
    var payments = 1_000_000

    @Option(help: "How often each pair is measured.")
    var turns = 5

    func run() async throws {
        let cluster = try await PrivatePostgres.start()
        var settings = try await cluster.database()
        settings.statementTimeout = .seconds(600)
        let pool = PostgresPool(settings)
        try await Self.create(pool)
        var (rates, own): ([Double], [Double]) = ([], [])
        for count in [payments, 2 * payments] {
            let books = BenchmarkBooks(payments: count)
            try await Self.fill(pool, count)
            let comparison = Comparison(
                name: "match \(count) payments, \(books.payouts.count) payouts", unit: "payments/s",
                peerName: "sorted", peer: { try await Self.sort(pool, count) },
                ours: { try books.reconcile() })
            let medians = try await comparison.measure(turns: turns)
            rates.append(medians.ratio)
            own.append(medians.own)
        }
        say("time of ours in times of the sort: \(rates.map { (100 / $0).rounded() / 100 }); the aim is 3 at most")
        say("twice as many take \((200 * own[0] / own[1]).rounded() / 100) times as long; the aim is 2.2 at most")
        await pool.close()
    }

    static func create(_ pool: PostgresPool) async throws {
        try await pool.execute(
            "CREATE UNLOGGED TABLE settled (payout text, reference text, payment text, gross bigint, fee bigint)")
    }

    static func fill(_ pool: PostgresPool, _ count: Int) async throws {
        try await pool.execute("TRUNCATE settled")
        try await pool.execute(
            """
            INSERT INTO settled
            SELECT 'po_' || (n * 7919) % \(Int64(count / 50)) AS payout, 'txn_' || md5(n::text) AS reference,
                'payment_' || n AS payment, 5000 + n % 20000 AS gross, 100 + n % 300 AS fee
            FROM generate_series(1, \(Int64(count))) AS n
            """)
        try await pool.execute("ANALYZE settled")
    }

    static func sort(_ pool: PostgresPool, _ count: Int) async throws -> Double {
        let start = ContinuousClock.now
        _ = try await pool.query(
            "SELECT max(place) AS last FROM (SELECT row_number() OVER (ORDER BY payout, reference) AS place FROM settled) AS s"
        ) { row in try row("last") as Int64 }
        return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
    }
}

/// Payments with their providers' lines, in payouts, with the bank's lines: half of them named, half known by amount.
private struct BenchmarkBooks: Sendable {
    struct Paid: Sendable {
        let expected: ExpectedSettlement
        let line: SettlementLine
    }

    let paid: [[Paid]]
    let payouts: [PendingPayout]
    let lines: [PendingBankLine]

    init(payments: Int) {
        let count = payments / 50
        let day = LocalDate(year: 2026, month: 1, day: 1) ?? .earliest
        var (paid, payouts, lines): ([[Paid]], [PendingPayout], [PendingBankLine]) = ([], [], [])
        for place in 0..<count {
            let reference = "payout_\(place)x"
            let settled = (0..<50).map { Self.paid(place * 50 + $0, in: reference) }
            let sum = settled.reduce(Int64(0)) { $0 + $1.line.gross.minorUnits - $1.line.fee.minorUnits }
            let paidOn = day.adding(days: place % 365)
            payouts.append(
                PendingPayout(
                    id: PayoutID(UInt128(place + 1)), provider: Provider.allCases[place % 3], reference: reference,
                    amount: .euros(cents: sum), paidOn: paidOn))
            let provider = Provider.allCases[place % 3].rawValue.uppercased()
            let text = place.isMultiple(of: 2) ? "VIR \(provider) \(reference)" : "VIR SEPA \(provider) SAS"
            lines.append(
                PendingBankLine(
                    id: BankLineID(UInt128(place + 1)), amount: .euros(cents: sum), bookedOn: paidOn.adding(days: 1),
                    text: text))
            paid.append(settled)
        }
        (self.paid, self.payouts, self.lines) = (paid, payouts, lines)
    }

    private static func paid(_ number: Int, in payout: String) -> Paid {
        let (gross, fee) = (Int64(5_000 + number * 31 % 20_011), Int64(100 + number % 300))
        let line = SettlementLine(
            kind: .payment, reference: "txn_\(number)", paymentReference: "payment_\(number)", payoutReference: payout,
            gross: .euros(cents: gross), fee: .euros(cents: fee))
        let expected = ExpectedSettlement(
            payment: PaymentID(UInt128(number + 1)), amount: line.gross, refunded: .zero(.eur), fee: line.fee,
            feeVAT: .zero(.eur))
        return Paid(expected: expected, line: line)
    }

    /// Holds every payment against its line, sums every payout up and finds its bank line; answers payments a second.
    func reconcile() throws -> Double {
        let start = ContinuousClock.now
        var wrong = 0
        for (payout, settled) in zip(payouts, paid) {
            for one in settled { wrong += try one.expected.discrepancies(with: [one.line]).count }
            let explanation = try PayoutExplanation(of: payout.amount, by: settled.map(\.line))
            wrong += explanation.remainder.isZero ? 0 : 1
        }
        let matches = PayoutMatching(windowDays: 7).matches(payouts, lines)
        let taken = (Set(matches.map(\.payout.id)), Set(matches.map(\.bankLine.id)))
        let joints = JointMatching(windowDays: 7).matches(
            payouts.filter { !taken.0.contains($0.id) }, lines.filter { !taken.1.contains($0.id) })
        guard wrong == 0, matches.count + joints.count > payouts.count / 2 else {
            throw NotReconciled(wrong: wrong, matches: matches.count)
        }
        return Double(payouts.count * 50) / ((ContinuousClock.now - start) / .seconds(1))
    }

    struct NotReconciled: Error {
        let wrong: Int
        let matches: Int
    }
}
