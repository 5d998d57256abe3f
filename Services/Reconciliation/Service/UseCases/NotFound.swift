import PaymentModel
import ReconciliationDomain

/// What was asked for is not there, or belongs to another organisation, which must look the same.
enum NotFound: Error {
    case payout(PayoutID)
    case bankLine(BankLineID)
    case discrepancy(DiscrepancyID)
    case csvMapping(String)
    case remittance(RemittanceID)
    case invoice(InvoiceID)
    case clinic(ClinicID)
    case payoutSource(ProviderAccountID)
    case jointPointing(JointPointingID)
    case heldDifference(HeldSubject.ID)
    case clearing(ClearingID)
}

extension NotFound: CustomStringConvertible {
    /// What a person reads.
    var description: String {
        switch self {
        case .payout(let id): "the payout \(id) is not in this organisation"
        case .bankLine(let id): "the bank line \(id) is not in this organisation"
        case .remittance(let id): "the remittance \(id) is not in this organisation"
        case .invoice(let id): "the books know nothing of the invoice \(id)"
        case .clinic(let id): "the clinic \(id) is not in this organisation"
        case .jointPointing(let id): "the joint pointing \(id) is not in this organisation"
        case .payoutSource(let id): "the provider account \(id) is not in this organisation"
        case .csvMapping(let name): "the CSV mapping \(name) is not in this organisation"
        case .heldDifference(let id): "account 471 holds no difference of \(id) in this organisation"
        case .clearing(let id): "the clearing \(id) is not in this organisation"
        case .discrepancy(let id): "the discrepancy \(id) is not in this organisation"
        }
    }

    /// The kind of thing, for the answer.
    var what: String {
        switch self {
        case .payout: "payout"
        case .bankLine: "bank line"
        case .remittance: "remittance"
        case .invoice: "invoice"
        case .clinic: "clinic"
        case .jointPointing: "joint pointing"
        case .payoutSource: "provider account"
        case .csvMapping: "CSV mapping"
        case .heldDifference: "held difference"
        case .clearing: "clearing"
        case .discrepancy: "discrepancy"
        }
    }
}
