import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `PAY-5: four ways to pay` {
    @Test(arguments: ["sms", "link", "browser"])
    func `a link by SMS, a link to share and this screen open the provider when the client goes on`(
        channel: String
    ) async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request(channel: channel)
        let told = try await bench.bodies(payment.id, "payment-requested")[0]
        #expect(told.contains(#""channel":"\#(channel)""#) && told.contains(#""requestedBy":"tester""#), "\(told)")
        #expect(try await bench.events(payment.id) == ["payment-requested"], "no code is sent")
        #expect(try await bench.provided(payment.id).isEmpty, "nothing exists at the provider before")
        #expect(try await bench.open(payment.token) != nil)
    }

    @Test func `what a program asks for is nobody's of the clinic`() async throws {
        let bench = try await PaymentBench.start()
        let answer = try await bench.call(
            .post, "/v1/payments", bench.draft(), key: "program", as: PaymentBench.principal(role: .service))
        let id = try #require(answer.json["payment"]?["id"]?.text.flatMap { PaymentID($0) }, "\(answer.text)")
        let told = try #require(try await bench.bodies(id, "payment-requested").first)
        #expect(!told.contains("requestedBy"), "\(told)")
    }

    @Test func `an invoice, a deposit of a quote and a free amount are paid alike, and each fact says for what`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let (invoice, deposit) = (try await bench.invoice(20_000), IdentifierSource.system.make() as InvoiceID)
        let day = bench.clock.now.utcDate
        // A deposit is an invoice of its own, of a quote.
        let issued = InvoiceIssuedV1(
            invoiceID: deposit, clientID: PaymentBench.client, number: "2026-000007", issuedOn: day, dueOn: day,
            total: Money(9_000, .eur), vat: [], quoteID: IdentifierSource.system.make() as QuoteID)
        try await bench.hear(issued, about: deposit)
        for (cents, subject) in [(20_000, invoice), (9_000, deposit), (15_000, nil)] as [(Int, InvoiceID?)] {
            let payment = try await bench.accepted(cents, invoice: subject)
            let told = try #require(try await bench.bodies(payment, "payment-accepted").first)
            let fact = try JSONParser.parse(Array(told.utf8))
            #expect(fact["invoiceID"]?.text == subject?.description, "\(told)")
            #expect(fact["amount"]?["minorUnits"]?.integer == Int64(cents))
        }
        let more = try await bench.ask(9_001, invoice: deposit)
        #expect(more.problem == "receivable-settled", "nothing more is asked for on it: \(more.text)")
    }

    @Test func `and this screen after a code the client reads out`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request(channel: "browser", more: #""confirmation":"code","#)
        #expect(try await bench.events(payment.id) == ["payment-requested", "verification-requested"])
        #expect(try await bench.open(payment.token) == nil, "the code comes first")
        #expect(try await bench.http.call(.get, "/p/\(payment.token)").text.contains("code reçu par SMS"))

        let code = try await sent(bench, payment.id)
        let wrong = code == "000000" ? "000001" : "000000"
        let refused = try await check(bench, payment.id, wrong)
        #expect(refused.status == 422 && refused.text.contains("4 tries are left"), "\(refused.text)")
        #expect(try await bench.open(payment.token) == nil)
        let right = try await check(bench, payment.id, code)
        #expect(right.status == 200 && right.json["isConfirmed"] == .bool(true), "\(right.text)")
        #expect(try await bench.open(payment.token) != nil)
        let history = try await bench.call(.get, "/v1/payments/\(payment.id)/history").text
        #expect(history.contains("code-wrong") && history.contains("code-right"))
    }

    @Test func `a code is six digits, is stored nowhere, and its event holds no number of anybody`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request(channel: "browser", more: #""confirmation":"code","#)
        let code = try await sent(bench, payment.id)
        #expect(code.count == 6 && code.allSatisfy(\.isNumber))
        let event = try await bench.bodies(payment.id, "verification-requested")[0]
        #expect(!event.contains(code) && !event.contains("33612345678"), "\(event)")
        let stored = try await bench.database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT (SELECT string_agg(p::text, ' ') FROM payment p)
                    || (SELECT string_agg(c::text, ' ') FROM cause c) AS everything
                """
            ) { row in try row("everything") as String }
        }
        #expect(!stored.contains(code))
        let shown = try await bench.call(.get, "/v1/payments/\(payment.id)")
        #expect(!shown.text.contains(code) && shown.json["code"]?["triesLeft"]?.integer == 5)
    }

    @Test func `a code is good for five tries and ten minutes, and the last one alone`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request(channel: "browser", more: #""confirmation":"code","#)
        let first = try await sent(bench, payment.id)
        for left in ["4 tries are", "3 tries are", "2 tries are", "1 try is", "0 tries are"] {
            let wrong = try await check(bench, payment.id, "nothing")
            #expect(wrong.status == 422 && wrong.text.contains("\(left) left"), "\(wrong.text)")
        }
        let usedUp = try await check(bench, payment.id, first)
        #expect(usedUp.status == 409 && usedUp.problem == "code-not-good")
        let digits = try await bench.call(
            .get, try await codePath(bench, payment.id), as: PaymentBench.principal(role: .service))
        #expect(digits.status == 404, "nobody is told a code that is good no more: \(digits.text)")

        let path = "/v1/payments/\(payment.id)/codes"
        #expect(try await bench.call(.post, path, key: "soon").status == 429)
        bench.clock.move(.seconds(31))
        #expect(try await bench.call(.post, path, key: "again").status == 201)
        let second = try await sent(bench, payment.id)
        if first != second { #expect(try await check(bench, payment.id, first).status == 422) }
        bench.clock.move(.seconds(601))
        #expect(try await check(bench, payment.id, second).problem == "code-not-good")
        let asked = try await bench.bodies(payment.id, "verification-requested")
        #expect(asked.count == 2)
    }

    @Test func `only a program learns a code, and a code is for this screen`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request(channel: "browser", more: #""confirmation":"code","#)
        let path = try await codePath(bench, payment.id)
        #expect(try await bench.call(.get, path).status == 403)
        let stranger = PaymentBench.principal(OrganisationID(0xB), role: .service)
        #expect(try await bench.call(.get, path, as: stranger).status == 404)
        let draft = bench.draft(more: #""confirmation":"code","#)
        let refused = try await bench.call(.post, "/v1/payments", draft, key: "link")
        #expect(refused.json["errors"]?.elements?.first?["pointer"]?.text == "/confirmation")
    }

    private func codePath(_ bench: PaymentBench, _ payment: PaymentID) async throws -> String {
        let event = try #require(try await bench.bodies(payment, "verification-requested").last)
        let id = try JSONParser.parse(Array(event.utf8))["verificationID"]?.text
        return "/v1/payments/\(payment)/codes/\(try #require(id))"
    }

    /// The code as the notification service gets it.
    private func sent(_ bench: PaymentBench, _ payment: PaymentID) async throws -> String {
        let path = try await codePath(bench, payment)
        let answer = try await bench.call(.get, path, as: PaymentBench.principal(role: .service))
        #expect(answer.json["recipient"]?["phone"]?.text == "+33612345678", "\(answer.text)")
        return try #require(answer.json["code"]?.text)
    }

    private func check(
        _ bench: PaymentBench, _ payment: PaymentID, _ code: String
    ) async throws -> InProcessClient.Answer {
        try await bench.call(.post, "/v1/payments/\(payment)/codes/check", #"{"code":"\#(code)"}"#)
    }
}
