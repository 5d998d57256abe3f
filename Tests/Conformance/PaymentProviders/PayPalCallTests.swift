import HTTPClient
import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import Synchronization
import TestSupport
import Testing

/// PayPal's calls to the letter, and what is made of its answers.
@Suite struct `Speaking to PayPal` {
    private let account = AccountAccess(
        id: ProviderAccountID(1),
        credentials: ProviderCredentials(
            key: Secret("secret_scripted"), client: "client_scripted", notifications: Secret("WH-scripted")))
    private let token = ScriptedAlma.json(#"{"access_token": "A21_one", "expires_in": 32400}"#)
    private let began = ProviderExamples.startedAt

    private func provider(_ script: ScriptedAlma, pageSize: Int = 2) -> PayPalProvider {
        var settings = PayPalSettings.tests("https://paypal.example")
        settings.disputePageSize = pageSize
        return PayPalProvider(settings, transport: script.transport)
    }

    private func order(
        _ status: String, amount: String = "200.00", custom: String = ProviderExamples.attempt.description,
        changed: String? = nil, _ payments: String = ""
    ) -> ScriptedAlma.Answer {
        let changed = changed.map { "\"update_time\": \"\($0)\"," } ?? ""
        return ScriptedAlma.json(
            """
            {"id": "ORDER1", "status": "\(status)", \(changed) "unheard_of": [], "links": [
              {"href": "https://paypal.example/o/ORDER1", "rel": "self"},
              {"href": "https://paypal.example/checkoutnow?token=ORDER1", "rel": "payer-action"}],
             "purchase_units": [{"custom_id": "\(custom)", "amount": {"currency_code": "EUR", "value": "\(amount)"}
               \(payments.isEmpty ? "" : ", \"payments\": {\(payments)}")}]}
            """)
    }

    private func capture(_ status: String) -> String {
        #""captures": [{"id": "CAPTURE1", "status": "\#(status)", "create_time": "2027-01-15T08:00:00Z", "#
            + #""amount": {"currency_code": "EUR", "value": "200.00"}, "seller_receivable_breakdown": "#
            + #"{"paypal_fee": {"currency_code": "EUR", "value": "6.15"}}}]"#
    }

    @Test func `asks for a token once, and carries our names and exact decimals`() async throws {
        let script = ScriptedAlma(token, order("PAYER_ACTION_REQUIRED"), order("PAYER_ACTION_REQUIRED"))
        let provider = provider(script)
        let start = try ProviderExamples.order(plan: .now, provider: .paypal)
        for _ in 0..<2 {
            #expect(
                try await provider.start(start, account)
                    == .opened(reference: "ORDER1", payURL: "https://paypal.example/checkoutnow?token=ORDER1"))
        }
        #expect(script.requests.count == 3)
        let asked = try #require(script.requests.first)
        #expect(
            asked.headers.contains { $0 == ("Authorization", "Basic Y2xpZW50X3NjcmlwdGVkOnNlY3JldF9zY3JpcHRlZA==") })
        let body = String(decoding: script.requests[1].body ?? [], as: UTF8.self)
        #expect(body.contains(#""amount":{"currency_code":"EUR","value":"200.00"}"#))
        #expect(body.contains(#""custom_id":"\#(ProviderExamples.attempt)""#))
        #expect(body.contains(#""invoice_id":"\#(PaymentID(7))""#))
        #expect(
            script.requests[1].headers.contains { $0 == ("PayPal-Request-Id", "start-\(ProviderExamples.attempt)") })
        #expect(script.requests[1].headers.contains { $0 == ("Authorization", "Bearer A21_one") })
        #expect(script.requests[1].body == script.requests[2].body)
    }

    private func disputes(_ numbers: Range<Int>, next: String? = nil) -> ScriptedAlma.Answer {
        let items = numbers.map { #"{"dispute_id": "PP-D-\#($0)"}"# }.joined(separator: ",")
        let link = next.map { #"{"href": "https://elsewhere.example/x?\#($0)", "rel": "next"}"# } ?? ""
        return ScriptedAlma.json(#"{"items": [\#(items)], "links": [\#(link)]}"#)
    }

    private func dispute(_ number: Int) -> ScriptedAlma.Answer {
        ScriptedAlma.json(
            """
            {"dispute_id": "PP-D-\(number)", "dispute_amount": {"currency_code": "EUR", "value": "1.00"},
             "disputed_transactions": [{"seller_transaction_id": "CAPTURE\(number)"}]}
            """)
    }

    @Test(
        arguments: [
            ("start_time=x&next_page_token=bmV4dA==&page_size=10", "&next_page_token=bmV4dA=="), ("page=2", "&page=2"),
            (nil, "&page=2"),
        ] as [(String?, String)])
    func `PAY-14: reads all of 51 disputes, by whatever names the next page, and follows no host`(
        _ link: String?, _ asked: String
    ) async throws {
        let script = ScriptedAlma([token, disputes(1..<51, next: link), disputes(51..<52)] + (1..<52).map(dispute))
        let found = try await provider(script, pageSize: 50).disputed(since: Instant(secondsSince1970: 0), account)
        #expect(found.references.count == 51 && found.unreadable == 0)
        let paths = script.requests.map(\.url).filter { $0.contains("disputes?") }
        #expect(paths.count == 2 && paths.allSatisfy { $0.hasPrefix("https://paypal.example/v1/") }, "\(paths)")
        #expect(paths[0].hasSuffix("&page_size=50") && paths[1] == paths[0] + asked, "\(paths)")
        #expect(!paths[0].contains("1970"), "no further back than PayPal lists")
    }

    @Test func `PAY-14: takes a list that says the same again for whole, and no link that goes round`() async throws {
        let whole = ScriptedAlma([token, disputes(1..<51), disputes(1..<51)] + (1..<51).map(dispute))
        let since = Instant(secondsSince1970: 1_800_000_000)
        #expect(try await provider(whole, pageSize: 50).disputed(since: since, account).references.count == 50)
        for next in ["next_page_token=b/../x?y", "other=1", "page=1"] {
            let script = ScriptedAlma(token, disputes(1..<3, next: next))
            await #expect(throws: OutcomeUnknown.self) {
                _ = try await provider(script).disputed(since: since, account)
            }
        }
        let round = ScriptedAlma(token, disputes(1..<3, next: "page=2"), disputes(1..<3, next: "page=3"))
        await #expect(throws: OutcomeUnknown.self) { _ = try await provider(round).disputed(since: since, account) }
    }

    @Test func `PAY-14: does not take for known what it may not see, and counts what it cannot read`() async throws {
        let since = Instant(secondsSince1970: 1_800_000_000)
        let refused = ScriptedAlma(token, ScriptedAlma.json(#"{"name": "NOT_AUTHORIZED"}"#, status: 403))
        await #expect(throws: OutcomeUnknown.self) { _ = try await provider(refused).disputed(since: since, account) }
        let odd = ScriptedAlma.json(#"{"dispute_id": 7}"#)
        let script = ScriptedAlma(token, disputes(1..<3), odd, dispute(2))
        let found = try await provider(script, pageSize: 3).disputed(since: since, account)
        #expect(found.references.count == 1 && found.unreadable == 1)
    }

    @Test(
        arguments: [
            ("RESOLVED_BUYER_FAVOUR", "50.00", .lost, 5_000), ("ACCEPTED", nil, .lost, nil),
            ("RESOLVED_SELLER_FAVOUR", "50.00", .won, nil),
        ] as [(String, String?, Dispute.State, Int64?)])
    func `PAY-14: tells what was given back of a dispute by its outcome`(
        _ code: String, _ refunded: String?, _ state: Dispute.State, _ chargedBack: Int64?
    ) async throws {
        let captured = ScriptedAlma.json(
            """
            {"id": "CAPTURE1", "status": "COMPLETED", "amount": {"currency_code": "EUR", "value": "200.00"},
             "supplementary_data": {"related_ids": {"order_id": "ORDER1"}}}
            """)
        let amount = refunded.map { #", "amount_refunded": {"currency_code": "EUR", "value": "\#($0)"}"# } ?? ""
        let ended = ScriptedAlma.json(
            """
            {"dispute_id": "PP-D-1", "status": "RESOLVED", "dispute_amount": {"currency_code": "EUR", "value": "200.00"},
             "dispute_outcome": {"outcome_code": "\(code)"\(amount)}}
            """)
        let script = ScriptedAlma(token, captured, order("COMPLETED", capture("COMPLETED")), disputes(1..<2), ended)
        let report = try #require(try await provider(script).report(on: "disputed-CAPTURE1", account))
        let dispute = try #require(report.disputes.first)
        #expect(dispute.state == state && dispute.amount == .euros(cents: 20_000))
        #expect(dispute.chargedBack == chargedBack.map { .euros(cents: $0) })
    }

    @Test func `takes a new token when the old one ended before its time`() async throws {
        let ended = ScriptedAlma.json(#"{"error": "invalid_token"}"#, status: 401)
        let second = ScriptedAlma.json(#"{"access_token": "A21_two", "expires_in": 32400}"#)
        let script = ScriptedAlma(token, ended, second, order("APPROVED"))
        #expect(try await provider(script).report(on: "ORDER1", account)?.status == .pending)
        #expect(script.requests.last?.headers.contains { $0 == ("Authorization", "Bearer A21_two") } == true)
    }

    @Test func `captures what the client agreed to, unless the order was called off`() async throws {
        let taken = ScriptedAlma(
            token, order("APPROVED", changed: "2027-01-15T08:00:00Z"), order("COMPLETED", capture("COMPLETED")),
            order("COMPLETED", capture("COMPLETED")))
        let report = try #require(try await provider(taken).collect("ORDER1", since: began, account))
        #expect(report.status == .paid && report.fee?.net == .euros(cents: 615))
        #expect(report.acceptedAt == Instant("2027-01-15T08:00:00Z"))
        #expect(requestIDs(taken) == ["capture-ORDER1-20270115080000"])

        let off = ScriptedAlma(token, order("APPROVED", custom: "called-off-\(ProviderExamples.attempt)"))
        let cancelled = try #require(try await provider(off).collect("ORDER1", since: began, account))
        #expect(cancelled.status == .cancelled && cancelled.attempt == ProviderExamples.attempt)
        #expect(off.requests.count == 2, "nothing was captured")
    }

    private func requestIDs(_ script: ScriptedAlma) -> [String] {
        script.requests.flatMap(\.headers).filter { $0.0 == "PayPal-Request-Id" }.map(\.1)
    }

    @Test(arguments: ["2027-01-15T08:00:00Z", nil])
    func `asks by the same name for what the client agreed to once, and by another for what came after`(
        _ first: String?
    ) async throws {
        let declined = ScriptedAlma.json(
            #"{"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "INSTRUMENT_DECLINED"}]}"#, status: 422)
        let once = [order("APPROVED", changed: first), declined, order("APPROVED", changed: first)]
        let again = order("APPROVED", changed: "2027-01-15T08:01:00Z/../x")
        let script = ScriptedAlma([token] + once + once + [again, declined, again])
        var settings = PayPalSettings.tests("https://paypal.example")
        settings.time = .fixed(Instant(secondsSince1970: 1_800_000_000))
        let provider = PayPalProvider(settings, transport: script.transport)
        for _ in 0..<3 { #expect(try await provider.collect("ORDER1", since: began, account)?.status == .pending) }
        let name = first == nil ? "capture-ORDER1-3000000" : "capture-ORDER1-20270115080000"
        #expect(requestIDs(script) == [name, name, "capture-ORDER1-20270115080100"])
    }

    @Test(arguments: [
        ("CREATED", "", ProviderReport.Status.pending), ("SAVED", "", .pending), ("VOIDED", "", .cancelled),
        ("NEVER_SEEN", "COMPLETED", .pending), ("COMPLETED", "", .pending), ("COMPLETED", "PENDING", .pending),
        ("COMPLETED", "NEVER_SEEN", .pending), ("COMPLETED", "DECLINED", .refused("the capture was declined")),
        ("COMPLETED", "FAILED", .refused("the capture was failed")), ("COMPLETED", "PARTIALLY_REFUNDED", .paid),
        ("COMPLETED", "REFUNDED", .paid),
    ])
    func `reads its states`(status: String, captured: String, expected: ProviderReport.Status) async throws {
        let script = ScriptedAlma(token, order(status, captured.isEmpty ? "" : capture(captured)))
        #expect(try await provider(script).report(on: "ORDER1", account)?.status == expected)
    }

    @Test(arguments: ["1e2", "-1.00", "1,00", "200.001", "", ".", "200.", "0x10", "9999999999999.00", "200.00 "])
    func `does not read as an amount what is none`(text: String) async throws {
        let script = ScriptedAlma(token, order("APPROVED", amount: text))
        await #expect(throws: OutcomeUnknown.self) { _ = try await provider(script).report(on: "ORDER1", account) }
    }

    @Test func `PAY-12: passes on what was captured where the order says another amount, so that a person decides`()
        async throws
    {
        let script = ScriptedAlma(token, order("COMPLETED", amount: "201.00", capture("COMPLETED")))
        let report = try #require(try await provider(script).report(on: "ORDER1", account))
        #expect(report.status == .paid && report.amount == .euros(cents: 20_000))
        #expect(report.otherAmount == .euros(cents: 20_100))
        let same = ScriptedAlma(token, order("COMPLETED", capture("COMPLETED")))
        #expect(try await provider(same).report(on: "ORDER1", account)?.otherAmount == nil)
    }

    @Test func `takes an order that is gone for over, but not a proxy's word for it`() async throws {
        let gone = ScriptedAlma(token, ScriptedAlma.json(#"{"name": "RESOURCE_NOT_FOUND"}"#, status: 404))
        #expect(try await provider(gone).report(on: "ORDER1", account)?.status == .lapsed)
        let proxy = ScriptedAlma(token, ScriptedAlma.json("<html>", status: 404))
        await #expect(throws: OutcomeUnknown.self) { _ = try await provider(proxy).report(on: "ORDER1", account) }
    }

    @Test func `finds what a notification names by its capture, also when the order is gone`() async throws {
        let found = ScriptedAlma.json(
            """
            {"id": "CAPTURE1", "status": "COMPLETED", "custom_id": "\(ProviderExamples.attempt)",
             "amount": {"currency_code": "EUR", "value": "200.00"},
             "supplementary_data": {"related_ids": {"order_id": "ORDER1"}}}
            """)
        let gone = ScriptedAlma.json(#"{"name": "RESOURCE_NOT_FOUND"}"#, status: 404)
        let script = ScriptedAlma(token, found, gone, disputes(1..<1))
        let report = try #require(try await provider(script).report(on: "capture-CAPTURE1", account))
        #expect(report.status == .paid && report.reference == "ORDER1" && report.attempt == ProviderExamples.attempt)
        #expect(report.capture == "capture-CAPTURE1")
    }

    @Test func `PAY-10: reads refund by refund what went back of an order that is gone`() async throws {
        let found = ScriptedAlma.json(
            """
            {"id": "CAPTURE1", "status": "PARTIALLY_REFUNDED", "custom_id": "\(ProviderExamples.attempt)",
             "amount": {"currency_code": "EUR", "value": "200.00"},
             "supplementary_data": {"related_ids": {"order_id": "ORDER1"}}}
            """)
        let gone = ScriptedAlma.json(#"{"name": "RESOURCE_NOT_FOUND"}"#, status: 404)
        func refund(_ id: String, _ status: String) -> ScriptedAlma.Answer {
            ScriptedAlma.json(
                """
                {"id": "\(id)", "status": "\(status)", "amount": {"currency_code": "EUR", "value": "50.00"}}
                """)
        }
        let script = ScriptedAlma(
            token, found, gone, refund("REFUND1", "COMPLETED"), gone, refund("REFUND3", "PENDING"), disputes(1..<1))
        let report = try #require(
            try await provider(script).report(
                onMoney: "capture-CAPTURE1", givenBack: ["REFUND1", "REFUND2", "REFUND3", "../me"], account))
        #expect(report.refunds.map(\.reference) == ["REFUND1"] && report.refunds.first?.amount == .euros(cents: 5_000))
        #expect(report.pendingRefunds.map(\.reference) == ["REFUND3"] && report.hidesRefundsBefore != nil)
        let other = ScriptedAlma(token, found, gone, refund("REFUND2", "COMPLETED"))
        await #expect(throws: OutcomeUnknown.self) {
            _ = try await provider(other).report(onMoney: "capture-CAPTURE1", givenBack: ["REFUND1"], account)
        }
    }

    @Test(arguments: [("2026-07-15T22:30:00+0000", "2026-07-16"), ("2026-07-15T21:30:00+0000", "2026-07-15")])
    func `GEN-5, REC-3: says on which of the clinic's days money left for the bank`(
        _ instant: String, _ day: String
    ) async throws {
        let left = ScriptedAlma.json(
            """
            {"transaction_details": [{"transaction_info": {
              "transaction_id": "T1", "transaction_event_code": "T0403", "transaction_status": "S",
              "transaction_initiation_date": "\(instant)",
              "transaction_amount": {"currency_code": "EUR", "value": "-80.00"},
              "ending_balance": {"currency_code": "EUR", "value": "0.00"}}}], "total_pages": 1}
            """)
        let since = try #require(Instant("2026-07-10T00:00:00Z"))
        var settings = PayPalSettings.tests("https://paypal.example")
        settings.time = .fixed(since.adding(.seconds(7 * 86_400)))
        let provider = PayPalProvider(settings, transport: ScriptedAlma(token, left).transport)
        // Paris in summer.
        let paris = account.dated { $0.adding(.seconds(7_200)).utcDate }
        let payouts = try await provider.payouts(after: nil, since: since, paris)
        let expected = try #require(LocalDate(day))
        #expect(payouts.map(\.paidOn) == [expected])
    }
}

/// PAY-8: the certificate is fetched from PayPal's own host or not at all.
@Suite struct `PayPal's certificates` {
    private func notification(_ url: String, _ bench: ProviderBench) async throws -> ProviderNotification {
        let genuine = try #require(try await bench.notifications(1).first)
        var headers = genuine.headers
        headers["paypal-cert-url"] = url
        return ProviderNotification(headers: headers, body: genuine.body, receivedAt: genuine.receivedAt)
    }

    @Test func `are fetched once, and from nowhere but the pinned place`() async throws {
        let bench = try await ProviderBench.start(.paypal)
        try await bench.act(.accept, try await bench.open())
        let genuine = try #require(try await bench.notifications(1).first)
        for _ in 0..<3 { #expect(try await bench.provider.verify(genuine, bench.account) != .forged) }
        #expect(try await bench.calls("paypal.certificate") == 1)
        let places = [
            bench.sandbox.url + "/sink/certificate", "https://api.paypal.com.example/v1/notifications/certs/CERT-1",
            bench.sandbox.paypalURL + "/v1/notifications/certs/../../../../sink/certificate",
            bench.sandbox.paypalURL + "/v1/notifications/certs/CERT?x=1", "http://169.254.169.254/latest", "",
        ]
        for place in places {
            #expect(try await bench.provider.verify(try await notification(place, bench), bench.account) == .forged)
        }
        #expect(try await bench.sandbox.control(.get, "/sink/certificate").list.isEmpty)
    }

    @Test func `are fetched once for all who wait for one, and where there is none they are not asked for again`()
        async throws
    {
        let bench = try await ProviderBench.start(.paypal)
        try await bench.act(.accept, try await bench.open())
        let genuine = try #require(try await bench.notifications(1).first)
        try await bench.fault("paypal.certificate", "slow", #""milliseconds":300"#)
        let verdicts = try await withThrowingTaskGroup(of: NotificationVerdict.self) { group in
            for _ in 0..<20 { group.addTask { try await bench.provider.verify(genuine, bench.account) } }
            return try await group.reduce(into: [NotificationVerdict]()) { $0.append($1) }
        }
        #expect(verdicts.count == 20 && !verdicts.contains(.forged))
        #expect(try await bench.calls("paypal.certificate") == 1)
        let clock = Mutex(Instant(secondsSince1970: 1_900_000_000))
        var settings = PayPalSettings.tests(bench.sandbox.paypalURL)
        settings.time = TimeSource { clock.withLock { $0 } }
        let provider = PayPalProvider(settings, transport: .over(HTTPClient(logger: Logger(label: "conformance"))))
        let place = bench.sandbox.paypalURL + "/v1/notifications/certs/CERT-unknown"
        let forged = try await notification(place, bench)
        for calls in [2, 2, 3] {
            if calls == 3 { clock.withLock { $0 = $0.adding(.seconds(601)) } }
            #expect(try await provider.verify(forged, bench.account) == .forged)
            #expect(try await bench.calls("paypal.certificate") == calls)
        }
    }

    @Test func `that cannot be fetched keep no call of the account from leaving`() async throws {
        let bench = try await ProviderBench.start(.paypal)
        let reference = try await bench.paid()
        let genuine = try #require(try await bench.notifications(1).first)
        try await bench.fault("paypal.certificate", "status", #""status":503,"times":0"#)
        for _ in 0..<ProviderLimits().failuresBeforeBreak {
            await #expect(throws: OutcomeUnknown.self) { _ = try await bench.guarded.verify(genuine, bench.account) }
        }
        #expect(try await bench.guarded.report(on: reference, bench.account)?.status == .paid)
    }

    @Test func `sign nothing for longer than PayPal sends it again`() async throws {
        let bench = try await ProviderBench.start(.paypal)
        try await bench.act(.accept, try await bench.open())
        let genuine = try #require(try await bench.notifications(1).first)
        for (hours, isForged) in [(0, false), (73, false), (97, true)] {
            let late = ProviderNotification(
                headers: genuine.headers, body: genuine.body,
                receivedAt: genuine.receivedAt.adding(.seconds(hours * 3_600)))
            #expect(try await (bench.provider.verify(late, bench.account) == .forged) == isForged, "\(hours) h")
        }
    }

    @Test func `leave a notification undecided when they cannot be fetched`() async throws {
        let bench = try await ProviderBench.start(.paypal)
        try await bench.act(.accept, try await bench.open())
        let genuine = try #require(try await bench.notifications(1).first)
        try await bench.fault("paypal.certificate", "status", #""status":503"#)
        await #expect(throws: OutcomeUnknown.self) { _ = try await bench.provider.verify(genuine, bench.account) }
        #expect(try await bench.provider.verify(genuine, bench.account) != .forged)
    }

    @Test func `do not sign another body, time or endpoint`() async throws {
        let bench = try await ProviderBench.start(.paypal)
        try await bench.act(.accept, try await bench.open())
        let genuine = try #require(try await bench.notifications(1).first)
        for name in ["paypal-transmission-id", "paypal-transmission-time", "paypal-auth-algo"] {
            var headers = genuine.headers
            headers[name] = "2027-01-01T00:00:00Z"
            let changed = ProviderNotification(
                headers: headers, body: genuine.body, receivedAt: genuine.receivedAt)
            #expect(try await bench.provider.verify(changed, bench.account) == .forged)
        }
        let longer = ProviderNotification(
            headers: genuine.headers, body: genuine.body + [0x20], receivedAt: genuine.receivedAt)
        #expect(try await bench.provider.verify(longer, bench.account) == .forged)
    }
}
