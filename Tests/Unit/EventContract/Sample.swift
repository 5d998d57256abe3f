import EventContract
import PaymentModel
import Testing

/// One payload whose JSON is kept in `Golden`; a `minimal` one has no optional field.
struct Sample: Sendable, CustomTestStringConvertible {
    let payload: any EventPayload
    let variant: String?

    init(_ payload: any EventPayload, variant: String? = nil) {
        self.payload = payload
        self.variant = variant
    }

    static let all = invoicing + payments + notifications + dispatch + reconciliation

    var type: EventType { Swift.type(of: payload).type }

    var file: String {
        let name = variant.map { "\(type.text).\($0)" } ?? type.text
        return "Tests/Unit/EventContract/Golden/\(name).json"
    }

    var testDescription: String { variant.map { "\(type.text) (\($0))" } ?? type.text }

    /// The golden JSON without the newline that ends the file.
    var golden: [UInt8] {
        get throws { Array(try Checkout.bytes(file).dropLast()) }
    }

    static func id<ID: Identifier>(_ number: UInt64) -> ID {
        ID(0x0192_F0C1_0000_7000_8000_0000_0000_0000 + UInt128(number))
    }

    static func euros(_ cents: Int64) -> Money { .euros(cents: cents) }

    static func date(_ text: String) -> LocalDate { LocalDate(text) ?? .earliest }

    static func instant(_ text: String) -> Instant { Instant(text) ?? Instant(microsecondsSince1970: 0) }

    static let schedule = [
        ScheduledInstalment(dueOn: date("2026-11-21"), amount: euros(6_668), customerFee: euros(120)),
        ScheduledInstalment(dueOn: date("2026-12-21"), amount: euros(6_666), customerFee: euros(0)),
        ScheduledInstalment(dueOn: date("2027-01-21"), amount: euros(6_666), customerFee: euros(0)),
    ]
}
