import FoundationEssentials
import PaymentModel
import PaymentOrchestratorDomain

/// What Alma answers, by its names; only what we use is read, everything else may change.
enum AlmaResponse {
    struct Page: Decodable {
        let data: [Payment]
        let has_more: Bool?
    }

    struct Payment: Decodable {
        let id: String
        let url: String?
        let created: Int64?
        let purchase_amount: Int64
        let state: String?
        let processing_status: String?
        let cancelation_reason: String?
        let expired_at: Int64?
        let payment_plan: [Instalment]?
        let fees: Fees?
        let refunds: [Refund]?
        let custom_data: CustomData?
    }

    struct Instalment: Decodable {
        let state: String?
        let due_date: Int64
        let date_paid: Int64?
        let purchase_amount: Int64
        let customer_fee: Int64?
        let customer_interest: Int64?
        let is_check: Bool?
    }

    struct Fees: Decodable {
        struct Merchant: Decodable {
            let total_excluding_tax: Int64
            let tax: Int64
        }
        let merchant: Merchant?
    }

    struct Refund: Decodable {
        let id: String
        let amount: Int64
        let merchant_reference: String?
    }

    struct CustomData: Decodable {
        let quittance_attempt: String?

        private enum CodingKeys: CodingKey {
            case quittance_attempt
        }

        /// Payments made by others carry anything here, down to an empty list; none of it is ours.
        init(from decoder: any Decoder) {
            let container = try? decoder.container(keyedBy: CodingKeys.self)
            quittance_attempt = try? container?.decode(String.self, forKey: .quittance_attempt)
        }
    }

    struct Account: Decodable {
        let id: String
        let can_create_payments: Bool?
        let fee_plans: [FeePlan]?
    }

    struct FeePlan: Decodable {
        let kind: String?
        let installments_count: Int
        let deferred_days: Int?
        let deferred_months: Int?
        let deferred_trigger_limit_days: Int?
        let allowed: Bool?
        let min_purchase_amount: Int64
        let max_purchase_amount: Int64
        let merchant_fee_variable: Int?
        let merchant_fee_fixed: Int64?
        let customer_fee_variable: Int?
    }

    struct Eligibility: Decodable {
        let eligible: Bool
        let installments_count: Int
        let deferred_days: Int?
        let deferred_months: Int?
        let payment_plan: [Instalment]?
        let reasons: [String: String]?
        let constraints: Constraints?
    }

    struct Constraints: Decodable {
        struct Bounds: Decodable {
            let minimum: Int64?
            let maximum: Int64?
        }
        let purchase_amount: Bounds?
    }

    struct Failure: Decodable {
        struct Item: Decodable {
            let field: String?
            let error_code: String?
        }
        let error_code: String?
        let errors: [Item]?
    }
}

extension AlmaResponse.Instalment {
    /// A card check moves nothing and is no instalment of the client's.
    var isInstalment: Bool { is_check != true }

    func scheduled(_ localDate: (Instant) -> LocalDate) -> ScheduledInstalment {
        ScheduledInstalment(
            dueOn: localDate(Instant(secondsSince1970: due_date)), amount: .euros(cents: purchase_amount),
            customerFee: .euros(cents: (customer_fee ?? 0) + (customer_interest ?? 0)))
    }
}

extension [AlmaResponse.Instalment] {
    func schedule(_ localDate: (Instant) -> LocalDate) -> [ScheduledInstalment] {
        filter(\.isInstalment).sorted { $0.due_date < $1.due_date }.map { $0.scheduled(localDate) }
    }
}

extension AlmaResponse.Failure {
    /// What Alma objects to, in its own codes; its messages may repeat what the client typed and are left out.
    var reason: String {
        let items = (errors ?? []).prefix(5).map { "\($0.field ?? "?"): \($0.error_code ?? "?")" }
        return ([error_code ?? "refused"] + items).joined(separator: ", ")
    }
}
