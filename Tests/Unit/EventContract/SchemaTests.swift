import EventContract
import Testing

/// The published schemas and our decoders say the same.
@Suite struct SchemaTests {
    @Test func `are there for every event, in a file named after its type`() throws {
        let types = EventCatalogue.payloads.map { $0.type.text }
        #expect(Set(types).count == types.count)
        #expect(try Checkout.names(in: "Shared/EventContract/Schemas") == types.map { "\($0).json" }.sorted())
    }

    @Test(arguments: Sample.all) func `are embedded as they are in the file and name their type`(sample: Sample) throws
    {
        let file = try Checkout.bytes("Shared/EventContract/Schemas/\(sample.type.text).json")
        #expect(EventCatalogue.schema(of: sample.type) == file)
        let schema = try schema(of: sample)
        #expect(schema["$id"]?.string == sample.type.schemaURI)
        #expect(schema["title"]?.string == "\(Swift.type(of: sample.payload))")
    }

    @Test(arguments: Sample.all) func `require exactly what the decoder requires`(sample: Sample) throws {
        let required = Set(try schema(of: sample)["required"]?.elements.compactMap(\.string) ?? [])
        let golden = try JSONValue(reading: sample.golden)
        for field in golden.object.keys {
            var without = golden
            without[field] = nil
            let violation = refusal(of: without, as: sample.payload)
            let expected = required.contains(field) ? "/\(field): missing: is not there" : nil
            #expect(violation?.description == expected, "without \(field)")
        }
    }

    @Test(arguments: Sample.all.filter { $0.variant == nil })
    func `describe exactly the fields of the full sample`(sample: Sample) throws {
        let properties = try schema(of: sample)["properties"]?.object ?? [:]
        #expect(try Set(properties.keys) == Set(JSONValue(reading: sample.golden).object.keys))
        #expect(properties.values.allSatisfy { $0["description"]?.string?.hasSuffix(".") == true })
    }

    @Test(arguments: Sample.all) func `are enforced by the decoder, which names the field`(sample: Sample) throws {
        let golden = try JSONValue(reading: sample.golden)
        for (field, value) in golden.object {
            var broken = golden
            broken[field] = wrong(value)
            let violation = try #require(refusal(of: broken, as: sample.payload), "with a wrong \(field)")
            #expect(violation.field.hasPrefix("/\(field)"))
            #expect(violation.kind == .malformed || violation.kind == .missing)
        }
    }

    @Test(arguments: Sample.all) func `let consumers pass over fields they do not know (C-29)`(sample: Sample) throws {
        var golden = try JSONValue(reading: sample.golden)
        golden["fieldOfTomorrow"] = ["nested": [1, 2, 3]]
        #expect(refusal(of: golden, as: sample.payload) == nil)
    }

    @Test(
        arguments: [
            ("amount", ["currency": "XXX", "minorUnits": 1], "/amount/currency"),
            ("amount", ["currency": "EUR", "minorUnits": "1"], "/amount/minorUnits"),
            ("amount", ["currency": "EUR"], "/amount/minorUnits"),
            ("plan", ["instalments": 0, "deferredDays": 0], "/plan/instalments"),
            ("provider", "cash", "/provider"), ("disposition", "kept", "/disposition"),
            ("acceptedAt", "yesterday", "/acceptedAt"),
            ("expectedPayoutOn", "2026-02-30", "/expectedPayoutOn"), ("paymentID", "42", "/paymentID"),
            ("schedule", [["dueOn": "2026-11-21"]], "/schedule/0/amount"),
        ] as [(String, JSONValue, String)])
    func `have values that are refused where they stand`(field: String, value: JSONValue, pointer: String) throws {
        let sample = try #require(Sample.payments.first { $0.type == PaymentAcceptedV1.type })
        var broken = try JSONValue(reading: sample.golden)
        broken[field] = value
        #expect(refusal(of: broken, as: sample.payload)?.field == pointer)
    }

    @Test func `refuse what is no JSON, too large, or out of the range of an amount`() {
        let decode = { (text: String) throws(ContractViolation) in
            _ = try EventCoding.decode(BankLineImportedV1.self, from: Array(text.utf8))
        }
        for text in ["", "{", "[]", "null", "\u{1}", "42", "{\"bankLineID\":"] {
            #expect(throws: ContractViolation.self) { try decode(text) }
        }
        let padding = String(repeating: " ", count: EventCoding.dataBytesMax + 1)
        #expect(throws: ContractViolation("", .tooLarge, "has 65537 bytes, 65536 are allowed")) { try decode(padding) }
    }

    @Test func `refuse amounts beyond 64 bits at their place`() throws {
        let sample = try #require(Sample.reconciliation.first { $0.type == BankLineImportedV1.type })
        let tooMuch = String(decoding: try sample.golden, as: UTF8.self)
            .replacing("\"minorUnits\":20000", with: "\"minorUnits\":9223372036854775808")
        #expect(throws: ContractViolation("/amount/minorUnits", .malformed, "has a value that is not allowed")) {
            _ = try EventCoding.decode(BankLineImportedV1.self, from: Array(tooMuch.utf8))
        }
    }

    private func schema(of sample: Sample) throws -> JSONValue {
        try JSONValue(reading: EventCatalogue.schema(of: sample.type) ?? [])
    }

    private func refusal(of json: JSONValue, as payload: any EventPayload) -> ContractViolation? {
        refusal(of: json, opened: payload)
    }

    private func refusal<Payload: EventPayload>(of json: JSONValue, opened _: Payload) -> ContractViolation? {
        do {
            _ = try EventCoding.decode(Payload.self, from: json.compactBytes)
            return nil
        } catch {
            return error
        }
    }

    /// A value of another kind than the given one.
    private func wrong(_ value: JSONValue) -> JSONValue {
        switch value {
        case .text, .integer, .bool: ["unexpected": true]
        default: "unexpected"
        }
    }
}
