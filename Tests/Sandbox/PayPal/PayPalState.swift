/// Everything the simulated PayPal knows.
struct PayPalState: Sendable {
    /// A movement of a merchant's balance, as the transaction search lists it.
    struct Movement: Sendable {
        let id: String
        let clientID: String
        /// T0006 payment, T1107 refund, T0403 withdrawal.
        let code: String
        let at: Int64
        let amount: Int64
        /// Negative when PayPal keeps it.
        let fee: Int64
        let currency: String
        let reference: String?
        let customID: String?
        let invoiceID: String?
        let balance: Int64
    }

    private struct Token: Sendable {
        let clientID: String
        let until: Int64
    }

    private(set) var accounts: [String: PayPalAccount] = [:]
    private(set) var orders: [String: PayPalOrder] = [:]
    private(set) var movements: [Movement] = []
    var disputes: [PayPalDispute] = []
    private var tokens: [String: Token] = [:]
    private var answers: [String: (reply: Reply, until: Int64)] = [:]

    mutating func put(_ account: PayPalAccount) { accounts[account.clientID] = account }

    // MARK: Tokens

    mutating func issueToken(to clientID: String, _ token: String, until: Int64) {
        tokens[token] = Token(clientID: clientID, until: until)
    }

    func account(token: String, at now: Int64) -> PayPalAccount? {
        guard let known = tokens[token], now < known.until else { return nil }
        return accounts[known.clientID]
    }

    mutating func forgetTokens() { tokens = [:] }

    // MARK: Requests known again

    func answer(to key: String, at now: Int64) -> Reply? {
        guard let known = answers[key], now < known.until else { return nil }
        return known.reply
    }

    mutating func remember(_ key: String, _ reply: Reply, until: Int64) { answers[key] = (reply, until) }

    // MARK: Orders

    mutating func put(_ order: PayPalOrder) { orders[order.id] = order }

    mutating func change(_ id: String, _ body: (inout PayPalOrder) -> Void) {
        guard var order = orders[id] else { return }
        body(&order)
        orders[id] = order
    }

    func order(_ id: String, of account: PayPalAccount, at now: Int64) throws -> PayPalOrder {
        guard let order = orders[id], order.clientID == account.clientID, !order.isGone(at: now) else {
            throw PayPalError.unknown
        }
        return order
    }

    func order(ofCapture id: String, _ account: PayPalAccount) throws -> PayPalOrder {
        guard let order = orders.values.first(where: { $0.capture?.id == id && $0.clientID == account.clientID }) else {
            throw PayPalError.unknown
        }
        return order
    }

    func refund(_ id: String, _ account: PayPalAccount) throws -> (PayPalOrder, PayPalOrder.Refund) {
        for order in orders.values where order.clientID == account.clientID {
            if let refund = order.refunds.first(where: { $0.id == id }) { return (order, refund) }
        }
        throw PayPalError.unknown
    }

    /// Whether another order of the same invoice has been captured.
    func isCaptured(invoice: String?, of clientID: String) -> Bool {
        guard let invoice else { return false }
        return orders.values.contains { $0.invoiceID == invoice && $0.clientID == clientID && $0.capture != nil }
    }

    // MARK: Money

    func balance(of clientID: String) -> Int64 { movements.last { $0.clientID == clientID }?.balance ?? 0 }

    /// What is booked for an order.
    struct Entry {
        let id: String
        let code: String
        let amount: Int64
        var fee: Int64 = 0
        var reference: String?
    }

    mutating func book(_ entry: Entry, of order: PayPalOrder, at now: Int64) {
        movements.append(
            Movement(
                id: entry.id, clientID: order.clientID, code: entry.code, at: now, amount: entry.amount,
                fee: -entry.fee, currency: order.currency, reference: entry.reference, customID: order.customID,
                invoiceID: order.invoiceID, balance: balance(of: order.clientID) + entry.amount - entry.fee))
    }

    /// Sends the whole balance to the bank; nothing while it is not above zero.
    mutating func withdraw(_ clientID: String, id: String, at now: Int64) -> Movement? {
        let sum = balance(of: clientID)
        guard sum > 0 else { return nil }
        let movement = Movement(
            id: id, clientID: clientID, code: "T0403", at: now, amount: -sum, fee: 0, currency: "EUR", reference: nil,
            customID: nil, invoiceID: nil, balance: 0)
        movements.append(movement)
        return movement
    }

    mutating func forgetPayments() {
        let kept = accounts
        self = PayPalState()
        accounts = kept
    }
}

extension PayPalState.Movement {
    var json: JSON {
        let date = JSON.text(PayPalOrder.time(at))
        return [
            "transaction_info": [
                "transaction_id": .text(id), "paypal_reference_id": .optional(reference),
                "paypal_reference_id_type": reference == nil ? .null : "TXN", "transaction_event_code": .text(code),
                "transaction_initiation_date": date, "transaction_updated_date": date,
                "transaction_amount": Cents.money(amount, currency), "fee_amount": Cents.money(fee, currency),
                "transaction_status": "S", "invoice_id": .optional(invoiceID), "custom_field": .optional(customID),
                "ending_balance": Cents.money(balance, currency), "available_balance": Cents.money(balance, currency),
            ]
        ]
    }
}
