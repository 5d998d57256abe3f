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
}
