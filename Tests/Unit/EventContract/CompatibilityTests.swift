import EventContract
import Testing

/// `Released` holds the schemas as last released; a change that would break a subscriber fails here.
@Suite struct CompatibilityTests {
    @Test func `breaks no subscriber of the released schemas (EVT-4, C-29)`() throws {
        let released = try schemas(in: "Tests/Unit/EventContract/Released")
        #expect(!released.isEmpty)
        let breaches = SchemaCompatibility.breaches(
            released: released, current: try schemas(in: "Shared/EventContract/Schemas"))
        #expect(breaches.isEmpty, "each of these needs a new version of the event, published beside the old one")
    }

    @Test func `lets a schema gain optional fields, other words and other events`() {
        let changed = changing {
            $0["description"] = "Other words."
            $0["properties"]?["note"] = ["type": "string"]
            $0["properties"]?["lines"]?["items"]?["properties"]?["note"] = ["type": "string"]
            $0["required"] = ["lines", "kind"]
        }
        #expect(SchemaCompatibility.breaches(released: ["e.v1": base], current: ["e.v1": changed, "f.v1": base]) == [])
    }

    @Test(arguments: PlantedBreach.all) func `finds a planted breach`(planted: PlantedBreach) {
        let breaches = SchemaCompatibility.breaches(
            released: ["e.v1": base], current: ["e.v1": changing(planted.change)])
        #expect(breaches.count == 1)
        #expect(breaches.first?.hasPrefix(planted.finding) == true, "\(breaches)")
    }

    @Test func `finds an event that is gone`() {
        #expect(SchemaCompatibility.breaches(released: ["e.v1": base], current: [:]) == ["e.v1 is gone"])
    }

    private func changing(_ change: (inout JSONValue) -> Void) -> JSONValue {
        var schema = base
        change(&schema)
        return schema
    }

    private func schemas(in folder: String) throws -> [String: JSONValue] {
        var schemas: [String: JSONValue] = [:]
        for name in try Checkout.names(in: folder) {
            schemas[name] = try JSONValue(reading: Checkout.bytes("\(folder)/\(name)"))
        }
        return schemas
    }
}

private let base: JSONValue = [
    "type": "object", "required": ["kind", "lines"],
    "properties": [
        "kind": ["enum": ["a", "b"]],
        "lines": [
            "type": "array", "items": ["type": "object", "properties": ["amount": ["type": "integer", "maximum": 9]]],
        ],
    ],
]

struct PlantedBreach: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let finding: String
    let change: @Sendable (inout JSONValue) -> Void

    static let all = [
        PlantedBreach(testDescription: "a field is gone", finding: "e.v1/kind is gone") {
            $0["properties"]?["kind"] = nil
        },
        PlantedBreach(testDescription: "a field is newly required", finding: "e.v1: required") {
            $0["properties"]?["note"] = ["type": "string"]
            $0["required"] = ["kind", "lines", "note"]
        },
        PlantedBreach(testDescription: "a field is no longer always there", finding: "e.v1: required") {
            $0["required"] = ["kind"]
        },
        PlantedBreach(testDescription: "nothing is required any more", finding: "e.v1: required") {
            $0["required"] = nil
        },
        PlantedBreach(testDescription: "an enumeration lost a value", finding: "e.v1/kind: enum") {
            $0["properties"]?["kind"] = ["enum": ["a"]]
        },
        PlantedBreach(testDescription: "an enumeration gained a value", finding: "e.v1/kind: enum") {
            $0["properties"]?["kind"] = ["enum": ["a", "b", "c"]]
        },
        PlantedBreach(testDescription: "a nested type changed", finding: "e.v1/lines/items/amount: type") {
            $0["properties"]?["lines"]?["items"]?["properties"]?["amount"]?["type"] = "string"
        },
        PlantedBreach(testDescription: "a nested limit was tightened", finding: "e.v1/lines/items/amount: maximum") {
            $0["properties"]?["lines"]?["items"]?["properties"]?["amount"]?["maximum"] = 8
        },
        PlantedBreach(testDescription: "a nested limit is new", finding: "e.v1/lines/items/amount: minimum") {
            $0["properties"]?["lines"]?["items"]?["properties"]?["amount"]?["minimum"] = 0
        },
        PlantedBreach(testDescription: "unknown fields are refused", finding: "e.v1: additionalProperties") {
            $0["additionalProperties"] = false
        },
    ]
}
