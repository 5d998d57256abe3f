import EventContract
import Testing

/// What is on the wire, byte by byte: a difference here is a difference for every subscriber.
@Suite struct GoldenTests {
    @Test func `has a sample of every event, and a file of every sample`() throws {
        #expect(Set(Sample.all.map(\.type)) == Set(EventCatalogue.payloads.map { $0.type }))
        let files = try Checkout.names(in: "Tests/Unit/EventContract/Golden").map {
            "Tests/Unit/EventContract/Golden/\($0)"
        }
        #expect(files == Sample.all.map(\.file).sorted())
    }

    @Test(arguments: Sample.all) func `encodes to its golden JSON`(sample: Sample) throws {
        let text = String(decoding: try EventCoding.encode(sample.payload), as: UTF8.self)
        #expect(try text == String(decoding: sample.golden, as: UTF8.self))
    }

    @Test(arguments: Sample.all) func `decodes from its golden JSON`(sample: Sample) throws {
        try expectDecoding(sample.payload, from: sample.golden)
    }

    private func expectDecoding<Payload: EventPayload>(_ payload: Payload, from golden: [UInt8]) throws {
        #expect(try EventCoding.decode(Payload.self, from: golden) == payload)
    }
}
