import NotificationChannels
import NotificationDomain
import Testing

// Answers of gateways that are not what they should be.
extension `A gateway` {
    /// The place an operator named may hold what is left of a balance, or an id.
    @Test(
        arguments: [
            (GatewayKind.smsfactor, #""cost":3000000000"#), (.smsfactor, #""cost":-1"#),
            (.ovhcloud, #""totalCreditsRemoved":3000000000"#), (.ovhcloud, #""totalCreditsRemoved":-1"#),
            (.twilio, #""num_segments":"3000000000""#), (.twilio, #""num_segments":"-1""#),
            (.described, #""result":{"state":"queued","tickets":["d1"],"units":3000000000}"#),
            (.described, #""result":{"state":"queued","tickets":["d1"],"units":-1}"#),
        ])
    func `NOT-8: whose bill is none a message can have is believed to bill what the words make`(
        kind: GatewayKind, members: String
    ) async throws {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message(String(repeating: "a", count: 400))
        try await bench.spoil(kind, message, by: #""kind":"alter","members":{\#(members)}"#)
        guard case .accepted(_, let parts) = await (try bench.gateway(kind)).send(message) else {
            Issue.record("it is not taken")
            return
        }
        #expect(parts == 3)
    }

    /// The database keeps neither a page in an index nor a zero in a text.
    @Test(arguments: [String(repeating: "d", count: 101), "d\\u0000", ""])
    func `NOT-10: that is described has taken a message also where no id of its own stands in its place`(
        ticket: String
    ) async throws {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message()
        try await bench.spoil(
            .described, message,
            by: #""kind":"alter","members":{"result":{"state":"queued","tickets":["\#(ticket)"],"units":1}}"#)
        let outcome = await (try bench.gateway(.described)).send(message)
        #expect(outcome == .accepted(reference: nil, parts: 1))
    }

    @Test(
        arguments: [
            (#""kind":"status","status":404"#, DispatchOutcome.notTaken(reason: "the gateway answered 404")),
            (#""kind":"html","status":404"#, .notTaken(reason: "the gateway answered 404")),
            (#""kind":"html","status":400"#, .unknown(reason: "the gateway answered 400")),
            (#""kind":"html","status":413"#, .unknown(reason: "the gateway answered 413")),
            (#""kind":"status","status":500"#, .unknown(reason: "the gateway answered 500")),
        ])
    func `NOT-10: that is Kannel gives up for good only what it says itself that it rejects`(
        fault: String, outcome: DispatchOutcome
    ) async throws {
        let bench = try await GatewayBench.shared()
        let message = GatewayBench.message()
        try await bench.spoil(.kannel, message, by: fault)
        #expect(await (try bench.gateway(.kannel)).send(message) == outcome)
        let noNumber = await (try bench.gateway(.kannel)).send(GatewayBench.message(to: "+0123"))
        #expect(noNumber == .refused(reason: "the gateway answered 400"))
    }
}
