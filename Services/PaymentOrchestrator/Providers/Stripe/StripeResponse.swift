import FoundationEssentials
import PaymentModel
import PaymentOrchestratorDomain

/// What Stripe answers, by its names; only what we use is read, everything else may change.
enum StripeResponse {
    /// An amount in the currency's minor unit, within what an amount can be.
    struct Amount: Decodable {
        let minorUnits: Int64

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            minorUnits = try container.decode(Int64.self)
            guard (0...1_000_000_000_000).contains(minorUnits) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "beyond an amount")
            }
        }
    }

    /// Three lower-case letters.
    struct Code: Decodable, Hashable {
        let currency: Currency

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            guard let known = Currency(try container.decode(String.self).uppercased()) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no currency")
            }
            currency = known
        }
    }

    /// Our names, among whatever others keep there.
    struct Metadata: Decodable {
        let attempt: String?
        let payment: String?
        let refund: String?

        private enum CodingKeys: String, CodingKey {
            case quittance_attempt, quittance_payment, quittance_refund
        }

        init(from decoder: any Decoder) {
            let container = try? decoder.container(keyedBy: CodingKeys.self)
            attempt = try? container?.decode(String.self, forKey: .quittance_attempt)
            payment = try? container?.decode(String.self, forKey: .quittance_payment)
            refund = try? container?.decode(String.self, forKey: .quittance_refund)
        }
    }

    /// An object, or only its id where it was not expanded.
    struct Reference<Object: Decodable & Identified>: Decodable {
        let id: String
        let object: Object?

        init(from decoder: any Decoder) throws {
            if let id = try? decoder.singleValueContainer().decode(String.self) {
                (self.id, object) = (id, nil)
            } else {
                let object = try Object(from: decoder)
                (id, self.object) = (object.id, object)
            }
        }
    }

    protocol Identified {
        var id: String { get }
    }

    struct List<Item: Decodable>: Decodable {
        let data: [Item]
        let has_more: Bool?
    }

    struct Account: Decodable {
        let id: String
        let charges_enabled: Bool?
    }

    struct Session: Decodable {
        let id: String
        let url: String?
        let status: String?
        let payment_status: String?
        let amount_total: Amount
        let currency: Code
        let expires_at: Int64?
        let client_reference_id: String?
        let payment_intent: Reference<Intent>?
        let metadata: Metadata?
    }

    struct Intent: Decodable, Identified {
        let id: String
        let status: String?
        let amount: Amount
        let amount_received: Amount?
        let currency: Code
        let latest_charge: Reference<Charge>?
        let last_payment_error: Failure.Body?
        let metadata: Metadata?
    }

    struct Charge: Decodable, Identified {
        let id: String
        let created: Int64?
        /// Whether there is a dispute, decided or not.
        let disputed: Bool?
        let balance_transaction: Reference<BalanceTransaction>?
    }

    struct BalanceTransaction: Decodable, Identified {
        struct Detail: Decodable {
            let amount: Amount
            let type: String?
        }
        let id: String
        let fee: Amount
        let currency: Code
        let fee_details: [Detail]?
    }

    struct Payout: Decodable {
        let id: String
        let amount: SignedUnits
        let currency: Code
        let created: Int64
        let arrival_date: Int64
        let automatic: Bool?
        let status: String?
        let reconciliation_status: String?
        /// The movement that gave back what did not arrive.
        let failure_balance_transaction: String?
    }

    /// A balance transaction, as it is listed for a payout.
    struct Movement: Decodable {
        struct Detail: Decodable {
            let amount: SignedUnits
            let type: String?
        }
        let id: String
        let type: String?
        let reporting_category: String?
        let amount: SignedUnits
        let fee: SignedUnits
        let currency: Code
        let fee_details: [Detail]?
        let source: Reference<Source>?
    }

    /// What moved the balance.
    struct Source: Decodable, Identified {
        let id: String
        let object: String?
        let payment_intent: Reference<Intent>?
        let metadata: Metadata?
    }

    struct Refund: Decodable {
        let id: String
        let amount: Amount
        let currency: Code
        let payment_intent: Reference<Intent>?
        let status: String?
        let failure_reason: String?
        let metadata: Metadata?
        let created: Int64?
    }

    struct Dispute: Decodable {
        struct Evidence: Decodable {
            let due_by: Int64?
        }
        let id: String
        let amount: Amount
        let currency: Code
        let payment_intent: Reference<Intent>?
        let status: String?
        let reason: String?
        let evidence_details: Evidence?
    }

    struct Failure: Decodable {
        struct Body: Decodable {
            let type: String?
            let code: String?
            let decline_code: String?
            let param: String?
        }
        let error: Body?
    }

    struct Event: Decodable {
        struct Subject: Decodable {
            let object: String?
            let id: String?
            let payment_intent: Reference<Intent>?
        }
        struct Content: Decodable {
            let object: Subject
        }
        let livemode: Bool?
        let data: Content
    }
}

extension StripeResponse.Failure {
    /// What Stripe objects to, in its own codes; its messages may repeat what the client typed and are left out.
    var reason: String {
        let words = [error?.decline_code ?? error?.code ?? error?.type, error?.param].compactMap(\.self)
        return words.isEmpty ? "refused without a reason" : words.joined(separator: ": ")
    }
}
