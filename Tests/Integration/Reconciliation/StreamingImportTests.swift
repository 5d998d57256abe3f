import HTTPServer
import PaymentModel
import PostgresClient
import Synchronization
import TestSupport
import Testing

extension `The books` {
    @Suite struct `Files of any length` {
        private static let mapping =
            #"{"iban":"\#(LargeFile.iban)","currency":"EUR","dayColumn":"Date","amountColumn":"Montant","#
            + #""textColumns":["Libelle"]}"#

        @Test(arguments: LargeFile.Kind.allCases)
        func `REC-3 REC-4 are read while they arrive, and twice or overlapping change nothing`(
            kind: LargeFile.Kind
        ) async throws {
            let books = try Books()
            try await books.own(LargeFile.iban)
            if kind == .csv { #expect(try await books.put("/v1/csv-mappings/bank", Self.mapping).status == 200) }
            // Lines of payments nobody told of are looked at one by one.
            let lines = LargeFile(kind, lines: 0).isReport ? 3_000 : 12_000
            let file = LargeFile(kind, lines: lines)
            let first = try await books.send(file)
            #expect(first.status == 201 && first.json["linesNew"]?.integer == Int64(lines), "\(first.text)")
            let table = file.isReport ? "settlement_line" : "bank_line"
            #expect(try await books.count(table) == lines)
            let booked = try await books.count("ledger_entry")
            let again = try await books.send(file)
            #expect(again.json["linesNew"]?.integer == 0, "\(again.text)")
            #expect(again.json["linesKnown"]?.integer == Int64(lines))
            let overlapping = try await books.send(LargeFile(kind, lines: 2_000, first: lines - 1_000))
            #expect(overlapping.status == 201, "\(overlapping.text)")
            #expect(overlapping.json["linesNew"]?.integer == 1_000)
            #expect(try await books.count(table) == lines + 1_000)
            #expect(try await books.count("ledger_entry") == booked)
            #expect(try await books.breaches() == [])
            // Of a report nobody's payments are told of, one by one.
            let told = try await books.toldOf(file.isReport ? "discrepancy-opened" : "bank-line-imported")
            #expect(told.events == lines + 1_000, "every new line was told of, once")
            #expect(told.subjects == lines + 1_000, "each by itself")
        }

        @Test func `CON-3 REC-4 show how far they are while they arrive`() async throws {
            let books = try Books()
            try await books.own(LargeFile.iban)
            let file = LargeFile(.camt053, lines: 20_000)
            let looked = Mutex(false)
            let answer = try await books.send(file, key: "monday") { piece in
                guard piece == 40 else { return }
                looked.withLock { $0 = true }
                let shown = try await books.list("/v1/file-imports?key=monday")
                #expect(shown.first?["state"]?.text == "reading" && shown.first?["format"]?.text == "camt053")
                #expect((shown.first?["bytes"]?.integer ?? 0) > 0 && (shown.first?["lines"]?.integer ?? 0) > 0)
                #expect(try await books.count("bank_line") == 0, "nothing is taken before all is there")
            }
            #expect(answer.status == 201, "\(answer.text)")
            #expect(looked.withLock { $0 }, "somebody looked meanwhile")
            let done = try await books.list("/v1/file-imports?key=monday")
            #expect(done.map { $0["state"]?.text } == ["done"])
            #expect(done.first?["lines"]?.integer == 20_000)
            #expect(try await books.ofStranger().list("/v1/file-imports") == [])
        }

        @Test(arguments: LargeFile.Kind.allCases)
        func `REC-3 REC-4 that break off bring nothing and say why`(kind: LargeFile.Kind) async throws {
            let books = try Books()
            try await books.own(LargeFile.iban)
            if kind == .csv { #expect(try await books.put("/v1/csv-mappings/bank", Self.mapping).status == 200) }
            let file = LargeFile(kind, lines: 8_000)
            let answer = try await books.send(file, cutting: 150_000)
            #expect(answer.status == 422 && answer.problem == "unreadable-file", "\(answer.text)")
            #expect(answer.json["errors"]?.elements?.first?["reason"]?.text?.isEmpty == false)
            for table in ["bank_line", "bank_statement", "settlement_line", "payout"] {
                #expect(try await books.count(table) == 0, "\(table)")
            }
            let refused = try await books.list("/v1/file-imports")
            #expect(refused.first?["state"]?.text == "refused" && refused.first?["trouble"]?.text != nil)
            let french = try await books.bench.http.call(
                .get, "/v1/file-imports", as: books.principal(), headers: ["Accept-Language": "fr"])
            let said = french.json["items"]?.elements?.first?["trouble"]?.text
            #expect(said != nil && said != refused.first?["trouble"]?.text, "GEN-5: \(said ?? "nothing")")
        }

        @Test func `REC-3 lines that are as expected settle their payments, all at once`() async throws {
            let books = try Books()
            var payments = (0..<40).map { number in
                var payment = PaymentFacts("payment_\(number)", Int64(LargeFile.cents(number, signed: false)))
                (payment.fee, payment.vat) = (40, 10)
                return payment
            }
            // One was paid otherwise than the provider says, one has another fee.
            payments[3].amount += 1
            payments[4].vat += 1
            for payment in payments { try await books.tell(payment) }
            try await books.tell(RefundFacts(payment: payments[5], amount: 100))
            let answer = try await books.send(LargeFile(.alma, lines: 40))
            #expect(answer.json["linesNew"]?.integer == 40, "\(answer.text)")
            #expect(try await books.discrepancies() == ["amount txn_3 -1", "fee txn_4 -1"])
            let rows = try await books.list("/v1/fees?from=\(Books.day)&to=\(Books.day.adding(days: 1))&limit=100")
            let paid = rows.filter { $0["kind"]?.text == "payment" }.map { $0["payoutReference"]?.text }
            #expect(paid == Array(repeating: "po_0", count: 40))
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-3 PayPal told by API and by file adds up to what it paid, not to more`() async throws {
            let books = try Books()
            let header = LargeFile(.paypal, lines: 0)
            var file = ""
            try await header.write { file += String(decoding: $0, as: UTF8.self) }
            let whole = file + "SB,T1,p1,,T0006,2026/11/20,CR,9000,EUR,DR,389\nSB,W1,,,T0400,2026/11/20,DR,8611,EUR,,\n"
            // The same withdrawal, told from a later day: what lay there before is one sum.
            let carried = file + "SB,C1,,,T2106,2026/11/20,CR,8611,EUR,,\nSB,W1,,,T0400,2026/11/20,DR,8611,EUR,,\n"
            #expect(try await books.importReport(whole, of: .paypal).status == 201)
            let second = try await books.importReport(carried, of: .paypal)
            #expect(second.status == 201 && second.json["linesNew"]?.integer == 0, "\(second.text)")
            #expect(try await books.payout("W1")["amount"]?["minorUnits"]?.integer == 8_611)
            let other = carried.replacing("8611", with: "8000")
            let refused = try await books.importReport(other, of: .paypal)
            #expect(refused.status == 422 && refused.text.contains("with what earlier reports told"), "\(refused.text)")
            #expect(try await books.payout("W1")["amount"]?["minorUnits"]?.integer == 8_611)
        }
    }
}

extension Books {
    /// How many events of a type wait to be published for this organisation, and of how many things they tell.
    func toldOf(_ type: String) async throws -> (events: Int, subjects: Int) {
        let counts = try await bench.superuser.query(
            """
            SELECT count(*) AS events, count(DISTINCT subject) AS subjects FROM outbox
            WHERE headers::text LIKE \("%org.quittance.reconciliation.\(type).v1%")
                AND headers::text LIKE \("%\(organisation)%")
            """
        ) { row in (events: try row("events") as Int, subjects: try row("subjects") as Int) }
        return counts.first ?? (-1, -1)
    }

    /// Hands a file in as it is made; it may end too early.
    ///
    /// `watch` is called with the number of each piece.
    func send(
        _ file: LargeFile, key: String = Books.newKey(), cutting bytesMax: Int = .max,
        _ watch: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) async throws -> InProcessClient.Answer {
        let path =
            file.isReport
            ? "/v1/settlement-reports?provider=\(file.kind.rawValue)"
            : "/v1/bank-statements\(file.kind == .csv ? "?mapping=bank" : "")"
        var headers: Headers = ["Content-Type": "text/plain", "Idempotency-Key": key]
        headers["Authorization"] = "Bearer \(try await bench.http.token(for: principal()))"
        let request = IncomingRequest(
            method: "POST", target: path, headers: headers, body: { _ in [] },
            pieces: { take in
                var (count, bytes) = (0, 0)
                try await file.write { piece in
                    guard bytes < bytesMax else { return }
                    bytes += piece.count
                    count += 1
                    // Six bytes of a line are none that could be read.
                    let line = (piece.lastIndex(of: 10) ?? 0) + 1
                    let torn = Array((file.kind == .paypal ? "SB,T78" : "043000").utf8)
                    let taken = bytes < bytesMax ? piece[...] : piece.prefix(line) + torn
                    // In the middle of a word, of a line or of a sign.
                    for part in [taken.prefix(7_001), taken.dropFirst(7_001)] where !part.isEmpty {
                        try await take(Array(part))
                    }
                    try await watch(count)
                }
            })
        return try await bench.http.call(request)
    }
}
