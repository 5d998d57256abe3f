import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `A payment through the service` {
    @Test func `goes from the link to the green light, which is told once however often the provider notifies`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let page = try await bench.http.call(.get, "/p/\(payment.token)")
        #expect(page.status == 200)
        #expect(page.text.contains("Un crédit coûte de l'argent et doit être remboursé"))
        #expect(page.text.contains("200,00\u{202F}€") && page.text.contains("66,68\u{202F}€"))

        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        #expect(try await bench.state(payment.id) == "open", "nothing reads as paid before it was read back")
        for _ in 0..<2 { #expect(try await bench.notify(reference).status == 204) }

        let view = try await bench.view(payment.id)
        #expect(view["state"]?.text == "accepted")
        #expect(view["fee"]?["minorUnits"]?.integer == 720)
        #expect(view["feeVAT"]?["minorUnits"]?.integer == 144)
        #expect(view["schedule"]?.elements?.count == 3)
        #expect(
            try await bench.events(payment.id) == ["payment-requested", "payment-link-opened", "payment-accepted"])
        let after = try await bench.http.call(.get, "/p/\(payment.token)")
        #expect(after.text.contains("votre paiement est accepté"))
        #expect(!after.text.contains("<button"))
    }

    @Test func `is found by the client's return, and by asking when nobody reports it`() async throws {
        let bench = try await PaymentBench.start()
        let returned = try await bench.request()
        try await bench.act("accept", on: try #require(try await bench.open(returned.token)))
        _ = try await bench.http.call(.get, "/p/\(returned.token)/return?pid=whatever")
        #expect(try await bench.state(returned.id) == "accepted")

        let silent = try await bench.request()
        try await bench.act("accept", on: try #require(try await bench.open(silent.token)))
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(silent.id) == "accepted")
    }

    @Test func `PAY-7: without a notification is looked at again within five seconds, with the settings as delivered`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let job = try #require(bench.assembly.jobs.first { $0.name == "ask-about-due-payments" })
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        // Also when the instance that set the time is dead, whose bell rings no more; a wait is spread by a tenth.
        let lookMax = (job.idleMax ?? job.interval) * 1.1
        // Also after many looks at a client who takes his time.
        for look in 1...50 {
            let due: [Instant] = try await bench.overseer.query("SELECT ask_at FROM payment") { try $0("ask_at") }
            let wait = try #require(due.first) - bench.clock.now
            #expect(wait + lookMax < .seconds(5), "look \(look)")
            try await bench.sweep(after: .seconds(4))
        }
        try await bench.act("accept", on: reference)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "accepted")
    }

    @Test(arguments: [("decline", "refused"), ("give-up", "cancelled"), ("expire", "expired")])
    func `ends as the provider says`(action: String, state: String) async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        try await bench.act(action, on: try #require(try await bench.open(payment.token)))
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == state)
        #expect(try await bench.events(payment.id).last == "payment-\(state)")
    }

    @Test func `ends with its link's time, at the provider too`() async throws {
        let bench = try await PaymentBench.start()
        let (unopened, opened) = (try await bench.request(), try await bench.request())
        try await bench.open(opened.token)
        try await bench.sweep(after: .seconds(49 * 3_600))
        try await bench.sweep()
        #expect(try await bench.state(unopened.id) == "expired")
        #expect(try await bench.state(opened.id) == "expired")
        #expect(try await bench.provided(opened.id).first?["processing_status"].string == "canceled")
        #expect(try await bench.provided(unopened.id).isEmpty)
    }

    @Test func `is not believed without the provider's signature`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        let forged = try await bench.notify(reference, key: "sk_test_somebody_else")
        #expect(forged.status == 401 && forged.problem == "signature-invalid")
        #expect(try await bench.state(payment.id) == "open")
        let stranger = try await bench.http.call(.get, "/webhooks/alma/\(ProviderAccountID(1))?pid=\(reference)")
        #expect(stranger.status == 401)
    }

    @Test func `shows itself live until its end`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let stream = try await bench.call(.get, "/v1/payments/\(payment.id)/live").events
        var events = try #require(stream).makeAsyncIterator()
        #expect(await events.next()?.data.contains(#""light":"orange""#) == true)
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        _ = try await bench.notify(reference)
        var last = ""
        while let event = await events.next() { last = event.data }
        #expect(last.contains(#""light":"green""#))
    }
}
