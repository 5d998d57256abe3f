import HTTPServer
import PaymentModel
import PaymentWorld
import Testing

@Suite struct `PAY-7: a payment somebody watches` {
    @Test func `is asked about before others that have waited longer, as long as its screen is open`() async throws {
        let bench = try await PaymentBench.start()
        let (other, watched) = (try await bench.request(), try await bench.request())
        for payment in [other, watched] {
            try await bench.act("accept", on: try #require(try await bench.open(payment.token)))
        }
        let screen = try await bench.call(.get, "/v1/payments/\(watched.id)/live").events
        bench.clock.move(.seconds(4))
        try await bench.eventually {
            try await bench.run("ask-about-watched-payments")
            return try await bench.state(watched.id) == "accepted"
        }
        var last = ""
        for await event in try #require(screen) { last = event.data }
        #expect(last.contains(#""light":"green""#))

        try await bench.run("ask-about-watched-payments")
        #expect(try await bench.state(other.id) == "open", "nobody watches it")
        try await bench.askAboutDue()
        #expect(try await bench.state(other.id) == "accepted", "its turn comes all the same")
    }
}
