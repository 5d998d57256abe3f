import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// PAY-5: the client's link, shown to the front desk and sent again.
@Suite struct `A link that is wanted once more` {
    private static let frontDesk = PaymentBench.principal(role: .frontDesk)

    private func send(
        _ bench: PaymentBench, _ payment: PaymentID, key: String, as principal: Principal = frontDesk
    ) async throws -> InProcessClient.Answer {
        try await bench.call(.post, "/v1/payments/\(payment)/link-messages", key: key, as: principal)
    }

    @Test func `PAY-5: is sent once for one request, and again for another a minute later`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request(channel: "link")
        for _ in 0..<2 { #expect(try await send(bench, payment.id, key: "first").status == 201) }
        let tooSoon = try await send(bench, payment.id, key: "second")
        #expect(tooSoon.status == 429 && tooSoon.headers["Retry-After"] != nil, "\(tooSoon.text)")
        bench.clock.move(.seconds(61))
        #expect(try await send(bench, payment.id, key: "third").status == 201)
        let told = try await bench.bodies(payment.id, "payment-link-requested")
        #expect(told.count == 2)
        #expect(told.allSatisfy { $0.contains(#""minorUnits":20000"#) && !$0.contains(payment.token) }, "\(told)")
        let history = try await bench.call(.get, "/v1/payments/\(payment.id)/history").text
        #expect(history.contains("link-requested") && history.contains("tester"))
    }

