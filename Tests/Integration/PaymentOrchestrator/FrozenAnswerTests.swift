import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

/// A provider's answer stands still for longer than the lease while the sweeper asks in its asker's place.
@Suite struct `When a provider's answer freezes for longer than the lease` {
    @Test func `PAY-12: an object that was made is found by the sweeper, and the late answer changes nothing`()
        async throws
    {
        let bench = try await PaymentBench.start(PaymentBench.patient)
        let payment = try await bench.request()
        try await bench.fault(#"{"kind":"hold-answer","operation":"alma.create-payment"}"#)
        async let late = bench.open(payment.token)
        try await bench.eventually { try await bench.provided(payment.id).count == 1 }
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "open", "the sweeper was first")
        let reference = try await bench.provided(payment.id)[0]["id"].string
        try await bench.release()
        #expect(try await late == reference)
        try await bench.act("accept", on: reference)
        _ = try await bench.notify(reference)
        #expect(try await bench.events(payment.id).filter { $0 == "payment-accepted" }.count == 1)
        #expect(try await bench.provided(payment.id).count == 1)
    }

    @Test func `an object made after the sweeper gave the attempt up is cancelled, and the client pays the other`()
        async throws
    {
        let bench = try await PaymentBench.start(PaymentBench.patient)
        let payment = try await bench.request()
        try await bench.fault(#"{"kind":"hold","operation":"alma.create-payment"}"#)
        async let late = bench.open(payment.token)
        try await bench.eventually { try await bench.state(payment.id) == "starting" }
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "requested", "the provider had nothing")
        let second = try #require(try await bench.open(payment.token))
        try await bench.release()
        #expect(try await late == nil, "the first object's page is no place to pay any more")
        try await bench.eventually {
            try await bench.sweep(after: .seconds(4))
            let others = try await bench.provided(payment.id).filter { $0["id"].string != second }
            return others.count == 1 && others[0]["processing_status"].string == "canceled"
        }
        try await bench.act("accept", on: second)
        _ = try await bench.notify(second)
        let view = try await bench.view(payment.id)
        #expect(view["state"]?.text == "accepted" && view["alarms"]?.elements?.isEmpty == true, "\(view)")
    }

    @Test func `C-05: a refund whose answer comes after the sweeper's look goes back once`() async throws {
        let bench = try await PaymentBench.start(PaymentBench.patient)
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"hold-answer","operation":"alma.refund-payment"}"#)
        async let late = bench.call(
            .post, "/v1/payments/\(payment)/refunds", #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#, key: "late")
        try await bench.eventually { try await bench.provided(payment)[0]["amount_already_refunded"] == 5_000 }
        try await bench.sweep()
        #expect(try await bench.events(payment).last == "refund-completed", "the sweeper was first")
        try await bench.release()
        #expect(try await late.status == 201)
        try await bench.sweep()
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 5_000)
        #expect(try await bench.events(payment).filter { $0 == "refund-completed" }.count == 1)
        #expect(try await bench.view(payment)["alarms"]?.elements?.isEmpty == true)
    }
}
