import HTTPClient
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import Testing

@Suite struct `Opening a payment at Alma` {
    @Test func `carries the attempt, so that it can be found again`() async throws {
        let alma = ScriptedAlma(ScriptedAlma.json(ProviderExamples.payment()))
        let outcome = try await alma.provider.start(
            ProviderExamples.order(feeOffered: true), ProviderExamples.account)
        #expect(outcome == .opened(reference: "payment_x", payURL: "https://checkout.example/payment_x"))
        let request = try #require(alma.requests.first)
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        #expect(request.url == "https://api.sandbox.getalma.eu/v1/payments")
        #expect(request.headers.contains { $0 == ("Authorization", "Alma-Auth sk_test_scripted_clinic") })
        #expect(body.contains(#""quittance_attempt":"\#(ProviderExamples.attempt)""#))
        #expect(body.contains(#""merchant_covers_all_fees":true"#))
        #expect(body.contains(#""expires_after":120"#))
    }

    @Test func `PAY-14: refuses nobody when it is the clinic's key that is turned away`() async throws {
        let alma = ScriptedAlma(ScriptedAlma.status(401))
        let outcome = try await alma.provider.start(ProviderExamples.order(), ProviderExamples.account)
        #expect(outcome == .neverReached)
    }

    @Test(arguments: [400, 402, 403, 404, 422])
    func `is a refusal when Alma says no`(status: Int) async throws {
        let failure =
            #"{"error_code": "validation_error", "errors": [{"field": "customer.email", "#
            + #""error_code": "invalid_value", "value": "ada@example.org"}]}"#
        let alma = ScriptedAlma(ScriptedAlma.json(failure, status: status))
        let outcome = try await alma.provider.start(ProviderExamples.order(), ProviderExamples.account)
        guard case .refused(let reason) = outcome else {
            Issue.record("not a refusal: \(outcome)")
            return
        }
        #expect(!reason.contains("ada@example.org"), "what the client typed is not repeated")
    }

    @Test(arguments: [
        ScriptedAlma.status(500), ScriptedAlma.status(502), ScriptedAlma.status(302), ScriptedAlma.status(408),
        ScriptedAlma.status(409), ScriptedAlma.status(499), ScriptedAlma.json("<html>"),
        ScriptedAlma.json(#"{"message": "Forbidden"}"#, status: 403), ScriptedAlma.status(404),
        ScriptedAlma.json("{}"), .failure(.outcomeUnknown(.timedOut)), .failure(.responseTooLarge(bytesMax: 1)),
    ])
    func `is unknown when Alma may have acted`(answer: ScriptedAlma.Answer) async throws {
        let alma = ScriptedAlma(answer)
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await alma.provider.start(ProviderExamples.order(), ProviderExamples.account)
        }
    }

    @Test(arguments: [ScriptedAlma.status(429), .failure(.neverSent(.unreachable))])
    func `never happened when Alma cannot have acted`(answer: ScriptedAlma.Answer) async throws {
        let alma = ScriptedAlma(answer)
        #expect(try await alma.provider.start(ProviderExamples.order(), ProviderExamples.account) == .neverReached)
    }

    @Test func `needs a key of Alma's and euros`() async throws {
        let alma = ScriptedAlma()
        let stranger = AccountAccess(id: ProviderAccountID(1), key: Secret("another provider's key"))
        guard case .refused = try await alma.provider.check(stranger) else {
            Issue.record("took a key that is not Alma's")
            return
        }
        #expect(alma.requests.isEmpty, "a key of somebody else's is not sent to Alma")
    }

    @Test func `takes test keys where money is not real, live keys where it is, and never the other`() async throws {
        for (mode, key) in [(AlmaSettings.Mode.live, "sk_test_x"), (.test, "sk_live_x")] {
            var settings = AlmaSettings()
            settings.mode = mode
            let alma = ScriptedAlma(ScriptedAlma.json(#"{"id": "merchant"}"#))
            let provider = AlmaProvider(settings, transport: alma.transport)
            let check = try await provider.check(AccountAccess(id: ProviderAccountID(1), key: Secret(key)))
            guard case .refused = check else {
                Issue.record("\(mode) took \(key)")
                continue
            }
            #expect(alma.requests.isEmpty)
        }
    }
}

@Suite struct `Finding a lost attempt at Alma` {
    private func page(_ payments: [String], more: Bool) -> ScriptedAlma.Answer {
        ScriptedAlma.json("{\"data\": [\(payments.joined(separator: ","))], \"has_more\": \(more)}")
    }

    private let attempt = ProviderExamples.attempt
    private let startedAt = ProviderExamples.startedAt
    private let account = ProviderExamples.account

    @Test func `goes through the pages`() async throws {
        let alma = ScriptedAlma(
            page([ProviderExamples.payment(attempt: AttemptID(99), id: "payment_other")], more: true),
            page([ProviderExamples.payment()], more: false))
        #expect(try await alma.provider.find(attempt, startedAt: startedAt, account)?.reference == "payment_x")
        #expect(alma.requests.last?.url.contains("starting_after=payment_other") == true)
    }

    @Test func `is sure that there is none once it went back to before the start`() async throws {
        let old = #"{"id": "payment_old", "purchase_amount": 1, "created": 1700000000, "custom_data": []}"#
        let alma = ScriptedAlma(page([old], more: true))
        #expect(try await alma.provider.find(attempt, startedAt: startedAt, account) == nil)
        #expect(alma.requests.count == 1)
    }

    @Test func `does not pretend to know when it was not answered`() async throws {
        let alma = ScriptedAlma(ScriptedAlma.status(500))
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await alma.provider.find(attempt, startedAt: startedAt, account)
        }
    }
}

@Suite struct `Refunding at Alma` {
    private let order = RefundOrder(id: RefundID(3), reference: "payment_x", amount: .euros(cents: 500))

