import HTTPClient
import TestSupport
import Testing

@Suite struct `A planted fault` {
    private static let body = #"{"payment":{"purchase_amount":12990}}"#

    private func start(_ fault: String) async throws -> Merchant {
        let merchant = try await Merchant.start()
        try await merchant.sandbox.control(.post, "/faults", fault)
        return merchant
    }

    private func payments(_ merchant: Merchant) async throws -> Int {
        try await merchant.sandbox.control(.get, "/alma/payments").list.count
    }

    @Test func `loses the answer after the effect`() async throws {
        let merchant = try await start(#"{"operation":"alma.create-payment","kind":"lose-answer"}"#)
        await #expect(throws: HTTPClientError.outcomeUnknown(.connectionLost)) {
            try await merchant.call(.post, "/v1/payments", Self.body)
        }
        #expect(try await payments(merchant) == 1)
        #expect(try await merchant.call(.post, "/v1/payments", Self.body).status == 200)
    }

    @Test func `ends the connection before the effect, also one that was used before`() async throws {
        let merchant = try await start(#"{"operation":"alma.create-payment","kind":"drop","skip":1}"#)
        _ = try await merchant.call(.post, "/v1/payments", Self.body)
        await #expect(throws: HTTPClientError.self) { try await merchant.call(.post, "/v1/payments", Self.body) }
        #expect(try await payments(merchant) == 1)
        #expect(try await merchant.sandbox.calls("alma.create-payment") == 2)
    }

    @Test func `fails as often as was planted and not before`() async throws {
        let merchant = try await start(#"{"operation":"alma.*","kind":"status","status":503,"times":2,"skip":1}"#)
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(try await merchant.call(.get, "/v1/me/fee-plans").status) }
        #expect(statuses == [200, 503, 503, 200])
    }

    @Test func `says when to come again`() async throws {
        let merchant = try await start(#"{"operation":"alma.me","kind":"rate-limit","retryAfterSeconds":7}"#)
        let answer = try await merchant.call(.get, "/v1/me")
        #expect(answer.status == 429)
        #expect(answer.retryAfter == .seconds(7))
    }

    @Test func `breaks the body, replaces it, changes the amount in it`() async throws {
        let merchant = try await start(#"{"operation":"alma.create-payment","kind":"malformed"}"#)
        let half = try await merchant.call(.post, "/v1/payments", Self.body)
        #expect(half.status == 200)
        #expect(half.json == .null)

        try await merchant.sandbox.control(.post, "/faults", #"{"operation":"alma.create-payment","kind":"html"}"#)
        let page = try await merchant.call(.post, "/v1/payments", Self.body)
        #expect(page.status == 502)
        #expect(page.text.hasPrefix("<html>"))

        try await merchant.sandbox.control(
            .post, "/faults", #"{"operation":"alma.create-payment","kind":"wrong-amount","cents":100}"#)
        let wrong = try await merchant.call(.post, "/v1/payments", Self.body)
        #expect(wrong.json["purchase_amount"] == 13_090)
        #expect(try await payments(merchant) == 3)
    }

    @Test func `answers more than a client takes`() async throws {
        let merchant = try await start(#"{"operation":"alma.me","kind":"huge-body","bytes":3000000}"#)
        await #expect(throws: HTTPClientError.responseTooLarge(bytesMax: 1_000_000)) {
            try await merchant.call(.get, "/v1/me", bytesMax: 1_000_000)
        }
    }

    @Test func `answers later than a client waits, after the effect`() async throws {
        let merchant = try await start(
            #"{"operation":"alma.create-payment","kind":"slow-answer","milliseconds":60000}"#)
        await #expect(throws: HTTPClientError.outcomeUnknown(.timedOut)) {
            try await merchant.call(.post, "/v1/payments", Self.body, timeout: .seconds(2))
        }
        #expect(try await payments(merchant) == 1)
    }

    @Test(arguments: [("hold", 0), ("hold-answer", 1)])
    func `holds one call until it is let go, before the effect or after it`(kind: String, effects: Int) async throws {
        let merchant = try await Merchant.start()
        let fault = #"{"operation":"alma.create-payment","kind":"\#(kind)"}"#
        let id = try #require(try await merchant.sandbox.control(.post, "/faults", fault)["id"].int)
        async let held = merchant.createPayment()
        _ = try await poll("the call has come") {
            let calls = try await merchant.sandbox.calls("alma.create-payment")
            let made = try await payments(merchant)
            return calls == 1 && made == effects ? true : nil
        }
        _ = try await merchant.createPayment()
        try await merchant.sandbox.control(.post, "/faults/\(id + 1)/release")
        #expect(try await payments(merchant) == effects + 1, "the next one is not held")
        try await merchant.sandbox.control(.post, "/faults/\(id)/release")
        #expect(try await !held.isEmpty)
        #expect(try await payments(merchant) == 2)
    }

    @Test func `fails after the effect, for the calls it is meant for`() async throws {
        let merchant = try await start(
            #"{"operation":"*","kind":"status","status":502,"takesEffect":true,"times":0,"containing":"12990"}"#)
        #expect(try await merchant.call(.post, "/v1/payments", Self.body).status == 502)
        #expect(try await merchant.createPayment(20_000).isEmpty == false)
        #expect(try await payments(merchant) == 2)
    }

    @Test func `shows a state no client has seen`() async throws {
        let merchant = try await Merchant.start()
        let id = try await merchant.createPayment()
        try await merchant.sandbox.control(
            .post, "/faults",
            #"{"operation":"alma.get-payment","kind":"alter","members":{"state":"on_the_moon","purchase_amount":null}}"#
        )
        let altered = try await merchant.payment(id)
        #expect(altered["state"] == "on_the_moon")
        #expect(altered["purchase_amount"] == .null)
        #expect(try await merchant.payment(id)["state"] == "not_started")
    }

    @Test func `of everything leaves the control API alone`() async throws {
        let merchant = try await start(#"{"operation":"*","kind":"drop","times":0}"#)
        await #expect(throws: HTTPClientError.self) { try await merchant.call(.get, "/v1/me") }
        try await merchant.sandbox.control(.delete, "/faults")
        #expect(try await merchant.call(.get, "/v1/me").status == 200)
    }

    @Test func `with an unknown kind is refused with the known ones`() async throws {
        let merchant = try await Merchant.start()
        let answer = try await merchant.sandbox.call(.post, "/control/faults", #"{"operation":"*","kind":"odd"}"#)
        #expect(answer.status == 400)
        #expect(answer.text.contains("lose-answer"))
    }
}
