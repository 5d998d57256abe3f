import HTTPClient
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

/// What a provider paid out is told whole, by the same names whenever it is asked.
@Suite struct `Telling what was paid out` {
    /// A clinic days ago, so that what happens a day later is not in the future.
    private struct Days {
        let bench: ProviderBench
        let began: Instant

        static func start(_ subject: ProviderUnderTest) async throws -> Days {
            let bench = try await ProviderBench.start(subject)
            try await bench.sandbox.control(.post, "/clock", #"{"offsetSeconds":-259200}"#)
            return Days(bench: bench, began: bench.startedAt.adding(.seconds(-259_200)))
        }

        /// A payment of its own, paid on a day; answers the provider's name for it.
        func paid(_ number: UInt128, day: Int = 0) async throws -> String {
            let usual = try bench.order(AttemptID(number))
            let terms = PaymentTerms(
                id: PaymentID(number), debt: nil, client: ClientID(9), amount: .euros(cents: 20_000),
                plan: bench.subject.plan, provider: bench.subject.provider, account: bench.account.id, channel: .link,
                feeOffered: false, expiresAt: began.adding(.seconds(day * 86_400 + 7_200)))
            let order = StartOrder(
                terms: terms, attempt: AttemptID(number), client: usual.client, title: usual.title,
                lifetime: usual.lifetime, addresses: usual.addresses)
            guard case .opened(let reference, _) = try await bench.provider.start(order, bench.account) else {
                throw ProviderBench.Failure(text: "not opened")
            }
            try await bench.act(.accept, reference)
            guard try await bench.collected(reference)?.status == .paid else {
                throw ProviderBench.Failure(text: "not paid")
            }
            return reference
        }

        func close() async throws { try await bench.sandbox.control(.post, "/bank/close-day", #"{"unrelated":0}"#) }

        func nextDay() async throws { try await bench.sandbox.control(.post, "/clock", #"{"advanceDays":1}"#) }

        func payouts(after place: String? = nil) async throws -> [ProviderPayout] {
            try await bench.provider.payouts(after: place, since: began.adding(.seconds(-172_800)), bench.account)
        }
    }

    @Test(arguments: ProviderUnderTest.all)
    func `REC-3 has every line, sums up, and goes on where it was`(subject: ProviderUnderTest) async throws {
        let days = try await Days.start(subject)
        var references: [String] = []
        for number in UInt128(1)...3 { references.append(try await days.paid(number)) }
        let order = RefundOrder(id: RefundID(1), reference: references[0], amount: .euros(cents: 500))
        guard case .completed = try await days.bench.provider.refund(order, days.bench.account) else {
            Issue.record("not refunded")
            return
        }
        try await days.close()
        let first = try await days.payouts()
        try #require(first.count == 1)
        #expect(first[0].lines.count == 4 && first[0].state == .paid)
        #expect(
            first[0].lines.filter { $0.kind == .payment }.map(\.gross)
                == Array(repeating: .euros(cents: 20_000), count: 3))
        #expect(first[0].lines.filter { $0.kind == .refund }.map(\.gross) == [.euros(cents: -500)])
        #expect(first[0].lines.filter { $0.kind == .payment }.allSatisfy { $0.fee.isPositive })
        let sum = try Money.sum(first[0].lines.map { try $0.gross.subtracting($0.fee) }, in: .eur)
        #expect(sum == first[0].amount && sum.isPositive)
        let named = first[0].lines.map { $0.payment.map { "\($0)" } ?? $0.paymentReference }
        let ours = subject.provider == .alma ? references : (UInt128(1)...3).map { "\(PaymentID($0))" }
        #expect(Set(named.compactMap(\.self)) == Set(ours), "each payment by a name of ours")

        #expect(try await days.payouts(after: first[0].place) == [])
        try await days.nextDay()
        _ = try await days.paid(4, day: 1)
        try await days.close()
        let second = try await days.payouts(after: first[0].place)
        #expect(second.count == 1 && second.first?.lines.count == 1)
        #expect(try await days.payouts() == first + second, "from the beginning it is the same to the letter")
    }

    @Test(arguments: ProviderUnderTest.all)
    func `REC-3 waits when the provider asks for it, and is not known when that takes too long`(
        subject: ProviderUnderTest
    ) async throws {
        let days = try await Days.start(subject)
        _ = try await days.paid(1)
        try await days.close()
        let operation =
            subject.provider == .paypal ? "paypal.transactions" : "\(subject.provider.rawValue).balance-transactions"
        try await days.bench.fault(operation, "rate-limit", "\"retryAfterSeconds\":1")
        let since = days.began.adding(.seconds(-172_800))
        let told = try await days.bench.guarded.payouts(after: nil, since: since, days.bench.account)
        #expect(told.count == 1)
        try await days.bench.fault(operation, "rate-limit", "\"retryAfterSeconds\":60")
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await days.bench.guarded.payouts(after: nil, since: since, days.bench.account)
        }
    }

    @Test func `REC-3 names the payment of a dispute, and what it costs`() async throws {
        let days = try await Days.start(.stripe)
        let session = try await days.paid(1)
        _ = try await days.paid(2)
        try await days.bench.sandbox.control(.post, "/stripe/payments/\(session)/act", #"{"action":"dispute"}"#)
        try await days.close()
        let dispute = try #require(try await days.payouts().first?.lines.first { $0.kind == .dispute })
        #expect(dispute.payment == PaymentID(1) && dispute.gross == .euros(cents: -20_000))
        #expect(dispute.fee == .euros(cents: 1_500))
    }

    @Test func `REC-3 tells a payout that the bank refused as nothing, and which one brings its money`() async throws {
        let days = try await Days.start(.stripe)
        _ = try await days.paid(1)
        try await days.close()
        let sent = try #require(try await days.payouts().first)
        try await days.bench.sandbox.control(.post, "/stripe/payouts/\(sent.reference)/fail")
        let failed = try #require(try await days.payouts().first)
        #expect(failed.reference == sent.reference && failed.place == sent.place)
        #expect(failed.amount == .zero(.eur) && failed.lines.map(\.kind) == [.payment, .carried])
        #expect(sent.state == .paid && failed.state == .failed, "REC-2: the provider takes its word back")
        try await days.nextDay()
        _ = try await days.paid(2, day: 1)
        try await days.close()
        let next = try #require(try await days.payouts(after: sent.place).first)
        let brought = try #require(next.lines.first { $0.kind == .carried })
        #expect(brought.gross == sent.amount && brought.paymentReference == sent.reference)
        #expect(failed.lines.last?.reference == "\(brought.reference)-back")
        #expect(next.lines.count == 2)
    }

    @Test func `REC-2 says how payouts of Stripe's stand now, and nothing of those that are told once they are made`()
        async throws
    {
        let words = ["paid", "in_transit", "pending", "failed", "canceled"]
        let payouts = words.map { word in
            """
            {"id": "po_\(word)", "amount": 8612, "currency": "eur", "created": 1800000000,
             "arrival_date": 1800086400, "automatic": true, "status": "\(word)"}
            """
        }
        let script = ScriptedAlma(
            ScriptedAlma.json("{\"data\": [\(payouts.joined(separator: ","))], \"has_more\": false}"))
        let since = Instant(secondsSince1970: 1_799_000_000)
        let found = try await StripeProvider(.tests("https://stripe.example"), transport: script.transport)
            .payoutStates(since: since, ProviderExamples.account)
        #expect(
            Set(found.map { "\($0.reference) \($0.state)" }) == [
                "po_paid paid", "po_in_transit sent", "po_pending sent", "po_failed failed", "po_canceled failed",
            ])
        #expect(try await ScriptedAlma([]).provider.payoutStates(since: since, ProviderExamples.account) == [])
    }

    @Test(arguments: [("in_progress", [String]()), ("completed", ["po_1", "po_2"]), ("not_applicable", ["po_2"])])
    func `REC-3 waits for a payout that failed until what was in it can be told, and passes over what never can`(
        status: String, told: [String]
    ) async throws {
        let payouts = [("failed", status), ("paid", "completed")].enumerated().map { place, payout in
            """
            {"id": "po_\(place + 1)", "amount": 8612, "currency": "eur", "created": \(1_800_000_000 + place),
             "arrival_date": 1800086400, "automatic": true, "status": "\(payout.0)",
             "reconciliation_status": "\(payout.1)", "failure_balance_transaction": "txn_back"}
            """
        }
        let movements = told.map { payout in
            ScriptedAlma.json(
                """
                {"data": [{"id": "txn_\(payout)", "type": "charge", "amount": 9000, "fee": 388, "currency": "eur",
                  "source": "ch_\(payout)"}], "has_more": false}
                """)
        }
        let listed = ScriptedAlma.json("{\"data\": [\(payouts.joined(separator: ","))], \"has_more\": false}")
        let script = ScriptedAlma([listed] + movements)
        let provider = StripeProvider(.tests("https://stripe.example"), transport: script.transport)
        let found = try await provider.payouts(
            after: nil, since: Instant(secondsSince1970: 1_799_000_000), ProviderExamples.account)
        #expect(found.map(\.reference) == told)
    }

    /// The words of Stripe's report with what reconciliation reads them as (`StripeWordTests`).
    @Test(arguments: [
        ("charge", "payment", ProviderPayoutLine.Kind.payment), ("refund", "payment_refund", .refund),
        ("refund_failure", "adjustment", .refund), ("charge_failure", "payment_failure_refund", .refund),
        ("partial_capture_reversal", "refund", .refund), ("dispute", "adjustment", .dispute),
        ("dispute_reversal", "adjustment", .dispute), ("fee", "adjustment", .fee), ("tax", "tax_fee", .fee),
        ("network_cost", "network_cost", .fee), ("payout_reversal", "payout_failure", .carried),
        ("payout_minimum_balance_hold", "payout_minimum_balance_hold", .carried),
        ("payout_minimum_balance_release", "payout_minimum_balance_release", .carried),
        ("", "payout_minimum_balance_hold", .carried), ("other_adjustment", "adjustment", .adjustment),
    ])
    func `REC-3 calls a movement of Stripe's what its report calls it`(
        category: String, type: String, kind: ProviderPayoutLine.Kind
    ) async throws {
        let script = ScriptedAlma(
            ScriptedAlma.json(
                """
                {"data": [{"id": "po_1", "amount": 500, "currency": "eur", "created": 1800000000, "automatic": true,
                  "arrival_date": 1800086400, "status": "paid", "reconciliation_status": "completed"}],
                 "has_more": false}
                """),
            ScriptedAlma.json(
                """
                {"data": [{"id": "txn_1", "type": "\(type)", "reporting_category": "\(category)", "amount": 500,
                  "fee": 0, "currency": "eur", "source": "x_1"}], "has_more": false}
                """))
        let provider = StripeProvider(.tests("https://stripe.example"), transport: script.transport)
        let found = try await provider.payouts(
            after: nil, since: Instant(secondsSince1970: 1_799_000_000), ProviderExamples.account)
        #expect(found.first?.lines.map(\.kind) == [kind])
    }

    @Test func `REC-3 tells a fee that Alma waives as one given back`() async throws {
        func movement(_ id: String, _ kind: String, _ amount: Int, fee: Int = 0) -> String {
            """
            {"id": "\(id)", "kind": "\(kind)", "amount": \(amount), "net_amount": \(amount - fee),
             "merchant_fee": \(fee), "payment_id": "payment_1", "created": 1800000000,
             "\(kind == "from_payout" ? "payout_id" : "included_in_payout_id")": "payout_1"}
            """
        }
        let rows = [
            movement("m_3", "from_payout", -8_862), movement("m_2", "from_fee_waiver", 250),
            movement("m_1", "from_transaction", 9_000, fee: 388),
        ]
        let listed = "{\"data\": [\(rows.joined(separator: ","))], \"has_more\": false}"
        let script = ScriptedAlma(ScriptedAlma.json(listed))
        let found = try await script.provider.payouts(
            after: nil, since: Instant(secondsSince1970: 1_799_000_000), ProviderExamples.account)
        let lines = try #require(found.first).lines
        #expect(lines.map(\.kind) == [.payment, .fee])
        #expect(lines.last?.gross == .zero(.eur) && lines.last?.fee == .euros(cents: -250))
    }

    @Test func `REC-3 says what stays in an account whose balance is not withdrawn whole`() async throws {
        let first = try #require(try await scripted(after: nil).first)
        #expect(first.reference == "W1" && first.amount == .euros(cents: 9_000))
        #expect(first.lines.map(\.gross.minorUnits) == [10_000, 3_000, -4_000])
        #expect(first.lines.map(\.kind) == [.payment, .carried, .carried])
        let second = try #require(try await scripted(after: nil).last)
        #expect(second.reference == "W2" && second.lines.map(\.gross.minorUnits) == [500, 4_000])
        #expect(try await scripted(after: first.place) == [second], "what was told before is passed over")
        #expect(try await scripted(after: second.place) == [])
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await scripted(after: first.place, leavingOut: "B")
        }
    }

    @Test func `REC-3 waits for what is pending before a withdrawal, and goes on once it is not`() async throws {
        let before = try await scripted(after: nil, pending: "B")
        #expect(before.map(\.reference) == ["W1"])
        let after = try await scripted(after: before.last?.place)
        #expect(after.map(\.reference) == ["W2"])
        #expect(after.first?.lines.map(\.gross.minorUnits) == [500, 4_000])
        #expect(try await scripted(after: nil, pending: "A") == [])
    }

    @Test func `REC-3 asks PayPal once for as long a time as it takes, though the clock goes on meanwhile`()
        async throws
    {
        let clock = Mutex(Instant(secondsSince1970: 1_800_000_000))
        var settings = PayPalSettings.tests("https://paypal.example")
        let since = clock.withLock { $0 }.adding(.zero - settings.searchSpan)
        settings.time = TimeSource {
            clock.withLock { now in
                now = now.adding(.microseconds(1))
                return now
            }
        }
        let script = ScriptedAlma(
            ScriptedAlma.json(#"{"access_token":"token","expires_in":32400}"#),
            ScriptedAlma.json(#"{"total_pages":1,"transaction_details":[]}"#))
        let account = AccountAccess(
            id: ProviderAccountID(1), credentials: ProviderCredentials(key: Secret("secret"), client: "client"))
        let provider = PayPalProvider(settings, transport: script.transport)
        #expect(try await provider.refunded(since: since, account).isEmpty)
        #expect(script.requests.count == 2)
    }

    /// A search that PayPal answers with two payments and two withdrawals.
    private func scripted(
        after place: String?, leavingOut missing: String = "", pending: String = ""
    ) async throws -> [ProviderPayout] {
        let rows = [
            ("A", "T0006", "100.00", "130.00"), ("W1", "T0403", "-90.00", "40.00"), ("B", "T0006", "5.00", "45.00"),
            ("W2", "T0403", "-45.00", "0.00"),
        ].enumerated().filter { $0.element.0 != missing }.map { minute, row in
            let (id, code, amount, balance) = row
            return """
                {"transaction_info":{"transaction_id":"\(id)","transaction_event_code":"\(code)",
                 "transaction_status":"\(id == pending ? "P" : "S")",
                 "transaction_initiation_date":"2026-11-20T10:0\(minute):00+0000",
                 "transaction_amount":{"currency_code":"EUR","value":"\(amount)"},
                 "ending_balance":{"currency_code":"EUR","value":"\(balance)"}}}
                """
        }
        let script = ScriptedAlma(
            ScriptedAlma.json(#"{"access_token":"token","expires_in":32400}"#),
            ScriptedAlma.json("{\"total_pages\":1,\"transaction_details\":[\(rows.joined(separator: ","))]}"))
        let noon = try #require(Instant("2026-11-21T12:00:00Z"))
        var settings = PayPalSettings(time: .fixed(noon))
        settings.mode = .test
        let account = AccountAccess(
            id: ProviderAccountID(1), credentials: ProviderCredentials(key: Secret("secret"), client: "client"))
        return try await PayPalProvider(settings, transport: script.transport).payouts(
            after: place, since: noon.adding(.seconds(-172_800)), account)
    }
}
