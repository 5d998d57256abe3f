import EventContract
import PaymentModel
import Testing

@Suite struct CloudEventTests {
    private static let required = [
        "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "content-type", "ce_sequence",
        "ce_correlationid", "ce_organisationid",
    ]

    @Test func `has the headers of the Kafka binding in binary mode, order and causes included (EVT-1, EVT-2)`() {
        let headers = CloudEvent.headers(of: envelope())
        #expect(
            headers.map { "\($0.0): \($0.1)" } == [
                "ce_specversion: 1.0", "ce_id: 0192f0c1-0000-7000-8000-000000000001", "ce_source: /quittance/payments",
                "ce_type: org.quittance.payments.payment-accepted.v1",
                "ce_subject: 0192f0c1-0000-7000-8000-000000000005", "ce_time: 2026-11-21T22:50:23.123456Z",
                "ce_dataschema: https://quittance.example/schemas/org.quittance.payments.payment-accepted.v1.json",
                "content-type: application/json", "ce_sequence: 3",
                "ce_correlationid: 0192f0c1-0000-7000-8000-000000000007",
                "ce_organisationid: 0192f0c1-0000-7000-8000-000000000008",
                "ce_clinicid: 0192f0c1-0000-7000-8000-000000000009",
                "ce_causationid: 0192f0c1-0000-7000-8000-00000000000a",
                "ce_traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ])
    }

    @Test func `round trips through its headers, in any order of them`() {
        holds { generator in
            let ids = IdentifierSource.fixed(generator.seed)
            let type = EventCatalogue.payloads.randomElement(using: &generator)?.type ?? PaymentAcceptedV1.type
            let envelope = EventEnvelope(
                id: ids.make(), type: type, subject: ids.next(),
                time: Instant(microsecondsSince1970: generator.number(0...4_000_000_000_000_000)),
                sequence: generator.number(0...(.max)), organisation: ids.make(),
                clinic: Bool.random(using: &generator) ? ids.make() : nil, correlation: ids.make(),
                causation: Bool.random(using: &generator) ? ids.make() : nil)
            let headers = CloudEvent.headers(of: envelope).shuffled(using: &generator)
            let bytes = headers.map { (name: $0.0, value: Array($0.1.utf8)) }
            return try CloudEvent.read(headers: headers) == envelope && CloudEvent.read(headers: bytes) == envelope
        }
    }

    @Test func `does without the optional headers and no other`() {
        for header in CloudEvent.headers(of: envelope()).map(\.0) {
            let headers = CloudEvent.headers(of: envelope()).filter { $0.0 != header }
            let isRequired = CloudEventTests.required.contains(header)
            let expected = isRequired ? ContractViolation(header, .missing, "is not there") : nil
            #expect(refusal(headers) == expected, "without \(header)")
        }
    }

    @Test(arguments: [
        ("ce_specversion", "0.3", ContractViolation.Kind.unsupported), ("ce_id", "42", .malformed),
        ("ce_id", "", .malformed),
        ("ce_source", "/elsewhere", .unsupported), ("ce_source", "/quittance/invoicing", .unsupported),
        ("ce_type", "org.quittance.payments.payment-accepted", .malformed),
        ("ce_type", "com.example.thing.v1", .malformed),
        ("ce_type", "org.quittance.payments.payment-accepted.v01", .malformed),
        ("ce_type", "org.quittance.payments.payment-accepted.v0", .malformed), ("ce_subject", "paul", .malformed),
        ("ce_time", "yesterday", .malformed), ("ce_sequence", "-1", .malformed), ("ce_sequence", "1.0", .malformed),
        ("ce_sequence", "9223372036854775808", .malformed), ("ce_correlationid", "x", .malformed),
        ("ce_causationid", "x", .malformed), ("ce_organisationid", "x", .malformed), ("ce_clinicid", "x", .malformed),
        ("content-type", "text/plain", .unsupported), ("content-type", "application/cloudevents+json", .unsupported),
    ])
    func `says which header is wrong and how`(header: String, text: String, kind: ContractViolation.Kind) throws {
        let violation = try #require(refusal(headers(with: header, text)))
        #expect((violation.field, violation.kind) == (header, kind))
        #expect(violation.reason.hasSuffix(text))
    }

    @Test func `refuses a header that is there twice or not UTF-8`() {
        let headers = CloudEvent.headers(of: envelope())
        #expect(
            refusal(headers + [("ce_id", "x")]) == ContractViolation("ce_id", .repeated, "is there more than once"))
        #expect(throws: ContractViolation("ce_id", .malformed, "is not UTF-8")) {
            try CloudEvent.read(headers: [(name: "ce_id", value: [0xFF])])
        }
    }

    @Test func `passes over headers, events and versions it does not know (C-29)`() throws {
        #expect(refusal(headers(with: "ce_type", "org.quittance.payments.payment-forgiven.v1")) == nil)
        let later = try CloudEvent.read(headers: headers(with: "ce_type", "org.quittance.payments.payment-accepted.v2"))
        #expect(later.type.version == 2)
        #expect(EventCatalogue.schema(of: later.type) == nil)
        let more = CloudEvent.headers(of: envelope()) + [("ce_severity", "1"), ("x-bridge", "a"), ("x-bridge", "b")]
        #expect(refusal(more) == nil)
        #expect(refusal(headers(with: "content-type", "Application/JSON; charset=utf-8")) == nil)
    }

    @Test(arguments: [
        "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "00-XYZ-b7ad6b7169203331-01", "trace",
    ])
    func `drops a broken trace rather than the event`(text: String) throws {
        #expect(try CloudEvent.read(headers: headers(with: "ce_traceparent", text)).traceparent == nil)
    }

    @Test func `puts every owner's events on the owner's topic, keyed by subject`() {
        #expect(Set(EventOwner.allCases.map(\.topic)) == Set(Topic.allCases))
        #expect(envelope().key == "0192f0c1-0000-7000-8000-000000000005")
        #expect(Topic.deadLetters(ofGroup: "reconciliation") == "reconciliation.dead-letter")
    }

    private func envelope() -> EventEnvelope {
        EventEnvelope(
            id: Sample.id(1), type: PaymentAcceptedV1.type, subject: (Sample.id(5) as PaymentID).value,
            time: Sample.instant("2026-11-21T22:50:23.123456Z"), sequence: 3, organisation: Sample.id(8),
            clinic: Sample.id(9), correlation: Sample.id(7), causation: Sample.id(10),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    }

    private func headers(with header: String, _ text: String) -> [(String, String)] {
        CloudEvent.headers(of: envelope()).map { ($0.0, $0.0 == header ? text : $0.1) }
    }

    private func refusal(_ headers: [(String, String)]) -> ContractViolation? {
        do {
            _ = try CloudEvent.read(headers: headers)
            return nil
        } catch {
            return error
        }
    }
}
