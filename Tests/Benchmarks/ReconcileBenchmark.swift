import ArgumentParser
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport

/// Compares taking in a report and a statement and pointing every payout with twice as many of them, and with a sort.
struct ReconcileBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Payments reconciled per second through the whole service and its database, and twice as many.")

    @Option(help: "Payments; a fiftieth of them is payouts and bank lines. Twice as many are measured too.")
    var payments = 100_000

    @Option(help: "How often each pair is measured.")
    var turns = 3

    func run() async throws {
        let cluster = try await PrivatePostgres.start()
        var settings = try await cluster.database()
        settings.statementTimeout = .seconds(600)
        let pool = PostgresPool(settings)
        try await MatchingBenchmark.create(pool)
        var own: [Double] = []
        for count in [payments, 2 * payments] {
            try await MatchingBenchmark.fill(pool, count)
            let peak = PeakMemory()
            let comparison = Comparison(
                name: "reconcile \(count) payments in the books", unit: "payments/s", peerName: "sorted",
                peer: { try await MatchingBenchmark.sort(pool, count) },
                ours: {
                    let figures = try ChildFigures.run(["reconcile-for-benchmark", "--payments", "\(count)"])
                    peak.note(Int(figures[1]) ?? 0)
                    return Double(figures[0]) ?? 0
                })
            own.append(try await comparison.measure(turns: turns).own)
            say("    the most memory of the service: \(peak.mebibytes) MiB")
        }
        say("twice as many take \((200 * own[0] / own[1]).rounded() / 100) times as long; the aim is 2.2 at most")
        await pool.close()
    }
}

/// One provider's report and one statement of the bank in books of their own, in a process of its own.
struct ReconcileForBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile-for-benchmark", abstract: "What `reconcile` measures.", shouldDisplay: false)

    /// Payments of one payout.
    private static let payoutLines = 50
    /// Where numbers begin, so that every payout's reference is long enough to be looked for.
    private static let first = 50_000_000

    @Option(help: "Payments; a fiftieth of them is payouts and bank lines.")
    var payments: Int

    func run() async throws {
        let report = LargeFile(.alma, lines: payments, first: Self.first, payoutLines: Self.payoutLines)
        let statement = Array(statement.utf8)
        try await BooksForBenchmark.measure(payments) { books in
            try await books.superuser.execute(
                """
                INSERT INTO bank_account (organisation, iban, currency)
                VALUES (\(BooksForBenchmark.organisation), \(LargeFile.iban), 'EUR')
                """)
            try await books.expect(
                Self.first...Self.first + payments - 1, of: "alma", acceptedOn: "date '2026-11-13'")
        } _: { books in
            let lines = try await send("report", to: "/v1/settlement-reports?provider=alma", in: books) { take in
                try await report.write(take)
            }
            guard lines["linesNew"]?.integer == Int64(payments) else { throw ValidationError("\(lines)") }
            let payouts = try await send("statement", to: "/v1/bank-statements", in: books) { take in
                try await take(statement)
            }
            guard payouts["payoutsPointed"]?.integer == Int64(payments / Self.payoutLines) else {
                throw ValidationError("\(payouts)")
            }
        }
    }

    private func send(
        _ key: String, to path: String, in books: BooksForBenchmark, _ pieces: @escaping IncomingRequest.Pieces
    ) async throws -> JSONValue {
        let answer = try await books.http.call(
            IncomingRequest(
                method: "POST", target: path, headers: try await books.headers(key: key), body: { _ in [] },
                pieces: pieces))
        guard answer.status == 201 else { throw ValidationError(answer.text) }
        return answer.json
    }

    /// What the bank received of each payout, in OFX.
    private var statement: String {
        var (lines, sum) = ("", 0)
        for payout in 0..<payments / Self.payoutLines {
            let start = Self.first + payout * Self.payoutLines
            let cents = (start..<start + Self.payoutLines).reduce(0) { $0 + LargeFile.cents($1, signed: false) - 50 }
            sum += cents
            lines += """
                <STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261121<TRNAMT>\(Self.text(cents))<FITID>R\(payout)\
                <NAME>VIR ALMA po_\(start / Self.payoutLines)</STMTTRN>

                """
        }
        return """
            OFXHEADER:100

            <OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
            <BANKACCTFROM><BANKID>30004<BRANCHID>00003<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM>
            <BANKTRANLIST><DTSTART>20261121<DTEND>20261121
            \(lines)</BANKTRANLIST><LEDGERBAL><BALAMT>\(Self.text(sum))<DTASOF>20261121</LEDGERBAL>\
            </STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>

            """
    }

    private static func text(_ cents: Int) -> String { Money(Int64(cents), .eur).decimalText(separator: ".") }
}
