/// A movement of a merchant's balance at Stripe.
struct StripeTransaction: Sendable {
    let id: String
    let accountID: String
    let type: String
    /// Signed; the fee is positive.
    let amount: Int64
    let fee: Int64
    let currency: String
    let source: String
    let created: Int64
    var payoutID: String?

    var net: Int64 { amount - fee }

    var json: JSON {
        let details: JSON =
            fee == 0
            ? []
            : [
                [
                    "amount": .integer(fee), "application": .null, "currency": .text(currency),
                    "description": "Stripe processing fees", "type": "stripe_fee",
                ]
            ]
        return [
            "id": .text(id), "object": "balance_transaction", "amount": .integer(amount),
            "available_on": .integer(created), "created": .integer(created), "currency": .text(currency),
            "exchange_rate": .null, "fee": .integer(fee), "fee_details": details, "net": .integer(net),
            "reporting_category": .text(type), "source": .text(source),
            "status": "available", "type": .text(type),
        ]
    }
}

/// A transfer to the merchant's bank.
struct StripePayout: Sendable {
    let id: String
    let accountID: String
    let amount: Int64
    let currency: String
    let created: Int64
    var transactionID: String
    /// The movement that gave it back, once the bank has refused it.
    var failureID: String?

    var json: JSON {
        [
            "id": .text(id), "object": "payout", "amount": .integer(amount), "arrival_date": .integer(created),
            "automatic": true, "balance_transaction": .text(transactionID), "created": .integer(created),
            "currency": .text(currency), "failure_code": failureID == nil ? .null : "account_closed",
            "failure_balance_transaction": .optional(failureID), "livemode": false, "metadata": [:],
            "method": "standard", "reconciliation_status": "completed", "statement_descriptor": .null,
            "status": failureID == nil ? "paid" : "failed",
            "trace_id": ["status": "supported", "value": .text("STRIPE\(id.suffix(10))")],
            "type": "bank_account",
        ]
    }
}

/// Balances and payouts of all merchants.
struct StripeLedger: Sendable {
    private(set) var transactions: [StripeTransaction] = []
    private(set) var payouts: [StripePayout] = []

    /// What is booked, before it has a name.
    struct Entry {
        let type: String
        let amount: Int64
        var fee: Int64 = 0
        let source: String
        let accountID: String
        let currency: String
    }

    @discardableResult
    mutating func book(_ entry: Entry, random: inout Randomness, at now: Int64) -> String {
        let id = random.identifier("txn_")
        transactions.append(
            StripeTransaction(
                id: id, accountID: entry.accountID, type: entry.type, amount: entry.amount, fee: entry.fee,
                currency: entry.currency, source: entry.source, created: now))
        return id
    }

    /// Pays out everything that is not paid out yet; nothing while the balance is not above zero.
    mutating func payOut(_ accountID: String, random: inout Randomness, at now: Int64) -> StripePayout? {
        let open = transactions.indices.filter {
            transactions[$0].accountID == accountID && transactions[$0].payoutID == nil
        }
        let sum = open.reduce(0) { $0 + transactions[$1].net }
        guard sum > 0, let currency = open.first.map({ transactions[$0].currency }) else { return nil }
        let id = random.identifier("po_")
        for index in open { transactions[index].payoutID = id }
        let own = book(
            Entry(type: "payout", amount: -sum, source: id, accountID: accountID, currency: currency), random: &random,
            at: now)
        transactions[transactions.count - 1].payoutID = id
        let payout = StripePayout(
            id: id, accountID: accountID, amount: sum, currency: currency, created: now, transactionID: own)
        payouts.append(payout)
        return payout
    }

    /// The bank refuses a payout: its money is owed again; nothing when there is none or it has failed before.
    mutating func fail(_ id: String, random: inout Randomness, at now: Int64) -> StripePayout? {
        guard let place = payouts.firstIndex(where: { $0.id == id && $0.failureID == nil }) else { return nil }
        let payout = payouts[place]
        payouts[place].failureID = book(
            Entry(
                type: "payout_failure", amount: payout.amount, source: id, accountID: payout.accountID,
                currency: payout.currency), random: &random, at: now)
        return payouts[place]
    }
}
