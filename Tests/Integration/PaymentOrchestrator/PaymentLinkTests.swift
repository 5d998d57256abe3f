import HTTPClient
import HTTPServer
import PaymentModel
import TestSupport
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
        let summary = try await bench.sandbox.control(.get, "/summary")
        #expect(summary["calls"]["alma.get-payment"] == 1, "of \(reference)")
    }
}
