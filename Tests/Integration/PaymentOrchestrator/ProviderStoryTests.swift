import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

/// Stripe and PayPal through the whole service: account, link, page, notification, refund.
@Suite struct `A payment at Stripe or PayPal through the service` {
    @Test(arguments: ProviderStory.all)
    func `PAY-1: connects with credentials that work, refuses others, and never shows them again`(
        _ story: ProviderStory
    ) async throws {
        let (bench, account) = try await story.connected()
        let wrong = try await story.connect(bench, story.credentials.replacing(story.secret, with: story.secret + "x"))
        #expect((400..<500).contains(wrong.status))
        if story.provider == .paypal {
            let nameless = try await story.connect(bench, #""key":"secret_story""#)
            #expect(nameless.json["errors"]?.elements?.map { $0["pointer"]?.text } == ["/client"], "\(nameless.text)")
        }
        let shown = try await bench.call(.get, "/v1/provider-accounts/\(account)")
        #expect(shown.status == 200)
        for secret in [story.secret, "whsec_story", "WH-story"] { #expect(!shown.text.contains(secret)) }
    }

    @Test(arguments: ProviderStory.all)
    func `PAY-1: keeps the key of its notifications when its key is entered again without it`(
        _ story: ProviderStory
    ) async throws {
        let (bench, account) = try await story.connected()
        let keyAlone = story.credentials.replacing(#","notificationKey":"whsec_story""#, with: "")
            .replacing(#","notificationKey":"WH-story""#, with: "")
        let again = try await story.connect(bench, keyAlone)
        #expect(again.json["id"]?.text == account)
        #expect(again.text.contains(#""notificationKeySet":true"#), "\(again.text)")
        let payment = try await story.request(bench)
        try await story.agree(payment.token, bench)
        let statuses = try await story.deliver(bench, to: account)
        #expect(!statuses.isEmpty && statuses.allSatisfy { $0 == 204 }, "\(statuses)")
        #expect(try await bench.state(payment.id) == "accepted")
        let alma = try await bench.call(.get, "/v1/provider-accounts")
        #expect(alma.text.contains(#""notificationKeySet":false"#), "Alma signs with its key")
    }

    @Test(arguments: ProviderStory.all)
    func `PAY-7: leads the client whose bank asks who it is to the same page again, and is paid once it has proved it`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        let payment = try await story.request(bench)
        let reference = try #require(try await story.open(payment.token, bench))
        try await story.act("challenge", on: reference, bench)
        for _ in 0..<2 { try await bench.sweep(after: .seconds(4)) }
        #expect(try await bench.state(payment.id) == "open")
        #expect(try await story.open(payment.token, bench) == reference)
        try await story.act("accept", on: reference, bench)
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "accepted")
        #expect(try await story.held(payment.id, bench).count == 1)
    }

    @Test(arguments: ProviderStory.all)
    func `PAY-8: goes from the link to the green light by the provider's own notifications, told once`(
        _ story: ProviderStory
    ) async throws {
        let (bench, account) = try await story.connected()
        let payment = try await story.request(bench)
        try await story.agree(payment.token, bench)
        #expect(try await bench.state(payment.id) == "open", "nothing reads as paid before it was read back")
        let statuses = try await story.deliver(bench, to: account, times: 2)
        #expect(!statuses.isEmpty && statuses.allSatisfy { $0 == 204 })
        let view = try await bench.view(payment.id)
        #expect(view["state"]?.text == "accepted")
        #expect(view["fee"]?["minorUnits"]?.integer == (story.provider == .stripe ? 325 : 615))
        #expect(
            try await bench.events(payment.id) == ["payment-requested", "payment-link-opened", "payment-accepted"])
        #expect(try await bench.http.call(.get, "/p/\(payment.token)").text.contains("votre paiement est accepté"))
    }

    @Test(arguments: ProviderStory.all)
    func `PAY-7: is found by the client's return, and by asking when no notification comes`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        let returned = try await story.request(bench)
        try await story.agree(returned.token, bench)
        _ = try await bench.http.call(.get, "/p/\(returned.token)/return?token=whatever")
        #expect(try await bench.state(returned.id) == "accepted")
        let silent = try await story.request(bench)
        try await story.agree(silent.token, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(silent.id) == "accepted")
    }

    @Test(arguments: ProviderStory.all)
    func `is not believed without the provider's signature`(_ story: ProviderStory) async throws {
        let (bench, account) = try await story.connected()
        let payment = try await story.request(bench)
        try await bench.sandbox.control(.post, "/webhooks", #"{"behaviour":"wrong-signature","times":0}"#)
        try await story.agree(payment.token, bench)
        let statuses = try await story.deliver(bench, to: account)
        #expect(!statuses.isEmpty && statuses.allSatisfy { $0 == 401 }, "\(statuses)")
        #expect(try await bench.state(payment.id) == "open")
    }

    @Test(arguments: ProviderStory.all)
    func `opens a new page when the provider's lived shorter than our link, and only one can be paid`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        let payment = try await story.request(bench)
        let first = try #require(try await story.open(payment.token, bench))
        try await story.act("expire", on: first, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "requested")
        let second = try #require(try await story.open(payment.token, bench))
        #expect(second != first)
        try await story.act("accept", on: second, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "accepted")
    }