    @Test func `PAY-5: is shown to the front desk while it is open, and to nobody who only reads`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request(channel: "sms")
        _ = try await bench.open(payment.token)
        let shown = try await bench.call(.get, "/v1/payments/\(payment.id)/link", as: Self.frontDesk)
        #expect(shown.json["payLink"]?.text == "https://pay.example/p/\(payment.token)", "\(shown.text)")
        #expect(shown.json["payToken"]?.text == payment.token, "what prints the invoice with the link, INV-5")
        #expect(shown.headers["Cache-Control"] == "no-store")
        let reader = PaymentBench.principal(role: .accountant)
        #expect(try await bench.call(.get, "/v1/payments/\(payment.id)/link", as: reader).status == 403)
        #expect(try await send(bench, payment.id, key: "no", as: reader).status == 403)
        let stranger = PaymentBench.principal(OrganisationID(0xB))
        #expect(try await bench.call(.get, "/v1/payments/\(payment.id)/link", as: stranger).status == 404)
        #expect(try await send(bench, payment.id, key: "no", as: stranger).status == 404)
        let elsewhere = PaymentBench.principal(role: .frontDesk, clinics: .some([ClinicID(0xE)]))
        #expect(try await send(bench, payment.id, key: "no", as: elsewhere).status == 404)
    }

    @Test(arguments: ["cancelled", "accepted", "expired"])
    func `PAY-5: of a payment that has ended is neither shown nor sent`(_ end: String) async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        switch end {
        case "cancelled": _ = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        case "accepted":
            let reference = try #require(try await bench.open(payment.token))
            try await bench.act("accept", on: reference)
            _ = try await bench.notify(reference)
        default: bench.clock.move(.seconds(49 * 3_600))
        }
        let answers = [
            try await bench.call(.get, "/v1/payments/\(payment.id)/link"),
            try await send(bench, payment.id, key: "late"),
        ]
        for answer in answers {
            #expect(answer.status == 409 && answer.problem == "payment-closed", "\(answer.text)")
            #expect(answer.json["remedy"]?.text?.isEmpty == false && !answer.text.contains(payment.token))
        }
        #expect(try await bench.bodies(payment.id, "payment-link-requested").isEmpty)
    }

    @Test func `PAY-5: is not sent before the client's code was read out`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request(channel: "browser", more: #""confirmation":"code","#)
        #expect(try await send(bench, payment.id, key: "early").problem == "not-confirmed")
    }

    @Test func `PAY-5: by SMS is not sent a second time in the minute of its request`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request(channel: "sms")
        let tooSoon = try await send(bench, payment.id, key: "at-once")
        #expect(tooSoon.status == 429, "\(tooSoon.text)")
        bench.clock.move(.seconds(61))
        #expect(try await send(bench, payment.id, key: "later").status == 201)
        #expect(try await bench.bodies(payment.id, "payment-link-requested").count == 1)
    }

    @Test func `PAY-5: is not sent while nobody knows whether its provider holds it`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        try await bench.fault(#"{"kind":"drop","operation":"alma.create-payment","times":0}"#)
        try await bench.fault(#"{"kind":"drop","operation":"alma.list-payments","times":0}"#)
        _ = try await bench.open(payment.token)
        #expect(try await bench.state(payment.id) == "unknown")
        let refused = try await send(bench, payment.id, key: "unknown")
        #expect(refused.status == 409 && refused.problem == "outcome-unknown", "\(refused.text)")
    }

    @Test func `PAY-5: is neither shown nor sent once the client has agreed, and says that nothing is left to pay`()
        async throws
    {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, _) = try await story.connected()
        let payment = try await story.request(bench)
        let reference = try #require(try await story.open(payment.token, bench))
        #expect(try await bench.call(.get, "/v1/payments/\(payment.id)/link").status == 200)
        #expect(try await isAgreed(payment.id, bench) == .bool(false))
        try await story.act("accept-slowly", on: reference, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "open")
        let answers = [
            try await bench.call(.get, "/v1/payments/\(payment.id)/link"),
            try await send(bench, payment.id, key: "agreed"),
        ]
        for answer in answers {
            #expect(answer.status == 409 && answer.problem == "outcome-unknown", "\(answer.text)")
            #expect(answer.json["remedy"]?.text?.hasPrefix("There is nothing to pay by a link now") == true)
        }
        #expect(try await bench.bodies(payment.id, "payment-link-requested").isEmpty)
        #expect(try await isAgreed(payment.id, bench) == .bool(true))
        try await story.act("settle", on: reference, bench)
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "accepted")
    }

    /// What is said to whoever writes to the client.
    private func isAgreed(_ payment: PaymentID, _ bench: PaymentBench) async throws -> JSONValue? {
        let service = PaymentBench.principal(role: .service)
        return try await bench.call(.get, "/v1/payments/\(payment)/recipient", as: service).json["isAgreed"]
    }

    @Test func `PAY-5: teaches whoever asks the provider nothing, who goes on as before`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        _ = try await bench.open(payment.token)
        for _ in 0..<3 { try await bench.sweep(after: .seconds(4)) }
        let before = try await asking(bench, payment.id)
        #expect(!before.hasPrefix("0 "), "it was asked about: \(before)")
        bench.clock.move(.seconds(61))
        #expect(try await send(bench, payment.id, key: "again").status == 201)
        #expect(try await asking(bench, payment.id) == before)
    }

    @Test func `PAY-8: during a look keeps nobody from looking again soon`() async throws {
        let bench = try await PaymentBench.start(PaymentBench.patient)
        let payment = try await bench.request()
        _ = try await bench.open(payment.token)
        try await duringALook(bench) {
            let again = try await send(bench, payment.id, key: "meanwhile")
            #expect(again.status == 201)
        }
        #expect(try await dueIn(bench, payment.id) < .seconds(5), "not after the lease of the look")
    }

    @Test func `PAY-8: a notification that cannot be read during a look has the payment looked at once more at once`()
        async throws
    {
        let bench = try await PaymentBench.start(PaymentBench.patient)
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        try await duringALook(bench) {
            try await bench.fault(#"{"kind":"drop","operation":"alma.get-payment","times":0}"#)
            _ = try await bench.notify(reference)
            #expect(try await dueIn(bench, payment.id) <= .zero, "the next that is looked at")
            try await bench.sandbox.control(.delete, "/faults")
        }
        #expect(try await dueIn(bench, payment.id) <= .zero, "the look that had begun before changes nothing of that")
    }

    /// Does something while the provider is being asked about what is due, and waits until both are done.
    private func duringALook(_ bench: PaymentBench, _ act: () async throws -> Void) async throws {
        let before = try await bench.calls("alma.get-payment")
        try await bench.fault(#"{"kind":"hold","operation":"alma.get-payment"}"#)
        async let look: Void = bench.sweep(after: .seconds(4))
        try await bench.eventually { try await bench.calls("alma.get-payment") > before }
        try await act()
        try await bench.release()
        try await look
    }

    private func dueIn(_ bench: PaymentBench, _ payment: PaymentID) async throws -> Duration {
        let due = try await bench.database.read(organisation: nil) { transaction in
            try transaction.one("SELECT ask_at FROM payment WHERE id = \(payment)") { row in
                try row("ask_at") as Instant
            }
        }
        return due - bench.clock.now
    }

    /// How often the provider was asked since the last news, and when it is asked next.
    private func asking(_ bench: PaymentBench, _ payment: PaymentID) async throws -> String {
        try await bench.database.read(organisation: nil) { transaction in
            try transaction.one(
                "SELECT questions || ' ' || ask_at AS asking FROM payment WHERE id = \(payment)"
            ) { row in try row("asking") }
        }
    }
}
