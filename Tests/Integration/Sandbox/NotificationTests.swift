import HTTPClient
import TestSupport
import Testing

@Suite struct `A notification of the simulated provider` {
    private func start(_ rule: String) async throws -> Merchant {
        let merchant = try await Merchant.start()
        try await merchant.sandbox.control(.post, "/webhooks", rule)
        return merchant
    }

    private func delivery(_ merchant: Merchant, _ id: String) async throws -> SandboxJSON {
        try await merchant.sandbox.control(.get, "/webhooks?subject=\(id)")[0]
    }

    @Test func `comes again until it is accepted`() async throws {
        let merchant = try await Merchant.start()
        try await merchant.sandbox.control(.post, "/sink/ipn", #"{"statuses":[500,404,302]}"#)
        let id = try await merchant.acceptedPayment()

        #expect(try await merchant.seen("ipn", atLeast: 4).count == 4)
        let record = try await poll("it is accepted") {
            let delivery = try await self.delivery(merchant, id)
            return delivery["accepted"] == true ? delivery : nil
        }
        #expect(record["attempts"].list.map(\.string) == ["500", "404", "302", "200"])
    }

    @Test func `comes ten times at most`() async throws {
        let merchant = try await Merchant.start(["--webhook-retry", "1"])
        let refusals = Array(repeating: "500", count: 12).joined(separator: ",")
        try await merchant.sandbox.control(.post, "/sink/ipn", "{\"statuses\":[\(refusals)]}")
        let id = try await merchant.acceptedPayment()

        let tries = try await poll("ten tries") {
            let tries = try await delivery(merchant, id)["attempts"].list
            return tries.count >= 10 ? tries : nil
        }
        #expect(tries.count == 10)
    }

    @Test func `comes twice`() async throws {
        let merchant = try await start(#"{"channel":"alma-ipn","behaviour":"twice"}"#)
        let id = try await merchant.acceptedPayment()
        #expect(try await merchant.seen("ipn", atLeast: 2).map { $0["query"]["pid"].string } == [id, id])
    }

    @Test func `never comes`() async throws {
        let merchant = try await start(#"{"behaviour":"never"}"#)
        let silent = try await merchant.acceptedPayment()
        let told = try await merchant.acceptedPayment()
        #expect(try await merchant.seen("ipn", atLeast: 1).map { $0["query"]["pid"].string } == [told])
        #expect(try await delivery(merchant, silent)["note"] == "never")
        #expect(try await merchant.payment(silent)["state"] == "in_progress")
    }

    @Test func `of a story that was reset does not reach the next one`() async throws {
        let merchant = try await start(#"{"behaviour":"late","milliseconds":300}"#)
        _ = try await merchant.acceptedPayment()
        try await merchant.sandbox.control(.post, "/reset")
        try await merchant.sandbox.control(.post, "/webhooks", #"{"behaviour":"late","milliseconds":600}"#)

        let told = try await merchant.acceptedPayment()

        #expect(try await merchant.seen("ipn", atLeast: 1).map { $0["query"]["pid"].string } == [told])
        #expect(try await merchant.sandbox.control(.get, "/alma/payments").list.count == 1)
    }

    @Test func `overtakes the one before it`() async throws {
        let merchant = try await start(#"{"behaviour":"reordered"}"#)
        let first = try await merchant.acceptedPayment()
        let second = try await merchant.acceptedPayment()
        #expect(try await merchant.seen("ipn", atLeast: 2).map { $0["query"]["pid"].string } == [second, first])
    }

    @Test func `comes with a signature of the right form that is wrong`() async throws {
        let merchant = try await start(#"{"behaviour":"wrong-signature"}"#)
        let id = try await merchant.acceptedPayment()
        try await merchant.sandbox.control(.post, "/alma/payments/\(id)/ipn")
        let signatures = try await merchant.seen("ipn", atLeast: 2).map { $0["headers"]["x-alma-signature"].string }
        #expect(signatures[0] == String(signatures[1].reversed()))
        #expect(signatures[0].count == 64)
    }

    @Test func `arrives before the client's browser gets its answer`() async throws {
        let merchant = try await start(#"{"behaviour":"before-answer"}"#)
        let id = try await merchant.createPayment()
        _ = try await merchant.sandbox.call(.post, "/alma/checkout/\(id)/accept")
        #expect(try await merchant.sandbox.control(.get, "/sink/ipn").list.count == 1)
    }
}
