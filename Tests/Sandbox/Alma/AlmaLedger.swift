/// One movement of a merchant's balance at the provider.
struct AlmaTransaction: Sendable {
    enum Kind: String, Sendable {
        case payment = "from_transaction"
        case refund = "from_refund"
        case adjustment = "from_adjustment"
        case payout = "from_payout"
    }

    let id: String
    let merchantID: String
    let kind: Kind
    let amount: Int64
    let merchantFeeExcludingTax: Int64
    let merchantFeeTax: Int64
    var paymentID: String?
    var refundID: String?
    var payoutID: String?
    var includedInPayoutID: String?
    var comment: String?
    let created: Int64

    var merchantFee: Int64 { merchantFeeExcludingTax + merchantFeeTax }

    var net: Int64 { amount - merchantFee }

    var json: JSON {
        [
            "id": .text(id), "merchant_id": .text(merchantID), "kind": .text(kind.rawValue),
            "amount": .integer(amount), "net_amount": .integer(net), "merchant_fee": .integer(merchantFee),
            "payment_id": .optional(paymentID), "refund_id": .optional(refundID), "payout_id": .optional(payoutID),
            "included_in_payout_id": .optional(includedInPayoutID), "comment": .optional(comment),
            "available_on": .integer(created), "created": .integer(created), "updated": .integer(created),
        ]
    }
}

/// A transfer of the provider to a merchant's bank.
struct AlmaPayout: Sendable {
    let id: String
    let merchantID: String
    let created: Int64
    /// Sum of the net amounts of what it contains.
    let amount: Int64

    var json: JSON {
        [
            "id": .text(id), "merchantID": .text(merchantID), "created": .integer(created),
            "amount": .integer(amount),
        ]
    }
}

/// The merchants' balances: all rows with one `included_in_payout_id` sum to minus that payout's own row.
struct AlmaLedger: Sendable {
    private(set) var transactions: [AlmaTransaction] = []
    private(set) var payouts: [AlmaPayout] = []
    /// The report of each payout, as it was written when the money left.
    var reports: [String: AlmaSettlementReport] = [:]

    mutating func bookAcceptance(of payment: AlmaPayment, random: inout Randomness, at now: Int64) {
        transactions.append(
            AlmaTransaction(
                id: random.identifier("balance_txn_"), merchantID: payment.merchantID, kind: .payment,
                amount: payment.amount, merchantFeeExcludingTax: payment.terms.merchantFeeExcludingTax,
                merchantFeeTax: payment.terms.merchantFeeTax, paymentID: payment.id, created: now))
    }

    /// A refund takes the refunded sum; the merchant's fee is not given back.
    mutating func book(_ refund: AlmaRefund, of payment: AlmaPayment, random: inout Randomness, at now: Int64) {
        transactions.append(
            AlmaTransaction(
                id: random.identifier("balance_txn_"), merchantID: payment.merchantID, kind: .refund,
                amount: -refund.amount, merchantFeeExcludingTax: 0, merchantFeeTax: 0, paymentID: payment.id,
                refundID: refund.id, created: now))
    }

    /// Groups what is not yet paid out; nothing while refunds outweigh payments, the balance then waits.
    mutating func payOut(
        _ merchantID: String, upTo limit: Int64, random: inout Randomness, at now: Int64
    ) -> AlmaPayout? {
        let waiting = transactions.indices.filter {
            transactions[$0].merchantID == merchantID && transactions[$0].includedInPayoutID == nil
                && transactions[$0].kind != .payout && transactions[$0].created <= limit
        }
        let sum = waiting.reduce(0) { $0 + transactions[$1].net }
        guard sum > 0 else { return nil }
        let payout = AlmaPayout(
            id: random.identifier("payout_"), merchantID: merchantID, created: now, amount: sum)
        for index in waiting { transactions[index].includedInPayoutID = payout.id }
        transactions.append(
            AlmaTransaction(
                id: random.identifier("balance_txn_"), merchantID: merchantID, kind: .payout, amount: -sum,
                merchantFeeExcludingTax: 0, merchantFeeTax: 0, payoutID: payout.id, created: now))
        payouts.append(payout)
        return payout
    }

    /// Money of a payment the merchant never made, to be found by whoever compares.
    mutating func bookStray(_ merchantID: String, amount: Int64, random: inout Randomness, at now: Int64) {
        let fee = Cents.share(of: amount, basisPoints: 360)
        transactions.append(
            AlmaTransaction(
                id: random.identifier("balance_txn_"), merchantID: merchantID, kind: .payment, amount: amount,
                merchantFeeExcludingTax: fee,
                merchantFeeTax: Cents.share(of: fee, basisPoints: AlmaTerms.vatBasisPoints),
                paymentID: random.identifier("payment_"), created: now))
    }

    func lines(of payoutID: String) -> [AlmaTransaction] {
        transactions.filter { $0.includedInPayoutID == payoutID }
    }
}
