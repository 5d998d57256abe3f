import HTTPClient
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import Testing

/// Stripe's calls to the letter, and what is made of its answers.
@Suite struct `Opening a payment at Stripe` {
    private let account = AccountAccess(id: ProviderAccountID(1), key: Secret("sk_test_scripted_clinic"))

    private func provider(_ script: ScriptedAlma) -> StripeProvider {
        StripeProvider(.tests("https://stripe.example"), transport: script.transport)
    }

    private func session(_ more: String = "") -> ScriptedAlma.Answer {
        ScriptedAlma.json(
            """
            {"id": "cs_test_x", "url": "https://checkout.example/cs_test_x", "status": "open", "amount_total": 20000,
             "currency": "eur", "payment_status": "unpaid", "unheard_of": {}\(more)}
            """)
    }

    private func order(lifetime: Duration = .seconds(7_200)) throws -> StartOrder {
        let usual = try ProviderExamples.order(plan: .now, provider: .stripe)
        return StartOrder(
            terms: usual.terms, attempt: usual.attempt, client: usual.client, title: usual.title, lifetime: lifetime,
            addresses: usual.addresses)
    }

    @Test func `is a form with our names in it, and the same to the letter when it is repeated`() async throws {
        let script = ScriptedAlma(session(), session())
        for _ in 0..<2 {
            #expect(
                try await provider(script).start(try order(), account)
                    == .opened(reference: "cs_test_x", payURL: "https://checkout.example/cs_test_x"))
        }
        let first = try #require(script.requests.first)
        let body = String(decoding: first.body ?? [], as: UTF8.self)
        #expect(first.url == "https://stripe.example/v1/checkout/sessions")
        #expect(body.contains("line_items%5B0%5D%5Bprice_data%5D%5Bunit_amount%5D=20000"))
        #expect(body.contains("product_data%5D%5Bname%5D=Soins%20v%C3%A9t%C3%A9rinaires"))
        #expect(body.contains("client_reference_id=\(ProviderExamples.attempt)"))
        #expect(body.contains("payment_intent_data%5Bmetadata%5D%5Bquittance_attempt%5D=\(ProviderExamples.attempt)"))
        #expect(body.contains("expires_at=1800007200"))
        #expect(body.contains("payment_intent_data%5Bcapture_method%5D=automatic&"), "the fee is there with the money")
        let headers = Dictionary(uniqueKeysWithValues: first.headers)
        #expect(headers["Idempotency-Key"] == "start-\(ProviderExamples.attempt)")
        #expect(headers["Stripe-Version"]?.hasPrefix("20") == true)
        #expect(headers["Authorization"] == "Bearer sk_test_scripted_clinic")
        #expect(script.requests.last?.body == first.body)
    }

    @Test(arguments: [
        (Duration.seconds(60), "1800009060" as String?), (.seconds(23 * 3_600), "1800007200"), (.seconds(172_800), nil),
    ])
    func `asks for a page no longer than the link, within what Stripe takes`(
        lifetime: Duration, expiry: String?
    ) async throws {
        let script = ScriptedAlma(session())
        _ = try await provider(script).start(try order(lifetime: lifetime), account)
        let body = String(decoding: script.requests.first?.body ?? [], as: UTF8.self)
        #expect(body.contains("expires_at") == (expiry != nil))
        if let expiry { #expect(body.contains("expires_at=\(expiry)")) }
    }

    @Test func `PAY-14: refuses nobody when it is the clinic's key that is turned away`() async throws {
        let script = ScriptedAlma(ScriptedAlma.status(401))
        #expect(try await provider(script).start(try order(), account) == .neverReached)
    }

    @Test(arguments: [400, 402, 403, 404])
    func `is a refusal when Stripe says no`(status: Int) async throws {
        let failure =
            #"{"error": {"type": "card_error", "code": "card_declined", "decline_code": "do_not_honor", "#
            + #""message": "ada@example.org was declined"}}"#
        let script = ScriptedAlma(ScriptedAlma.json(failure, status: status))
        guard case .refused(let reason) = try await provider(script).start(try order(), account) else {
            Issue.record("not a refusal")
            return
        }
        #expect(!reason.contains("ada@example.org"), "what the client typed is not repeated")
    }

    @Test func `is unknown when the same request is under way, or the answer is about something else`() async throws {
        let others: [ScriptedAlma.Answer] = [
            ScriptedAlma.status(408), ScriptedAlma.status(409), ScriptedAlma.status(500), ScriptedAlma.json("{}"),
            session(#", "amount_total": 20001"#).withoutItsFirstAmount, .failure(.outcomeUnknown(.timedOut)),
        ]
        for answer in others {
            let script = ScriptedAlma(answer)
            await #expect(throws: OutcomeUnknown.self) {
                _ = try await provider(script).start(try order(), account)
            }
        }
    }

    @Test func `needs a key of the mode, secret or restricted`() async throws {
        for (key, isTaken) in [("sk_test_x", true), ("rk_test_x", true), ("sk_live_x", false), ("pk_test_x", false)] {
            let script = ScriptedAlma(ScriptedAlma.json(#"{"id": "acct_x", "charges_enabled": true}"#))
            let access = AccountAccess(id: ProviderAccountID(1), key: Secret(key))
            let check = try await provider(script).check(access)
            #expect(isTaken == (check != .refused("not a key for Stripe's test payments: sk_test_…")))
            #expect(script.requests.isEmpty == !isTaken, "a key that is not taken is not sent")
        }
        let wrong = ProviderCredentials(key: Secret("sk_test_x"), notifications: Secret("not a signing secret"))
        let check = try await provider(ScriptedAlma()).check(AccountAccess(id: account.id, credentials: wrong))
        guard case .refused = check else {
            Issue.record("took a signing secret that is none")
            return
        }
    }
}

extension ScriptedAlma.Answer {
    /// The same session about another amount.
    fileprivate var withoutItsFirstAmount: Self {
        map { response in
            let text = String(decoding: response.body, as: UTF8.self)
            return HTTPResponse(
                status: response.status, body: Array(text.replacing(#""amount_total": 20000,"#, with: "").utf8))
        }
    }
}

@Suite struct `Reading a session of Stripe's` {
    private let account = AccountAccess(id: ProviderAccountID(1), key: Secret("sk_test_scripted_clinic"))
    private let noRefunds = ScriptedAlma.json(#"{"data": [], "has_more": false}"#)

    private func report(
        _ session: String, expiresAt: Int = 1_000, _ more: ScriptedAlma.Answer...
    ) async throws -> ProviderReport? {
        var answers: [ScriptedAlma.Answer] = [
            ScriptedAlma.json(
                """
                {"id": "cs_test_x", "amount_total": 20000, "currency": "eur", "expires_at": \(expiresAt), \(session)}
                """
            )
        ]
        answers += more
        let script = ScriptedAlma(answers)
        let provider = StripeProvider(.tests("https://stripe.example"), transport: script.transport)
        return try await provider.report(on: "cs_test_x", account)
    }

    private func intent(_ fields: String) -> ScriptedAlma.Answer {
        ScriptedAlma.json(#"{"id": "pi_x", "amount": 20000, "currency": "eur", \#(fields)}"#)
    }

    @Test(arguments: [
        ("succeeded", "paid", ProviderReport.Status.paid), ("succeeded", "unpaid", .pending),
        ("processing", "unpaid", .pending), ("requires_capture", "paid", .pending), ("never_seen", "unpaid", .pending),
        ("canceled", "unpaid", .cancelled), ("requires_payment_method", "unpaid", .refused("insufficient_funds")),
    ])
    func `takes it for paid only when session and intent agree`(
        intent status: String, payment: String, expected: ProviderReport.Status
    ) async throws {
        let fields =
            #""status": "\#(status)", "amount_received": 20000, "last_payment_error": "#
            + #"{"code": "card_declined", "decline_code": "insufficient_funds"}"#
        let session = #""status": "complete", "payment_status": "\#(payment)", "payment_intent": "pi_x""#
        #expect(try await report(session, intent(fields), noRefunds)?.status == expected)
    }

    @Test func `PAY-12: is not known where its money carries another try's name`() async throws {
        let session = #"""
            "status": "complete", "payment_status": "paid", "payment_intent": "pi_x",
            "client_reference_id": "\#(AttemptID(5))"
            """#
        func paid(by attempt: AttemptID) async throws -> ProviderReport? {
            let fields = #"""
                "status": "succeeded", "amount_received": 20000, "metadata": {"quittance_attempt": "\#(attempt)"}
                """#
            return try await report(session, intent(fields), noRefunds)
        }
        #expect(try await paid(by: AttemptID(5))?.status == .paid)
        await #expect(throws: OutcomeUnknown.self) { _ = try await paid(by: AttemptID(6)) }
    }

    @Test func `does not take it for paid when nothing says by which intent the money moved`() async throws {
        for intent in ["", #", "payment_intent": null"#] {
            let report = try await report(#""status": "complete", "payment_status": "paid"\#(intent)"#)
            #expect(report?.status == .pending)
        }
    }

    @Test func `tells one that ran out from one that was ended`() async throws {
        #expect(try await report(#""status": "expired""#)?.status == .lapsed)
        #expect(try await report(#""status": "expired""#, expiresAt: 9_000_000_000)?.status == .cancelled)
    }

    @Test func `reads the fee and its tax apart, and what went back`() async throws {
        let fields = #"""
            "status": "succeeded", "amount_received": 20000, "latest_charge": {"id": "ch_x", "created": 1800000000,
             "balance_transaction": {"id": "txn_x", "fee": 390, "currency": "eur",
             "fee_details": [{"amount": 325, "type": "stripe_fee"}, {"amount": 65, "type": "tax"}]}}
            """#
        let refunds = ScriptedAlma.json(
            """
            {"data": [{"id": "re_1", "amount": 500, "currency": "eur", "status": "succeeded",
                       "metadata": {"quittance_refund": "\(RefundID(3))"}},
                      {"id": "re_2", "amount": 700, "currency": "eur", "status": "pending"}], "has_more": false}
            """)
        let found = try await report(
            #""status": "complete", "payment_status": "paid", "payment_intent": "pi_x""#, intent(fields), refunds)
        let report = try #require(found)
        #expect(report.fee == ProviderFee(net: .euros(cents: 325), vat: .euros(cents: 65)))
        #expect(report.acceptedAt == Instant(secondsSince1970: 1_800_000_000))
        #expect(report.refunds == [ReportedRefund(id: RefundID(3), reference: "re_1", amount: .euros(cents: 500))])
        #expect(report.pendingRefunds == [PendingRefund(id: nil, reference: "re_2")], "it may go back still")
    }

    @Test func `PAY-12: passes on what moved where its session says another amount, so that a person decides`()
        async throws
    {
        let found = try await report(
            #""status": "complete", "payment_status": "paid", "payment_intent": "pi_x""#,
            intent(#""status": "succeeded", "amount_received": 19999"#), noRefunds)
        #expect(found?.status == .paid && found?.reference == "cs_test_x")
        #expect(found?.amount == .euros(cents: 19_999) && found?.otherAmount == .euros(cents: 20_000))
    }
}

@Suite struct `Refunding at Stripe` {
    private let account = AccountAccess(id: ProviderAccountID(1), key: Secret("sk_test_scripted_clinic"))
    private let order = RefundOrder(id: RefundID(3), reference: "pi_x", amount: .euros(cents: 500))

    private func known(_ status: String) -> ScriptedAlma.Answer {
        ScriptedAlma.json(
            """
            {"data": [{"id": "re_1", "amount": 500, "currency": "eur", "status": "\(status)",
              "failure_reason": "lost_or_stolen_card", "metadata": {"quittance_refund": "\(RefundID(3))"}}]}
            """)
    }

    @Test(arguments: [
        ("succeeded", RefundOutcome.completed(reference: "re_1", schedule: [])),
        ("pending", .pending(reference: "re_1")),
        ("requires_action", .pending(reference: "re_1")), ("never_seen", .pending(reference: "re_1")),
        ("failed", .refused("lost_or_stolen_card")), ("canceled", .refused("lost_or_stolen_card")),
    ])
    func `orders nothing that was ordered before, however long ago`(status: String, outcome: RefundOutcome) async throws
    {
        let script = ScriptedAlma(known(status))
        let provider = StripeProvider(.tests("https://stripe.example"), transport: script.transport)
        #expect(try await provider.refund(order, account) == outcome)
        #expect(script.requests.map(\.method) == [.get])
    }

    @Test func `never happened when nobody could look`() async throws {
        let script = ScriptedAlma(ScriptedAlma.status(500))
        let provider = StripeProvider(.tests("https://stripe.example"), transport: script.transport)
        #expect(try await provider.refund(order, account) == .neverReached)
    }
}

@Suite struct `Stripe's notifications, PAY-8` {
    private static let body =
        #"{"id":"evt_1","object":"event","livemode":false,"data":{"object":"#
        + #"{"object":"checkout.session","id":"cs_test_1"}}}"#
    /// HMAC-SHA256 of `1800000000.` and the body with the secret `whsec_scripted`, made with another tool.
    private static let signature = "3e06a45111261480715a245355e6edb3cbeeea8d3941fe9cdf84e2a5737cd502"

    private func verdict(
        _ header: String, body: String = body, secondsLater: Int64 = 0, secret: String? = "whsec_scripted"
    ) async throws -> NotificationVerdict {
        let provider = StripeProvider(.tests("https://stripe.example"), transport: ScriptedAlma().transport)
        let credentials = ProviderCredentials(key: Secret("sk_test_x"), notifications: secret.map { Secret($0) })
        let notification = ProviderNotification(
            headers: ["Stripe-Signature": header], body: Array(body.utf8),
            receivedAt: Instant(secondsSince1970: 1_800_000_000 + secondsLater))
        return try await provider.verify(
            notification, AccountAccess(id: ProviderAccountID(1), credentials: credentials))
    }

    @Test func `are believed with the endpoint's signature, also beside another while a secret is replaced`()
        async throws
    {
        let genuine = NotificationVerdict.genuine(reference: "cs_test_1")
        let other = String(repeating: "0", count: 64)
        #expect(try await verdict("t=1800000000,v1=\(Self.signature)") == genuine)
        #expect(try await verdict("t=1800000000,v1=\(other),v1=\(Self.signature),v0=abc") == genuine)
        #expect(try await verdict("t=1800000000,v1=\(Self.signature)", secondsLater: 300) == genuine)
    }

    @Test func `are forged otherwise`() async throws {
        let headers = [
            "", "t=1800000000", "v1=\(Self.signature)", "t=1800000001,v1=\(Self.signature)", "t=x,v1=\(Self.signature)",
            "t=1800000000,v0=\(Self.signature)", "t=1800000000,v1=\(Self.signature.uppercased())",
        ]
        for header in headers { #expect(try await verdict(header) == .forged) }
        let header = "t=1800000000,v1=\(Self.signature)"
        #expect(try await verdict(header, body: Self.body + " ") == .forged)
        #expect(try await verdict(header, secondsLater: 301) == .forged, "an old one sent again")
        #expect(try await verdict(header, secondsLater: -301) == .forged)
        #expect(try await verdict(header, secret: "whsec_other") == .forged)
        #expect(try await verdict(header, secret: nil) == .forged)
    }
}

@Suite struct `What an account at Stripe lists` {
    private let account = AccountAccess(id: ProviderAccountID(1), key: Secret("sk_test_scripted_clinic"))

    private func page(_ number: Int, isLast: Bool) -> ScriptedAlma.Answer {
        ScriptedAlma.json(
            """
            {"data": [{"id": "object_\(number)", "amount": 100, "currency": "eur", "payment_intent": "pi_\(number)"}],
             "has_more": \(!isLast)}
            """)
    }

    @Test func `PAY-10, PAY-14: is read to its end, longer than one payment's lists are`() async throws {
        let payments = ["pi_1", "pi_2", "pi_3"]
        let script = ScriptedAlma((1...6).map { page(($0 - 1) % 3 + 1, isLast: $0 % 3 == 0) })
        var settings = StripeSettings.tests("https://stripe.example")
        settings.listPagesMax = 2
        let provider = StripeProvider(settings, transport: script.transport)
        let since = Instant(secondsSince1970: 1_800_000_000)
        #expect(try await provider.refunded(since: since, account).compactMap(\.payment).sorted() == payments)
        #expect(try await provider.disputed(since: since, account).references == payments)
    }
}
