import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

@Suite struct `PAY-9: instalments in step with the provider` {
    @Test func `each is told when it is paid, by a look the day after its day`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        try await ahead(bench, days: 1)
        #expect(try await bench.events(payment).last == "payment-accepted", "the first was told with the acceptance")
        try await ahead(bench, days: 32)
        try await ahead(bench, days: 32)
        #expect(try await bench.events(payment).suffix(2) == ["instalment-paid", "instalment-paid"])
        let bodies = try await bench.bodies(payment, "instalment-paid")
        #expect(bodies[0].contains(#""number":2"#) && bodies[1].contains(#""number":3"#), "\(bodies)")
        let states = try await states(bench, payment)
        #expect(states == ["paid", "paid", "paid"])
        for _ in 0..<3 { try await ahead(bench, days: 1) }
        #expect(try await bench.bodies(payment, "instalment-paid").count == 2)
    }

    @Test func `a late one is told once, and followed daily until it is paid`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        let reference = try await bench.provided(payment)[0]["id"].string
        let other = try await bench.accepted()
        #expect(try await bench.listed("late=true") == [])
        try await mark(bench, reference, "incident")
        try await ahead(bench, days: 33)
        #expect(try await bench.listed("late=true") == [payment], "PAY-11")
        #expect(try await bench.listed("late=false") == [other])
        #expect(try await bench.events(payment).last == "instalment-late")
        #expect(try await states(bench, payment) == ["paid", "late", "due"])
        #expect(try await debits(bench, payment) == 2)
        try await ahead(bench, days: 1)
        #expect(try await bench.bodies(payment, "instalment-late").count == 1)
        try await mark(bench, reference, "paid")
        try await ahead(bench, days: 1)
        #expect(try await bench.events(payment).last == "instalment-paid")
        #expect(try await bench.listed("late=true") == [])
        #expect(try await debits(bench, payment) == 1, "NOT-4: nobody is told of a debit of what is paid")
    }

    /// How many debits the sender of messages is told of.
    private func debits(_ bench: PaymentBench, _ payment: PaymentID) async throws -> Int? {
        let service = PaymentBench.principal(role: .service)
        return try await bench.call(.get, "/v1/payments/\(payment)/recipient", as: service).json["debits"]?.elements?
            .count
    }

    @Test func `a partial refund leaves the schedule that is left, and tells it once`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        let body = #"{"amount":{"minorUnits":6000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", body, key: "part")
        let view = try await bench.view(payment)
        let left = view["schedule"]?.elements?.compactMap { $0["amount"]?["minorUnits"]?.integer } ?? []
        #expect(left.reduce(0, +) == 14_000, "\(view)")
        try await ahead(bench, days: 33)
        #expect(try await !bench.events(payment).contains("schedule-changed"))
    }

    @Test func `PAY-10: what the client overpaid by a refund goes back, and nothing more is due`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        // 66.68 were paid with the acceptance, and 50.00 are what the sale comes to after the refund.
        let body = #"{"amount":{"minorUnits":15000,"currency":"EUR"}}"#
        #expect(try await bench.call(.post, "/v1/payments/\(payment)/refunds", body, key: "most").status == 201)
        let left = try await bench.view(payment)["schedule"]?.elements?.compactMap {
            $0["amount"]?["minorUnits"]?.integer
        }
        #expect(left == [5_000, 0, 0], "the client keeps what was paid too much: 16.68")
        try await ahead(bench, days: 33)
        try await ahead(bench, days: 31)
        let told = try await bench.events(payment)
        #expect(!told.contains("instalment-paid") && !told.contains("instalment-late"), "\(told)")
        #expect(try await bench.view(payment)["refundable"]?["minorUnits"]?.integer == 5_000)
    }

    private func states(_ bench: PaymentBench, _ payment: PaymentID) async throws -> [String] {
        try await bench.view(payment)["instalments"]?.elements?.compactMap { $0["state"]?.text } ?? []
    }

    private func mark(_ bench: PaymentBench, _ reference: String, _ state: String) async throws {
        try await bench.sandbox.control(
            .post, "/alma/payments/\(reference)/instalments/1", #"{"state":"\#(state)"}"#)
    }

    /// Days go by, for us and for the provider, and the job looks.
    private func ahead(_ bench: PaymentBench, days: Int) async throws {
        bench.clock.move(.seconds(86_400 * days))
        try await bench.sandbox.control(.post, "/clock", "{\"advanceDays\":\(days)}")
        try await bench.askAboutDue()
    }
}
