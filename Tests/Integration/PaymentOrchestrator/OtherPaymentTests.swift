import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

@Suite struct `PAY-12: when a provider answers about another payment` {
    private static let stranger = #""custom_data":{"quittance_attempt":"\#(AttemptID(99))"}"#

    @Test func `a start is unknown, and found by our own name for it`() async throws {
        let bench = try await PaymentBench.start()
        let other = try await bench.request()
        let theirs = try #require(try await bench.open(other.token))
        let payment = try await bench.request()
        try await bench.fault(
            """
            {"kind":"alter","operation":"alma.create-payment","members":{"id":"\(theirs)",\(Self.stranger)}}
            """)
        #expect(try await bench.open(payment.token) == nil, "nobody is sent to pay for somebody else")
        #expect(try await bench.state(payment.id) == "unknown")
        try await bench.act("accept", on: theirs)
        #expect(try await bench.notify(theirs).status == 204)
        #expect(try await bench.state(other.id) == "accepted")
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "open", "by its own object")
        #expect(try await bench.events(payment.id).allSatisfy { $0 != "payment-accepted" })
    }

    @Test func `a reading is none, and the payment is what it was`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        try await bench.fault(
            #"{"kind":"alter","operation":"alma.get-payment","times":0,"members":{\#(Self.stranger)}}"#)
        #expect(try await bench.notify(reference).status == 204)
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "open")
        #expect(bench.log.lines.contains { $0.contains("the provider answered about another payment") })
        try await bench.sandbox.control(.delete, "/faults")
        #expect(try await bench.notify(reference).status == 204)
        #expect(try await bench.state(payment.id) == "accepted")
    }
}
