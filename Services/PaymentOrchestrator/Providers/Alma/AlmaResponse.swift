import FoundationEssentials
import PaymentModel
import PaymentOrchestratorDomain

/// What Alma answers, by its names; only what we use is read, everything else may change.
enum AlmaResponse {
    /// An amount in cents, within what an amount can be: a sum of a few of them always fits.
    struct Cents: Decodable {
        let amount: Money

        init(from decoder: any Decoder) throws {
            amount = .euros(cents: try AlmaResponse.number(in: 0...1_000_000_000_000, from: decoder))
        }
    }

    /// A share in hundredths of a percent, of the whole at most.
    struct Rate: Decodable {
        let share: BasisPoints

        init(from decoder: any Decoder) throws {
            share = BasisPoints(Int(try AlmaResponse.number(in: 0...10_000, from: decoder)))
        }
    }

    private static func number(in range: ClosedRange<Int64>, from decoder: any Decoder) throws -> Int64 {
        let container = try decoder.singleValueContainer()
        let number = try container.decode(Int64.self)
        guard range.contains(number) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a number beyond its meaning")
        }
        return number
    }

    struct Page: Decodable {
        let data: [Payment]
        let has_more: Bool?
    }

    struct Movements: Decodable {
        let data: [Movement]
        let has_more: Bool?
    }

    /// A movement of the merchant's balance.
    struct Movement: Decodable {
        let id: String
        let kind: String
        let amount: SignedUnits
        let net_amount: SignedUnits
        let merchant_fee: SignedUnits?
        let payment_id: String?
        let refund_id: String?
        let payout_id: String?
        let included_in_payout_id: String?
        let created: Int64
    }

    struct Exports: Decodable {
        let data: [Export]
    }

    /// A file that Alma writes when it is asked to.
    struct Export: Decodable {
        enum State {
            case beingWritten, written
            /// It is written, and not in this format.
            case notAsCSV
        }

        let id: String
        let type: String?
        let complete: Bool?
        /// The payout that it is of, where Alma says so.
        let payout: String?
        /// Filled once it is written, for the formats that there are.
        let url_csv: String?

        var state: State {
            guard complete == true else { return .beingWritten }
            return url_csv == nil ? .notAsCSV : .written
        }
    }

    struct Payment: Decodable {
        let id: String
        let url: String?
        let created: Int64?
        let purchase_amount: Cents
        let state: String?
        let processing_status: String?
        let cancelation_reason: String?
        let expired_at: Int64?
        let deferred_days: Int?
        let deferred_months: Int?
        let payment_plan: [Instalment]?
        let fees: Fees?
        let refunds: [Refund]?
        let amount_already_refunded: Cents?
        let custom_data: CustomData?
    }

    struct Instalment: Decodable {
        let state: String?
        let due_date: Int64
        let date_paid: Int64?
        let purchase_amount: Cents
        let customer_fee: Cents?
        let customer_interest: Cents?
        let is_check: Bool?
    }

    struct Fees: Decodable {
        struct Merchant: Decodable {
            let total_excluding_tax: Cents
            let tax: Cents
        }
        let merchant: Merchant?
    }

    struct Refund: Decodable {
        let id: String
        let amount: Cents
        let merchant_reference: String?
        let created: Int64?
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
        let min_purchase_amount: Cents
        let max_purchase_amount: Cents
        let merchant_fee_variable: Rate?
        let merchant_fee_fixed: Cents?
        let customer_fee_variable: Rate?
    }

    struct Eligibility: Decodable {
        let eligible: Bool
        /// What was asked about.
        let purchase_amount: Cents?
        /// What the client pays beside it, as one sum.
        let customer_total_cost_amount: Cents?
        let installments_count: Int
        let deferred_days: Int?
        let deferred_months: Int?
        let payment_plan: [Instalment]?
        let reasons: [String: String]?
        let constraints: Constraints?
    }

    struct Constraints: Decodable {
        struct Bounds: Decodable {
            let minimum: Cents?
            let maximum: Cents?
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
        let fee = [customer_fee, customer_interest].reduce(0) { $0 + ($1?.amount.minorUnits ?? 0) }
        return ScheduledInstalment(
            dueOn: localDate(Instant(secondsSince1970: due_date)), amount: purchase_amount.amount,
            customerFee: .euros(cents: fee))
    }

    /// Alma pays the clinic whether or not the client pays: `covered` too is a client who did not.
    func progress(_ localDate: (Instant) -> LocalDate) -> InstalmentProgress {
        let scheduled = scheduled(localDate)
        let state: InstalmentProgress.State
        switch self.state {
        case "paid": state = .paid
        case "incident", "claimed", "covered": state = .late
        default: state = .due
        }
        return InstalmentProgress(
            dueOn: scheduled.dueOn, amount: scheduled.amount, customerFee: scheduled.customerFee, state: state,
            paidOn: date_paid.map { localDate(Instant(secondsSince1970: $0)) })
    }
}

extension [AlmaResponse.Instalment] {
    func schedule(_ localDate: (Instant) -> LocalDate) -> [ScheduledInstalment] {
        inOrder.map { $0.scheduled(localDate) }
    }

    func progress(_ localDate: (Instant) -> LocalDate) -> [InstalmentProgress] {
        inOrder.map { $0.progress(localDate) }
    }

    /// What of the purchase is paid by them, fees aside; nil where there are none.
    var purchaseSum: Money? {
        let parts = filter(\.isInstalment).map(\.purchase_amount.amount.minorUnits)
        return parts.isEmpty ? nil : Money.euros(cents: parts.reduce(0, +))
    }

    /// What the client pays on top.
    var customerCost: Money {
        let costs = filter(\.isInstalment).flatMap { [$0.customer_fee, $0.customer_interest] }
        return .euros(cents: costs.reduce(0) { $0 + ($1?.amount.minorUnits ?? 0) })
    }

    private var inOrder: [AlmaResponse.Instalment] {
        filter(\.isInstalment).sorted { $0.due_date < $1.due_date }
    }
}

extension AlmaResponse.Failure {
    /// What Alma objects to, in its own codes; its messages may repeat what the client typed and are left out.
    var reason: String {
        let items = (errors ?? []).prefix(5).map { "\($0.field ?? "?"): \($0.error_code ?? "?")" }
        return ([error_code ?? "refused"] + items).joined(separator: ", ")
    }
}
