import FoundationEssentials
import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient

extension PaymentState: PostgresEncodable, PostgresDecodable {}
extension Attempt.State: PostgresEncodable, PostgresDecodable {}
extension Refund.State: PostgresEncodable, PostgresDecodable {}
extension CancelReason: PostgresEncodable, PostgresDecodable {}
extension Confirmation: PostgresEncodable, PostgresDecodable {}
extension Dispute.State: PostgresEncodable, PostgresDecodable {}
extension Disposition: PostgresEncodable, PostgresDecodable {}

extension Row {
    /// A plan by its code.
    func plan(_ column: String) throws -> PaymentPlan {
        let code: String = try self(column)
        guard let plan = PaymentPlan(code: code) else {
            throw PostgresError(.decoding, "the column \(column) does not hold a plan")
        }
        return plan
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
