import EventContract
import FoundationEssentials
import Testing

@Suite struct AsyncAPITests {
    private static let file = "deploy/contract/asyncapi.json"

    @Test func `is the document the code says; QUITTANCE_WRITE_CONTRACT=1 writes it anew (EVT-1)`() throws {
        let made = try AsyncAPIDocument.make().prettyText() + "\n"
        if ProcessInfo.processInfo.environment["QUITTANCE_WRITE_CONTRACT"] == "1" {
            try Checkout.write(made, to: AsyncAPITests.file)
        }
        let written = String(decoding: try Checkout.bytes(AsyncAPITests.file), as: UTF8.self)
        #expect(written == made, "run the tests once with QUITTANCE_WRITE_CONTRACT=1 and look at the difference")
    }

    @Test func `names every topic and every event once`() throws {
        let document = try AsyncAPIDocument.make()
        let channels = (document["channels"]?.object ?? [:]).values
        #expect(Set(channels.compactMap { $0["address"]?.string }) == Set(Topic.allCases.map(\.rawValue)))
        let references = channels.flatMap { $0["messages"]?.object.keys.sorted() ?? [] }
        let messages = document["components"]?["messages"]?.object ?? [:]
        #expect(references.sorted() == messages.keys.sorted())
        #expect(
            Set(messages.values.compactMap { $0["name"]?.string }) == Set(EventCatalogue.payloads.map { $0.type.text }))
    }

    @Test func `requires the headers that are always there and no other`() throws {
        let required = try AsyncAPIDocument.make()["components"]?["schemas"]?["CloudEventHeaders"]?["required"]
        let names = try #require(required).elements.compactMap(\.string)
        let envelope = EventEnvelope(
            id: Sample.id(1), type: PaymentAcceptedV1.type, subject: 5, time: Sample.instant(""), sequence: 1,
            organisation: Sample.id(2), correlation: Sample.id(3))
        let written = CloudEvent.headers(of: envelope).map(\.0).filter { $0 != CloudEventHeader.dataSchema.rawValue }
        #expect(Set(names) == Set(written))
    }
}