    @Test func `reads the payment that one path answers`() async throws {
        let alma = ScriptedAlma(
            ScriptedAlma.json(ProviderExamples.payment()), ScriptedAlma.json(ProviderExamples.payment(refunds())))
        let outcome = try await alma.provider.refund(order, ProviderExamples.account)
        #expect(outcome == .completed(reference: "refund_1", schedule: []))
        #expect(alma.requests.last?.url.hasSuffix("/v1/payments/payment_x/refund") == true)
    }

    private func refunds(_ cents: Int = 500) -> String {
        #""refunds": [{"id": "refund_1", "amount": \#(cents), "merchant_reference": "\#(RefundID(3))"}]"#
    }

    @Test func `PAY-10: orders nothing that Alma lists already, however long ago it was ordered`() async throws {
        let alma = ScriptedAlma(ScriptedAlma.json(ProviderExamples.payment(refunds())))
        let outcome = try await alma.provider.refund(order, ProviderExamples.account)
        #expect(outcome == .completed(reference: "refund_1", schedule: []))
        #expect(alma.requests.map(\.method) == [.get])
        let other = ScriptedAlma(ScriptedAlma.json(ProviderExamples.payment(refunds(501))))
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await other.provider.refund(order, ProviderExamples.account)
        }
        #expect(other.requests.map(\.method) == [.get])
    }

    @Test func `PAY-10: orders nothing when nobody could look`() async throws {
        let alma = ScriptedAlma(ScriptedAlma.status(500))
        #expect(try await alma.provider.refund(order, ProviderExamples.account) == .neverReached)
        #expect(alma.requests.map(\.method) == [.get])
    }

    @Test func `reads the refund that the other path answers`() async throws {
        let answer =
            #"{"id": "refund_1", "created": 1, "amount": 500, "merchant_reference": "\#(RefundID(3))"}"#
        var settings = AlmaSettings.tests
        settings.refundPath = .refunds
        func refund(_ answer: String) async throws -> (RefundOutcome, ScriptedAlma) {
            let alma = ScriptedAlma(ScriptedAlma.json(ProviderExamples.payment()), ScriptedAlma.json(answer))
            let provider = AlmaProvider(settings, transport: alma.transport)
            return (try await provider.refund(order, ProviderExamples.account), alma)
        }
        let (outcome, alma) = try await refund(answer)
        #expect(outcome == .completed(reference: "refund_1", schedule: []))
        #expect(alma.requests.last?.url.hasSuffix("/v1/payments/payment_x/refunds") == true)
        for other in ["\(RefundID(4))", "x"] {
            await #expect(throws: OutcomeUnknown.self, "another's refund says nothing of ours") {
                _ = try await refund(answer.replacing("\(RefundID(3))", with: other))
            }
        }
    }

    @Test func `never leads anywhere but to a payment`() async throws {
        let alma = ScriptedAlma()
        let crooked = RefundOrder(id: RefundID(3), reference: "../me", amount: .euros(cents: 500))
        guard case .refused = try await alma.provider.refund(crooked, ProviderExamples.account) else {
            Issue.record("a crooked reference was sent")
            return
        }
        #expect(try await alma.provider.report(on: "x/../../me", ProviderExamples.account) == nil)
        #expect(alma.requests.isEmpty)
    }
}

@Suite struct `Alma's notifications, PAY-8` {
    /// HMAC-SHA256 of `payment_x` with the key `sk_test_scripted_clinic`, made with another tool.
    private let signature = "7c1da98c985414ac689e2617575fed0d7a414c33332b7794da60a29db82584c8"

    private func isBelieved(_ reference: String, _ signature: String) async throws -> Bool {
        let notification = ProviderNotification(
            query: ["pid": reference], headers: ["X-Alma-Signature": signature], receivedAt: ProviderExamples.startedAt)
        return try await ScriptedAlma().provider.verify(notification, ProviderExamples.account)
            == .genuine(reference: reference)
    }

    @Test func `are believed with Alma's signature and no other`() async throws {
        #expect(try await isBelieved("payment_x", signature))
        let others = [
            signature.uppercased(), String(signature.dropLast()), String(repeating: "0", count: 64), "",
            String(repeating: "é", count: 32),
        ]
        #expect(try await !isBelieved("payment_y", signature))
        for other in others { #expect(try await !isBelieved("payment_x", other)) }
    }
}
