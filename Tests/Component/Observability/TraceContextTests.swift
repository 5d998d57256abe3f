import Observability
import Testing

@Suite struct `A trace context` {
    let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `reads and writes the header of the standard`() throws {
        let context = try #require(TraceContext(traceparent: example))
        #expect(context.traceIDText == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanIDText == "00f067aa0ba902b7")
        #expect(context.isSampled)
        #expect(context.traceparent == example)
    }

    @Test(arguments: [
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ])
    func `takes what is malformed for none`(header: String) {
        #expect(TraceContext(traceparent: header) == nil)
    }

    @Test func `reads a later version that says more`() {
        #expect(TraceContext(traceparent: "cc" + example.dropFirst(2) + "-what-comes") != nil)
    }

    @Test func `keeps the trace and changes the span in a child`() throws {
        var randomness = SystemRandomNumberGenerator()
        let context = try #require(TraceContext(traceparent: example))
        let child = context.child(using: &randomness)
        #expect(child.traceID == context.traceID)
        #expect(child.spanID != context.spanID)
        #expect(TraceContext(traceparent: TraceContext.start(using: &randomness).traceparent) != nil)
    }
}
