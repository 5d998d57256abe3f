import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
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

    @Test func `PAY-8: is asked about every few seconds also where looks have become rare`() async throws {
        let bench = try await PaymentBench.start(["QUITTANCE_ASK_EAGER_QUESTIONS": "0"])
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        for _ in 0..<9 { try await bench.sweep(after: .seconds(301)) }
        try await bench.act("accept", on: reference)
        let screen = try #require(try await bench.call(.get, "/v1/payments/\(payment.id)/live").events)
        var shown = screen.makeAsyncIterator()
        let first = await shown.next()
        #expect(first?.data.contains(#""light":"orange""#) == true)
        try await bench.run("ask-about-watched-payments")
        #expect(try await bench.state(payment.id) == "open", "the next question is minutes away")
        bench.clock.move(.seconds(4))
        try await bench.askAboutDue()
        #expect(try await bench.state(payment.id) == "open", "who has no screen waits for its time")
        try await bench.run("ask-about-watched-payments")
        #expect(try await bench.state(payment.id) == "accepted")
        withExtendedLifetime(screen) {}
    }

    @Test func `is asked about while a provider is slow about another one that somebody watches`() async throws {
        let bench = try await PaymentBench.start(PaymentBench.patient)
        let (slow, quick) = (try await bench.request(), try await bench.request())
        let reference = try #require(try await bench.open(slow.token))
        try await bench.act("accept", on: try #require(try await bench.open(quick.token)))
        try await bench.fault(
            #"{"kind":"hold","operation":"alma.get-payment","containing":"\#(reference)"}"#)
        let first = try #require(try await bench.call(.get, "/v1/payments/\(slow.id)/live").events)
        var shown = first.makeAsyncIterator()
        let shownFirst = await shown.next()
        #expect(shownFirst != nil, "its screen is open")
        bench.clock.move(.seconds(4))
        // The only run: what the provider is slow about is in its hands, and it goes on to what comes then.
        let run = Task { try await bench.run("ask-about-watched-payments") }
        try await bench.eventually { try await bench.sandbox.control(.get, "/faults").list.isEmpty }
        let second = try #require(try await bench.call(.get, "/v1/payments/\(quick.id)/live").events)
        // Sooner than anybody gives the other one up.
        try await waitUntil("the quick one is accepted", within: .seconds(10)) {
            try await bench.state(quick.id) == "accepted"
        }
        try await bench.release()
        try await run.value
        withExtendedLifetime((first, second)) {}
    }
}
