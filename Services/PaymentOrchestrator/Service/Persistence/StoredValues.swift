import FoundationEssentials
import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient

extension PaymentState: PostgresEncodable, PostgresDecodable {}
extension Attempt.State: PostgresEncodable, PostgresDecodable {}
extension Refund.State: PostgresEncodable, PostgresDecodable {}
extension CancelReason: PostgresEncodable, PostgresDecodable {}
extension Disposition: PostgresEncodable, PostgresDecodable {}

extension Row {
    /// An amount whose minor units and currency are columns.
    func money(_ column: String, _ currency: Currency) throws -> Money { Money(try self(column), currency) }

    /// The row's currency.
    func currency(_ column: String = "currency") throws -> Currency {
        let code: String = try self(column)
        guard let currency = Currency(code) else {
            throw PostgresError(.decoding, "the column \(column) does not hold a currency")
        }
        return currency
    }

    /// A plan by its code.
    func plan(_ column: String) throws -> PaymentPlan {
        let code: String = try self(column)
        guard let plan = PaymentPlan(code: code) else {
            throw PostgresError(.decoding, "the column \(column) does not hold a plan")
        }
        return plan
    }

    /// A word of a type of the shared model, which is kept as its text.
    func word<Value: RawRepresentable>(_ column: String) throws -> Value where Value.RawValue == String {
        let text: String = try self(column)
        guard let value = Value(rawValue: text) else {
            throw PostgresError(.decoding, "the column \(column) does not hold a known \(Value.self)")
        }
        return value
    }

    /// A value kept as JSON.
    func json<Value: Decodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        let stored: PostgresJSON = try self(column)
        return try JSONDecoder().decode(type, from: Data(stored.bytes))
    }

    /// A value kept as JSON that may be absent.
    func optionalJSON<Value: Decodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value? {
        let stored: PostgresJSON? = try self(column)
        return try stored.map { try JSONDecoder().decode(type, from: Data($0.bytes)) }
    }
}

extension PostgresJSON {
    /// A value as it is kept.
    static func of(_ value: some Encodable) throws -> PostgresJSON {
        PostgresJSON([UInt8](try JSONEncoder().encode(value)))
    }
}