    @Test(arguments: ProviderStory.all)
    func `PAY-10: gives back in parts and once`(_ story: ProviderStory) async throws {
        let (bench, _) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        let body = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        for _ in 0..<2 {
            let answer = try await bench.call(.post, "/v1/payments/\(payment)/refunds", body, key: "refund-one")
            #expect((200..<300).contains(answer.status))
        }
        let rest = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "refund-rest")
        #expect((200..<300).contains(rest.status))
        #expect(try await story.held(payment, bench).first?["refunded"] == 20_000)
        let events = try await bench.events(payment)
        #expect(events.filter { $0 == "refund-completed" }.count == 2)
    }
}

/// PAY-12, PAY-13: what a look-up finds after a lost answer, at each provider.
@Suite struct `An answer of Stripe's or PayPal's that was lost` {
    @Test(arguments: ProviderStory.all)
    func `is asked for again at once, since the provider knows the request`(_ story: ProviderStory) async throws {
        let (bench, _) = try await story.connected()
        let payment = try await story.request(bench)
        try await bench.fault(#"{"kind":"lose-answer","operation":"\#(story.create)"}"#)
        #expect(try await story.open(payment.token, bench) != nil)
        #expect(try await story.held(payment.id, bench).count == 1)
    }

    @Test(arguments: ProviderStory.all)
    func `stays unknown while it stays lost, and one payment can be paid in the end`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        let payment = try await story.request(bench)
        try await bench.fault(#"{"kind":"lose-answer","operation":"\#(story.create)","times":3}"#)
        #expect(try await story.open(payment.token, bench) == nil)
        #expect(try await bench.state(payment.id) == "unknown")
        #expect(try await story.open(payment.token, bench) == nil, "nobody starts anew while nobody knows")
        try await bench.sweep()
        switch story.provider {
        case .stripe:
            // Found among the sessions by our name for the try.
            #expect(try await bench.state(payment.id) == "open")
            #expect(try await story.held(payment.id, bench).count == 1)
        case .paypal:
            // Nobody has the address of the lost order, and it is never captured: another try is safe.
            #expect(try await bench.state(payment.id) == "requested")
        case .alma: break
        }
        try await story.agree(payment.token, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "accepted")
        let paid = try await story.held(payment.id, bench).filter {
            $0["captured"] == true || $0["payment_status"] == "paid"
        }
        #expect(paid.count == 1)
    }

    @Test(arguments: ProviderStory.all)
    func `of a refund leads to one refund`(_ story: ProviderStory) async throws {
        let (bench, _) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        let operation = story.provider == .stripe ? "stripe.create-refund" : "paypal.refund-capture"
        try await bench.fault(#"{"kind":"lose-answer","operation":"\#(operation)","times":3}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "refund")
        for _ in 0..<2 { try await bench.sweep() }
        #expect(try await story.held(payment, bench).first?["refunded"] == 20_000)
        #expect(try await bench.events(payment).filter { $0 == "refund-completed" }.count == 1)
    }

    @Test func `of PayPal's capture leads to one capture`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .paypal })
        let (bench, _) = try await story.connected()
        let payment = try await story.request(bench)
        try await story.agree(payment.token, bench)
        try await bench.fault(#"{"kind":"lose-answer","operation":"paypal.capture-order","times":3}"#)
        for _ in 0..<2 { try await bench.sweep(after: .seconds(4)) }
        #expect(try await bench.state(payment.id) == "accepted")
        #expect(try await bench.bodies(payment.id, "payment-accepted").count == 1)
    }

    @Test func `of a cancellation at PayPal takes no money from a client who agreed`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .paypal })
        let (bench, _) = try await story.connected()
        let payment = try await story.request(bench)
        let reference = try #require(try await story.open(payment.token, bench))
        try await bench.fault(#"{"kind":"lose-answer","operation":"paypal.update-order"}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        try await story.act("accept", on: reference, bench)
        for _ in 0..<2 { try await bench.sweep() }
        #expect(try await bench.state(payment.id) == "cancelled")
        #expect(try await story.held(payment.id, bench).first?["captured"] == false)
    }

    @Test func `PAY-12: of an order that was given up takes nothing, though the client agreed to it and the next`()
        async throws
    {
        let story = try #require(ProviderStory.all.first { $0.provider == .paypal })
        let (bench, _) = try await story.connected(PaymentBench.patient)
        let payment = try await story.request(bench)
        try await bench.fault(#"{"kind":"hold","operation":"paypal.create-order"}"#)
        // Nor can it be called off, which would keep it from being taken.
        try await bench.fault(#"{"kind":"drop","operation":"paypal.update-order","times":0}"#)
        async let late = story.open(payment.token, bench)
        try await bench.eventually { try await bench.calls("paypal.create-order") == 1 }
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "requested", "it was given up")
        let second = try #require(try await story.open(payment.token, bench))
        try await bench.release()
        #expect(try await late == nil)
        let orders = try await story.held(payment.id, bench).map { $0["id"].string }
        #expect(orders.count == 2)
        for order in orders { try await story.act("accept", on: order, bench) }
        _ = try await bench.http.call(.get, "/p/\(payment.token)/return")
        let taken = try await story.held(payment.id, bench).filter { $0["captured"] == true }.map { $0["id"].string }
        #expect(taken == [second])
        #expect(try await bench.state(payment.id) == "accepted")
    }
}
