import FoundationEssentials
import PaymentModel
import PaymentOrchestratorDomain

/// What PayPal answers, by its names; only what we use is read, everything else may change.
enum PayPalResponse {
    /// An amount as decimal text, read digit by digit: neither a number of floating point nor a lenient parser.
    struct Amount: Decodable {
        let money: Money

        private enum CodingKeys: CodingKey {
            case currency_code, value
        }

        init(from decoder: any Decoder) throws { money = try Self.money(from: decoder, isSigned: false) }

        /// A sign is one only where amounts may have one.
        static func money(from decoder: any Decoder, isSigned: Bool) throws -> Money {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let code = try container.decode(String.self, forKey: .currency_code)
            let text = try container.decode(String.self, forKey: .value)
            let isNegative = isSigned && text.hasPrefix("-")
            guard let currency = Currency(code),
                let units = minorUnits(String(text.dropFirst(isNegative ? 1 : 0)), currency.minorDigits)
            else {
                throw DecodingError.dataCorruptedError(
                    forKey: .value, in: container, debugDescription: "no amount of a currency")
            }
            return Money(isNegative ? -units : units, currency)
        }

        /// `12.34` is 1234, `12` is 1200; signs, exponents, commas and further digits are no amounts.
        static func minorUnits(_ text: String, _ digits: Int) -> Int64? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let fraction = parts.count == 2 ? parts[1] : ""
            guard (1...2).contains(parts.count), (1...12).contains(parts[0].utf8.count), fraction.utf8.count <= digits,
                parts.count == 1 || !fraction.isEmpty,
                (parts[0] + fraction).utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            return Int64(parts[0] + fraction + String(repeating: "0", count: digits - fraction.utf8.count))
        }
    }

    /// The same with a sign.
    struct SignedAmount: Decodable {
        let money: Money

        init(from decoder: any Decoder) throws { money = try Amount.money(from: decoder, isSigned: true) }
    }

    /// A page of the search of transactions.
    struct Transactions: Decodable {
        let transaction_details: [TransactionDetail]?
        let last_refreshed_datetime: String?
        let total_pages: Int?
    }

    struct TransactionDetail: Decodable {
        let transaction_info: TransactionInfo
    }

    struct TransactionInfo: Decodable {
        let transaction_id: String
        let transaction_event_code: String?
        let transaction_initiation_date: String?
        let transaction_amount: SignedAmount
        let fee_amount: SignedAmount?
        let transaction_status: String?
        let ending_balance: SignedAmount?
        let paypal_reference_id: String?
        let invoice_id: String?
    }

    struct Token: Decodable {
        let access_token: String
        let expires_in: Int64?
    }

    struct Link: Decodable {
        let href: String
        let rel: String
    }

    struct Order: Decodable {
        let id: String
        let status: String?
        let update_time: String?
        let links: [Link]?
        let purchase_units: [Unit]?
    }

    struct Unit: Decodable {
        let amount: Amount
        let custom_id: String?
        let invoice_id: String?
        let payments: Payments?
    }

    struct Payments: Decodable {
        let captures: [Capture]?
        let refunds: [Refund]?
    }

    struct Capture: Decodable {
        struct Breakdown: Decodable {
            let paypal_fee: Amount?
        }
        struct Supplement: Decodable {
            struct Names: Decodable {
                let order_id: String?
            }
            let related_ids: Names?
        }
        let id: String
        let status: String?
        let amount: Amount
        let custom_id: String?
        let create_time: String?
        let seller_receivable_breakdown: Breakdown?
        let supplementary_data: Supplement?
    }

    struct Refund: Decodable {
        let id: String
        let status: String?
        let amount: Amount
        let custom_id: String?
        let create_time: String?
    }

    struct Disputes: Decodable {
        struct Item: Decodable {
            let dispute_id: String
        }
        let items: [Item]?
        let links: [Link]?
    }

    struct Dispute: Decodable {
        struct Outcome: Decodable {
            let outcome_code: String?
            let amount_refunded: Amount?
        }
        let dispute_id: String
        let disputed_transactions: [Disputed]?
        let status: String?
        let reason: String?
        let dispute_amount: Amount
        let dispute_outcome: Outcome?
        let seller_response_due_date: String?
    }

    struct Failure: Decodable {
        struct Detail: Decodable {
            let issue: String?
            let field: String?
        }
        let name: String?
        let error: String?
        let details: [Detail]?
    }

    struct Disputed: Decodable {
        let seller_transaction_id: String?
    }

    /// A notification, of which only names are read.
    struct Event: Decodable {
        struct Resource: Decodable {
            let id: String?
            let supplementary_data: Capture.Supplement?
            let links: [Link]?
            let disputed_transactions: [Disputed]?
        }
        let event_type: String
        let resource_type: String?
        let resource: Resource
    }
}

extension PayPalResponse.Failure {
    /// What PayPal objects to, in its own codes; its descriptions may repeat what was sent and are left out.
    var reason: String {
        let issues = (details ?? []).prefix(5).compactMap(\.issue)
        let words = [name ?? error].compactMap(\.self) + issues
        return words.isEmpty ? "refused without a reason" : words.joined(separator: ", ")
    }
}
