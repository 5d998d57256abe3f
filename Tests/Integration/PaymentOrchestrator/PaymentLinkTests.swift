import HTTPServer
import PaymentModel
import PaymentWorld
import Testing

@Suite struct `A payment's link` {
    @Test func `lets a browser follow its form to the provider, which form-action would forbid`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        for (path, action) in [
            ("/p/\(payment.token)", payment.token), ("/p/\(payment.token)/return", "../\(payment.token)"),
        ] {
            let page = try await bench.http.call(.get, path)
            let policy = page.headers["Content-Security-Policy"] ?? ""
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            // Chromium and WebKit hold the redirect that answers a form to this directive.
            #expect(!policy.contains("form-action"))
            #expect(page.text.contains("method=\"post\" action=\"\(action)\""), "relative: \(page.text)")
        }
    }

    @Test func `asked two hundred times costs the provider one question and keeps nobody out`() async throws {
        let bench = try await PaymentBench.start(["QUITTANCE_LINK_PAUSE": "60s"])
        let (noisy, quiet) = (try await bench.request(), try await bench.request())
        let reference = try #require(try await bench.open(noisy.token))
        try await bench.fault(#"{"kind":"slow","operation":"alma.get-payment","milliseconds":500,"times":0}"#)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { _ = try await bench.http.call(.get, "/p/\(noisy.token)/return") } }
            #expect(try await bench.open(quiet.token) != nil)
            try await group.waitForAll()
        }
        #expect(try await bench.calls("alma.get-payment") == 1, "of \(reference)")
    }

    @Test func `tells what went back and what the clinic keeps`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        _ = try await bench.notify(reference)
        let path = "/v1/payments/\(payment.id)/refunds"
        let page = { try await bench.http.call(.get, "/p/\(payment.token)").text }
        #expect(try await !page().contains("Remboursé"))
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        #expect(try await bench.call(.post, path, part, key: "part").status == 201)
        #expect(
            try await page().contains("Remboursé : 50,00\u{202F}€ ; conservé par la clinique : 150,00\u{202F}€."))
        #expect(try await page().contains("votre paiement est accepté"))
        #expect(try await bench.call(.post, path, "{}", key: "rest").status == 201)
        #expect(try await page().contains("Votre paiement vous a été remboursé."))
        let nothing = try await bench.call(.post, path, "{}", key: "more")
        #expect(nothing.json["remedy"]?.text == "There is nothing left to give back.", "\(nothing.text)")
    }

    @Test func `that was cancelled gives nothing back, and says that there is nothing`() async throws {
        let bench = try await PaymentBench.start()
        let (cancelled, live) = (try await bench.request(), try await bench.request())
        _ = try await bench.call(.post, "/v1/payments/\(cancelled.id)/cancel")
        let none = try await bench.call(.post, "/v1/payments/\(cancelled.id)/refunds", "{}", key: "none")
        #expect(none.problem == "payment-not-paid" && none.json["remedy"]?.text == "There is nothing to give back.")
        let early = try await bench.call(.post, "/v1/payments/\(live.id)/refunds", "{}", key: "early")
        #expect(early.json["remedy"]?.text?.hasPrefix("Cancel it instead") == true, "\(early.text)")
        let paid = try await bench.accepted()
        let other = #"{"amount":{"minorUnits":5000,"currency":"CHF"}}"#
        let wrong = try await bench.call(.post, "/v1/payments/\(paid)/refunds", other, key: "chf")
        #expect(wrong.json["errors"]?.elements?.first?["remedy"]?.text == "Give the amount in EUR.", "\(wrong.text)")
    }
}
